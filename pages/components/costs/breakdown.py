"""Where the money goes: $/h by thing, kind, owner and region, the last day hour by hour, and the month to its end."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.components.costs import charts as cost_charts
from pages.components.costs import failures as scan_failures
from pages.components.queries import costs as cost_queries
from pages.components.shell import chart_theme
from pages.components.shell.formats import count, dollars, plain
from services.aws.account import Account
from services.costs import cost_intervals
from services.costs.cost_intervals import MonthForecast
from services.inventory.resources import BillableResource, Inventory

WAYS = {"thing": "Thing", "kind": "Kind", "owner": "Owner", "region": "Region"}


def draw(account: Account, inventory: Inventory, stopped: Sequence[BillableResource]) -> None:
    """The section. `stopped`: what is proposed to be stopped now."""
    if sum(bool(thing.usd_per_hour) for thing in inventory.resources) > 1:
        with st.container(border=True):
            _now(inventory)
    now, spent = datetime.now(UTC), cost_queries.spent(account, inventory)
    scan_failures.tell(spent.failures, account)
    by_kind = cost_intervals.by_hour(spent.spans, now)
    if not by_kind:
        return
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.subheader("The last 24 hours", anchor=False)
        st.caption(plain(f"{dollars(sum(map(sum, by_kind.values())))}, by clock hours in UTC."))
        st.plotly_chart(
            cost_charts.day(by_kind, now),
            key="costs_day",
            config=chart_theme.CONFIG,
            alt="Cost of each hour by kind",
        )
    with right.container(border=True, height="stretch"):
        st.subheader("This month", anchor=False)
        ahead = cost_intervals.forecast(spent.spans, inventory.resources, stopped, now)
        st.caption(plain(sentence(ahead, len(stopped))))
        figure = cost_charts.month(spent.spans, ahead, now)
        st.plotly_chart(figure, key="costs_month", config=chart_theme.CONFIG, alt="Cost of the month and its forecast")
    st.caption(
        "Counted: what runs now, as if it had always had its present size, this month's training jobs, and what was "
        "ended from here. What was ended elsewhere no list tells; the bill does."
    )


def sentence(ahead: MonthForecast, stopped: int) -> str:
    """The month in words."""
    so_far = f"{dollars(ahead.so_far)} so far, at least. Left running, {dollars(ahead.running_on)} by its end"
    if not stopped:
        return f"{so_far}."
    return f"{so_far}; with {count(stopped, 'thing')} stopped now, {dollars(ahead.stopping)}."


def _now(inventory: Inventory) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("What costs most", anchor=False, width="stretch")
        way = st.segmented_control(
            "By",
            list(WAYS),
            format_func=WAYS.__getitem__,
            key="costs_by",
            bind="query-params",
            required=True,
            default="thing",
            label_visibility="collapsed",
        )
    priced = inventory.resources
    figure = cost_charts.resources(priced) if way == "thing" else cost_charts.rates(cost_intervals.rates(priced, way))
    st.plotly_chart(figure, key="costs_rates", config=chart_theme.CONFIG, alt=f"Price an hour by {way}")
