"""The dialog that ends what bills: it asks once, says exactly what will be called, and shows what came of it.

What is to end lives in session state, so that opening the dialog is a rerun like any other.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from pages.components import frame, queries
from pages.components.formats import count, dollars_an_hour, plain
from services import ledger, shutdown
from services.aws import Account, AwsError
from services.inventory import Running
from services.ledger import Entry

CHOSEN, OUTCOMES = "shutdown_chosen", "shutdown_outcomes"  # keys of what to shut down; what came of the last time
PROVEN = "shutdown_proven"  # keys of those that were read again and are over
AGAIN = 2  # seconds between two looks at what is on its way down


def ask(things: Iterable[Running]) -> None:
    """Have the dialog open on `things` with the next run."""
    st.session_state[CHOSEN] = [thing.key for thing in things]
    forget_outcomes()


def dialog(account: Account) -> None:
    """The dialog, when it was asked for. Call it once a page."""
    if CHOSEN in st.session_state:
        _confirm(account)


def outcomes(account: Account) -> None:
    """What came of the last shutdown, each thing read again until it is over; forgotten with the next question."""
    found: list[shutdown.Outcome] = st.session_state.get(OUTCOMES, [])
    if found:
        proven = st.session_state.setdefault(PROVEN, set())
        open_still = any(outcome.ok and outcome.item.key not in proven for outcome in found)
        st.fragment(run_every=AGAIN if open_still else None, key="outcomes")(_prove)(account, found)


def forget_outcomes() -> None:
    """Show no outcomes any more."""
    st.session_state.pop(OUTCOMES, None)
    st.session_state.pop(PROVEN, None)


def _prove(account: Account, found: list[shutdown.Outcome]) -> None:
    with frame.panel():
        proven: set[tuple[str, ...]] = st.session_state[PROVEN]
        before = len(proven)
        for outcome in found:
            if not outcome.ok:
                st.error(outcome.sentence, icon=":material/error:")
                continue
            state = shutdown.read_again(account, outcome.item)
            if state.over:
                proven.add(outcome.item.key)
                st.success(f"{outcome.sentence} Read again: it is {state.said}.", icon=":material/check_circle:")
            else:
                st.info(f"{outcome.sentence} Read again: {state.said}.", icon=":material/hourglass_top:")
        if len(proven) > before and len(proven) == sum(outcome.ok for outcome in found):
            _look_again(account, found)
            st.rerun()


def _look_again(account: Account, outcomes: list[shutdown.Outcome]) -> None:
    """Make the next answers fresh; other regions are only asked anew when something was ended there."""
    queries.inventory.clear()
    queries.endpoints.clear()
    if any(outcome.item.region != account.region for outcome in outcomes):
        queries.elsewhere.clear()


def _forget() -> None:
    st.session_state.pop(CHOSEN, None)


@st.dialog("Shut down", width="large", icon=":material/power_settings_new:", on_dismiss=_forget)
def _confirm(account: Account) -> None:
    with frame.panel():
        running = queries.everywhere(account).running
        chosen = [thing for thing in running if thing.key in st.session_state.get(CHOSEN, [])]
        steps = shutdown.plan(chosen, running)
        if not steps:
            st.markdown("What was selected has ended meanwhile.")
        for step in steps:
            _step(step)
        places = sorted({step.item.region for step in steps}) or [account.region]
        st.caption(f"On {account.title}, {', '.join(places)}.")
        with st.container(horizontal=True):
            if steps and st.button(
                f"Shut down {count(len(steps), 'thing')}",
                key="shutdown_confirm",
                type="primary",
                icon=":material/power_settings_new:",
            ):
                st.session_state[OUTCOMES] = [_end(account, step) for step in steps]
                _forget()
                _look_again(account, st.session_state[OUTCOMES])
                st.rerun()
            if st.button("Cancel" if steps else "Close", key="shutdown_cancel"):
                _forget()
                st.rerun()


def _end(account: Account, step: shutdown.Step) -> shutdown.Outcome:
    """Make the calls of a step and enter them in the ledger; a ledger that cannot be written is told beside it."""
    outcome = shutdown.execute(account, step)
    if not (outcome.ok and step.calls):
        return outcome
    entry = Entry(
        at=datetime.now(UTC),
        by=account.identity().arn,
        kind=step.item.kind,
        name=step.item.name,
        calls=tuple(map(str, step.calls)),
        usd_per_hour=step.item.usd_per_hour,
        state=shutdown.read_again(account, step.item).said,
        region=step.item.region,
        since=step.item.since,
    )
    try:
        ledger.append(account, entry)
    except AwsError as error:
        return replace(outcome, sentence=f"{outcome.sentence} The ledger does not know of it: {error}")
    queries.ledger.clear()
    return outcome


def _step(step: shutdown.Step) -> None:
    with st.container(border=True):
        st.markdown(f"**{step.item.kind} {step.item.name}** · {plain(dollars_an_hour(step.item.usd_per_hour))}")
        if step.calls:
            st.code("\n".join(str(call) for call in step.calls), language=None)
        st.markdown(f"**Lost:** {step.lost}")
        st.markdown(f"**Still bills:** {plain(step.still_bills) or 'nothing'}.")
