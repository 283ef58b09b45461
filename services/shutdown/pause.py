"""Paused endpoints: deleted, so that they bill nothing, with everything stored to resume each under its name.

SageMaker has no stopped state for an endpoint. What is deleted is the endpoint alone: its configuration and models
stay, and its tags and scaling are kept in S3, a JSON document per paused endpoint. The document is written before the
endpoint is deleted and removed once the endpoint is back as it was, so that nothing is lost whenever this is cut short.
It names the shutdowns that need it and is removed only as it was read, so that nobody takes away what another pause
has just written. `driver.py` makes the calls of a pause, as of every shutdown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime

from services import settings
from services.aws import documents, tags
from services.aws.account import Account
from services.aws.documents import ChangedMeanwhileError, Document, UnreadableDocumentError
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.costs import commitments, launch_budget
from services.costs.launch_budget import Launch
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import EndpointStatus
from services.errors import Problem
from services.inventory.resources import BillableResource, ResourceKind
from services.pricing.price_book import PriceBook
from services.shutdown.grace import KEEP_UNTIL, STOP_AT
from services.shutdown.plan import KeptConfigs

FOLDER = "sagedeck/parked/"
GRACE_TAGS = (STOP_AT, KEEP_UNTIL)  # of the rule that paused it; once resumed, its grace begins anew
CREATED_WITHIN = timedelta(minutes=5)  # after that, an endpoint that is in no list is not on its way
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
    region:       where it ran; "" in older documents: the account's own.
    resuming:     whether its endpoint was created again and is on its way; resumed_at: since when (UTC).
    """

    name: str
    config: str
    tags: dict[str, str]
    targets: tuple[dict[str, Any], ...]
    policies: tuple[dict[str, Any], ...]
    usd_per_hour: float | None
    at: datetime
    by: str
    region: str = ""
    resuming: bool = False
    resumed_at: datetime | None = None


class PausedDocument(Document):
    """A paused endpoint as it lies in S3; `runs`: the shutdowns that need it, by name."""

    name: str
    config: str
    tags: dict[str, str]
    targets: tuple[dict[str, Any], ...]
    policies: tuple[dict[str, Any], ...]
    usd_per_hour: float | None
    at: AwareDatetime
    by: str
    region: str = ""
    resuming: bool = False
    resumed_at: AwareDatetime | None = None
    runs: tuple[str, ...] = ()

    def endpoint(self) -> PausedEndpoint:
        """The endpoint it describes."""
        return PausedEndpoint(**self.model_dump(exclude={"version", "runs"}))


@dataclass(frozen=True)
class PausedEndpoints:
    """The paused endpoints by name, and those whose document cannot be read."""

    endpoints: tuple[PausedEndpoint, ...]
    unreadable: tuple[UnreadableDocumentError, ...] = ()


def store(account: Account, resource: BillableResource, run: str, now: datetime) -> None:
    """Keep what an endpoint is, right before shutdown `run` deletes it, so that it can be resumed.

    Raises Problem for one that is not in service, AwsError.
    """
    there, name = account.at(resource.region or account.region), resource.name
    address = _address(account, name, resource.region)
    answer = there.call("sagemaker", "describe_endpoint", EndpointName=name)
    if answer["EndpointStatus"] != EndpointStatus.IN_SERVICE:
        raise Problem(f"Pause endpoint {name}", f"it is {answer['EndpointStatus']}", "Wait until it is in service")
    if endpoint_details.components(there, name):
        said = "it serves inference components, which would have to be deleted first and could not be resumed"
        raise Problem(f"Pause endpoint {name}", said, "Delete it in Costs instead")
    current_tags = tags.of(there, answer["EndpointArn"])
    scaled = [f"endpoint/{name}/variant/{variant['VariantName']}" for variant in answer.get("ProductionVariants", [])]
    document = PausedDocument(
        name=name,
        config=answer["EndpointConfigName"],
        tags={key: value for key, value in current_tags.items() if not key.startswith(("aws:", *GRACE_TAGS))},
        targets=tuple(_kept(variant, TARGET) for variant in _targets(there, scaled)),
        policies=tuple(_kept(variant, POLICY) for variant in _policies(there, scaled)),
        usd_per_hour=resource.usd_per_hour,
        at=now.astimezone(UTC),
        by=account.identity().arn,
        region=there.region,
        runs=(run,),
    )

    def change(stored: PausedDocument | None) -> PausedDocument:
        if stored is None:
            return document
        others = () if stored.resuming else tuple(other for other in stored.runs if other != run)
        kept: dict[str, Any] = {"runs": (*others, run)}
        if stored.resuming or stored.resumed_at:  # its scaling is not back yet
            kept |= {"targets": stored.targets, "policies": stored.policies}
            kept |= {"resumed_at": stored.resumed_at or stored.at}
        return document.model_copy(update=kept)

    documents.update(account, address, PausedDocument, change)


def paused_endpoints(account: Account) -> PausedEndpoints:
    """Every paused endpoint, those being resumed included; none without a bucket. Raises AwsError."""
    folder = documents.read_folder(account, Address(account.default_bucket(), FOLDER), PausedDocument)
    return PausedEndpoints(
        tuple(document.endpoint() for document in folder.documents.values()),
        folder.unreadable,
    )


def forget(account: Account, resource: BillableResource, run: str) -> None:
    """Undo `store` for an endpoint that `run` did not delete: what another run stored of it stays. Raises AwsError."""

    def change(stored: PausedDocument | None) -> PausedDocument | None:
        if stored is None or run not in stored.runs:
            return stored
        others = tuple(other for other in stored.runs if other != run)
        if others or stored.resumed_at:  # without another run, it goes on being resumed
            return stored.model_copy(update={"runs": others, "resuming": not others})
        return None

    documents.update(account, _address(account, resource.name, resource.region), PausedDocument, change)


def resume(account: Account, paused: PausedEndpoint, now: datetime, book: PriceBook) -> None:
    """Create the endpoint again, as it was, within the launch budget. Call `settle` until it is back.

    Raises Problem, AwsError.
    """
    there = account.at(paused.region or account.region)
    if _exists(there, paused.name):
        raise Problem(f"Endpoint {paused.name}", "it exists", "Delete that endpoint first, or leave this one paused")
    tag_list = [{"Key": key, "Value": value} for key, value in paused.tags.items()]

    def start() -> str:
        settings.check_writable(f"Resume endpoint {paused.name}")
        there.call(
            "sagemaker", "create_endpoint", EndpointName=paused.name, EndpointConfigName=paused.config, Tags=tag_list
        )
        return paused.name

    maximum = commitments.rest_of_day(paused.usd_per_hour, now)
    if not _set_resuming(account, paused, now):
        raise Problem(f"Endpoint {paused.name}", "it is no longer paused as listed", "Reload the page")
    try:
        launch_budget.launch(account, Launch(ResourceKind.ENDPOINT, paused.name, maximum), now, book, start)
    except Problem as problem:
        if not (isinstance(problem, AwsError) and problem.unsure) and not _exists(there, paused.name):
            _take_back(account, paused, now)
        raise
    _set_resuming(account, paused, now)  # somebody whose launch was refused may have taken it back


def settle(account: Account, paused: PausedEndpoint, now: datetime) -> bool:
    """Whether nothing is left to do: the endpoint is in service, scaling as it did, and no longer in the list.

    An endpoint that was never created, because whoever was to do it was cut short, is paused again.
    Raises Problem while read-only mode keeps its scaling from it, AwsError.
    """
    address = _address(account, paused.name, paused.region)
    stored = documents.read(account, address, PausedDocument)
    if stored is None or not stored.document.resuming:
        return True  # somebody else has seen to it, and it may be paused again by now
    there, document = account.at(paused.region or account.region), stored.document
    status = next(
        (endpoint.status for endpoint in endpoint_details.summaries(there) if endpoint.name == paused.name), None
    )
    if status is None and now - (document.resumed_at or document.at) > CREATED_WITHIN:
        _take_back(account, paused, document.resumed_at)
        return True
    if status != EndpointStatus.IN_SERVICE:
        return False
    scaling = f"Scaling of endpoint {paused.name}"
    for target in document.targets:
        settings.check_writable(scaling)
        there.call("application-autoscaling", "register_scalable_target", **target)
    for policy in document.policies:
        settings.check_writable(scaling)
        there.call("application-autoscaling", "put_scaling_policy", **policy)
    try:
        documents.delete(account, address, stored.etag)
    except ChangedMeanwhileError:  # it is being paused again, or somebody else has seen to it
        return False
    return True


def kept_configs(account: Account) -> KeptConfigs:
    """The configurations that paused endpoints are resumed with; incomplete where one cannot be read."""
    try:
        paused = paused_endpoints(account)
    except AwsError:
        return KeptConfigs(complete=False)
    configs = {(endpoint.region or account.region, endpoint.config): endpoint.name for endpoint in paused.endpoints}
    return KeptConfigs(configs, complete=not paused.unreadable)


def _exists(there: Account, name: str) -> bool:
    return name in {endpoint.name for endpoint in endpoint_details.summaries(there)}


def _set_resuming(account: Account, paused: PausedEndpoint, resumed_at: datetime) -> bool:
    """Note when its endpoint was created again; False, and nothing is noted, for one that is no longer paused so."""

    def change(stored: PausedDocument | None) -> PausedDocument | None:
        if stored is None or stored.at != paused.at:
            return stored
        return stored.model_copy(update={"resuming": True, "resumed_at": resumed_at})

    found = documents.update(account, _address(account, paused.name, paused.region), PausedDocument, change)
    return found is not None and found.at == paused.at


def _take_back(account: Account, paused: PausedEndpoint, resumed_at: datetime | None) -> None:
    """Note that its endpoint was not created then, unless somebody has begun anew since."""

    def change(stored: PausedDocument | None) -> PausedDocument | None:
        if stored is None or not stored.resuming or stored.resumed_at != resumed_at:
            return stored
        return stored.model_copy(update={"resuming": False, "resumed_at": None})

    documents.update(account, _address(account, paused.name, paused.region), PausedDocument, change)


def _targets(account: Account, resources: list[str]) -> Iterator[dict[str, Any]]:
    request = {**SAGEMAKER, "ResourceIds": resources}
    yield from account.pages("application-autoscaling", "describe_scalable_targets", "ScalableTargets", **request)


def _policies(account: Account, resource_ids: list[str]) -> Iterator[dict[str, Any]]:
    for resource_id in resource_ids:
        request = {**SAGEMAKER, "ResourceId": resource_id}
        yield from account.pages("application-autoscaling", "describe_scaling_policies", "ScalingPolicies", **request)


def _kept(answer: dict[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    return {name: answer[name] for name in members if name in answer}


def _address(account: Account, name: str, region: str) -> Address:
    place = "" if region in ("", account.region) else f"{region}/"
    return Address(account.default_bucket(), f"{FOLDER}{place}{name}.json")
