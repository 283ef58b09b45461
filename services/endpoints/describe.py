"""Endpoints: which there are, what stands behind them, and how a training job's model comes to be one.

An endpoint bills for as long as it exists; there is no stopping it but deleting it, see `shutdown/plan.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.algorithms import catalogue
from services.algorithms.algorithm import Answers
from services.aws.account import Account


class EndpointStatus(StrEnum):
    """The status of an endpoint."""

    CREATING = "Creating"  # bills already
    IN_SERVICE = "InService"  # answers
    UPDATING = "Updating"  # answers with its old config
    SYSTEM_UPDATING = "SystemUpdating"  # AWS's own maintenance; answers
    ROLLING_BACK = "RollingBack"  # an update failed; answers with its old config
    OUT_OF_SERVICE = "OutOfService"  # cannot be mended, only deleted
    DELETING = "Deleting"  # on its way out
    FAILED = "Failed"  # never came into service; delete it
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"  # an update and its rolling back failed; answers partly

    @property
    def changing(self) -> bool:
        """Whether it will be something else by itself."""
        return self in (
            EndpointStatus.CREATING,
            EndpointStatus.UPDATING,
            EndpointStatus.SYSTEM_UPDATING,
            EndpointStatus.ROLLING_BACK,
            EndpointStatus.DELETING,
        )


@dataclass(frozen=True)
class EndpointSummary:
    """A line of the list of endpoints."""

    name: str
    status: EndpointStatus
    created: datetime


@dataclass(frozen=True)
class Variant:
    """A model behind an endpoint; `instance_type` is None for a serverless one.

    model:       empty for a variant that hosts inference components, which bring their own models.
    multi_model: whether the model stands for all those under an S3 prefix, `model_uri`; a request names one.
    """

    name: str
    model: str
    model_uri: str | None
    instance_type: str | None
    instance_count: int
    image: str = ""
    multi_model: bool = False

    @property
    def runs_on(self) -> str:
        """ "2 × ml.m5.large", or "serverless", which has no instances."""
        return f"{self.instance_count} × {self.instance_type}" if self.instance_type else "serverless"


@dataclass(frozen=True)
class InferenceComponent:
    """A model that shares a variant's instances with others; `status` in SageMaker's words."""

    name: str
    variant: str
    status: str


@dataclass(frozen=True)
class Endpoint:
    """An endpoint in full."""

    name: str
    arn: str
    status: EndpointStatus
    config: str
    variants: tuple[Variant, ...]
    created: datetime
    failure: str | None
    components: tuple[InferenceComponent, ...] = ()
    modified: datetime | None = None

    @property
    def edition(self) -> str:
        """Another one after every update, and after the endpoint was made anew under its name."""
        return f"{self.arn} {self.config} {self.created} {self.modified}"

    @property
    def hosts_components(self) -> bool:
        """Whether requests must name an inference component, as those of this dashboard do not."""
        return any(not variant.model for variant in self.variants)

    @property
    def hosts_many_models(self) -> bool:
        """Whether requests must name a target model, as those of this dashboard do not."""
        return any(variant.multi_model for variant in self.variants)

    @property
    def job(self) -> str | None:
        """The training job its model came from, read off the model's address; None for a model from elsewhere."""
        uri = self.variants[0].model_uri if self.variants else None
        match = re.fullmatch(r"s3://.+/([^/]+)/output/model\.tar\.gz", uri or "")
        return match[1] if match else None

    @property
    def model_uris(self) -> tuple[str, ...]:
        """The addresses of the models behind it, each once; one where all of its variants serve the same."""
        return tuple(dict.fromkeys(variant.model_uri for variant in self.variants if variant.model_uri))

    @property
    def answers(self) -> Answers:
        """How its container answers; as XGBoost's, the usual one, when it is of no built-in algorithm."""
        algorithm = catalogue.of_image(self.variants[0].image) if self.variants else None
        return (algorithm or catalogue.ALGORITHMS[0]).answers

    @property
    def body_limit(self) -> int:
        """How many bytes a request may hold: 6 MB, for a serverless endpoint 4 MB."""
        serverless = any(variant.instance_type is None for variant in self.variants)
        return 4 * 1024 * 1024 if serverless else 6_291_456


def summaries(account: Account) -> list[EndpointSummary]:
    """All endpoints, newest first. Raises AwsError."""
    found = account.pages("sagemaker", "list_endpoints", "Endpoints", SortBy="CreationTime", SortOrder="Descending")
    return [
        EndpointSummary(item["EndpointName"], EndpointStatus(item["EndpointStatus"]), item["CreationTime"])
        for item in found
    ]


def describe(account: Account, name: str) -> Endpoint:
    """One endpoint, with its config and models. Raises AwsError."""
    answer = account.call("sagemaker", "describe_endpoint", EndpointName=name)
    config = account.call("sagemaker", "describe_endpoint_config", EndpointConfigName=answer["EndpointConfigName"])
    counts = {
        variant["VariantName"]: variant.get("CurrentInstanceCount", 1)
        for variant in answer.get("ProductionVariants", [])
    }
    variants = tuple(_variant(account, item, counts) for item in config["ProductionVariants"])
    return Endpoint(
        name=name,
        arn=answer["EndpointArn"],
        status=EndpointStatus(answer["EndpointStatus"]),
        config=answer["EndpointConfigName"],
        variants=variants,
        created=answer["CreationTime"],
        failure=answer.get("FailureReason"),
        components=() if all(variant.model for variant in variants) else components(account, name),
        modified=answer["LastModifiedTime"],
    )


def components(account: Account, endpoint: str) -> tuple[InferenceComponent, ...]:
    """The inference components of an endpoint. Raises AwsError."""
    found = account.pages(
        "sagemaker", "list_inference_components", "InferenceComponents", EndpointNameEquals=endpoint, MaxResults=100
    )
    return tuple(
        InferenceComponent(
            item["InferenceComponentName"], item["VariantName"], item.get("InferenceComponentStatus", "unknown")
        )
        for item in found
    )


def _variant(account: Account, item: Mapping[str, str], counts: Mapping[str, int]) -> Variant:
    name = item.get("ModelName", "")
    model = account.call("sagemaker", "describe_model", ModelName=name) if name else {}
    container: dict[str, Any] = model.get("PrimaryContainer") or next(iter(model.get("Containers", [])), {})
    return Variant(
        name=item["VariantName"],
        model=name,
        model_uri=container.get("ModelDataUrl"),
        instance_type=item.get("InstanceType"),
        instance_count=counts.get(item["VariantName"], 1),
        image=container.get("Image", ""),
        multi_model=container.get("Mode") == "MultiModel",
    )
