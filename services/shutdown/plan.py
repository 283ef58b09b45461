"""Shutting down what bills: first a plan that can be read and agreed to, then each step on its own.

The plan is pure and holds every request that will be made, in the order in which SageMaker takes them. One refusal
never stops the other steps, and no answer is taken as proof: whether something is gone, only reading it again tells.
What is protected, and production while that is locked, is refused here, not on the screen: tags and lock are read again
right before the calls.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from services.aws import tags
from services.aws.account import Account, AwsError, spelled
from services.inventory.all_kinds import KINDS, Ending, Running, RunningKind, Tags
from services.inventory.resource_tags import tags_of
from services.shutdown import policy as shutdown_policy
from services.shutdown import protection as deletion_protection
from services.shutdown.protection import NOTHING_TYPED, Guard, Typed

Key = tuple[str, ...]
READERS = 16  # things whose tags are read at a time


@dataclass(frozen=True)
class Call:
    """One request to SageMaker, in boto3's spelling: "delete_endpoint", (("EndpointName", "fraud"),)."""

    operation: str
    parameters: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        """As AWS spells it: "DeleteEndpoint EndpointName=fraud"."""
        return " ".join([spelled(self.operation), *(f"{key}={value}" for key, value in self.parameters)])


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


@dataclass(frozen=True)
class Outcome:
    """What came of a step; `sentence` says it to a person."""

    step: Step
    ok: bool
    sentence: str

    @property
    def item(self) -> Running:
        """What it is about."""
        return self.step.item


@dataclass(frozen=True)
class State:
    """What reading a thing again said: whether it is over, and its status or why it could not be read."""

    over: bool
    said: str


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


def turn(step: Step, outcomes: Mapping[Key, Outcome], over: Collection[Key]) -> Step | None:
    """The step once its turn has come, refused when what has to go before it stays; None while that is on its way."""
    for key in step.after:
        before = outcomes.get(key)
        if before and not before.ok:
            return replace(step, refused=f"{before.step.title} has to go first, and stays.")
        if key not in over:
            return None
    return step


def refusal(account: Account, step: Step, typed: Typed) -> str:
    """Why the step may not be done, tags read again just now; "" when it may. Never raises AwsError."""
    if not step.acts:
        return step.refused
    above = _guarded(account, step.sake, typed) if step.sake else ""
    if step.sake and above:
        return f"{step.sake.kind} {step.sake.name} stays, and so does this. {above}"
    return _guarded(account, step.item, typed)


def execute(account: Account, step: Step, typed: Typed = NOTHING_TYPED) -> Outcome:
    """Make the calls of `step` in its region, in order. Never raises AwsError: a refusal is the outcome."""
    refused = refusal(account, step, typed)
    if refused:
        return Outcome(step, False, f"{step.title}: {refused}")
    account, done = account.at(step.item.region or account.region), list[Call]()
    for call in step.calls:
        try:
            account.call(step.client, call.operation, **dict(call.parameters))
        except AwsError as error:
            if not error.is_missing:
                before = f"SageMaker accepted {_listed(done)}, but: " if done else ""
                return Outcome(step, False, f"{step.title}: {before}{error}")
        done.append(call)
    if not done:
        return Outcome(step, True, f"{step.title} is already on its way down.")
    return Outcome(step, True, f"{step.title}: SageMaker accepted {_listed(done)}.")


def tags_now(account: Account, arn: str, region: str = "") -> Tags | None:
    """Tags of a resource as they are; None without an ARN, or when they cannot be read."""
    account = account.at(region or account.region)
    if not arn:
        return None
    try:
        return tuple(tags.of(account, arn).items())
    except AwsError:  # some kinds can be tagged, and not be asked by ListTags
        pass
    try:
        return tags_of(account, [arn])[arn]
    except AwsError:
        return None


def tagged_now(account: Account, things: Sequence[Running]) -> list[Running]:
    """The things with the tags that they have now: a list's are minutes old, and may lack those of some kinds."""
    with ThreadPoolExecutor(READERS) as pool:
        found = pool.map(lambda thing: tags_now(account, thing.arn, thing.region), things)
        return [replace(thing, tags=now) for thing, now in zip(things, found, strict=True)]


def rehearse(account: Account, step: Step, typed: Typed) -> Outcome:
    """What `execute` would do, by reading alone. Never raises AwsError."""
    refused = refusal(account, step, typed)
    if refused:
        return Outcome(step, False, f"{step.title} would stay: {refused}")
    state = read_again(account, step)
    if state.over or not step.acts:
        return Outcome(step, True, f"{step.title}: nothing would be called. It is {state.said}.")
    return Outcome(step, True, f"{step.title}: {_listed(step.calls)} would be called. It is now {state.said}.")


def read_again(account: Account, step: Step) -> State:
    """Whether a thing is over by now. Never raises AwsError: that it cannot be read is what is said."""
    item, ending = step.item, step.ending
    if ending is None:
        return State(False, item.status)
    account = account.at(item.region or account.region)
    identity = {key: value for key, value in item.identity if key != "EndpointConfigName"}
    try:
        answer = account.call(step.client, ending.reading, **identity)
    except AwsError as error:
        return State(True, "gone") if error.is_missing else State(False, str(error))
    status: Any = answer
    for member in ending.member.split("."):
        status = status[member]
    if status in ending.over:
        return State(True, status)
    reason = answer.get("FailureReason") if "fail" in status.lower() else None
    return State(False, f"{status}: {reason}" if reason else status)


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
        return f"SageMaker refuses {spelled(ending.operation)} while it is {item.status}. Wait until that is over."
    return ""


def _before(parent: Running, child: Running, chosen: bool, locked: bool) -> Step:
    """How `child` goes, for `parent` to go after it."""
    kind = KINDS[child.kind]
    step = _step(child, kind.removal or kind.ending, locked)
    return replace(step, still_bills="", sake=None if chosen else parent)  # what would still bill goes too


def _guarded(account: Account, item: Running, typed: Typed) -> str:
    item = replace(item, tags=tags_now(account, item.arn, item.region))
    guard = deletion_protection.guard(item.tags)
    try:
        stays = deletion_protection.refused(
            item.tags, guard is Guard.PRODUCTION and shutdown_policy.load(account).production_lock
        )
    except AwsError as error:
        return f"It is tagged as production, which may be locked. {error}"
    if stays:
        return stays
    if guard.wants_name and not typed.named(item):
        return f"Its name was not typed, but {deletion_protection.why_named(item)}. Type it to end it."
    return ""


def _config(item: Running) -> tuple[str, str | None]:
    return item.region, dict(item.identity).get("EndpointConfigName")


def _listed(calls: Iterable[Call]) -> str:
    return " and ".join(str(call).split()[0] for call in calls)
