"""Progress of a shutdown: every resource is read again until it is gone or reports why not.

A step that waits for another resource to be gone is made from here, once that one is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries.changes import changed
from pages.components.shell import page_frame
from pages.components.shell.formats import plain
from services.aws.account import Account
from services.shutdown import execute as shutdown_execution
from services.shutdown import run as shutdown_run
from services.shutdown.execute import Outcome
from services.shutdown.plan import Key, Step
from services.shutdown.protection import Confirmation

SHUTDOWN_RUN = "shutdown_underway"
AGAIN = 2  # seconds between two reads of what is shutting down


@dataclass
class ShutdownRun:
    """A shutdown in progress.

    outcomes: by the key of the resource; none yet for a step that waits.
    over:     final status of the resources that are gone, by key.
    """

    steps: Sequence[Step]
    typed: Confirmation
    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    over: dict[Key, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether a call is outstanding or a resource still shutting down."""
        ended = [outcome.resource.key for outcome in self.outcomes.values() if outcome.ok]
        return len(self.outcomes) < len(self.steps) or any(key not in self.over for key in ended)

    def advance(self, account: Account, step: Step) -> None:
        """Make the calls of a step whose turn has come."""
        due_step = shutdown_execution.step_when_due(step, self.outcomes, self.over)
        if due_step and step.resource.key not in self.outcomes:
            self.outcomes[step.resource.key] = shutdown_run.execute_and_record(
                account, due_step, self.typed, datetime.now(UTC)
            )
            changed(account, "ledger")


def begin(account: Account, steps: Sequence[Step], typed: Confirmation) -> None:
    """Make every call that need not wait for another resource, with a progress bar."""
    run = ShutdownRun(steps, typed)
    st.session_state[SHUTDOWN_RUN] = run
    progress = st.progress(0.0)
    for number, step in enumerate(steps):
        progress.progress(number / len(steps), plain(f"{number} of {len(steps)}: {step.title}"))
        run.advance(account, step)
    _look_again(account, run)


def outcomes(account: Account) -> None:
    """Results of the last shutdown, until the next dialog opens."""
    run: ShutdownRun | None = st.session_state.get(SHUTDOWN_RUN)
    if run:
        st.fragment(run_every=AGAIN if run.open else None, key="outcomes")(_prove)(account, run)


def forget() -> None:
    """Stop showing results."""
    st.session_state.pop(SHUTDOWN_RUN, None)


def _prove(account: Account, run: ShutdownRun) -> None:
    with page_frame.panel():
        was_open = run.open
        for step in run.steps:
            run.advance(account, step)
            _row(account, step, run)
        if was_open and not run.open:
            _look_again(account, run)
            st.rerun()


def _row(account: Account, step: Step, run: ShutdownRun) -> None:
    """The result of one step."""
    key = step.resource.key
    outcome = run.outcomes.get(key)
    if outcome is None:
        before = [other.title for other in run.steps if other.resource.key in step.after]
        st.info(plain(f"{step.title} waits until {' and '.join(before)} is deleted."), icon=":material/hourglass_top:")
        return
    if not outcome.ok:
        st.error(plain(outcome.sentence), icon=":material/error:")
        return
    if key not in run.over:
        state = shutdown_execution.read_again(account, step)
        if not state.over:
            st.info(plain(f"{outcome.sentence} Status: {state.status}."), icon=":material/hourglass_top:")
            return
        run.over[key] = state.status
    st.success(plain(f"{outcome.sentence} Verified: {run.over[key]}."), icon=":material/check_circle:")


def _look_again(account: Account, run: ShutdownRun) -> None:
    """Refresh what was read; other regions only if something was shut down there."""
    changed(account, "endpoints")
    if any(step.resource.region != account.region for step in run.steps):
        changed(account, "resources in other regions")
