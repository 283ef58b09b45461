"""The model registry: groups of model versions, each with its metrics, the hash of its data, and a decision on it.

A version is a SageMaker model package. What SageMaker has no member for is kept as its customer metadata, so that the
console shows it; the metrics are a JSON document beside the model file (`model_metrics.py`).

    s3://…/JOB/output/model.tar.gz
    s3://…/JOB/output/metrics-20261124T120000000000Z.json

Reference: SageMaker API, CreateModelPackage; developer guide, "Model Registry".
"""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from services.aws import s3
from services.aws.account import Account, AwsError
from services.aws.s3 import Address, Progress
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.registry import model_metrics
from services.registry.model_metrics import Measure, Quality
from services.training.jobs import TrainingJob

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
WORDS = 1024  # characters that a note or a reason may have
ROWS = 25  # versions of a page
MOST = 1000  # groups that are listed
# Keys of the customer metadata.
JOB, DATA, DATA_SHA256 = "sagedeck:training-job", "sagedeck:data", "sagedeck:data-sha256"
RECIPE, DECISION = "sagedeck:recipe", "sagedeck:decision"
MEASURED_ON, MEASURED_SHA256 = "sagedeck:measured-on", "sagedeck:measured-sha256"
METRIC = "sagedeck:metric:"


class Approval(StrEnum):
    """What was decided on a version."""

    PENDING = "PendingManualApproval"  # nobody has decided yet
    APPROVED = "Approved"  # may be deployed; the newest approved version of a group is the one that counts
    REJECTED = "Rejected"  # may not be deployed


@dataclass(frozen=True)
class Group:
    """A model package group."""

    name: str
    arn: str

    def version(self, number: int) -> str:
        """The ARN of one of its versions, whether or not it exists."""
        return f"{self.arn.replace(':model-package-group/', ':model-package/').lower()}/{number}"


@dataclass(frozen=True)
class Version:
    """A model version. Texts are empty and `changed` is None where there is nothing to tell.

    state:    of the package itself; anything but "Completed" is news.
    note:     what was said when it was registered; `reason`: when it was approved or rejected.
    metadata: customer metadata, as SageMaker keeps it.
    """

    group: str
    number: int
    arn: str
    approval: Approval
    state: str
    created: datetime
    changed: datetime | None
    note: str
    reason: str
    image: str
    model_uri: str
    metrics_uri: str
    metadata: Mapping[str, str]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def job(self) -> str:
        return self.metadata.get(JOB, "")

    @property
    def data(self) -> str:
        """The prepared data set it learned from."""
        return self.metadata.get(DATA, "")

    @property
    def measures(self) -> dict[str, float]:
        """Its metrics, short: without intervals."""
        found = {key.removeprefix(METRIC): value for key, value in self.metadata.items() if key.startswith(METRIC)}
        return {name: float(value) for name, value in found.items()}


@dataclass(frozen=True)
class Page:
    """Some versions of a group, the newest first; `following` is the token of the next page, None at the end."""

    versions: tuple[Version, ...]
    following: str | None


@dataclass(frozen=True)
class Candidate:
    """A model that may be registered.

    learned_from: S3 prefix of the rows it learned from.
    data:         the prepared set they belong to; None for data from elsewhere.
    quality:      without the hash of the rows, which takes reading them.
    """

    job: TrainingJob
    model: Address
    learned_from: Address
    data: PreparedData | None
    quality: Quality


def groups(account: Account) -> list[Group]:
    """The groups, newest first. Raises AwsError."""
    found = account.pages(
        "sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", SortOrder="Descending", MaxResults=100
    )
    return [Group(item["ModelPackageGroupName"], item["ModelPackageGroupArn"]) for item in islice(found, MOST)]


def versions(account: Account, group: str, token: str | None = None) -> Page:
    """The page of a group's versions that begins at `token`, the first for None. Raises Problem, AwsError."""
    with _still_there(f"Group {group}"):
        listed, following = _listed(account, ModelPackageGroupName=group, MaxResults=ROWS, NextToken=token)
    with ThreadPoolExecutor(8) as pool:
        return Page(tuple(pool.map(lambda arn: version(account, arn), listed)), following)


def approved(account: Account, group: str) -> Version | None:
    """The newest approved version of a group. Raises Problem, AwsError."""
    with _still_there(f"Group {group}"):
        listed, _ = _listed(account, ModelPackageGroupName=group, ModelApprovalStatus="Approved", MaxResults=1)
    return version(account, listed[0]) if listed else None


def _listed(account: Account, **asked: Any) -> tuple[list[str], str | None]:
    given = {name: value for name, value in asked.items() if value is not None}
    answer = account.call("sagemaker", "list_model_packages", SortBy="CreationTime", SortOrder="Descending", **given)
    return [item["ModelPackageArn"] for item in answer["ModelPackageSummaryList"]], answer.get("NextToken")


def version(account: Account, arn: str) -> Version:
    """One version. Raises Problem when it is gone, AwsError."""
    with _still_there(f"Version {arn.rpartition(':')[2].partition('/')[2]}"):
        told = account.call("sagemaker", "describe_model_package", ModelPackageName=arn)
    container: dict[str, str] = next(iter(told.get("InferenceSpecification", {}).get("Containers", [])), {})
    return Version(
        group=told["ModelPackageGroupName"],
        number=told["ModelPackageVersion"],
        arn=told["ModelPackageArn"],
        approval=Approval(told["ModelApprovalStatus"]),
        state=told["ModelPackageStatus"],
        created=told["CreationTime"],
        changed=told.get("LastModifiedTime"),
        note=told.get("ModelPackageDescription", ""),
        reason=told.get("ApprovalDescription", ""),
        image=container.get("Image", ""),
        model_uri=container.get("ModelDataUrl", ""),
        metrics_uri=told.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {}).get("S3Uri", ""),
        metadata=told.get("CustomerMetadataProperties", {}),
    )


def quality(account: Account, of: Version) -> Quality:
    """What a version was measured to be worth; no measures where nothing was kept. Raises Problem, AwsError."""
    if not of.metrics_uri:
        return Quality({name: Measure(value) for name, value in of.measures.items()})
    try:
        return model_metrics.parsed(s3.read_json(account, Address.parse(of.metrics_uri)))
    except AwsError as error:
        if error.is_missing:
            said = f"{of.metrics_uri} is gone"
            raise Problem(f"Metrics of {of}", said, "Register the model again to have them") from error
        raise


def same_data(one: Version, other: Version) -> bool | None:
    """Whether two versions learned from the same rows, by their hashes; None when one has none."""
    hashes = [each.metadata.get(DATA_SHA256) for each in (one, other)]
    return hashes[0] == hashes[1] if all(hashes) else None


def candidate(account: Account, job: TrainingJob, measured: Quality | None = None) -> Candidate:
    """The model of a job, `measured` by a person or else by the job itself. Raises Problem, AwsError."""
    channel = job.channels.get("train", "")
    if not job.model_uri:
        raise Problem(f"Training job {job.name}", "it left no model", "Choose a completed job")
    try:
        data = prepared_data.trained_on(account, channel)
    except AwsError:
        raise
    except Problem:  # prepared elsewhere, or deleted since
        data = None
    # A job whose instances share the rows learns from copies of them.
    whole = data.channel("train") if data and job.sharded else channel
    own = model_metrics.of_job(job, data.name if data else "")
    return Candidate(job, Address.parse(job.model_uri), Address.parse(whole), data, measured or own)


def checked(group: str, note: str) -> None:
    """Raises Problem for what SageMaker would refuse."""
    if not NAME.fullmatch(group):
        raise Problem(
            f"Group {group!r}", "a name holds letters, digits and single hyphens, at most 63 characters", "Change it"
        )
    if len(note) > WORDS:
        raise Problem("Note", f"it has {len(note):,} characters, and SageMaker keeps {WORDS:,}", "Shorten it")


def register(
    account: Account, what: Candidate, group: str, new: bool, note: str, now: datetime, progress: Progress | None = None
) -> int:
    """Make `what` the next version of `group` and return its number; it waits for approval.

    new:      whether the group is to be made; it is taken back when the version is refused.
    progress: called with the bytes read and to be read, to hash the rows; once more for those it was measured on.
    Raises Problem, AwsError.
    """
    checked(group, note)
    if not s3.exists(account, what.model):
        raise Problem(f"Training job {what.job.name}", f"its model file {what.model} is gone", "Train it again")
    learned = s3.sha256(account, what.learned_from, progress)
    rows = what.quality.rows
    measured = rows.sha256 or s3.sha256(account, Address.parse(rows.address), progress) if rows else None
    judged = model_metrics.hashed(what.quality, measured)
    metrics = metrics_address(what.model, now)
    with ExitStack() as undo:
        if new:
            _create_group(account, group)
            undo.callback(_take_back, account, group)
        s3.write_json(account, metrics, model_metrics.document(judged, what.job.name))
        request = package(what, group, note, metrics, {DATA_SHA256: learned, MEASURED_SHA256: measured})
        with _still_there(f"Group {group}", "Register again to make it anew, or choose another"):
            arn: str = account.call("sagemaker", "create_model_package", **request)["ModelPackageArn"]
        undo.pop_all()
    return int(arn.rpartition("/")[2])


def metrics_address(model: Address, now: datetime) -> Address:
    """Where the metrics of a version that is registered `now` lie: beside its model file."""
    folder = Address(model.bucket, model.key.rpartition("/")[0])
    return folder / f"metrics-{now:%Y%m%dT%H%M%S%fZ}.json"


def package(
    what: Candidate, group: str, note: str, metrics: Address, hashes: Mapping[str, str | None]
) -> dict[str, Any]:
    """The request CreateModelPackage."""
    return {
        "ModelPackageGroupName": group,
        **({"ModelPackageDescription": " ".join(note.split())} if note.strip() else {}),
        "InferenceSpecification": {
            "Containers": [{"Image": what.job.image, "ModelDataUrl": str(what.model)}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
        "ModelMetrics": {
            "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": str(metrics)}},
        },
        "CustomerMetadataProperties": metadata(what) | {name: value for name, value in hashes.items() if value},
        "ModelApprovalStatus": Approval.PENDING.value,
    }


def metadata(what: Candidate) -> dict[str, str]:
    """What is kept of a model in SageMaker itself, but for the hashes."""
    measured = what.quality
    told = {
        JOB: what.job.name,
        DATA: what.data.name if what.data else "",
        RECIPE: str(what.data.address / "manifest.json") if what.data else "",
        DECISION: "" if measured.threshold is None else f"{measured.threshold:g}",
        MEASURED_ON: str(measured.rows or ""),
        **{f"{METRIC}{name}": f"{measure.value:.6g}" for name, measure in measured.measures.items()},
    }
    return {name: value for name, value in told.items() if value}


def decide(account: Account, on: Version, decision: Approval, reason: str) -> None:
    """Approve or reject a version, and keep why. Raises Problem, AwsError."""
    reason = " ".join(reason.split())
    if not reason:
        raise Problem("Reason", "none is given", "Say why, for those who come after you")
    if len(reason) > WORDS:
        raise Problem("Reason", f"it has {len(reason):,} characters, and SageMaker keeps {WORDS:,}", "Shorten it")
    if decision is Approval.APPROVED and on.model_uri and not s3.exists(account, Address.parse(on.model_uri)):
        raise Problem(f"Version {on.number}", f"its model file {on.model_uri} is gone", "Reject it, or train it again")
    with _still_there(f"Version {on.number} of {on.group}"):
        account.call(
            "sagemaker",
            "update_model_package",
            ModelPackageArn=on.arn,
            ModelApprovalStatus=decision.value,
            ApprovalDescription=reason,
        )


def delete_version(account: Account, arn: str) -> None:
    """Take a version out of the registry; its model file and its metrics stay in S3. Raises Problem, AwsError."""
    with _still_there(f"Version {arn.rpartition('/')[2]}"):
        account.call("sagemaker", "delete_model_package", ModelPackageName=arn)


def delete_group(account: Account, group: str) -> None:
    """Delete a group that has no versions. Raises Problem, AwsError."""
    with _still_there(f"Group {group}"):
        account.call("sagemaker", "delete_model_package_group", ModelPackageGroupName=group)


def _create_group(account: Account, group: str) -> None:
    try:
        account.call("sagemaker", "create_model_package_group", ModelPackageGroupName=group)
    except AwsError as error:
        if "already exists" in error.said:
            remedy = "Register again to add to it, or type another name"
            raise Problem(f"Group {group}", "somebody has made one of that name meanwhile", remedy) from error
        raise


def _take_back(account: Account, group: str) -> None:
    with suppress(AwsError):  # an empty group harms nobody, and the first refusal is the one to tell
        account.call("sagemaker", "delete_model_package_group", ModelPackageGroupName=group)


@contextmanager
def _still_there(where: str, remedy: str = "Reload the page") -> Iterator[None]:
    """Say in a sentence that what was asked about is gone."""
    try:
        yield
    except AwsError as error:
        if error.is_missing:
            raise Problem(where, "it is not there: somebody may have deleted it", remedy) from error
        raise
