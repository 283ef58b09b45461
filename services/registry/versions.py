"""The model registry: groups of model versions, each with its metrics, the hash of its data and its approval.

A version is a SageMaker model package. What SageMaker has no member for is kept as its customer metadata, so that the
console shows it; the metrics are a JSON document beside the model file (`model_metrics.py`).

    s3://…/JOB/output/model.tar.gz
    s3://…/JOB/output/metrics-20261124T120000000000Z.json

Reference: SageMaker API, CreateModelPackage; developer guide, "Model Registry".
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from services.aws import s3
from services.aws.account import Account
from services.aws.documents import UnreadableDocumentError
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.errors import Problem
from services.registry import model_metrics
from services.registry.model_metrics import Measure, ModelMetrics

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
WORDS = 1024  # characters that a note or a reason may have
ROWS = 25  # versions of a page
MOST = 1000  # groups that are listed
# Keys of the customer metadata.
JOB, DATA, DATA_SHA256 = "sagedeck:training-job", "sagedeck:data", "sagedeck:data-sha256"
RECIPE, DECISION = "sagedeck:recipe", "sagedeck:decision"
MEASURED_ON, MEASURED_SHA256 = "sagedeck:measured-on", "sagedeck:measured-sha256"
METRIC, REPORT = "sagedeck:metric:", "sagedeck:report"


class Approval(StrEnum):
    """What was decided on a version."""

    PENDING = "PendingManualApproval"  # nobody has decided yet
    APPROVED = "Approved"  # may be deployed; the newest approved version of a group is the one that counts
    REJECTED = "Rejected"  # may not be deployed

    @property
    def label(self) -> str:
        """The status as the screen shows it."""
        return "Pending approval" if self is Approval.PENDING else self.value


@dataclass(frozen=True)
class ModelGroup:
    """A model package group."""

    name: str
    arn: str

    def version(self, number: int) -> str:
        """The ARN of one of its versions, whether or not it exists."""
        return f"{self.arn.replace(':model-package-group/', ':model-package/').lower()}/{number}"


@dataclass(frozen=True)
class ModelVersion:
    """A model version. Texts are empty and `changed` is None where there is nothing to tell.

    state:    of the package itself; anything but "Completed" is news.
    note:     given when the version was registered; `reason`: when it was approved or rejected.
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
    def report(self) -> Address | None:
        """Its decision report, where one was attached."""
        address = self.metadata.get(REPORT)
        return Address.parse(address) if address else None

    @property
    def measures(self) -> dict[str, float]:
        """Its metrics, short: without intervals."""
        by_name = {key.removeprefix(METRIC): value for key, value in self.metadata.items() if key.startswith(METRIC)}
        return {name: float(value) for name, value in by_name.items()}


@dataclass(frozen=True)
class VersionPage:
    """Some versions of a group, the newest first; `following` is the token of the next page, None at the end."""

    versions: tuple[ModelVersion, ...]
    following: str | None


def groups(account: Account) -> list[ModelGroup]:
    """The groups, newest first. Raises AwsError."""
    summaries = account.pages(
        "sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", SortOrder="Descending", MaxResults=100
    )
    return [ModelGroup(item["ModelPackageGroupName"], item["ModelPackageGroupArn"]) for item in islice(summaries, MOST)]


def versions(account: Account, group: str, token: str | None = None) -> VersionPage:
    """The page of a group's versions that begins at `token`, the first for None. Raises Problem, AwsError."""
    with must_exist(f"Group {group}"):
        listed, following = _listed(account, ModelPackageGroupName=group, MaxResults=ROWS, NextToken=token)
    with ThreadPoolExecutor(8) as pool:
        return VersionPage(tuple(pool.map(lambda arn: version(account, arn), listed)), following)


def approved(account: Account, group: str) -> ModelVersion | None:
    """The newest approved version of a group. Raises Problem, AwsError."""
    with must_exist(f"Group {group}"):
        listed, _ = _listed(account, ModelPackageGroupName=group, ModelApprovalStatus="Approved", MaxResults=1)
    return version(account, listed[0]) if listed else None


def of_job(account: Account, job: str, since: datetime) -> ModelVersion | None:
    """The newest version of the model of a training job, in any group, among the last ROWS that were made `since`.

    Raises Problem, AwsError.
    """
    listed, _ = _listed(account, ModelPackageType="Versioned", CreationTimeAfter=since, MaxResults=ROWS)
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda arn: version(account, arn), listed)
        return next((each for each in found if each.job == job), None)


def learned_from(account: Account, data: str, jobs: Collection[str]) -> list[ModelVersion]:
    """Every version of the models of `jobs`, and those registered as learned from the prepared set `data`.

    Reads all versions of the account. Raises AwsError.
    """
    summaries = account.pages(
        "sagemaker", "list_model_packages", "ModelPackageSummaryList", ModelPackageType="Versioned", MaxResults=100
    )

    def read(arn: str) -> ModelVersion | None:
        try:
            return version(account, arn)
        except AwsError:
            raise
        except Problem:  # deleted since it was listed
            return None

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, [summary["ModelPackageArn"] for summary in summaries]))
    return [each for each in found if each and (each.job in jobs or each.data == data)]


def _listed(account: Account, **filters: Any) -> tuple[list[str], str | None]:
    given = {name: value for name, value in filters.items() if value is not None}
    answer = account.call("sagemaker", "list_model_packages", SortBy="CreationTime", SortOrder="Descending", **given)
    return [item["ModelPackageArn"] for item in answer["ModelPackageSummaryList"]], answer.get("NextToken")


def version(account: Account, arn: str) -> ModelVersion:
    """One version. Raises Problem when it is gone, AwsError."""
    with must_exist(f"Version {arn.rpartition(':')[2].partition('/')[2]}"):
        package = account.call("sagemaker", "describe_model_package", ModelPackageName=arn)
    container: dict[str, str] = next(iter(package.get("InferenceSpecification", {}).get("Containers", [])), {})
    return ModelVersion(
        group=package["ModelPackageGroupName"],
        number=package["ModelPackageVersion"],
        arn=package["ModelPackageArn"],
        approval=Approval(package["ModelApprovalStatus"]),
        state=package["ModelPackageStatus"],
        created=package["CreationTime"],
        changed=package.get("LastModifiedTime"),
        note=package.get("ModelPackageDescription", ""),
        reason=package.get("ApprovalDescription", ""),
        image=container.get("Image", ""),
        model_uri=container.get("ModelDataUrl", ""),
        metrics_uri=package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {}).get("S3Uri", ""),
        metadata=package.get("CustomerMetadataProperties", {}),
    )


def quality(account: Account, of: ModelVersion) -> ModelMetrics:
    """The metrics of a version; without measures where none were saved. Raises Problem, AwsError."""
    if not of.metrics_uri:
        return ModelMetrics({name: Measure(value) for name, value in of.measures.items()})
    try:
        body = s3.read_bytes(account, Address.parse(of.metrics_uri))
        return model_metrics.parse(json.loads(body))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnreadableDocumentError(of.metrics_uri, f"it holds no model metrics ({error})") from error
    except AwsError as error:
        if error.is_missing:
            said = f"{of.metrics_uri} was deleted"
            raise Problem(f"Metrics of {of}", said, "Register the model again") from error
        raise


def same_data(one: ModelVersion, other: ModelVersion) -> bool | None:
    """Whether two versions learned from the same rows, by their hashes; None when one has none."""
    hashes = [version.metadata.get(DATA_SHA256) for version in (one, other)]
    return hashes[0] == hashes[1] if all(hashes) else None


@contextmanager
def must_exist(where: str, remedy: str = "Reload the page") -> Iterator[None]:
    """Turn the AwsError of a missing resource into a Problem that names it."""
    try:
        yield
    except AwsError as error:
        if error.is_missing:
            raise Problem(where, "it does not exist; it may have been deleted", remedy) from error
        raise
