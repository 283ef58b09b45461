"""Takes a shutdown forward: its calls, their verification, and the ledger; the only place that shuts anything down.

The run's document is written before the first call of a step and after each. So after a crash it is known what was
done, and what is repeated does no harm: a call whose resource is missing has been made, and a shutdown that is recorded
twice is in the ledger once.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from services import settings
from services.aws import documents
from services.aws.account import Account
from services.aws.errors import AwsError
from services.costs import ledger as cost_ledger
from services.costs.ledger import LedgerEntry
from services.errors import Problem
from services.shutdown import execute as shutdown_execution
from services.shutdown import grace, pause
from services.shutdown import run as shutdown_runs
from services.shutdown.execute import Made, State
from services.shutdown.plan import why_config_stays
from services.shutdown.run import FINAL, RunStep, ShutdownRun, StepState

PACE = 1.0  # seconds between two reads of what is shutting down
READERS = 16  # resources that are read again at a time
BEAT = timedelta(seconds=15)  # how often the owner of a run says that it drives it
PATIENCE = timedelta(hours=1)  # how long a resource may take until it is gone
READ_ONLY = "Read-only mode was switched on"


class TakenOverError(Problem):
    """A run that another process drives by now."""

    def __init__(self, run: ShutdownRun) -> None:
        super().__init__(f"Shutdown {run.name}", "another process drives it now", "Reload the page")
        self.args = (run,)


class _StopRequested(Exception):
    """Somebody pressed Stop or switched read-only mode on: no further call is made."""


class _NotStored(Exception):
    """What is needed to resume an endpoint could not be stored, so it is not deleted."""


class _ConfigStays(Exception):
    """A paused endpoint is resumed with the configuration that was to be deleted."""


def drive(account: Account, run: ShutdownRun, patience: float) -> ShutdownRun:
    """Take a run forward for so many seconds, or until it has ended. Raises as `Driver.advance` does."""
    driver, deadline = Driver(account, run), time.monotonic() + patience
    while driver.run.ended is None and time.monotonic() < deadline:
        driver.advance()
        if driver.run.ended is None and driver.run.settled().next_step() is None:
            time.sleep(PACE)
    return driver.run


class Driver:
    """Drives one run of `account`; `run` is as it was last stored. For one thread at a time."""

    def __init__(
        self, account: Account, run: ShutdownRun, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.account, self.run, self._clock = account, run, clock
        self._failing: dict[tuple[str, int], datetime] = {}  # since when something of a step could not be done
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Make no further call; from any thread."""
        self._stopped.set()

    def advance(self) -> None:
        """Make the calls of the next step, or else read again what is shutting down.

        Raises AwsError when the document cannot be written, before any further call, and when it is not known whether
        a call arrived: call it again, then. Raises UnreadableDocumentError, TakenOverError.
        """
        before = self.run
        if self._stopped.is_set():
            self.run = self.run.model_copy(update={"stop_requested": True})
        self._heed_read_only()
        self.run = self.run.settled()
        place = self.run.next_step()
        if place is not None:
            self._make_calls(place)
        else:
            self._verify()
            self._record()
        if all(step.state in FINAL and not step.unrecorded for step in self.run.steps):
            self.run = self.run.model_copy(update={"ended": self._clock()})
        if self.run != before or self._clock() - self.run.heartbeat >= BEAT:
            self._save()

    def _make_calls(self, place: int) -> None:
        self._look_before(place)
        step = self.run.steps[place]
        if step.state not in (StepState.WAITING, StepState.CALLING):
            return
        made = Made(step.finished, tuple(call for call in step.step.calls if str(call) in step.accepted))
        again = step.state is StepState.CALLING
        if step.why and not step.finished and (kept := grace.why_kept(self.account, step.step.resource, self._clock())):
            self._end_calls(place, kept, StepState.CANCELLED)
            return
        try:
            outcome = shutdown_execution.execute(
                self.account, step.step, self.run.typed, lambda made: self._note(place, made), made, again
            )
        except _StopRequested:
            reason = self.run.stop_reason or "Stop was pressed"
            self._end_calls(place, f"{reason} before its last call.", StepState.CANCELLED)
        except (_ConfigStays, _NotStored) as refused:
            self._end_calls(place, str(refused), StepState.REFUSED)
        except AwsError as error:
            if self._patient("call", place):
                raise
            self._end_calls(place, str(error), StepState.UNVERIFIED)
        else:
            self._end_calls(place, "" if outcome.ok else outcome.sentence, StepState.REFUSED)

    def _note(self, place: int, made: Made) -> None:
        """Store what was made, before the next call; raises where that is not to be made."""
        step = self.run.steps[place]
        members = {"finished": made.finished, "accepted": tuple(map(str, made.accepted))}
        if made.accepted and not step.accepted_at:
            members["accepted_at"] = self._clock()
        before, self.run = self.run, self.run.with_step(place, state=StepState.CALLING, **members)
        try:
            self._save()
        except AwsError:
            self.run = self.run if made.finished else before  # its first call is not made
            raise
        if made.finished == len(step.step.calls):
            return
        self._check_stop()
        if made.finished == 0 and step.step.pauses:
            self._store_endpoint(step)
        elif made.finished:
            stays = why_config_stays(step.step.resource, {}, pause.kept_configs(self.account))
            if stays:
                raise _ConfigStays(stays)
        self._check_stop()  # the above takes a while

    def _check_stop(self) -> None:
        """Raise _StopRequested where no further call is to be made."""
        self._heed_read_only()
        if self.run.stop_requested:
            raise _StopRequested

    def _heed_read_only(self) -> None:
        """Stop what still has calls to make once read-only mode is on: the account is as it was before."""
        if settings.read_only() and not self.run.stop_requested and not self.run.calls_over:
            self.run = self.run.model_copy(update={"stop_requested": True, "stop_reason": READ_ONLY})

    def _look_before(self, place: int) -> None:
        """Learn whether it goes already: by a call of ours whose answer was lost, or without us."""
        step = self.run.steps[place]
        if not step.step.calls or step.finished:
            return
        cut_short = step.state is StepState.CALLING
        try:
            found = shutdown_execution.read(self.account, step.step)
        except AwsError as error:
            if cut_short and self._patient("read", place):
                raise
            if cut_short:
                self.run = self.run.with_step(place, state=StepState.UNVERIFIED, status=str(error))
            return
        again = found.created if found.created and found.created > self.run.at else None  # under the same name
        ours = cut_short and not shutdown_runs.accepted_elsewhere(self.account, self.run, step.key, self._clock())
        if ours and (found.leaving or again):
            accepted = (str(step.step.calls[0]),)
            self.run = self.run.with_step(
                place, finished=1, accepted=accepted, accepted_at=step.accepted_at or again or self._clock()
            )
        elif found.leaving:
            self._leave(place, found)

    def _leave(self, place: int, found: State) -> None:
        """It goes, or is gone, without a call of this run."""
        state = StepState.GONE if found.over else StepState.STOPPING
        self.run = self.run.with_step(place, state=state, status=found.status, accepted_at=self._clock())

    def _store_endpoint(self, step: RunStep) -> None:
        """Keep what is needed to resume an endpoint."""
        try:
            pause.store(self.account, step.step.resource, self.run.name, self._clock())
        except Problem as problem:
            raise _NotStored(str(problem)) from problem

    def _end_calls(self, place: int, problem: str, otherwise: StepState) -> None:
        """All calls of a step that are to be made were; `otherwise`: its state when none was and `problem` says why."""
        step = self.run.steps[place]
        if step.accepted or not (problem or step.step.calls):
            state = StepState.STOPPING
        else:
            state = otherwise if problem else StepState.GONE
        if state is otherwise and not step.accepted and step.state is StepState.CALLING:
            try:
                found = shutdown_execution.read(self.account, step.step)
                if found.leaving:
                    self._leave(place, found)
                    return
                if step.step.pauses:
                    pause.forget(self.account, step.step.resource, self.run.name)
            except AwsError as error:
                if self._patient("refusal", place):
                    raise
                problem = f"{problem} It may still be listed as paused: {error}"
        members = {} if step.accepted_at else {"accepted_at": self._clock()}
        self.run = self.run.with_step(place, state=state, problem=problem, **members)

    def _verify(self) -> None:
        """Read again what is shutting down."""
        places = [place for place, step in enumerate(self.run.steps) if step.state is StepState.STOPPING]

        def read(place: int) -> State:
            return shutdown_execution.read_again(self.account, self.run.steps[place].step)

        with ThreadPoolExecutor(READERS) as pool:
            states = list(pool.map(read, places))
        for place, found in zip(places, states, strict=True):
            step = self.run.steps[place]
            accepted_at = step.accepted_at or self.run.at
            again = found.created is not None and found.created >= accepted_at and not found.leaving
            over = found.over or again
            state = StepState.DONE if over else StepState.STOPPING
            late = self._clock() - accepted_at > PATIENCE
            if not over and late and (found.known or not self._patient("read", place)):
                state = StepState.UNVERIFIED
            status = "deleted, and created again since" if again else found.status
            self.run = self.run.with_step(place, state=state, status=status)

    def _patient(self, what: str, place: int) -> bool:
        """Whether what fails for a step, as now, is tried again: it has not failed for long."""
        now = self._clock()
        return now - self._failing.setdefault((what, place), now) <= PATIENCE

    def _record(self) -> None:
        """Enter in the ledger what this run shut down, once each; what cannot be entered says so."""
        for place, step in enumerate(self.run.steps):
            if not step.unrecorded:
                continue
            problem = step.problem
            try:
                cost_ledger.append(self.account, self._entry(step), f"{self.run.name.rpartition('-')[2]}-{place}")
            except AwsError as error:
                if self._patient("ledger", place):
                    continue
                problem = f"{problem} It is not recorded in the ledger: {error}".strip()
            self.run = self.run.with_step(place, recorded=True, problem=problem)

    def _entry(self, step: RunStep) -> LedgerEntry:
        resource = step.step.resource
        return LedgerEntry(
            at=step.accepted_at or self.run.at,
            by=self.run.by,
            kind=resource.kind,
            name=resource.name,
            calls=step.accepted,
            usd_per_hour=resource.usd_per_hour,
            state="paused" if step.step.pauses else step.status,
            region=resource.region,
            since=resource.since,
            why=step.why,
            status_before=resource.status,
        )

    def _save(self) -> None:
        """Write the run, unless another process drives it, and learn whether Stop was pressed."""
        mine = self.run.model_copy(update={"heartbeat": self._clock()})

        def change(stored: ShutdownRun | None) -> ShutdownRun:
            if stored is None or stored.owner != mine.owner:
                raise TakenOverError(mine)
            stop = stored.stop_requested or self._stopped.is_set()
            return mine.model_copy(update={"stop_requested": stop, "seen": stored.seen})

        address = shutdown_runs.address(self.account, self.run.name)
        self.run = documents.update(self.account, address, ShutdownRun, change)
