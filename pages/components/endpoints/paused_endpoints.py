"""Parked endpoints on the screen: the dialog that parks one, and the list from which each comes back."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.queries.changes import changed
from pages.components.shell import page_frame
from pages.components.shell.formats import ago, dollars, dollars_an_hour, plain
from services.aws.account import Account
from services.costs import ledger as cost_ledger
from services.costs.ledger import LedgerEntry
from services.inventory.resources import BillableResource, ResourceKind
from services.shutdown import pause
from services.shutdown import protection as deletion_protection
from services.shutdown.pause import PausedEndpoint

CHOSEN = "parking_chosen"  # the name of the endpoint to park
AGAIN = 2  # seconds between two looks at an endpoint on its way back


def ask(name: str) -> None:
    """Have the dialog open on endpoint `name` with the next run."""
    st.session_state[CHOSEN] = name


def dialog(account: Account) -> None:
    """The dialog, when it was asked for. Call it once a page."""
    if CHOSEN in st.session_state:
        _confirm(account, st.session_state[CHOSEN])


def _forget() -> None:
    st.session_state.pop(CHOSEN, None)


def _running(account: Account, name: str) -> BillableResource | None:
    found = inventory_queries.inventory(account).resources
    return next((each for each in found if (each.kind, each.name) == (ResourceKind.ENDPOINT, name)), None)


@st.dialog("Pause endpoint", width="large", icon=":material/local_parking:", on_dismiss=_forget)
def _confirm(account: Account, name: str) -> None:
    with page_frame.panel():
        running = _running(account, name)
        rate = running.usd_per_hour if running else None
        st.markdown(f"**Endpoint {name}** · {plain(dollars_an_hour(rate))}")
        st.code("\n".join(pause.calls(name)), language=None)
        st.markdown("**Stops:** it answers no requests until it is resumed, which takes some minutes on AWS.")
        st.markdown("**Kept:** its configuration, models, tags and scaling; it resumes under the same name.")
        st.markdown("**Still billed:** only the storage of its model file in S3.")
        typed = ""
        if running and deletion_protection.guard(running.tags).wants_name:
            label = f"Type **{name}** to pause it: {deletion_protection.reason_for_name(running)}."
            typed = st.text_input(label, key="park_name", autocomplete="off")
        with st.container(horizontal=True):
            if st.button(f"Pause {name}", key="park_confirm", type="primary", icon=":material/local_parking:"):
                parked = pause.pause(account, name, rate, datetime.now(UTC), typed)
                _forget()
                changed(account, "endpoints", "paused endpoints", "ledger")
                where = (account.region, running.since if running else None)
                entry = LedgerEntry(
                    parked.at, parked.by, ResourceKind.ENDPOINT, name, pause.calls(name), rate, "parked", *where
                )
                cost_ledger.append(account, entry)
                st.rerun()
            if st.button("Cancel", key="park_cancel"):
                _forget()
                st.rerun()


def paused_list(account: Account) -> None:
    """The list, when something is parked. Raises AwsError."""
    paused = endpoint_queries.paused(account)
    for unreadable in paused.unreadable:
        st.error(plain(str(unreadable)), icon=":material/visibility_off:")
    parked = paused.endpoints
    if not parked:
        return
    st.subheader("Paused endpoints", anchor=False)
    names = {each.name for each in endpoint_queries.endpoints(account)}
    coming = [each for each in parked if each.name in names]
    for each in parked:
        if each not in coming:
            _one(account, each)
    if coming:
        st.fragment(run_every=AGAIN, key="coming_back")(_resume)(account, coming)


def _one(account: Account, each: PausedEndpoint) -> None:
    now = datetime.now(UTC)
    hours = (now - each.at).total_seconds() / 3600
    spared = None if each.usd_per_hour is None else each.usd_per_hour * hours
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            plain(
                f"**{each.name}**, paused {ago(each.at, now)}: {dollars(spared)} saved so far. It costs "
                f"{dollars_an_hour(each.usd_per_hour)} once resumed."
            ),
            width="stretch",
        )
        if st.button("Resume", key=f"bring_back_{each.name}", icon=":material/undo:"):
            with page_frame.panel():
                pause.resume(account, each)
                changed(account, "endpoints", "paused endpoints", "ledger")
                st.rerun()


def _resume(account: Account, coming: list[PausedEndpoint]) -> None:
    with page_frame.panel():
        for each in coming:
            st.info(f"Endpoint {each.name} is being resumed.", icon=":material/hourglass_top:")
        if any(pause.settle(account, each) for each in coming):
            changed(account, "endpoints", "paused endpoints", "ledger")
            st.rerun()
