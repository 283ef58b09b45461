"""What came of a shutdown: every thing is read again until it is over or says why not.

What has to wait until another thing is gone is ended from here, at the look that finds the other gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries.changes import changed
from pages.components.shell import page_frame
from services.aws.account import Account
from services.shutdown import execute as shutdown_execution
from services.shutdown import run as shutdown_run
from services.shutdown.execute import Outcome
from services.shutdown.plan import Key, Step
from services.shutdown.protection import Confirmation

SHUTDOWN_RUN = "shutdown_underway"
AGAIN = 2  # seconds between two looks at what is on its way down


@dataclass
class ShutdownRun:
    """A shutdown as far as it has come.

    outcomes: by the key of the thing; none of what waits for another.
    over:     what reading again said of those that are over, by key.
    """

    steps: Sequence[Step]
    typed: Confirmation
    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    over: dict[Key, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether something is still to be called, or on its way down."""
        ended = [outcome.resource.key for outcome in self.outcomes.values() if outcome.ok]
        return len(self.outcomes) < len(self.steps) or any(key not in self.over for key in ended)

    def advance(self, account: Account, step: Step) -> None:
        """Make the calls of a step whose turn has come."""
        mine = shutdown_execution.step_when_due(step, self.outcomes, self.over)
        if mine and step.resource.key not in self.outcomes:
            self.outcomes[step.resource.key] = shutdown_run.execute_and_record(
                account, mine, self.typed, datetime.now(UTC)
            )
            changed(account, "ledger")


def begin(account: Account, steps: Sequence[Step], typed: Confirmation) -> None:
    """Make every call that need not wait for another thing to be gone, and show how far it is."""
    underway = ShutdownRun(steps, typed)
    st.session_state[SHUTDOWN_RUN] = underway
    progress = st.progress(0.0)
    for number, step in enumerate(steps):
        progress.progress(number / len(steps), f"{number} of {len(steps)}: {step.title}")
        underway.advance(account, step)
    _look_again(account, underway)


def outcomes(account: Account) -> None:
    """What came of the last shutdown; forgotten with the next question."""
    underway: ShutdownRun | None = st.session_state.get(SHUTDOWN_RUN)
    if underway:
        st.fragment(run_every=AGAIN if underway.open else None, key="outcomes")(_prove)(account, underway)


def forget() -> None:
    """Show no outcomes any more."""
    st.session_state.pop(SHUTDOWN_RUN, None)


def _prove(account: Account, underway: ShutdownRun) -> None:
    with page_frame.panel():
        was_open = underway.open
        for step in underway.steps:
            underway.advance(account, step)
            _row(account, step, underway)
        if was_open and not underway.open:
            _look_again(account, underway)
            st.rerun()


def _row(account: Account, step: Step, underway: ShutdownRun) -> None:
    """The result of one step."""
    key = step.resource.key
    outcome = underway.outcomes.get(key)
    if outcome is None:
        before = [each.title for each in underway.steps if each.resource.key in step.after]
        st.info(f"{step.title} waits until {' and '.join(before)} is deleted.", icon=":material/hourglass_top:")
        return
    if not outcome.ok:
        st.error(outcome.sentence, icon=":material/error:")
        return
    if key not in underway.over:
        state = shutdown_execution.read_again(account, step)
        if not state.over:
            st.info(f"{outcome.sentence} Status: {state.said}.", icon=":material/hourglass_top:")
            return
        underway.over[key] = state.said
    st.success(f"{outcome.sentence} Verified: {underway.over[key]}.", icon=":material/check_circle:")


def _look_again(account: Account, underway: ShutdownRun) -> None:
    """Make the next answers fresh; other regions are only asked anew when something was ended there."""
    changed(account, "endpoints")
    if any(step.resource.region != account.region for step in underway.steps):
        changed(account, "resources in other regions")
