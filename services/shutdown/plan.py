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
from services.inventory.all_kinds import KINDS, Ending, Running, RunningKind
from services.shutdown import protection as deletion_protection
from services.shutdown.protection import Typed

Key = tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """One request to SageMaker, in boto3's spelling: "delete_endpoint", (("EndpointName", "fraud"),)."""

    operation: str
    parameters: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        """As AWS spells it: "DeleteEndpoint EndpointName=fraud"."""
        return " ".join([operation_name(self.operation), *(f"{key}={value}" for key, value in self.parameters)])


@dataclass(frozen=True)
class Step:
    """How one thing is shut down; without calls there is nothing left to ask for.

    lost:        what is gone afterwards, one sentence.
    still_bills: what goes on billing, "" for nothing.
    ending:      by which it is read again; None for what cannot be ended.
    refused:     why it will not be ended, and what to do; "" when it will.
    sake:        that for whose sake it goes although it was not chosen.
    after:       keys of the things that must be over before.
    """

    item: Running
    calls: tuple[Call, ...]
    lost: str
    still_bills: str
    ending: Ending | None = None
    refused: str = ""
    sake: Running | None = None
    after: tuple[Key, ...] = ()

    @property
    def acts(self) -> bool:
        """Whether it will call anything."""
        return bool(self.calls) and not self.refused

    @property
    def client(self) -> str:
        """boto3's name of the service that is asked."""
        return self.ending.client if self.ending else "sagemaker"

    @property
    def title(self) -> str:
        """ "Endpoint fraud"."""
        return f"{self.item.kind} {self.item.name}"


def plan(items: Iterable[Running], running: Iterable[Running] = (), locked: bool = False) -> list[Step]:
    """A step for each of `items`, after those of what has to go first, chosen or not.

    `running` is everything that runs: what belongs to an item is found there, and a configuration that is shared stays.
    `locked`: production is refused.
    """
    chosen = {item.key: item for item in items}
    everything = {thing.key: thing for thing in running} | chosen
    configs = Counter(map(_config, everything.values()))
    children_of = belonging(chosen.values(), everything.values())
    first, then = dict[Key, Step](), dict[Key, Step]()
    for key, item in chosen.items():
        step = _step(item, KINDS[item.kind].ending, locked, shared=configs[_config(item)] > 1)
        children = [_before(item, thing, thing.key in chosen, locked) for thing in children_of[key]]
        stays = next((f"{child.title} has to go first. {child.refused}" for child in children if child.refused), "")
        if step.refused or stays:  # then nothing goes for its sake either
            then[key] = replace(step, refused=step.refused or stays)
        else:
            first |= {child.item.key: child for child in children}
            then[key] = replace(step, after=tuple(child.item.key for child in children))
    return list((first | {key: step for key, step in then.items() if key not in first}).values())


def belonging(items: Iterable[Running], running: Iterable[Running]) -> dict[Key, list[Running]]:
    """What has to go before each of `items` can, by the key of the item."""
    children = defaultdict[Key, list[Running]](list)
    for thing in running:
        if thing.parent:
            children[(thing.region, *thing.parent)].append(thing)
    # A parent is named by how its key begins: an endpoint's goes on with its configuration.
    begun = {item.key: [item.key[:parts] for parts in range(1, len(item.key) + 1)] for item in items}
    return {key: [child for name in names for child in children.get(name, ())] for key, names in begun.items()}


def agree(steps: Sequence[Step], typed: Typed, blast_limit: int) -> None:
    """Raises Problem while something has not been typed that ending all this needs."""
    deletion_protection.check([step.item for step in steps if step.acts], typed, blast_limit)


def _step(item: Running, ending: Ending | None, locked: bool, shared: bool = False) -> Step:
    refused = deletion_protection.refused(item.tags, locked) or _refused_as_listed(item, ending)
    if item.status.lower() == "stopping":  # some kinds say it in capitals
        return Step(item, (), "Nothing more: it is already stopping.", item.bills_after, ending, refused)
    if ending is None:
        return Step(item, (), "Nothing.", item.bills_after, ending, refused or KINDS[item.kind].stays)
    if item.kind is not RunningKind.ENDPOINT:
        calls = [Call(ending.operation, item.identity + ending.more + item.ending_with)]
        return Step(item, tuple(calls), ending.lost, item.bills_after, ending, refused)
    identity, lost = dict(item.identity), ending.lost
    calls = [Call(ending.operation, (("EndpointName", identity["EndpointName"]),))]
    if shared:
        lost += " Its configuration stays too: another endpoint uses it."
    elif "EndpointConfigName" in identity:
        calls.append(Call("delete_endpoint_config", (("EndpointConfigName", identity["EndpointConfigName"]),)))
    return Step(item, tuple(calls), lost, item.bills_after, ending, refused)


def _refused_as_listed(item: Running, ending: Ending | None) -> str:
    """Why SageMaker would not end it, by what is known from the list."""
    if ending and item.status in ending.refused:
        return (
            f"SageMaker refuses {operation_name(ending.operation)} while it is {item.status}. Wait until that is over."
        )
    return ""


def _before(parent: Running, child: Running, chosen: bool, locked: bool) -> Step:
    """How `child` goes, for `parent` to go after it."""
    kind = KINDS[child.kind]
    step = _step(child, kind.removal or kind.ending, locked)
    return replace(step, still_bills="", sake=None if chosen else parent)  # what would still bill goes too


def _config(item: Running) -> tuple[str, str | None]:
    return item.region, dict(item.identity).get("EndpointConfigName")
