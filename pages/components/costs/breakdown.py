"""Cost breakdown: $/h by resource, kind, owner and region, the last 24 hours, and the month with its forecast."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.components.costs import charts as cost_charts
from pages.components.costs import failures as scan_failures
from pages.components.queries import costs as cost_queries
from pages.components.shell import chart_theme
from pages.components.shell.formats import count, dollars, plain
from services.aws.account import Account
from services.costs import cost_intervals, month_forecast
from services.costs.month_forecast import MonthForecast
from services.inventory.resources import BillableResource, Inventory

GROUPINGS = {"resource": "Resource", "kind": "Kind", "owner": "Owner", "region": "Region"}


def draw(account: Account, inventory: Inventory, stopped: Sequence[BillableResource]) -> None:
    """The section. `stopped`: resources proposed for shutdown."""
    if sum(bool(resource.usd_per_hour) for resource in inventory.resources) > 1:
        with st.container(border=True):
            _now(inventory)
    now, spent = datetime.now(UTC), cost_queries.spent(account, inventory)
    scan_failures.show(spent.failures, account)
    by_kind = cost_intervals.by_hour(spent.intervals, now)
    if not by_kind:
        return
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.subheader("Last 24 hours", anchor=False)
        st.caption(plain(f"{dollars(sum(map(sum, by_kind.values())))} in total, by hour (UTC)."))
        st.plotly_chart(
            cost_charts.day(by_kind, now),
            key="costs_day",
            config=chart_theme.CONFIG,
            alt="Cost of each hour by kind",
        )
    with right.container(border=True, height="stretch"):
        st.subheader("This month", anchor=False)
        ahead = month_forecast.forecast(spent.intervals, inventory.resources, stopped, now)
        st.caption(plain(sentence(ahead, len(stopped))))
        figure = cost_charts.month(spent.intervals, ahead, now)
        st.plotly_chart(figure, key="costs_month", config=chart_theme.CONFIG, alt="Cost of the month and its forecast")
    st.caption(
        "Includes running resources at their current size, this month's training jobs and what was shut down "
        "with SageDeck. Resources deleted outside SageDeck are not included; see your AWS bill."
    )


def sentence(ahead: MonthForecast, stopped: int) -> str:
    """The month in words."""
    so_far = (
        f"At least {dollars(ahead.so_far)} so far; {dollars(ahead.running_on)} by the end of the month "
        "if nothing is stopped"
    )
    if not stopped:
        return f"{so_far}."
    return (
        f"{so_far}; {dollars(ahead.stopping)} if {count(stopped, 'resource')} "
        f"{'is' if stopped == 1 else 'are'} stopped now."
    )


def _now(inventory: Inventory) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Highest cost", anchor=False, width="stretch")
        by = st.segmented_control(
            "By",
            list(GROUPINGS),
            format_func=GROUPINGS.__getitem__,
            key="costs_by",
            bind="query-params",
            required=True,
            default="resource",
            label_visibility="collapsed",
            width=280,  # given, so that the row keeps its place while it loads
        )
    priced = inventory.resources
    figure = cost_charts.resources(priced) if by == "resource" else cost_charts.rates(cost_intervals.rates(priced, by))
    st.plotly_chart(figure, key="costs_rates", config=chart_theme.CONFIG, alt=f"Cost per hour by {by}")
