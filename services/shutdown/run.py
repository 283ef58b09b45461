"""A shutdown as a stored document: the plan of its steps, how far each has come, and who drives it.

    s3://BUCKET/sagedeck/shutdowns/2026-11-28T170512-4f1c9a02.json

Pure but for reading and writing. `driver.py` takes a run forward, and writes it before the first call of a step and
after each, so that whoever reads it knows what was done, also after a crash.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document, UnreadableDocumentError
from services.aws.s3 import Address, folder_keys
from services.inventory.all_kinds import KINDS
from services.shutdown.plan import Key, Step
from services.shutdown.protection import Confirmation

FOLDER = "sagedeck/shutdowns/"
NAME = "%Y-%m-%dT%H%M%S"
RECENT = timedelta(days=7)  # older runs are neither shown nor continued: what runs has changed since
OLD = timedelta(seconds=60)  # a heartbeat older than that: nobody drives the run
_SHUTDOWNS = [shutdown for kind in KINDS.values() for shutdown in (kind.shutdown, kind.removal) if shutdown]
# The only requests that a stored plan may hold: whoever can write to the bucket can ask for no other.
REQUESTS = {"delete_endpoint_config", *(name for one in _SHUTDOWNS for name in (one.operation, one.describe_operation))}


class StepState(StrEnum):
    """How far a step has come."""

    WAITING = "waiting"  # no call has been made
    CALLING = "calling"  # its calls are being made; after a crash the next one may have arrived already
    STOPPING = "stopping"  # its calls were accepted; reading it again does not find it gone or ended yet
    DONE = "shut down"  # read again, it is gone or has ended
    GONE = "already gone"  # it was gone before its first call
    REFUSED = "refused"  # its first call was refused or not made: it still runs
    CANCELLED = "not made"  # Stop was pressed before its first call
    UNVERIFIED = "not verified"  # accepted, but read again for a long time it is still there


UNDONE = (StepState.REFUSED, StepState.CANCELLED, StepState.UNVERIFIED)  # it may still run
FINAL = (StepState.DONE, StepState.GONE, *UNDONE)


class RunStep(BaseModel):
    """A step of the plan and how far it has come.

    typed:       the name that was typed to confirm it.
    why:         the rule that shuts it down; "" when a person does.
    finished:    how many calls need not be made again; `accepted`: those that AWS accepted, as it spells them.
    accepted_at: when the first was (UTC).
    status:      as last read. problem: why a call was refused or not made, or is not recorded.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    step: Step
    typed: str = ""
    why: str = ""
    state: StepState = StepState.WAITING
    finished: int = 0
    accepted: tuple[str, ...] = ()
    accepted_at: AwareDatetime | None = None
    status: str = ""
    problem: str = ""
    recorded: bool = False

    @model_validator(mode="after")
    def _known_requests(self) -> "RunStep":
        asked = {call.operation for call in self.step.calls}
        if self.step.shutdown:
            asked.add(self.step.shutdown.describe_operation)
        if asked - REQUESTS:
            raise ValueError(f"{', '.join(sorted(asked - REQUESTS))} shuts nothing down")
        return self

    @property
    def key(self) -> Key:
        """The key of its resource."""
        return self.step.resource.key

    @property
    def stopped_billing(self) -> bool:
        """Whether this run shut it down: AWS accepted the call that stops it from billing."""
        return bool(self.step.calls) and str(self.step.calls[0]) in self.accepted

    @property
    def unrecorded(self) -> bool:
        """Whether a shutdown that was verified is still to be entered in the ledger."""
        return self.state is StepState.DONE and self.stopped_billing and not self.recorded

    @property
    def sentence(self) -> str:
        """How far it has come, for a person."""
        accepted = "" if self.problem else f"SageMaker accepted {_names(self.accepted)}. "
        words = {
            StepState.WAITING: "No call has been made yet.",
            StepState.CALLING: "Its calls are being made.",
            StepState.STOPPING: f"{accepted}Status: {self.status}.",
            StepState.DONE: f"Verified: {self.status}.",
            StepState.GONE: "It was gone before; no saving is recorded.",
            StepState.REFUSED: "It still runs.",
            StepState.CANCELLED: "No call was made: stopped before.",
            StepState.UNVERIFIED: f"It is still there ({self.status}), so no saving is recorded.",
        }
        if self.state is StepState.STOPPING and not self.accepted:
            return f"It was already shutting down. Status: {self.status}."
        return " ".join(part for part in (self.problem, words[self.state]) if part)


class ShutdownRun(Document):
    """A shutdown of some resources.

    name:      of its document. at, by: when it was begun, and the ARN of who did.
    owner:     the process that drives it, which says so at `heartbeat`.
    ended:     when every step was final; None before. seen: whether somebody has dismissed its result.
    stop_requested: whether no further call is to be made.
    stop_reason: why, where nobody pressed Stop; "" otherwise.
    """

    name: str
    at: AwareDatetime
    by: str
    steps: tuple[RunStep, ...]
    owner: str
    heartbeat: AwareDatetime
    stop_requested: bool = False
    stop_reason: str = ""
    ended: AwareDatetime | None = None
    seen: bool = False

    @property
    def by_rule(self) -> bool:
        """Whether auto-shutdown rules began it."""
        return any(step.why for step in self.steps)

    @property
    def typed(self) -> Confirmation:
        """The names that were typed."""
        return Confirmation({step.key: step.typed for step in self.steps if step.typed})

    @property
    def calls_over(self) -> bool:
        """Whether no step has calls to make any more."""
        return not self.count(StepState.WAITING, StepState.CALLING)

    def abandoned(self, now: datetime) -> bool:
        """Whether it is open and its owner has not been heard of for a while."""
        return self.ended is None and now - self.heartbeat > OLD

    def count(self, *states: StepState) -> int:
        """How many steps are in one of `states`."""
        return sum(step.state in states for step in self.steps)

    def with_step(self, place: int, **members: object) -> "ShutdownRun":
        """The run with members of one step changed."""
        step = self.steps[place].model_copy(update=members)
        return self.model_copy(update={"steps": (*self.steps[:place], step, *self.steps[place + 1 :])})

    def settled(self) -> "ShutdownRun":
        """With the steps refused or cancelled that can never have their turn."""
        run = self
        states = {step.key: step for step in run.steps}
        for place, step in enumerate(run.steps):
            undone = next((states[key] for key in step.step.after if states[key].state in UNDONE), None)
            if step.state is not StepState.WAITING:
                continue
            if run.stop_requested:
                problem = f"{run.stop_reason}." if run.stop_reason else ""
                run = run.with_step(place, state=StepState.CANCELLED, problem=problem)
            elif undone:
                problem = f"{undone.step.title} must be deleted first, but was not."
                run = run.with_step(place, state=StepState.REFUSED, problem=problem)
        return run

    def next_step(self) -> int | None:
        """The place of a step whose calls are to be made now: all that has to go before it is gone."""
        over = {step.key for step in self.steps if step.state in (StepState.DONE, StepState.GONE)}
        due = (
            place
            for place, step in enumerate(self.steps)
            if step.state is StepState.CALLING
            or (step.state is StepState.WAITING and not self.stop_requested and set(step.step.after) <= over)
        )
        return next(due, None)


@dataclass(frozen=True)
class ShutdownRuns:
    """Recent shutdowns, the oldest first, and those whose document cannot be read."""

    runs: tuple[ShutdownRun, ...]
    unreadable: tuple[UnreadableDocumentError, ...] = ()


def begin(
    account: Account,
    steps: Sequence[Step],
    typed: Confirmation,
    owner: str,
    now: datetime,
    reasons: Mapping[Key, str] | None = None,
) -> ShutdownRun:
    """Store a run of which no call has been made. Raises AwsError, and then there is none."""
    at = now.astimezone(UTC)
    name = f"{at:{NAME}}-{secrets.token_hex(4)}"
    run_steps = tuple(
        RunStep(step=step, typed=typed.names.get(step.resource.key, ""), why=(reasons or {}).get(step.resource.key, ""))
        for step in steps
    )
    run = ShutdownRun(name=name, at=at, by=account.identity().arn, steps=run_steps, owner=owner, heartbeat=at)
    return documents.update(account, address(account, name), ShutdownRun, lambda stored: stored or run)


def take_over(account: Account, run: ShutdownRun, owner: str, now: datetime) -> ShutdownRun | None:
    """The run, driven by `owner` from now on; None when another process drives it. Raises AwsError."""

    def change(stored: ShutdownRun | None) -> ShutdownRun:
        current = stored or run
        if current.owner != owner and not current.abandoned(now):
            return current
        return current.model_copy(update={"owner": owner, "heartbeat": now})

    taken = documents.update(account, address(account, run.name), ShutdownRun, change)
    return taken if taken.owner == owner and taken.ended is None else None


def change(account: Account, run: ShutdownRun, **members: object) -> None:
    """Set `stop_requested` or `seen`, whoever drives it. Raises UnreadableDocumentError, AwsError."""
    documents.update(
        account,
        address(account, run.name),
        ShutdownRun,
        lambda stored: (stored or run).model_copy(update=members),
    )


def accepted_elsewhere(account: Account, run: ShutdownRun, key: Key, now: datetime) -> bool:
    """Whether a call of another run has shut this resource down since `run` was begun. Raises AwsError."""
    others = [other for other in recent(account, now).runs if other.name != run.name]
    steps = [step for other in others for step in other.steps if step.key == key and step.stopped_billing]
    return any(step.accepted_at and step.accepted_at >= run.at for step in steps)


def recent(account: Account, now: datetime) -> ShutdownRuns:
    """The runs of the last days. Raises AwsError."""
    folder = Address(account.default_bucket(), FOLDER)
    first = f"{FOLDER}{(now - RECENT).astimezone(UTC):{NAME}}"
    names = [key for key in folder_keys(account, folder) if key >= first]
    found = documents.read_all(account, [Address(folder.bucket, key) for key in names], ShutdownRun)
    return ShutdownRuns(tuple(found.documents.values()), found.unreadable)


def address(account: Account, name: str) -> Address:
    """Address of the document of a run."""
    return Address(account.default_bucket(), f"{FOLDER}{name}.json")


def _names(calls: Sequence[str]) -> str:
    return " and ".join(call.split()[0] for call in calls)
