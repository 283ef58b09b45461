"""Costs: running resources, their cost, and how to shut them down."""

import hashlib
from datetime import datetime
from functools import partial

import pyarrow as pa
import streamlit as st

from pages.components.costs import aws_bill, breakdown, savings
from pages.components.costs import failures as scan_failures
from pages.components.endpoints import paused_endpoints
from pages.components.queries import costs as cost_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.shell import formats, metric_card, page_frame, status_badges
from pages.components.shutdown import dialog as shutdown_dialog
from pages.components.shutdown import progress as shutdown_progress
from pages.components.shutdown import protection as protection_buttons
from pages.components.shutdown import rules as rules_view
from services.aws.account import Account
from services.costs import idleness
from services.costs.idleness import Thresholds
from services.inventory.resources import BillableResource, Inventory, LastUse, ResourceKind
from services.pricing import price_book
from services.shutdown import protection as deletion_protection
from services.shutdown.protection import Guard

WATCH, SOON = 15, 1  # seconds between refreshes while something runs, and while regions are loading


def main(account: Account) -> None:
    """The page, from the totals to the single resource."""
    with st.spinner("Loading running resources"):
        inventory = inventory_queries.all_regions(account)
    with page_frame.panel():
        shutdown_progress.result(account)
    _metrics(inventory, account)
    scan_failures.show(inventory.failures, account)
    if inventory.waiting:
        regions = formats.count(len(inventory.waiting), "region")
        st.info(
            formats.plain(f"{regions} still loading: {', '.join(inventory.waiting)}."), icon=":material/hourglass_top:"
        )
    if inventory.resources:
        proposed = _resource_table(inventory, account)
    else:
        proposed = []
        _empty_state(inventory, account)
    with page_frame.panel():
        breakdown.draw(account, inventory, proposed)
    if inventory.resources or inventory.waiting:
        every = SOON if inventory.waiting else WATCH
        st.fragment(run_every=every, key="watch")(_watch)(account, inventory)
    with page_frame.panel():
        rules_view.section(account, inventory.resources)
    with page_frame.panel():
        paused_endpoints.paused_list(account)
    with page_frame.panel():
        savings.section(account, inventory.resources)
    with page_frame.panel():
        aws_bill.section(account)
    _small_print(account, inventory)
    shutdown_dialog.dialog(account)
    rules_view.dialog(account)


def _metrics(inventory: Inventory, account: Account) -> None:
    missing = [f"{formats.count(inventory.unpriced, 'resource')} with unknown price"] if inventory.unpriced else []
    missing += ["resources that could not be listed"] if inventory.failures else []
    rate = inventory.usd_per_hour
    idle = max(
        (
            resource
            for resource in inventory.resources
            if resource.kind is ResourceKind.ENDPOINT and (resource.idle_hours or 0.0) >= 0.5
        ),
        key=lambda resource: resource.idle_hours or 0.0,
        default=None,
    )
    with st.container(horizontal=True):
        card = partial(metric_card.number, height=metric_card.HEIGHT)
        card(
            "Cost per hour" if account.bills else "AWS cost per hour",
            formats.dollars_an_hour(rate),
            "at least" if missing else None,
            meaning=f"Not included: {' and '.join(missing)}." if missing else None,
        )
        card("Per day if left running", formats.dollars(rate * 24))
        card("This month (at least)", formats.dollars(cost_queries.this_month(account, inventory)))
        card("Resources", f"{len(inventory.resources):,}")
        card(
            "Longest idle endpoint",
            formats.duration(round(idle.idle_hours or 0.0) * 3600) if idle else "–",
            idle.name if idle else None,
        )


def _resource_table(inventory: Inventory, account: Account) -> list[BillableResource]:
    """The table. Returns the resources proposed for shutdown: the selected ones, otherwise the idle ones."""
    with st.container(border=True):
        st.subheader("Running resources", anchor=False)
        policy = shutdown_dialog.policy_or_strictest(account)
        idle = [
            resource
            for resource in idleness.idle(inventory.resources, policy.idle, inventory.at)
            if not deletion_protection.refusal_for(resource.tags, policy.production_lock)
        ]
        st.markdown(_idle_sentence(idle, inventory.at))
        rows = _table(inventory, policy.idle)
        idle_for = rows["Idle for"].to_pylist()
        selection = st.dataframe(
            rows,
            key=_table_key(inventory.resources),
            hide_index=True,
            height=status_badges.table_height(len(inventory.resources)),
            on_select="rerun",
            selection_mode="multi-row",
            placeholder="unknown",
            column_order=[name for name in COLUMNS.names if name not in _left_out(inventory, account)],
            column_config={
                "Status": status_badges.status_column(resource.status for resource in inventory.resources),
                "Idle for": status_badges.status_column((label for cell in idle_for for label in cell), "Idle for"),
                "Protected": status_badges.status_column(Guard, "Protected", width=190),
                "Runs on": st.column_config.TextColumn(width=160),
                "$/h": st.column_config.NumberColumn(format="$%.3f", width=80),
                "Started": st.column_config.DatetimeColumn(format="distance"),
                "Cost so far": st.column_config.NumberColumn(format="$%.2f"),
            },
        )
        chosen = [inventory.resources[row] for row in selection["selection"]["rows"]]
        _actions(account, chosen, idle)
    return chosen or idle


def _actions(account: Account, chosen: list[BillableResource], idle: list[BillableResource]) -> None:
    """The buttons for the selected and the idle resources."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Shut down selected",
            key="costs_shut_down",
            icon=":material/power_settings_new:",
            type="primary",
            disabled=not chosen,
        ):
            shutdown_dialog.open_for(chosen)
        if st.button("Shut down all idle", key="costs_all_idle", icon=":material/bedtime:", disabled=not idle):
            shutdown_dialog.open_for(idle)
        if st.button("Auto-shutdown rule", key="costs_schedule", icon=":material/schedule:", disabled=not chosen):
            rules_view.open_for(chosen)
        protection_buttons.buttons(account, chosen)
        _refresh_button(account)
    st.caption(_selected(chosen))


def _idle_sentence(idle: list[BillableResource], now: datetime) -> str:
    """What is idle and unprotected, and what stopping it would save."""
    if not idle:
        return "No idle resources."
    saving = idleness.saving(idle, now)
    unpriced = f" {saving.unpriced} more have no known price." if saving.unpriced else ""
    pronoun = "it" if len(idle) == 1 else "them"
    saved = f"{formats.dollars(saving.per_day)} a day, {formats.dollars(saving.per_month)} a month"
    return (
        f"**{formats.count(len(idle), 'idle resource')}**: shutting {pronoun} down saves "
        f"{formats.plain(saved)}.{unpriced}"
    )


def _left_out(inventory: Inventory, account: Account) -> set[str]:
    """The columns that would hold the same value in every row."""
    alike = {"Region": {resource.region for resource in inventory.resources} <= {account.region}}
    alike["Owner"] = not any(resource.owner for resource in inventory.resources)
    alike["Protected"] = not any(deletion_protection.marks(resource.tags) for resource in inventory.resources)
    return {name for name, same in alike.items() if same}


def _selected(chosen: list[BillableResource]) -> str:
    if not chosen:
        return "Select rows to shut them down."
    saved = sum(resource.usd_per_hour or 0.0 for resource in chosen)
    return f"{len(chosen)} selected: saves {formats.plain(formats.dollars_an_hour(saved))}."


NOT_USED = {LastUse.NEVER: "Never used", LastUse.NOT_LATELY: "Not used in the last 14 days"}
COLUMNS = pa.schema(
    {
        "Kind": pa.string(),
        "Name": pa.string(),
        "Region": pa.string(),
        "$/h": pa.float64(),
        "Status": pa.list_(pa.string()),
        "Idle for": pa.list_(pa.string()),
        "Cost so far": pa.float64(),
        "Runs on": pa.string(),
        "Owner": pa.string(),
        "Protected": pa.list_(pa.string()),
        "Started": pa.timestamp("ms", tz="UTC"),
        "Note": pa.string(),
    }
)


def _table(inventory: Inventory, thresholds: Thresholds) -> pa.Table:
    """One row per resource, in the inventory's order."""
    rows = [
        {
            "Kind": resource.kind,
            "Name": resource.name,
            "Region": resource.region,
            "Owner": resource.owner or None,
            "Status": status_badges.chip(resource.status),
            "Runs on": _runs_on(resource),
            "$/h": resource.usd_per_hour,
            "Started": resource.since,
            "Cost so far": resource.cost_so_far,
            "Idle for": _idle_for(resource, thresholds, inventory.at),
            "Protected": list(deletion_protection.marks(resource.tags)),
            "Note": _note(resource, inventory.at),
        }
        for resource in inventory.resources
    ]
    return pa.Table.from_pylist(rows, COLUMNS)


def _runs_on(resource: BillableResource) -> str:
    if resource.instance_type == "serverless":
        return "serverless"
    if not resource.instance_count:
        return "–"
    return f"{resource.instance_type or 'unknown'} × {resource.instance_count}"


def _idle_for(resource: BillableResource, thresholds: Thresholds, now: datetime) -> list[str]:
    """Chips: whether it is idle, and for how long it has not been used."""
    chips = status_badges.chip(idleness.use(resource, thresholds, now))
    hours = round(resource.idle_hours or 0.0)
    return chips + ([formats.duration(hours * 3600)] if hours else [])


def _note(resource: BillableResource, now: datetime) -> str:
    """What else matters: its detail, that it was not used, or how much of its time limit is used."""
    notes = [resource.detail] if resource.detail else []
    if resource.last_use in NOT_USED:
        notes.append(NOT_USED[resource.last_use])
    gone = idleness.share_gone(resource, now)
    if gone is not None and resource.max_hours:
        notes.append(f"{formats.percent(gone)} of its {formats.duration(resource.max_hours * 3600)} limit used")
    return ". ".join(notes)


def _table_key(running: tuple[BillableResource, ...]) -> str:
    """Changes with the rows: a selection holds row positions and must not move to another resource."""
    return "costs_table_" + hashlib.sha256(repr([resource.key for resource in running]).encode()).hexdigest()[:12]


def _empty_state(inventory: Inventory, account: Account) -> None:
    with st.container(border=True):
        if inventory.failures:
            st.markdown("**No running resources found.** Some kinds could not be listed.")
        else:
            st.markdown(f"**Nothing is running: {formats.plain(formats.dollars_an_hour(0.0))}.**")
            st.caption(
                "Models, endpoint configurations and finished jobs are free; only their files in S3 cost storage."
            )
        with st.container(horizontal=True):
            page_frame.next_step("train", "Train a model")
            page_frame.next_step("endpoints", "Deploy a model")
            _refresh_button(account)


def _refresh_button(account: Account) -> None:
    if st.button("Refresh", key="costs_refresh", icon=":material/refresh:"):
        changed(account, "resources", "resources in other regions")
        st.rerun()


def _small_print(account: Account, inventory: Inventory) -> None:
    if not account.bills:
        st.caption("Nothing is billed on this computer; prices are those of AWS.")
    regions = sorted({account.region, *(resource.region for resource in inventory.resources)})
    books = {region: price_queries.book(account.at(region)) for region in regions}
    source = formats.plain(price_book.describe_source(books))
    st.caption(f"On-demand: {source}. Not included: S3 objects, logs, images and data transfer.")
    for refusal in dict.fromkeys(book.refusal for book in books.values() if book.refusal):
        st.caption(formats.plain(f"Current prices are not available. {refusal}"))


def _watch(account: Account, shown: Inventory) -> None:
    """Draws nothing; reruns the page once the running resources differ from those shown."""
    with page_frame.panel():
        now = inventory_queries.all_regions(account)
        if _states(now) != _states(shown):
            st.rerun()


def _states(inventory: Inventory) -> set[tuple[object, ...]]:
    resources = {
        (resource.key, resource.status, resource.usd_per_hour, resource.owner, resource.tags)
        for resource in inventory.resources
    }
    return {*resources, inventory.waiting, inventory.failures}


with page_frame.page("Costs", "Running resources, what they cost, and how to shut them down.") as account:
    main(account)
