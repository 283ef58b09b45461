"""The shutdown dialog: a table of every API call, what is lost and what is still billed, and the confirmation.

The selection lives in session state, so that opening the dialog is a rerun like any other.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pyarrow as pa
import streamlit as st

from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.shell import page_frame, status_badges
from pages.components.shell.formats import count, dollars, dollars_an_hour, plain
from pages.components.shutdown import progress as shutdown_progress
from services import settings
from services.aws.account import Account
from services.costs import idleness
from services.errors import Problem
from services.inventory.resources import BillableResource
from services.shutdown import execute as shutdown_execution
from services.shutdown import plan as shutdown_plan
from services.shutdown import protection as deletion_protection
from services.shutdown.execute import Outcome
from services.shutdown.plan import Key, Step
from services.shutdown.policy import STRICTEST, ShutdownPolicy
from services.shutdown.protection import Confirmation, Guard

CHOSEN = "shutdown_chosen"  # keys of what to shut down
TAGS_READ = 50  # resources whose tags are read anew, so that a dialog about thousands opens
COLUMNS = pa.schema(
    {
        "Resource": pa.string(),
        "$/h": pa.float64(),
        "Protected": pa.list_(pa.string()),
        "Stays because": pa.string(),
        "Dry run": pa.string(),
        "API calls": pa.string(),
        "Lost": pa.string(),
        "Still billed": pa.string(),
    }
)
ALWAYS = ("Resource", "$/h")  # columns that are shown even when they say nothing


def open_for(resources: Iterable[BillableResource]) -> None:
    """Open the dialog for `resources` on the next run."""
    st.session_state[CHOSEN] = {resource.key for resource in resources}


def dialog(account: Account) -> None:
    """The dialog, if it is to be open. Call it once per page."""
    if CHOSEN in st.session_state:
        _confirm(account)


def policy_or_strictest(account: Account) -> ShutdownPolicy:
    """The shutdown policy; the strictest one, with a warning, where it cannot be read."""
    try:
        return inventory_queries.shutdown_policy(account)
    except Problem as problem:
        st.warning(
            plain(f"The strictest limits apply: production is locked. {problem}"), icon=":material/visibility_off:"
        )
        return STRICTEST


def _forget() -> None:
    st.session_state.pop(CHOSEN, None)


@st.dialog("Shut down", width="large", icon=":material/power_settings_new:", on_dismiss=_forget)
def _confirm(account: Account) -> None:
    account = settings.as_now(account)
    with page_frame.panel():
        running = inventory_queries.all_regions(account).resources
        keys = st.session_state.get(CHOSEN, ())
        chosen = _tagged_now(account, [resource for resource in running if resource.key in keys])
        below = [
            resource for resources in shutdown_plan.children_of(chosen, running).values() for resource in resources
        ]
        running, policy = (*running, *_tagged_now(account, below)), policy_or_strictest(account)
        kept = endpoint_queries.kept_configs(account)
        steps = shutdown_plan.plan(chosen, running, policy.production_lock, kept)
        acting = [step for step in steps if step.acts]
        if not steps:
            st.markdown("The selected resources no longer run.")
        else:
            places = sorted({step.resource.region for step in steps})
            where = plain(f"On {account.title}, {', '.join(places)}.")
            st.markdown(f"{_sum(acting)} {where}")
        buttons = st.container()  # above what may be long, so that they are always in sight
        typed = Confirmation(_names(acting), _number(len(acting), policy.bulk_confirm_threshold))
        with buttons:
            outcomes = _buttons(account, steps, typed, policy.bulk_confirm_threshold)
        if steps:
            _table(steps, outcomes)


def _names(acting: Sequence[Step]) -> dict[Key, str]:
    """What was typed as the names of the resources that need it."""
    typed = {}
    for step in acting:
        if deletion_protection.guard(step.resource.tags).wants_name:
            why = deletion_protection.reason_for_name(step.resource)
            label = f"Type **{plain(step.resource.name)}** to shut it down: {plain(why)}."
            key = f"shutdown_name_{'_'.join(step.resource.key)}"
            typed[step.resource.key] = st.text_input(label, key=key, autocomplete="off")
    return typed


def _number(total: int, limit: int) -> str:
    """What was typed as the number of resources, if that many need it."""
    if total <= limit:
        return ""
    label = f"Type **{total}** to confirm: more than {limit} resources are shut down at once."
    return st.text_input(label, key="shutdown_number", autocomplete="off")


def _tagged_now(account: Account, resources: Sequence[BillableResource]) -> list[BillableResource]:
    """Resources with current tags; very many keep the listed ones, as tags are read again before the calls."""
    if len(resources) > TAGS_READ:
        return list(resources)
    return inventory_queries.with_current_tags(account, tuple(resource.key for resource in resources), resources)


def _buttons(account: Account, steps: Sequence[Step], typed: Confirmation, limit: int) -> list[Outcome]:
    """The buttons; returns what a dry run says of each step, if one was asked for."""
    acting = sum(step.acts for step in steps)
    with st.container(horizontal=True):
        confirmed = bool(acting) and st.button(
            f"Shut down {count(acting, 'resource')}",
            key="shutdown_confirm",
            type="primary",
            icon=":material/power_settings_new:",
        )
        tried = bool(steps) and st.button(
            "Dry run", key="shutdown_dry_run", icon=":material/science:", help="Shows the calls without making them"
        )
        if st.button("Cancel" if acting else "Close", key="shutdown_cancel"):
            _forget()
            st.rerun()
    with page_frame.panel():
        if confirmed:
            shutdown_plan.check_confirmation(steps, typed, limit)
            shutdown_progress.begin(account, list(steps), typed)
            _forget()
            st.rerun()
    return _dry_run(account, steps, typed, limit) if tried else []


def _dry_run(account: Account, steps: Sequence[Step], typed: Confirmation, limit: int) -> list[Outcome]:
    """What each call would do, in order; only tags and statuses are read."""
    progress, outcomes = st.progress(0.0), list[Outcome]()
    for number, step in enumerate(steps):
        progress.progress(number / len(steps), plain(f"{number} of {len(steps)}: {step.title}"))
        outcomes.append(shutdown_execution.rehearse(account, step, typed))
    progress.empty()
    stay = sum(not outcome.ok for outcome in outcomes)
    st.markdown(
        f"**Dry run**: no call was made. {count(len(steps) - stay, 'resource')} would be shut down, {stay} would stay."
    )
    with page_frame.panel():
        shutdown_plan.check_confirmation(steps, typed, limit)
    return outcomes


def _sum(acting: Sequence[Step]) -> str:
    if not acting:
        return "**None of the selected resources can be shut down.**"
    failed = sum(step.resource.never_ran for step in acting)
    saving = idleness.saving([step.resource for step in acting if not step.resource.never_ran], datetime.now(UTC))
    unpriced = f", plus {saving.unpriced} with unknown price" if saving.unpriced else ""
    never = f" {count(failed, 'endpoint')} failed at creation: no price until AWS's bill says one." if failed else ""
    return (
        f"**{count(len(acting), 'resource')}**: saves {plain(dollars_an_hour(saving.per_hour))}, "
        f"{plain(dollars(saving.per_day))} a day, {plain(dollars(saving.per_month))} a month{unpriced}.{never}"
    )


def _table(steps: Sequence[Step], outcomes: Sequence[Outcome]) -> None:
    """A row for each resource, in the order of the calls."""
    rows = table(steps, outcomes)
    st.dataframe(
        rows,
        key="shutdown_plan",
        hide_index=True,
        height=status_badges.table_height(len(rows)),
        placeholder="unknown",
        column_order=[name for name in COLUMNS.names if name in ALWAYS or any(rows[name].to_pylist())],
        column_config={
            "$/h": st.column_config.NumberColumn(format="$%.3f", width=70),
            "Resource": st.column_config.TextColumn(width=200),
            "API calls": st.column_config.TextColumn(width=300),
            "Dry run": st.column_config.TextColumn(width=300),
            "Still billed": st.column_config.TextColumn(width=160),
            "Protected": status_badges.status_column(Guard, "Protected", width=115),
        },
    )


def table(steps: Sequence[Step], outcomes: Sequence[Outcome] = ()) -> pa.Table:
    """What is called, lost and still billed for each resource, or why it stays."""
    said = [outcome.sentence.removeprefix(f"{outcome.step.title}: ") for outcome in outcomes] or [""] * len(steps)
    rows = [
        {
            "Resource": step.title,
            "$/h": step.resource.usd_per_hour,
            "Protected": list(deletion_protection.marks(step.resource.tags)),
            "Stays because": step.refused,
            "Dry run": sentence,
            "API calls": "" if step.refused or outcomes else ", then ".join(map(str, step.calls)),
            "Lost": "" if step.refused else _lost(step),
            "Still billed": "" if step.refused else step.still_bills or "nothing",
        }
        for step, sentence in zip(steps, said, strict=True)
    ]
    return pa.Table.from_pylist(rows, COLUMNS)


def _lost(step: Step) -> str:
    if not step.required_by:
        return step.consequence
    return f"{step.consequence} Not selected, but needed before {step.required_by.kind} {step.required_by.name}."
