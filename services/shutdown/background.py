"""The one background thread of the dashboard's server in which everything that changes an account is done.

Pages begin a shutdown here, and read how far it has come; they never make its calls. It outlives the tab. What a
restart interrupts stays open in its document until somebody presses Continue, here or in another process.
"""

import secrets
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from services.aws.account import Account
from services.aws.documents import UnreadableDocumentError
from services.errors import Problem
from services.pricing.price_book import PriceBook
from services.shutdown import pause
from services.shutdown import run as shutdown_runs
from services.shutdown.driver import PACE, Driver, TakenOverError
from services.shutdown.pause import PausedEndpoint
from services.shutdown.plan import Key, Step
from services.shutdown.protection import NOT_CONFIRMED, Confirmation
from services.shutdown.run import ShutdownRun
from services.shutdown.watch import Watch

QUIET = 5.0  # seconds between two looks at whether rules are to be applied
Place = tuple[str | None, str, tuple[Path, Path] | None]  # a profile, a region and the files it is read from
Task = tuple[Account, str]  # an account whatever its mode, and the name of a run or of a paused endpoint


class Background:
    """The thread and what it has to do. Begun with the first task; safe to share between threads."""

    def __init__(self) -> None:
        self._owner = secrets.token_hex(8)
        self._lock, self._wake, self._closed = threading.Lock(), threading.Event(), False
        self._thread: threading.Thread | None = None
        self._drivers: dict[Task, Driver] = {}
        self._ended: dict[Task, ShutdownRun] = {}
        self._resuming: dict[Task, tuple[Account, PausedEndpoint]] = {}
        self._problems: dict[Task, Problem] = {}
        self._watches: dict[Place, Watch] = {}
        self._edition = Counter[Account]()

    def start(
        self,
        account: Account,
        steps: Sequence[Step],
        typed: Confirmation = NOT_CONFIRMED,
        reasons: Mapping[Key, str] | None = None,
    ) -> ShutdownRun:
        """Store a shutdown and begin it. Raises AwsError, and then nothing is shut down."""
        run = shutdown_runs.begin(account, steps, typed, self._owner, datetime.now(UTC), reasons)
        self._drive(account, run)
        return run

    def take_over(self, account: Account, run: ShutdownRun, stop: bool = False) -> None:
        """Continue an interrupted run; `stop`: only verify and record what was called. Raises Problem."""
        if stop:
            shutdown_runs.change(account, run, stop_requested=True)
        taken = shutdown_runs.take_over(account, run, self._owner, datetime.now(UTC))
        if taken is None:
            raise Problem("Shutdown", "another process drives it or has ended it", "Reload the page")
        self._drive(account, taken)

    def stop(self, account: Account, run: ShutdownRun) -> None:
        """Make no further call of a run, whoever drives it. Raises UnreadableDocumentError, AwsError."""
        with self._lock:
            driver = self._drivers.get(_task(account, run.name))
        if driver:
            driver.stop()
            self._wake.set()
        else:
            shutdown_runs.change(account, run, stop_requested=True)

    def resume(self, account: Account, paused: PausedEndpoint, book: PriceBook) -> None:
        """Create a paused endpoint again, and see to it until it is as it was. Raises Problem, AwsError."""
        pause.resume(account, paused, datetime.now(UTC), book)
        self.follow(account, paused)

    def follow(self, account: Account, paused: PausedEndpoint) -> None:
        """See to an endpoint that is being resumed until it is as it was."""
        with self._lock:
            self._resuming[_task(account, paused.name)] = account, paused
        self._begin()

    def resuming(self, account: Account, paused: PausedEndpoint) -> bool:
        """Whether this process sees to an endpoint that is being resumed."""
        return _task(account, paused.name) in self._resuming

    def watch(self, account: Account) -> None:
        """Apply the auto-shutdown rules of an account from now on, as long as the server runs."""
        place = (account.profile, account.region, account.files)
        present = self._watches.get(place)
        if present is None or present.account != account:  # its bucket or mode was changed in Settings
            self._watches[place] = Watch(account)
        self._begin()

    def runs(self, account: Account) -> list[ShutdownRun]:
        """The runs of the account that this process drives, as they are now."""
        with self._lock:
            return [driver.run for (of, _), driver in self._drivers.items() if of == _any_mode(account)]

    def ended(self, account: Account) -> list[ShutdownRun]:
        """The runs of the account that have ended in this process: a list that was read before has them open."""
        with self._lock:
            return [run for (of, _), run in self._ended.items() if of == _any_mode(account)]

    def problem(self, account: Account, name: str) -> Problem | None:
        """Why a run cannot go on for now."""
        return self._problems.get(_task(account, name))

    def interrupted(self, account: Account, run: ShutdownRun) -> bool:
        """Whether an open run is driven by nobody."""
        mine = run.owner == self._owner and run.name not in {driven.name for driven in self.runs(account)}
        return run.ended is None and (mine or run.abandoned(datetime.now(UTC)))

    def edition(self, account: Account) -> str:
        """A text that is another one whenever something of the account was changed here; "" before that."""
        number = self._edition[_any_mode(account)]
        return f"{self._owner}-{number}" if number else ""

    def close(self) -> None:
        """End the thread after the call it is making; open runs stay open in their documents."""
        self._closed = True
        self._wake.set()
        if self._thread:
            self._thread.join(timeout=10)

    def _drive(self, account: Account, run: ShutdownRun) -> None:
        with self._lock:
            self._drivers[_task(account, run.name)] = Driver(account, run)
        self._begin()

    def _begin(self) -> None:
        """Wake the thread; start it when there is none."""
        with self._lock:
            if not self._closed and not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(target=self._work, name="shutdown", daemon=True)
                self._thread.start()
        self._wake.set()

    def _work(self) -> None:
        while not self._closed:
            self._wake.clear()
            calls_due = [self._advance(task) for task in list(self._drivers)]
            for task in list(self._resuming):
                self._settle(task)
            for watch in list(self._watches.values()):
                self._apply_rules(watch)
            if not any(calls_due):
                self._wake.wait(PACE if self._drivers or self._resuming else QUIET)

    def _advance(self, task: Task) -> bool:
        """Take one run a step forward; whether it has calls to make at once. A run with a fault of ours is let go."""
        with self._lock:
            driver = self._drivers[task]
        before, kept = driver.run, False
        try:
            driver.advance()
            self._problems.pop(task, None)
            kept = driver.run.ended is None
        except (TakenOverError, UnreadableDocumentError):
            pass  # the document tells what became of it
        except Problem as problem:
            self._problems[task], kept = problem, True
        finally:
            if not kept:
                with self._lock:
                    del self._drivers[task]
                    if driver.run.ended:
                        self._ended[task] = driver.run
        calls_due = kept and task not in self._problems and driver.run.settled().next_step() is not None
        if driver.run.steps != before.steps and not calls_due:
            self._edition[task[0]] += 1
        return calls_due

    def _apply_rules(self, watch: Watch) -> None:
        watch.changed = False
        for run in watch.look(self._owner):
            with self._lock:
                self._drivers[_task(watch.account, run.name)] = Driver(watch.account, run)
        self._edition[_any_mode(watch.account)] += watch.changed

    def _settle(self, task: Task) -> None:
        """Give an endpoint that is back in service its scaling, and take it off the list of paused ones."""
        try:
            if not pause.settle(*self._resuming[task], datetime.now(UTC)):
                return
        except Problem as problem:
            self._problems[task] = problem
            return
        with self._lock:
            del self._resuming[task]
        self._problems.pop(task, None)
        self._edition[task[0]] += 1


def _any_mode(account: Account) -> Account:
    """The account as it is outside read-only mode: what was begun before the mode is seen and stopped within it."""
    return replace(account, read_only=False) if account.read_only else account


def _task(account: Account, name: str) -> Task:
    return _any_mode(account), name


SERVER = Background()
