"""The dialog that ends what bills: it asks once, says exactly what will be called, and shows what came of it.

What is to end lives in session state, so that opening the dialog is a rerun like any other.
"""

from collections.abc import Iterable

import streamlit as st

from pages.components import frame, queries
from pages.components.formats import count, dollars_an_hour, plain
from services import shutdown
from services.aws import Account
from services.inventory import Running

CHOSEN, OUTCOMES = "shutdown_chosen", "shutdown_outcomes"  # identities to shut down; what came of the last time


def ask(things: Iterable[Running]) -> None:
    """Have the dialog open on `things` with the next run."""
    st.session_state[CHOSEN] = [thing.identity for thing in things]
    st.session_state.pop(OUTCOMES, None)


def dialog(account: Account) -> None:
    """The dialog, when it was asked for. Call it once a page."""
    if CHOSEN in st.session_state:
        _confirm(account)


def outcomes() -> None:
    """What came of the last shutdown, a sentence each; forgotten with the next question."""
    for outcome in st.session_state.get(OUTCOMES, []):
        if outcome.ok:
            st.success(outcome.sentence, icon=":material/check_circle:")
        else:
            st.error(outcome.sentence, icon=":material/error:")


def forget_outcomes() -> None:
    """Show no outcomes any more."""
    st.session_state.pop(OUTCOMES, None)


def _forget() -> None:
    st.session_state.pop(CHOSEN, None)


@st.dialog("Shut down", width="large", icon=":material/power_settings_new:", on_dismiss=_forget)
def _confirm(account: Account) -> None:
    with frame.panel():
        running = queries.inventory(account).running
        chosen = [thing for thing in running if thing.identity in st.session_state.get(CHOSEN, [])]
        steps = shutdown.plan(chosen, running)
        if not steps:
            st.markdown("What was selected has ended meanwhile.")
        for step in steps:
            _step(step)
        st.caption(f"On {account.title}, {account.region}.")
        with st.container(horizontal=True):
            if steps and st.button(
                f"Shut down {count(len(steps), 'thing')}",
                key="shutdown_confirm",
                type="primary",
                icon=":material/power_settings_new:",
            ):
                st.session_state[OUTCOMES] = [shutdown.execute(account, step) for step in steps]
                _forget()
                queries.inventory.clear()
                queries.endpoints.clear()
                st.rerun()
            if st.button("Cancel" if steps else "Close", key="shutdown_cancel"):
                _forget()
                st.rerun()


def _step(step: shutdown.Step) -> None:
    with st.container(border=True):
        st.markdown(f"**{step.item.kind} {step.item.name}** · {plain(dollars_an_hour(step.item.usd_per_hour))}")
        if step.calls:
            st.code("\n".join(str(call) for call in step.calls), language=None)
        st.markdown(f"**Lost:** {step.lost}")
        st.markdown(f"**Still bills:** {plain(step.still_bills) or 'nothing'}.")
