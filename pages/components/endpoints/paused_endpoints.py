"""Paused endpoints: the dialog that pauses one, and the list from which each is resumed."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.shell import launch_reservation, page_frame
from pages.components.shell.formats import ago, dollars, dollars_an_hour, plain
from pages.components.shutdown import progress as shutdown_progress
from services import settings
from services.aws.account import Account
from services.costs import commitments
from services.inventory.resources import BillableResource, ResourceKind
from services.shutdown import background
from services.shutdown import plan as shutdown_plan
from services.shutdown import protection as deletion_protection
from services.shutdown.pause import PausedEndpoint
from services.shutdown.protection import Confirmation

CHOSEN = "pausing_chosen"  # the name of the endpoint to pause
AGAIN = 2  # seconds between two reads of an endpoint that is being resumed


def open_for(name: str) -> None:
    """Open the dialog for endpoint `name` on the next run."""
    st.session_state[CHOSEN] = name


def dialog(account: Account) -> None:
    """The dialog, if it is to be open. Call it once per page."""
    if CHOSEN in st.session_state:
        _confirm(account, st.session_state[CHOSEN])


def _forget() -> None:
    st.session_state.pop(CHOSEN, None)


def _running(account: Account, name: str) -> BillableResource | None:
    resources = inventory_queries.inventory(account).resources
    return next(
        (resource for resource in resources if (resource.kind, resource.name) == (ResourceKind.ENDPOINT, name)), None
    )


@st.dialog("Pause endpoint", width="large", icon=":material/local_parking:", on_dismiss=_forget)
def _confirm(account: Account, name: str) -> None:
    account = settings.as_now(account)
    with page_frame.panel():
        running = _running(account, name)
        if not running:
            st.markdown(f"Endpoint {plain(name)} no longer runs.")
            return
        others = inventory_queries.inventory(account).resources
        step = shutdown_plan.pause_step(running, others, inventory_queries.shutdown_policy(account).production_lock)
        st.markdown(f"**Endpoint {plain(name)}** · {plain(dollars_an_hour(running.usd_per_hour))}")
        if step.refused:
            st.markdown(f":material/block: **Not paused.** {plain(step.refused)}")
            return
        st.code("\n".join(map(str, step.calls)), language=None)
        st.markdown("**Stops:** it answers no requests until it is resumed, which takes some minutes on AWS.")
        st.markdown("**Kept:** its configuration, models, tags and scaling; it resumes under the same name.")
        st.markdown("**Still billed:** only the storage of its model file in S3.")
        typed = ""
        if deletion_protection.guard(running.tags).wants_name:
            label = f"Type **{plain(name)}** to pause it: {plain(deletion_protection.reason_for_name(running))}."
            typed = st.text_input(label, key="pause_name", autocomplete="off")
        with st.container(horizontal=True):
            if st.button(f"Pause {plain(name)}", key="pause_confirm", type="primary", icon=":material/local_parking:"):
                confirmation = Confirmation({running.key: typed})
                shutdown_plan.check_confirmation([step], confirmation, 1)
                shutdown_progress.begin(account, [step], confirmation)
                _forget()
                st.rerun()
            if st.button("Cancel", key="pause_cancel"):
                _forget()
                st.rerun()


def paused_list(account: Account) -> None:
    """The list, if an endpoint is paused. Raises AwsError."""
    paused = endpoint_queries.paused(account)
    for unreadable in paused.unreadable:
        st.error(plain(str(unreadable)), icon=":material/visibility_off:")
    if not paused.endpoints:
        return
    st.subheader("Paused endpoints", anchor=False)
    coming = [endpoint for endpoint in paused.endpoints if endpoint.resuming]
    for endpoint in paused.endpoints:
        if not endpoint.resuming:
            _one(account, endpoint)
    for endpoint in coming:
        background.SERVER.follow(account, endpoint)
    if coming:
        st.fragment(run_every=AGAIN, key="coming_back")(_resuming)(account, coming)


def _one(account: Account, endpoint: PausedEndpoint) -> None:
    now = datetime.now(UTC)
    hours = (now - endpoint.at).total_seconds() / 3600
    saved = None if endpoint.usd_per_hour is None else endpoint.usd_per_hour * hours
    where = "" if endpoint.region in ("", account.region) else f" in {endpoint.region}"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{plain(endpoint.name)}**{plain(where)}, paused {ago(endpoint.at, now)}: {plain(dollars(saved))} saved "
            f"so far. It costs {plain(dollars_an_hour(endpoint.usd_per_hour))} once resumed.",
            width="stretch",
        )
        launch_reservation.show(account, commitments.rest_of_day(endpoint.usd_per_hour, now))
        if st.button("Resume", key=f"bring_back_{endpoint.name}", icon=":material/undo:"):
            with page_frame.panel():
                background.SERVER.resume(account, endpoint, price_queries.book(account))
                changed(account, "endpoints", "paused endpoints", "ledger", "launch budget")
                st.rerun()


def _resuming(account: Account, endpoints: list[PausedEndpoint]) -> None:
    """Endpoints on their way back; the page is drawn again once one is."""
    with page_frame.panel():
        for endpoint in endpoints:
            st.info(f"Endpoint {plain(endpoint.name)} is being resumed.", icon=":material/hourglass_top:")
            if problem := background.SERVER.problem(account, endpoint.name):
                st.error(plain(str(problem)), icon=":material/error:")
        if not all(background.SERVER.resuming(account, endpoint) for endpoint in endpoints):
            st.rerun()
