"""Shutting down what bills: first a plan that can be read and agreed to, then each step on its own.

The plan is pure and holds every request that will be made, in the order in which SageMaker takes them. One refusal
never stops the other steps, and no answer is taken as proof: whether something is gone, only reading it again tells.
What is protected, and production while that is locked, is refused here, not on the screen: tags and lock are read again
right before the calls.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
    """How one thing is shut down; without calls there is nothing left to ask for.

    consequence:        what is gone afterwards, one sentence.
    still_bills: what goes on billing, "" for nothing.
    shutdown:      by which it is read again; None for what cannot be ended.
    refused:     why it will not be ended, and what to do; "" when it will.
    required_by:        that for whose sake it goes although it was not chosen.
    after:       keys of the things that must be over before.
    """

    resource: BillableResource
    calls: tuple[ApiCall, ...]
    consequence: str
    still_bills: str
    shutdown: Shutdown | None = None
    refused: str = ""
    required_by: BillableResource | None = None
    after: tuple[Key, ...] = ()

    @property
    def acts(self) -> bool:
        """Whether it will call anything."""
        return bool(self.calls) and not self.refused

    @property
    def client(self) -> str:
        """boto3's name of the service that is asked."""
        return self.shutdown.client if self.shutdown else "sagemaker"

    @property
    def title(self) -> str:
        """ "Endpoint fraud"."""
        return f"{self.resource.kind} {self.resource.name}"


def plan(
    items: Iterable[BillableResource], running: Iterable[BillableResource] = (), locked: bool = False
) -> list[Step]:
    """A step for each of `items`, after those of what has to go first, chosen or not.

    `running` is everything that runs: what belongs to an item is found there, and a configuration that is shared stays.
    `locked`: production is refused.
    """
    chosen = {item.key: item for item in items}
    everything = {thing.key: thing for thing in running} | chosen
    configs = Counter(map(_config, everything.values()))
    children_by_key = children_of(chosen.values(), everything.values())
    first, then = dict[Key, Step](), dict[Key, Step]()
    for key, item in chosen.items():
        step = _step(item, KINDS[item.kind].shutdown, locked, shared=configs[_config(item)] > 1)
        children = [_before(item, thing, thing.key in chosen, locked) for thing in children_by_key[key]]
        stays = next(
            (f"{child.title} must be deleted first. {child.refused}" for child in children if child.refused), ""
        )
        if step.refused or stays:  # then nothing goes for its sake either
            then[key] = replace(step, refused=step.refused or stays)
        else:
            first |= {child.resource.key: child for child in children}
            then[key] = replace(step, after=tuple(child.resource.key for child in children))
    return list((first | {key: step for key, step in then.items() if key not in first}).values())


def children_of(
    items: Iterable[BillableResource], running: Iterable[BillableResource]
) -> dict[Key, list[BillableResource]]:
    """What has to go before each of `items` can, by the key of the item."""
    children = defaultdict[Key, list[BillableResource]](list)
    for thing in running:
        if thing.parent:
            children[(thing.region, *thing.parent)].append(thing)
    # A parent is named by how its key begins: an endpoint's goes on with its configuration.
    begun = {item.key: [item.key[:parts] for parts in range(1, len(item.key) + 1)] for item in items}
    return {key: [child for name in names for child in children.get(name, ())] for key, names in begun.items()}


def check_confirmation(steps: Sequence[Step], typed: Confirmation, blast_limit: int) -> None:
    """Raises Problem while something has not been typed that ending all this needs."""
    deletion_protection.check([step.resource for step in steps if step.acts], typed, blast_limit)


def _step(item: BillableResource, ending: Shutdown | None, locked: bool, shared: bool = False) -> Step:
    refused = deletion_protection.refusal_for(item.tags, locked) or _refused_as_listed(item, ending)
    if item.status.lower() == "stopping":  # some kinds say it in capitals
        return Step(item, (), "Nothing more; it is already stopping.", item.bills_after, ending, refused)
    if ending is None:
        return Step(item, (), "Nothing.", item.bills_after, ending, refused or KINDS[item.kind].why_not_stopped)
    if item.kind is not ResourceKind.ENDPOINT:
        calls = [ApiCall(ending.operation, item.identity + ending.extra_parameters + item.shutdown_parameters)]
        return Step(item, tuple(calls), ending.consequence, item.bills_after, ending, refused)
    identity, lost = dict(item.identity), ending.consequence
    calls = [ApiCall(ending.operation, (("EndpointName", identity["EndpointName"]),))]
    if shared:
        lost += " Its configuration stays: another endpoint uses it."
    elif "EndpointConfigName" in identity:
        calls.append(ApiCall("delete_endpoint_config", (("EndpointConfigName", identity["EndpointConfigName"]),)))
    return Step(item, tuple(calls), lost, item.bills_after, ending, refused)


def _refused_as_listed(item: BillableResource, ending: Shutdown | None) -> str:
    """Why SageMaker would not end it, by what is known from the list."""
    if ending and item.status in ending.refusing_statuses:
        return f"SageMaker refuses {operation_name(ending.operation)} while it is {item.status}. Try again later."
    return ""


def _before(parent: BillableResource, child: BillableResource, chosen: bool, locked: bool) -> Step:
    """How `child` goes, for `parent` to go after it."""
    kind = KINDS[child.kind]
    step = _step(child, kind.removal or kind.shutdown, locked)
    return replace(step, still_bills="", required_by=None if chosen else parent)  # what would still bill goes too


def _config(item: BillableResource) -> tuple[str, str | None]:
    return item.region, dict(item.identity).get("EndpointConfigName")
