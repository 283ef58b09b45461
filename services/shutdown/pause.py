"""Paused endpoints: deleted, so that they bill nothing, with everything stored to resume each under its name.

SageMaker has no stopped state for an endpoint. What is deleted is the endpoint alone: its configuration and models
stay, and its tags and scaling are kept in S3, a JSON document per paused endpoint. The document is written before the
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
from services.costs import commitments, launch_budget
from services.costs.launch_budget import Launch
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import EndpointStatus
from services.errors import Problem
from services.inventory.resources import ResourceKind
from services.pricing.price_book import PriceBook
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
    """An endpoint that was paused.

    config:       the endpoint configuration it is resumed with.
    tags:         its tags, key to value.
    targets, policies: its scaling, as Application Auto Scaling's requests take them.
    usd_per_hour: what it cost, and will cost again; None when the price is not known.
    at, by:       when it was paused (UTC), and the ARN of who paused it.
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
    """The requests of a pause that change something, as AWS spells them."""
    return (f"PutObject Key={FOLDER}{endpoint}.json", f"DeleteEndpoint EndpointName={endpoint}")


def pause(account: Account, name: str, usd_per_hour: float | None, now: datetime, typed: str = "") -> PausedEndpoint:
    """Store what the endpoint is, then delete it.

    typed: its name, which production needs. Raises Problem for one that is protected or not in service, AwsError.
    """
    answer = account.call("sagemaker", "describe_endpoint", EndpointName=name)
    if answer["EndpointStatus"] != EndpointStatus.IN_SERVICE:
        raise Problem(f"Pause endpoint {name}", f"it is {answer['EndpointStatus']}", "Wait until it is in service")
    current_tags = tags.of(account, answer["EndpointArn"])
    guard = deletion_protection.guard(tuple(current_tags.items()))
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
    if endpoint_details.components(account, name):
        said = "it serves inference components, which would have to be deleted first and could not be resumed"
        raise Problem(f"Pause endpoint {name}", said, "Delete it in Costs instead")
    resources = [
        f"endpoint/{name}/variant/{variant['VariantName']}" for variant in answer.get("ProductionVariants", [])
    ]
    paused = PausedEndpoint(
        name=name,
        config=answer["EndpointConfigName"],
        tags={key: value for key, value in current_tags.items() if not key.startswith("aws:")},
        targets=tuple(_kept(variant, TARGET) for variant in _targets(account, resources)),
        policies=tuple(_kept(variant, POLICY) for variant in _policies(account, resources)),
        usd_per_hour=usd_per_hour,
        at=now,
        by=account.identity().arn,
    )
    documents.update(account, _address(account, name), PausedDocument, lambda _: _document(paused))
    account.call("sagemaker", "delete_endpoint", EndpointName=name)
    return paused


def paused_endpoints(account: Account) -> PausedEndpoints:
    """Every paused endpoint, those being resumed included; none without a bucket. Raises AwsError."""
    folder = documents.read_folder(account, Address(account.default_bucket(), FOLDER), PausedDocument)
    return PausedEndpoints(
        tuple(document.endpoint() for document in folder.documents.values()),
        folder.unreadable,
    )


def resume(account: Account, paused: PausedEndpoint, now: datetime, book: PriceBook) -> None:
    """Create the endpoint again, as it was, within the launch budget. Call `settle` until it is back.

    Raises Problem, AwsError.
    """
    if paused.name in {endpoint.name for endpoint in endpoint_details.summaries(account)}:
        raise Problem(f"Endpoint {paused.name}", "it exists", "Delete that endpoint first, or leave this one paused")
    tag_list = [{"Key": key, "Value": value} for key, value in paused.tags.items()]

    def start() -> str:
        account.call(
            "sagemaker", "create_endpoint", EndpointName=paused.name, EndpointConfigName=paused.config, Tags=tag_list
        )
        return paused.name

    maximum = commitments.rest_of_day(paused.usd_per_hour, now)
    launch_budget.launch(account, Launch(ResourceKind.ENDPOINT, paused.name, maximum), now, book, start)


def settle(account: Account, paused: PausedEndpoint) -> bool:
    """Whether the endpoint is back: in service, scaling as it did, and no longer in the list. Raises AwsError."""
    status = next(
        (endpoint.status for endpoint in endpoint_details.summaries(account) if endpoint.name == paused.name), None
    )
    if status != EndpointStatus.IN_SERVICE:
        return False
    for target in paused.targets:
        account.call("application-autoscaling", "register_scalable_target", **target)
    for policy in paused.policies:
        account.call("application-autoscaling", "put_scaling_policy", **policy)
    address = _address(account, paused.name)
    account.call("s3", "delete_object", Bucket=address.bucket, Key=address.key)
    return True


def _targets(account: Account, resources: list[str]) -> Iterator[dict[str, Any]]:
    request = {**SAGEMAKER, "ResourceIds": resources}
    yield from account.pages("application-autoscaling", "describe_scalable_targets", "ScalableTargets", **request)


def _policies(account: Account, resource_ids: list[str]) -> Iterator[dict[str, Any]]:
    for resource_id in resource_ids:
        request = {**SAGEMAKER, "ResourceId": resource_id}
        yield from account.pages("application-autoscaling", "describe_scaling_policies", "ScalingPolicies", **request)


def _kept(answer: dict[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    return {name: answer[name] for name in members if name in answer}


def _address(account: Account, name: str) -> Address:
    return Address(account.default_bucket(), f"{FOLDER}{name}.json")


def _document(paused: PausedEndpoint) -> PausedDocument:
    return PausedDocument(**{**vars(paused), "at": paused.at.astimezone(UTC)})
