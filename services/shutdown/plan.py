"""The plan of a shutdown: every API call, in order, to be read and confirmed before anything is called.

Pure. The calls are in the order that SageMaker accepts. Protected resources, and production while it is locked,
are refused here, not on the screen; tags and lock are read again right before the calls.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.aws.errors import operation_name
from services.inventory.all_kinds import KINDS
from services.inventory.resources import BillableResource, ResourceKind, Shutdown
from services.shutdown import protection as deletion_protection
from services.shutdown.protection import Confirmation

Key = tuple[str, ...]


@dataclass(frozen=True)
class ApiCall:
    """One request to SageMaker, in boto3's spelling: "delete_endpoint", (("EndpointName", "fraud"),)."""

    operation: str
    parameters: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        """As AWS spells it: "DeleteEndpoint EndpointName=fraud"."""
        return " ".join([operation_name(self.operation), *(f"{key}={value}" for key, value in self.parameters)])


@dataclass(frozen=True)
class Step:
    """How one resource is shut down; without calls there is nothing left to do.

    consequence: what is lost, one sentence.
    still_bills: what goes on billing, "" for nothing.
    shutdown:    how it is read again; None for a resource that cannot be shut down.
    refused:     why it will not be shut down, and what to do; "" when it will.
    required_by: the selected resource that cannot be deleted before it; None when it was selected itself.
    after:       keys of the resources that must be gone before.
    pauses:      whether the endpoint is stored before its call, so that it can be resumed.
    """

    resource: BillableResource
    calls: tuple[ApiCall, ...]
    consequence: str
    still_bills: str
    shutdown: Shutdown | None = None
    refused: str = ""
    required_by: BillableResource | None = None
    after: tuple[Key, ...] = ()
    pauses: bool = False

    @property
    def acts(self) -> bool:
        """Whether it makes any call."""
        return bool(self.calls) and not self.refused

    @property
    def client(self) -> str:
        """boto3's name of the service."""
        return self.shutdown.client if self.shutdown else "sagemaker"

    @property
    def title(self) -> str:
        """ "Endpoint fraud"."""
        return f"{self.resource.kind} {self.resource.name}"


@dataclass(frozen=True)
class KeptConfigs:
    """Endpoint configurations that paused endpoints are resumed with, as (region, configuration): endpoint.

    complete: whether every paused endpoint could be read; otherwise any configuration may be one of them.
    """

    paused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    complete: bool = True


NO_CONFIGS = KeptConfigs()


def plan(
    selected: Iterable[BillableResource],
    running: Iterable[BillableResource] = (),
    locked: bool = False,
    kept: KeptConfigs = NO_CONFIGS,
) -> list[Step]:
    """A step for each of `items`, after the steps of what must be deleted first, selected or not.

    `running` is everything that runs: what belongs to an item is found there, and a configuration that is shared stays,
    also with a paused endpoint (`kept`). `locked`: production is refused.
    """
    chosen = {resource.key: resource for resource in selected}
    everything = {other.key: other for other in running} | chosen
    configs = Counter(map(_config, everything.values()))
    children_by_key = children_of(chosen.values(), everything.values())
    children_steps, chosen_steps = dict[Key, Step](), dict[Key, Step]()
    for key, resource in chosen.items():
        shutdown = KINDS[resource.kind].shutdown
        step = _step(resource, shutdown, locked, why_config_stays(resource, configs, kept))
        children = [_before(resource, other, other.key in chosen, locked) for other in children_by_key[key]]
        stays = next(
            (f"{child.title} must be deleted first. {child.refused}" for child in children if child.refused), ""
        )
        if step.refused or stays:  # then nothing is deleted for it either
            chosen_steps[key] = replace(step, refused=step.refused or stays)
        else:
            children_steps |= {child.resource.key: child for child in children}
            chosen_steps[key] = replace(step, after=tuple(child.resource.key for child in children))
    return list(
        (children_steps | {key: step for key, step in chosen_steps.items() if key not in children_steps}).values()
    )


def children_of(
    selected: Iterable[BillableResource], running: Iterable[BillableResource]
) -> dict[Key, list[BillableResource]]:
    """What must be deleted before each of `items` can, by the key of the item."""
    children = defaultdict[Key, list[BillableResource]](list)
    for candidate in running:
        if candidate.parent:
            children[(candidate.region, *candidate.parent)].append(candidate)
    # A parent is named by how its key begins: an endpoint's goes on with its configuration.
    begun = {resource.key: [resource.key[:parts] for parts in range(1, len(resource.key) + 1)] for resource in selected}
    return {key: [child for name in names for child in children.get(name, ())] for key, names in begun.items()}


def check_confirmation(steps: Sequence[Step], typed: Confirmation, blast_limit: int) -> None:
    """Raises Problem while a name or number that `steps` need has not been typed."""
    deletion_protection.check([step.resource for step in steps if step.acts], typed, blast_limit)


def pause_step(resource: BillableResource, running: Iterable[BillableResource] = (), locked: bool = False) -> Step:
    """How an endpoint is paused: it is deleted, and its configuration stays. What belongs to it would be lost."""
    step = _step(resource, KINDS[ResourceKind.ENDPOINT].shutdown, locked, config_stays="It is paused.")
    consequence = "It answers no requests until it is resumed under its name."
    children = children_of([resource], running)[resource.key]
    refused = f"It cannot be paused while it has {children[0].kind} {children[0].name}." if children else ""
    if resource.status != "InService":
        refused = f"It is {resource.status}: only an endpoint in service can be paused."
    return replace(step, consequence=consequence, pauses=True, refused=step.refused or refused)


def why_config_stays(
    resource: BillableResource, configs: Mapping[tuple[str, str | None], int], kept: KeptConfigs
) -> str:
    """Why an endpoint's configuration is not deleted with it; "" when it is."""
    region, config = _config(resource)
    if config is None:
        return "Its configuration is unknown, so it is not deleted."
    if configs.get((region, config), 0) > 1:
        return "Its configuration stays: another endpoint uses it."
    if (region, config) in kept.paused:
        return f"Its configuration stays: paused endpoint {kept.paused[region, config]} is resumed with it."
    if not kept.complete:
        return "Its configuration stays: which paused endpoints are resumed with it could not be read."
    return ""


def _step(resource: BillableResource, shutdown: Shutdown | None, locked: bool, config_stays: str = "") -> Step:
    refused = deletion_protection.refusal_for(resource.tags, locked) or _refused_as_listed(resource, shutdown)
    if resource.status.lower() == "stopping":  # some kinds say it in capitals
        return Step(resource, (), "Nothing more; it is already stopping.", resource.bills_after, shutdown, refused)
    if shutdown is None:
        return Step(
            resource, (), "Nothing.", resource.bills_after, shutdown, refused or KINDS[resource.kind].why_not_stopped
        )
    if resource.kind is not ResourceKind.ENDPOINT:
        calls = [
            ApiCall(shutdown.operation, resource.identity + shutdown.extra_parameters + resource.shutdown_parameters)
        ]
        return Step(resource, tuple(calls), shutdown.consequence, resource.bills_after, shutdown, refused)
    identity, lost = dict(resource.identity), shutdown.consequence
    calls = [ApiCall(shutdown.operation, (("EndpointName", identity["EndpointName"]),))]
    if config_stays:
        lost += f" {config_stays}"
    else:
        calls.append(ApiCall("delete_endpoint_config", (("EndpointConfigName", identity["EndpointConfigName"]),)))
    return Step(resource, tuple(calls), lost, resource.bills_after, shutdown, refused)


def _refused_as_listed(resource: BillableResource, shutdown: Shutdown | None) -> str:
    """Why SageMaker would refuse it, by its listed status."""
    if shutdown and resource.status in shutdown.refusing_statuses:
        return f"SageMaker refuses {operation_name(shutdown.operation)} while it is {resource.status}. Try again later."
    return ""


def _before(parent: BillableResource, child: BillableResource, chosen: bool, locked: bool) -> Step:
    """The step of `child`, which must be deleted before `parent`."""
    kind = KINDS[child.kind]
    step = _step(child, kind.removal or kind.shutdown, locked)
    return replace(
        step, still_bills="", required_by=None if chosen else parent
    )  # what would still bill is deleted, too


def _config(resource: BillableResource) -> tuple[str, str | None]:
    return resource.region, dict(resource.identity).get("EndpointConfigName")
