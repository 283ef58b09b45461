"""Registering the model of a training job as the next version of a model package group.

Reference: SageMaker API, CreateModelPackage; developer guide, "Model Registry".
"""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address, Progress
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.registry import model_metrics
from services.registry.model_metrics import ModelMetrics
from services.registry.versions import (
    DATA,
    DATA_SHA256,
    DECISION,
    JOB,
    MEASURED_ON,
    MEASURED_SHA256,
    METRIC,
    NAME,
    RECIPE,
    WORDS,
    Approval,
    must_exist,
)
from services.training.jobs import TrainingJob


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
    quality: ModelMetrics


def candidate(account: Account, job: TrainingJob, measured: ModelMetrics | None = None) -> Candidate:
    """The model of a job, `measured` by a person or else by the job itself. Raises Problem, AwsError."""
    channel = job.channels.get("train", "")
    if not job.model_uri:
        raise Problem(f"Training job {job.name}", "it has no model", "Choose a completed job")
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


def validate(group: str, note: str) -> None:
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
    validate(group, note)
    if not s3.exists(account, what.model):
        raise Problem(f"Training job {what.job.name}", f"its model file {what.model} was deleted", "Train it again")
    learned = s3.sha256(account, what.learned_from, progress)
    rows = what.quality.rows
    measured = rows.sha256 or s3.sha256(account, Address.parse(rows.address), progress) if rows else None
    judged = model_metrics.with_row_hash(what.quality, measured)
    metrics = metrics_address(what.model, now)
    with ExitStack() as undo:
        if new:
            _create_group(account, group)
            undo.callback(_take_back, account, group)
        s3.write_json(account, metrics, model_metrics.document(judged, what.job.name))
        request = package(what, group, note, metrics, {DATA_SHA256: learned, MEASURED_SHA256: measured})
        with must_exist(f"Group {group}", "Register again to create it, or choose another group"):
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
    """The customer metadata of a version, without the hashes."""
    measured = what.quality
    properties = {
        JOB: what.job.name,
        DATA: what.data.name if what.data else "",
        RECIPE: str(what.data.address / "manifest.json") if what.data else "",
        DECISION: "" if measured.threshold is None else f"{measured.threshold:.15g}",
        MEASURED_ON: str(measured.rows or ""),
        **{f"{METRIC}{name}": f"{measure.value:.6g}" for name, measure in measured.measures.items()},
    }
    return {name: value for name, value in properties.items() if value}


def _create_group(account: Account, group: str) -> None:
    try:
        account.call("sagemaker", "create_model_package_group", ModelPackageGroupName=group)
    except AwsError as error:
        if "already exists" in error.said:
            remedy = "Register again to add a version to it, or type another name"
            raise Problem(
                f"Group {group}", "somebody has created a group of that name in the meantime", remedy
            ) from error
        raise


def _take_back(account: Account, group: str) -> None:
    with suppress(AwsError):  # an empty group harms nobody, and the first refusal is the one to tell
        account.call("sagemaker", "delete_model_package_group", ModelPackageGroupName=group)
