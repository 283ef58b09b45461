"""Executes the steps of a shutdown plan one by one; tags and production lock are read again right before the calls.

A refused step never stops the others, and an accepted call is no proof: a resource is gone only once reading it again
says so.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.aws import tags
from services.aws.account import Account
from services.aws.errors import AwsError
from services.inventory.resource_tags import tags_of
from services.inventory.resources import BillableResource, Tags
from services.shutdown import policy as shutdown_policy
from services.shutdown import protection as deletion_protection
from services.shutdown.plan import ApiCall, Step
from services.shutdown.protection import NOT_CONFIRMED, Confirmation, Guard

READERS = 16  # resources whose tags are read at a time


@dataclass(frozen=True)
class Made:
    """The calls of a step so far: how many need not be made again, and those of them that AWS accepted."""

    finished: int = 0
    accepted: tuple[ApiCall, ...] = ()


NOTHING_MADE = Made()


@dataclass(frozen=True)
class Outcome:
    """The result of a step; `sentence` tells it to a person, and `made` which calls were."""

    step: Step
    ok: bool
    sentence: str
    made: Made = NOTHING_MADE

    @property
    def resource(self) -> BillableResource:
        """The resource of the step."""
        return self.step.resource


@dataclass(frozen=True)
class State:
    """A resource read again: whether it is gone or ended, and its status or why it could not be read.

    created: when what is there was created, so that what has its name by now is told from it.
    known:   whether it could be read.
    """

    over: bool
    status: str
    created: datetime | None = None
    known: bool = True

    @property
    def leaving(self) -> bool:
        """Whether it is gone, or on its way."""
        return self.over or self.status.lower() in ("stopping", "deleting", "terminating")


def refusal(account: Account, step: Step, typed: Confirmation) -> str:
    """Why the step may not be done, tags read again just now; "" when it may. Never raises AwsError."""
    if not step.acts:
        return step.refused
    above = _guarded(account, step.required_by, typed) if step.required_by else ""
    if step.required_by and above:
        return f"{step.required_by.kind} {step.required_by.name} is not shut down, so this is not either. {above}"
    return _guarded(account, step.resource, typed)


def execute(
    account: Account,
    step: Step,
    typed: Confirmation = NOT_CONFIRMED,
    note: Callable[[Made], None] = lambda made: None,
    made: Made = NOTHING_MADE,
    again: bool = False,
) -> Outcome:
    """Make the calls of `step` in its region, in order. A refusal is the outcome.

    note:  told what was made before the first call and after each; what it raises ends the step there.
    made:  what was made before; `again`: and then it was cut short, so that the next call may have arrived, too.
    Raises AwsError where it is not known whether a call arrived.
    """
    refused = "" if made.finished else refusal(account, step, typed)
    if refused:
        return Outcome(step, False, f"{step.title}: {refused}", made)
    account = account.at(step.resource.region or account.region)
    note(made)
    for call in step.calls[made.finished :]:
        accepted = True
        try:
            account.call(step.client, call.operation, **dict(call.parameters))
        except AwsError as error:
            if not error.is_missing:
                if error.unsure:
                    raise
                before = f"SageMaker accepted {_listed(made.accepted)}, but: " if made.accepted else ""
                return Outcome(step, False, f"{step.title}: {before}{error}", made)
            accepted = again or error.unsure
        made, again = Made(made.finished + 1, made.accepted + (call,) * accepted), False
        note(made)
    if not step.calls:
        return Outcome(step, True, f"{step.title} is already shutting down.", made)
    if not made.accepted:
        return Outcome(step, True, f"{step.title} was already gone.", made)
    return Outcome(step, True, f"{step.title}: SageMaker accepted {_listed(made.accepted)}.", made)


def current_tags(account: Account, arn: str, region: str = "") -> Tags | None:
    """Tags of a resource as they are; None without an ARN, or when they cannot be read."""
    account = account.at(region or account.region)
    if not arn:
        return None
    try:
        return tuple(tags.of(account, arn).items())
    except AwsError:  # ListTags does not take some kinds that can be tagged
        pass
    try:
        return tags_of(account, [arn])[arn]
    except AwsError:
        return None


def with_current_tags(account: Account, resources: Sequence[BillableResource]) -> list[BillableResource]:
    """The resources with their current tags: listed tags are minutes old and missing for some kinds."""
    with ThreadPoolExecutor(READERS) as pool:
        current = pool.map(lambda resource: current_tags(account, resource.arn, resource.region), resources)
        return [replace(resource, tags=present) for resource, present in zip(resources, current, strict=True)]


def rehearse(account: Account, step: Step, typed: Confirmation) -> Outcome:
    """What `execute` would do; only reads. Never raises AwsError."""
    refused = refusal(account, step, typed)
    if refused:
        return Outcome(step, False, f"{step.title} would not be shut down: {refused}")
    state = read_again(account, step)
    if state.over or not step.acts:
        return Outcome(step, True, f"{step.title}: no call needed. Status: {state.status}.")
    return Outcome(step, True, f"{step.title}: {_listed(step.calls)} would be called. Status: {state.status}.")


def read_again(account: Account, step: Step) -> State:
    """Whether a resource is gone or ended by now. Never raises AwsError: the error becomes the status."""
    try:
        return read(account, step)
    except AwsError as error:
        return State(False, str(error), known=False)


def read(account: Account, step: Step) -> State:
    """Whether a resource is gone or ended by now. Raises AwsError."""
    resource, shutdown = step.resource, step.shutdown
    if shutdown is None:
        return State(False, resource.status)
    account = account.at(resource.region or account.region)
    identity = {key: value for key, value in resource.identity if key != "EndpointConfigName"}
    try:
        answer = account.call(step.client, shutdown.describe_operation, **identity)
    except AwsError as error:
        if error.is_missing:
            return State(True, "deleted")
        raise
    status: Any = answer
    for member in shutdown.status_member.split("."):
        status = status[member]
    if status in shutdown.terminal_statuses:
        return State(True, status)
    reason = answer.get("FailureReason") if "fail" in status.lower() else None
    return State(False, f"{status}: {reason}" if reason else status, answer.get("CreationTime"))


def _guarded(account: Account, resource: BillableResource, typed: Confirmation) -> str:
    listed, current = resource.tags, current_tags(account, resource.arn, resource.region)
    if current is None and listed is not None:  # a name that was typed confirms what was shown, not what is there now
        return "Its tags could not be read right before its calls, and it may be protected by now. Try again later."
    resource = replace(resource, tags=current)
    guard = deletion_protection.guard(resource.tags)
    try:
        stays = deletion_protection.refusal_for(
            resource.tags, guard is Guard.PRODUCTION and shutdown_policy.load(account).production_lock
        )
    except AwsError as error:
        return f"Tagged as production, and it is unknown whether production is locked. {error}"
    if stays:
        return stays
    if guard.wants_name and not typed.named(resource):
        return (
            f"The name was not typed, but {deletion_protection.reason_for_name(resource)}. Type it to shut the "
            "resource down."
        )
    return ""


def _listed(calls: Iterable[ApiCall]) -> str:
    return " and ".join(str(call).split()[0] for call in calls)
