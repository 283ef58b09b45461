"""Carrying out the steps of a shutdown plan, each on its own, with tags and lock read again right before the calls.

One refusal never stops the other steps, and no answer is taken as proof: whether a resource is gone, only reading it
again tells.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from services.aws import tags
from services.aws.account import Account
from services.aws.errors import AwsError
from services.inventory.resource_tags import tags_of
from services.inventory.resources import BillableResource, Tags
from services.shutdown import policy as shutdown_policy
from services.shutdown import protection as deletion_protection
from services.shutdown.plan import ApiCall, Key, Step
from services.shutdown.protection import NOT_CONFIRMED, Confirmation, Guard

READERS = 16  # things whose tags are read at a time


@dataclass(frozen=True)
class Outcome:
    """What came of a step; `sentence` says it to a person."""

    step: Step
    ok: bool
    sentence: str

    @property
    def resource(self) -> BillableResource:
        """What it is about."""
        return self.step.resource


@dataclass(frozen=True)
class State:
    """What reading a thing again said: whether it is over, and its status or why it could not be read."""

    over: bool
    said: str


def step_when_due(step: Step, outcomes: Mapping[Key, Outcome], over: Collection[Key]) -> Step | None:
    """The step once its turn has come, refused when what has to go before it stays; None while that is on its way."""
    for key in step.after:
        before = outcomes.get(key)
        if before and not before.ok:
            return replace(step, refused=f"{before.step.title} must be deleted first, but was not.")
        if key not in over:
            return None
    return step


def refusal(account: Account, step: Step, typed: Confirmation) -> str:
    """Why the step may not be done, tags read again just now; "" when it may. Never raises AwsError."""
    if not step.acts:
        return step.refused
    above = _guarded(account, step.required_by, typed) if step.required_by else ""
    if step.required_by and above:
        return f"{step.required_by.kind} {step.required_by.name} is not shut down, so this is not either. {above}"
    return _guarded(account, step.resource, typed)


def execute(account: Account, step: Step, typed: Confirmation = NOT_CONFIRMED) -> Outcome:
    """Make the calls of `step` in its region, in order. Never raises AwsError: a refusal is the outcome."""
    refused = refusal(account, step, typed)
    if refused:
        return Outcome(step, False, f"{step.title}: {refused}")
    account, done = account.at(step.resource.region or account.region), list[ApiCall]()
    for call in step.calls:
        try:
            account.call(step.client, call.operation, **dict(call.parameters))
        except AwsError as error:
            if not error.is_missing:
                before = f"SageMaker accepted {_listed(done)}, but: " if done else ""
                return Outcome(step, False, f"{step.title}: {before}{error}")
        done.append(call)
    if not done:
        return Outcome(step, True, f"{step.title} is already shutting down.")
    return Outcome(step, True, f"{step.title}: SageMaker accepted {_listed(done)}.")


def current_tags(account: Account, arn: str, region: str = "") -> Tags | None:
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


def with_current_tags(account: Account, things: Sequence[BillableResource]) -> list[BillableResource]:
    """The things with the tags that they have now: a list's are minutes old, and may lack those of some kinds."""
    with ThreadPoolExecutor(READERS) as pool:
        found = pool.map(lambda thing: current_tags(account, thing.arn, thing.region), things)
        return [replace(thing, tags=now) for thing, now in zip(things, found, strict=True)]


def rehearse(account: Account, step: Step, typed: Confirmation) -> Outcome:
    """What `execute` would do, by reading alone. Never raises AwsError."""
    refused = refusal(account, step, typed)
    if refused:
        return Outcome(step, False, f"{step.title} would not be shut down: {refused}")
    state = read_again(account, step)
    if state.over or not step.acts:
        return Outcome(step, True, f"{step.title}: no call needed. Status: {state.said}.")
    return Outcome(step, True, f"{step.title}: {_listed(step.calls)} would be called. Status: {state.said}.")


def read_again(account: Account, step: Step) -> State:
    """Whether a thing is over by now. Never raises AwsError: that it cannot be read is what is said."""
    item, ending = step.resource, step.shutdown
    if ending is None:
        return State(False, item.status)
    account = account.at(item.region or account.region)
    identity = {key: value for key, value in item.identity if key != "EndpointConfigName"}
    try:
        answer = account.call(step.client, ending.describe_operation, **identity)
    except AwsError as error:
        return State(True, "gone") if error.is_missing else State(False, str(error))
    status: Any = answer
    for member in ending.status_member.split("."):
        status = status[member]
    if status in ending.terminal_statuses:
        return State(True, status)
    reason = answer.get("FailureReason") if "fail" in status.lower() else None
    return State(False, f"{status}: {reason}" if reason else status)


def _guarded(account: Account, item: BillableResource, typed: Confirmation) -> str:
    item = replace(item, tags=current_tags(account, item.arn, item.region))
    guard = deletion_protection.guard(item.tags)
    try:
        stays = deletion_protection.refusal_for(
            item.tags, guard is Guard.PRODUCTION and shutdown_policy.load(account).production_lock
        )
    except AwsError as error:
        return f"Tagged as production, and it is unknown whether production is locked. {error}"
    if stays:
        return stays
    if guard.wants_name and not typed.named(item):
        return (
            f"The name was not typed, but {deletion_protection.reason_for_name(item)}. Type it to shut the "
            "resource down."
        )
    return ""


def _listed(calls: Iterable[ApiCall]) -> str:
    return " and ".join(str(call).split()[0] for call in calls)
