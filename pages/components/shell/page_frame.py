"""The frame of every page: tab title, navigation, account, running cost, and the error boundary.

Pages stand alone: a cold deep link runs a page's file without `streamlit_app.py`, so all of it is drawn here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.components.queries import account as account_queries
from pages.components.queries import costs as cost_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import catch_up
from pages.components.shell import shutdown_runs, sitemap, url_selection
from pages.components.shell.formats import count, dollars, dollars_an_hour, plain
from services import settings
from services.aws.account import Account
from services.errors import Problem
from services.shutdown import background

SCAN_EVERY = 2  # seconds between two refreshes of the running cost while regions are loading
SERVICE_EVERY = 2  # seconds between two looks at a service that does not answer
SHOW_RESULTS = ("Costs", "Endpoints")  # pages that show the result of a shutdown
RATE_EVERY = 60  # seconds between two refreshes of it afterwards


@contextmanager
def page(title: str, lead: str = "") -> Iterator[Account]:
    """The frame around a page: `with frame.page("Train") as account:`. A Problem ends the page in one sentence."""
    sitemap.navigation()
    st.set_page_config(page_title=f"{title} · SageDeck")
    st.logo(sitemap.LOGO, icon_image=sitemap.ICON, size="large")
    account = _choose_account()
    catch_up(account)
    url_selection.arrive(title, account)
    _show_unreadable_settings()
    if account.read_only:
        st.sidebar.badge("READ ONLY", icon=":material/visibility:", color="blue")
    meter = _reserve_meter()
    st.title(title, anchor=False)
    if lead:
        st.caption(lead)
    _wait_for_service(account, meter)
    shutdowns = st.container()
    with panel():
        yield account
    _show_rate(account, meter)
    with shutdowns:
        shutdown_runs.banner(account, with_results=title in SHOW_RESULTS)
    background.SERVER.watch(account)


@contextmanager
def panel() -> Iterator[None]:
    """An error boundary round a part of a page, and inside every fragment: a Problem is shown, the rest goes on."""
    try:
        yield
    except Problem as problem:
        st.error(plain(str(problem)), icon=":material/error:")


def next_step(name: str, label: str, **query: str) -> None:
    """The next step: a link to page `name` (of the site map) with what is selected in its address."""
    st.page_link(sitemap.page(name), label=label, icon=":material/arrow_forward:", query_params=query)


def address(name: str, **query: str) -> str:
    """The address of page `name` for a table's link, which opens in a tab that knows nothing of this one."""
    place = {key: st.query_params[key] for key in ("account", "region") if key in st.query_params}
    return f"{name}?{urlencode(place | query)}"


def _choose_account() -> Account:
    titles = [settings.THIS_COMPUTER]
    with st.sidebar:
        with panel():
            titles += account_queries.profiles()
        title = st.selectbox(
            "Account",
            titles,
            key="account",
            bind="query-params",
            help="This computer, or a profile of your AWS configuration",
        )
        if title == settings.THIS_COMPUTER:
            st.badge("THIS COMPUTER", icon=":material/computer:", color="green")
            return settings.account(title, settings.LOCAL_REGION)
        region = st.selectbox("Region", account_queries.regions(title), key="region", bind="query-params")
        chosen = settings.account(title, region)
        st.markdown(f":orange-badge[:material/cloud: {plain(f'AWS · {title} · {region}')}]")
        return chosen


def _wait_for_service(account: Account, meter: Any) -> None:
    """While this computer's service hangs, the page is one sentence until it answers; the sidebar remains usable."""
    if not account.bills and account_queries.service_problem():
        meter.metric("Running now", "unknown")
        st.fragment(run_every=SERVICE_EVERY, key="service")(_show_service_problem)()
        st.stop()


def _show_service_problem() -> None:
    with panel():
        problem = account_queries.service_problem()
        if problem is None:
            st.rerun()
        raise problem


def _show_unreadable_settings() -> None:
    """Settings that cannot be read, with the button that sets them aside; until then the dashboard is read-only."""
    problem = settings.unreadable()
    if problem:
        with st.sidebar:
            st.error(plain(f"Read-only until the settings can be read. {problem}"), icon=":material/lock:")
            if st.button("Set settings aside", key="set_settings_aside", icon=":material/drive_file_move:"):
                settings.set_aside(datetime.now(UTC))
                st.rerun()


def _reserve_meter() -> Any:
    """The place of the meter in the sidebar; at the first run it shows that it loads, so that nothing moves later."""
    meter = st.sidebar.empty()
    if "meter_reserved" not in st.session_state:
        st.session_state["meter_reserved"] = True
        with meter.container():
            st.metric("Running now", "…")
    return meter


def _show_rate(account: Account, meter: Any) -> None:
    """Current cost in $/h over all regions; drawn last, so that no page waits for it."""
    try:
        waiting = (
            inventory_queries.all_regions(account).waiting
            or cost_queries.jobs_of_month(account).partial_result().waiting
        )
    except Problem as problem:
        meter.error(plain(f"Running resources unknown. {problem}"), icon=":material/error:")
        return
    with meter.container():
        # It never reruns the page, which may show something for one run only, e.g. a dialog.
        st.fragment(run_every=SCAN_EVERY if waiting else RATE_EVERY, key="rate")(_rate)(account)


def _rate(account: Account) -> None:
    with panel():
        inventory = inventory_queries.all_regions(account)
        number = account.identity().account if account.bills else None
        resources = count(len(inventory.resources), "resource")
        unpriced = f", {inventory.unpriced} with unknown price" if inventory.unpriced else ""
        st.metric(
            "Running now",
            dollars_an_hour(inventory.usd_per_hour),
            help=plain(f"On-demand: {price_queries.book(account).told(account.region)}"),
        )
        where = f" in account {number}." if number else ". AWS list prices; nothing is billed here."
        st.caption(plain(f"{resources} running{unpriced}{where}"))
        month = dollars(cost_queries.this_month(account, inventory))
        st.caption(
            plain(f"This month, at least {month}."),
            help="Running resources, training jobs and resources shut down with SageDeck",
        )
        if inventory.waiting:
            st.caption(f":material/hourglass_top: {count(len(inventory.waiting), 'region')} still loading.")
        if inventory.failures:
            kinds = len({failure.kind for failure in inventory.failures})
            st.caption(f":orange[:material/warning: {count(kinds, 'kind')} of resources could not be listed.]")
