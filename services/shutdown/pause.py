"""Parked endpoints: deleted, so that they bill nothing, with all it takes to bring each back under its name.

SageMaker has no stopped state for an endpoint. What is deleted is the endpoint alone: its configuration and models
stay, and its tags and scaling are kept in S3, a JSON document a parked endpoint. The document is written before the
endpoint is deleted and removed once the endpoint is back as it was, so that nothing is lost whenever this is cut short.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime

from services.aws import documents, tags
from services.aws.account import Account
from services.aws.documents import Document, UnreadableDocumentError
from services.aws.s3 import Address
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import EndpointStatus
from services.errors import Problem
from services.shutdown import policy as shutdown_policy
from services.shutdown import protection as deletion_protection
from services.shutdown.protection import Guard

FOLDER = "sagedeck/parked/"
SAGEMAKER = {"ServiceNamespace": "sagemaker"}
TARGET = ("ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity", "SuspendedState")
POLICY = (
    *("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyType"),
    *("StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration"),
)


@dataclass(frozen=True)
class PausedEndpoint:
    """An endpoint that was parked.

    config:       the endpoint configuration that it comes back with.
    tags:         its tags, key to value.
    targets, policies: its scaling, as Application Auto Scaling's requests take them.
    usd_per_hour: what it billed, and will again; None when the price is not known.
    at, by:       when (UTC), and the ARN of who.
    """

    name: str
    config: str
    tags: dict[str, str]
    targets: tuple[dict[str, Any], ...]
    policies: tuple[dict[str, Any], ...]
    usd_per_hour: float | None
    at: datetime
    by: str


class PausedDocument(Document):
    """A paused endpoint as it lies in S3."""

    name: str
    config: str
    tags: dict[str, str]
    targets: tuple[dict[str, Any], ...]
    policies: tuple[dict[str, Any], ...]
    usd_per_hour: float | None
    at: AwareDatetime
    by: str

    def endpoint(self) -> PausedEndpoint:
        """The endpoint it describes."""
        return PausedEndpoint(**self.model_dump(exclude={"version"}))


@dataclass(frozen=True)
class PausedEndpoints:
    """The paused endpoints by name, and those whose document cannot be read."""

    endpoints: tuple[PausedEndpoint, ...]
    unreadable: tuple[UnreadableDocumentError, ...] = ()


def calls(endpoint: str) -> tuple[str, ...]:
    """The requests of parking that change something, as AWS spells them."""
    return (f"PutObject Key={FOLDER}{endpoint}.json", f"DeleteEndpoint EndpointName={endpoint}")


def pause(account: Account, name: str, usd_per_hour: float | None, now: datetime, typed: str = "") -> PausedEndpoint:
    """Keep what the endpoint is, then delete it.

    typed: its name, which production needs. Raises Problem for one that is guarded or not in service, AwsError.
    """
    answer = account.call("sagemaker", "describe_endpoint", EndpointName=name)
    if answer["EndpointStatus"] != EndpointStatus.IN_SERVICE:
        raise Problem(f"Pause endpoint {name}", f"it is {answer['EndpointStatus']}", "Wait until it is in service")
    found = tags.of(account, answer["EndpointArn"])
    guard = deletion_protection.guard(tuple(found.items()))
    if guard is Guard.PRODUCTION and shutdown_policy.load(account).production_lock:
        raise Problem(
            f"Pause endpoint {name}",
            "it is tagged as production, and production is locked",
            "Unlock it in Settings first",
        )
    if guard is Guard.PROTECTED:
        raise Problem(
            f"Pause endpoint {name}",
            f"its tag {deletion_protection.PROTECTED} protects it",
            "Unprotect it in Costs first",
        )
    if guard.wants_name and typed.strip() != name:
        raise Problem(f"Pause endpoint {name}", "it is tagged as production", f"Type {name} to pause it")
    resources = [f"endpoint/{name}/variant/{each['VariantName']}" for each in answer.get("ProductionVariants", [])]
    parked = PausedEndpoint(
        name=name,
        config=answer["EndpointConfigName"],
        tags={key: value for key, value in found.items() if not key.startswith("aws:")},
        targets=tuple(_kept(each, TARGET) for each in _targets(account, resources)),
        policies=tuple(_kept(each, POLICY) for each in _policies(account, resources)),
        usd_per_hour=usd_per_hour,
        at=now,
        by=account.identity().arn,
    )
    documents.update(account, _address(account, name), PausedDocument, lambda _: _document(parked))
    account.call("sagemaker", "delete_endpoint", EndpointName=name)
    return parked


def paused_endpoints(account: Account) -> PausedEndpoints:
    """Every paused endpoint, those being resumed included; none without a bucket. Raises AwsError."""
    folder = documents.read_folder(account, Address(account.default_bucket(), FOLDER), PausedDocument)
    return PausedEndpoints(
        tuple(document.endpoint() for document in folder.documents.values()),
        folder.unreadable,
    )


def resume(account: Account, what: PausedEndpoint) -> None:
    """Create the endpoint again, as it was. Call `settle` until it is back. Raises Problem, AwsError."""
    if what.name in {each.name for each in endpoint_details.summaries(account)}:
        raise Problem(f"Endpoint {what.name}", "it exists", "Delete that endpoint first, or leave this one paused")
    given = [{"Key": key, "Value": value} for key, value in what.tags.items()]
    account.call("sagemaker", "create_endpoint", EndpointName=what.name, EndpointConfigName=what.config, Tags=given)


def settle(account: Account, what: PausedEndpoint) -> bool:
    """Whether the endpoint is back: in service, scaling as it did, and no longer in the list. Raises AwsError."""
    status = next((each.status for each in endpoint_details.summaries(account) if each.name == what.name), None)
    if status != EndpointStatus.IN_SERVICE:
        return False
    for target in what.targets:
        account.call("application-autoscaling", "register_scalable_target", **target)
    for policy in what.policies:
        account.call("application-autoscaling", "put_scaling_policy", **policy)
    address = _address(account, what.name)
    account.call("s3", "delete_object", Bucket=address.bucket, Key=address.key)
    return True


def _targets(account: Account, resources: list[str]) -> Iterator[dict[str, Any]]:
    given = {**SAGEMAKER, "ResourceIds": resources}
    yield from account.pages("application-autoscaling", "describe_scalable_targets", "ScalableTargets", **given)


def _policies(account: Account, resources: list[str]) -> Iterator[dict[str, Any]]:
    for resource in resources:
        given = {**SAGEMAKER, "ResourceId": resource}
        yield from account.pages("application-autoscaling", "describe_scaling_policies", "ScalingPolicies", **given)


def _kept(answer: dict[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    return {name: answer[name] for name in members if name in answer}


def _address(account: Account, name: str) -> Address:
    return Address(account.default_bucket(), f"{FOLDER}{name}.json")


def _document(what: PausedEndpoint) -> PausedDocument:
    return PausedDocument(**{**vars(what), "at": what.at.astimezone(UTC)})
