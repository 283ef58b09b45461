"""Costs: what runs and bills now, and how to end it."""

import hashlib
from datetime import datetime

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

WATCH, SOON = 15, 1  # seconds between looks while something runs, and while regions are still being asked


def main(account: Account) -> None:
    """The page, from the sum to the single thing."""
    with st.spinner("Loading running resources"):
        inventory = inventory_queries.all_regions(account)
    shutdown_progress.outcomes(account)
    _figures(inventory, account)
    scan_failures.tell(inventory.failures, account)
    if inventory.waiting:
        regions = formats.count(len(inventory.waiting), "region")
        st.info(f"{regions} still loading: {', '.join(inventory.waiting)}.", icon=":material/hourglass_top:")
    if inventory.resources:
        proposed = _things(inventory, account)
    else:
        proposed = []
        _nothing(inventory, account)
    with page_frame.panel():
        breakdown.draw(account, inventory, proposed)
    if inventory.resources or inventory.waiting:
        every = SOON if inventory.waiting else WATCH
        st.fragment(run_every=every, key="watch")(_watch)(account, inventory)
    with page_frame.panel():
        rules_view.rules(account, inventory.resources)
    with page_frame.panel():
        paused_endpoints.paused_list(account)
    with page_frame.panel():
        savings.spared(account, inventory.resources)
    with page_frame.panel():
        aws_bill.section(account)
    _small_print(account, inventory)
    shutdown_dialog.dialog(account)
    rules_view.dialog(account)


def _figures(inventory: Inventory, account: Account) -> None:
    more = [f"{inventory.unpriced} with unknown price"] if inventory.unpriced else []
    more += ["what could not be listed"] if inventory.failures else []
    rate = inventory.usd_per_hour
    idle = max(
        (
            thing
            for thing in inventory.resources
            if thing.kind is ResourceKind.ENDPOINT and thing.idle_hours is not None
        ),
        key=lambda thing: thing.idle_hours or 0.0,
        default=None,
    )
    with st.container(horizontal=True):
        st.metric(
            "Cost per hour" if account.bills else "AWS cost per hour",
            formats.dollars_an_hour(rate),
            f"plus {', '.join(more)}" if more else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            width=metric_card.WIDTH,
            height="stretch",
        )
        st.metric(
            "Per day if left running",
            formats.dollars(rate * 24),
            border=True,
            width=metric_card.WIDTH,
            height="stretch",
        )
        month = formats.dollars(cost_queries.this_month(account, inventory))
        st.metric("This month (at least)", month, border=True, width=metric_card.WIDTH, height="stretch")
        st.metric("Resources", f"{len(inventory.resources):,}", border=True, width=metric_card.WIDTH, height="stretch")
        st.metric(
            "Longest idle endpoint",
            formats.duration((idle.idle_hours or 0.0) * 3600) if idle else "–",
            idle.name if idle else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            width=metric_card.WIDTH,
            height="stretch",
        )


def _things(inventory: Inventory, account: Account) -> list[BillableResource]:
    """The table. Returns what is proposed to be stopped: what is selected, otherwise what is idle."""
    with st.container(border=True):
        st.subheader("Running resources", anchor=False)
        heeded = shutdown_dialog.precautions(account)
        idle = [
            thing
            for thing in idleness.idle(inventory.resources, heeded.idle, inventory.at)
            if not deletion_protection.refusal_for(thing.tags, heeded.production_lock)
        ]
        st.markdown(formats.plain(_idle_sentence(idle, inventory.at)))
        rows = _table(inventory, heeded.idle)
        idle_for = rows["Idle for"].to_pylist()
        selection = st.dataframe(
            rows,
            key=_table_key(inventory.resources),
            hide_index=True,
            on_select="rerun",
            selection_mode="multi-row",
            placeholder="unknown",
            column_order=[name for name in COLUMNS.names if name not in _left_out(inventory, account)],
            column_config={
                "Status": status_badges.status_column(thing.status for thing in inventory.resources),
                "Idle for": status_badges.status_column((label for cell in idle_for for label in cell), "Idle for"),
                "Protected": status_badges.status_column(Guard, "Protected", width=115),
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
    """What one can do with the selected and the idle ones."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Shut down selected",
            key="costs_shut_down",
            icon=":material/power_settings_new:",
            type="primary",
            disabled=not chosen,
        ):
            shutdown_dialog.ask(chosen)
        if st.button("Shut down all idle", key="costs_all_idle", icon=":material/bedtime:", disabled=not idle):
            shutdown_dialog.ask(idle)
        if st.button("Auto-shutdown rule", key="costs_schedule", icon=":material/schedule:", disabled=not chosen):
            rules_view.ask(chosen)
        protection_buttons.buttons(account, chosen)
        _refresh_button(account)
        st.caption(_selected(chosen), width="content")


def _idle_sentence(idle: list[BillableResource], now: datetime) -> str:
    """What is idle and unprotected, and what stopping it would save."""
    if not idle:
        return "No idle resources."
    saving = idleness.saving(idle, now)
    unpriced = f" {saving.unpriced} more have no known price." if saving.unpriced else ""
    each = "it" if len(idle) == 1 else "them"
    return (
        f"**{formats.count(len(idle), 'idle resource')}**: shutting {each} down saves "
        f"{formats.dollars(saving.per_day)} a day, {formats.dollars(saving.per_month)} a month.{unpriced}"
    )


def _left_out(inventory: Inventory, account: Account) -> set[str]:
    """The columns that would say the same in every row."""
    alike = {"Region": {thing.region for thing in inventory.resources} <= {account.region}}
    alike["Owner"] = not any(thing.owner for thing in inventory.resources)
    alike["Protected"] = all(deletion_protection.guard(thing.tags) is Guard.FREE for thing in inventory.resources)
    return {name for name, same in alike.items() if same}


def _selected(chosen: list[BillableResource]) -> str:
    if not chosen:
        return "Select rows to shut them down."
    saved = sum(thing.usd_per_hour or 0.0 for thing in chosen)
    return f"{len(chosen)} selected: saves {formats.plain(formats.dollars_an_hour(saved))}."


COLUMNS = pa.schema(
    {
        "Kind": pa.string(),
        "Name": pa.string(),
        "Region": pa.string(),
        "Owner": pa.string(),
        "Status": pa.list_(pa.string()),
        "Runs on": pa.string(),
        "$/h": pa.float64(),
        "Cost so far": pa.float64(),
        "Idle for": pa.list_(pa.string()),
        "Protected": pa.list_(pa.string()),
        "Started": pa.timestamp("ms", tz="UTC"),
        "Note": pa.string(),
    }
)


def _table(inventory: Inventory, thresholds: Thresholds) -> pa.Table:
    """One row a thing, in the inventory's order."""
    rows = [
        {
            "Kind": thing.kind,
            "Name": thing.name,
            "Region": thing.region,
            "Owner": thing.owner or None,
            "Status": status_badges.chip(thing.status),
            "Runs on": _runs_on(thing),
            "$/h": thing.usd_per_hour,
            "Started": thing.since,
            "Cost so far": thing.cost_so_far,
            "Idle for": _idle_for(thing, thresholds, inventory.at),
            "Protected": []
            if (guard := deletion_protection.guard(thing.tags)) is Guard.FREE
            else status_badges.chip(guard),
            "Note": _note(thing, inventory.at),
        }
        for thing in inventory.resources
    ]
    return pa.Table.from_pylist(rows, COLUMNS)


def _runs_on(thing: BillableResource) -> str:
    if thing.instance_type == "serverless":
        return "serverless"
    if not thing.instance_count:
        return "–"
    return f"{thing.instance_type or 'unknown'} × {thing.instance_count}"


def _idle_for(thing: BillableResource, thresholds: Thresholds, now: datetime) -> list[str]:
    """Chips: whether it is idle, and for how long it has not been used."""
    chips = status_badges.chip(idleness.use(thing, thresholds, now))
    hours = round(thing.idle_hours or 0.0)
    return chips + ([formats.duration(hours * 3600)] if hours else [])


def _note(thing: BillableResource, now: datetime) -> str:
    """What else matters: its detail, how it was never used, or how much of the time it may run is gone."""
    notes = [thing.detail] if thing.detail else []
    if thing.last_use in (LastUse.NEVER, LastUse.NOT_LATELY):
        notes.append(f"Used {thing.last_use}")
    gone = idleness.share_gone(thing, now)
    if gone is not None and thing.max_hours:
        notes.append(f"{formats.percent(gone)} of its {formats.duration(thing.max_hours * 3600)} limit used")
    return ". ".join(notes)


def _table_key(running: tuple[BillableResource, ...]) -> str:
    """Changes with the rows: a selection is positions, and may never slide to another thing."""
    return "costs_table_" + hashlib.sha256(repr([thing.key for thing in running]).encode()).hexdigest()[:12]


def _nothing(inventory: Inventory, account: Account) -> None:
    with st.container(border=True):
        if inventory.failures:
            st.markdown("**No running resources found.** Some could not be listed.")
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
        shutdown_progress.forget()
        changed(account, "resources", "resources in other regions")
        st.rerun()


def _small_print(account: Account, inventory: Inventory) -> None:
    if not account.bills:
        st.caption("Nothing is billed on this computer; prices are those of AWS.")
    regions = sorted({account.region, *(thing.region for thing in inventory.resources)})
    books = {region: price_queries.book(account.at(region)) for region in regions}
    st.caption(
        f"On-demand: {price_book.describe_source(books)}. Not included: S3 objects, logs, images and data transfer."
    )
    for refusal in dict.fromkeys(book.refusal for book in books.values() if book.refusal):
        st.caption(formats.plain(f"Current prices are not available. {refusal}"))


def _watch(account: Account, shown: Inventory) -> None:
    """Draws nothing; redraws the page once what runs is no longer what it shows."""
    with page_frame.panel():
        now = inventory_queries.all_regions(account)
        if _states(now) != _states(shown):
            st.rerun()


def _states(inventory: Inventory) -> set[tuple[object, ...]]:
    things = {(thing.key, thing.status, thing.usd_per_hour, thing.owner, thing.tags) for thing in inventory.resources}
    return {*things, inventory.waiting, inventory.failures}


with page_frame.page("Costs", "Running resources, what they cost, and how to shut them down.") as account:
    main(account)
