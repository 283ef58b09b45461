"""The shutdown dialog: lists every API call, what is lost and what is still billed, and asks for confirmation.

The selection lives in session state, so that opening the dialog is a rerun like any other.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import inventory as inventory_queries
from pages.components.shell import page_frame
from pages.components.shell.formats import count, dollars, dollars_an_hour, plain
from pages.components.shutdown import progress as shutdown_progress
from services.aws.account import Account
from services.costs import idleness
from services.errors import Problem
from services.inventory.resources import BillableResource
from services.shutdown import execute as shutdown_execution
from services.shutdown import plan as shutdown_plan
from services.shutdown import protection as deletion_protection
from services.shutdown.execute import Outcome
from services.shutdown.plan import Step
from services.shutdown.policy import STRICTEST, ShutdownPolicy
from services.shutdown.protection import Confirmation, Guard

CHOSEN = "shutdown_chosen"  # keys of what to shut down
SHOWN = 50  # resources shown one by one, so that a dialog about thousands opens


def open_for(resources: Iterable[BillableResource]) -> None:
    """Open the dialog for `resources` on the next run."""
    st.session_state[CHOSEN] = {resource.key for resource in resources}
    shutdown_progress.forget()


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
    with page_frame.panel():
        running = inventory_queries.all_regions(account).resources
        keys = st.session_state.get(CHOSEN, ())
        chosen = _tagged_now(account, [resource for resource in running if resource.key in keys])
        below = [
            resource for resources in shutdown_plan.children_of(chosen, running).values() for resource in resources
        ]
        running, policy = (*running, *_tagged_now(account, below)), policy_or_strictest(account)
        steps = shutdown_plan.plan(chosen, running, policy.production_lock)
        acting = [step for step in steps if step.acts]
        if not steps:
            st.markdown("The selected resources no longer run.")
        else:
            places = sorted({step.resource.region for step in steps})
            where = plain(f"On {account.title}, {', '.join(places)}.")
            st.markdown(f"{_sum(acting)} {where}")
        names = {step.resource.key: _step(step) for step in _shown(steps)}
        if len(steps) > len(names):
            st.markdown(f"And {len(steps) - len(names):,} more, not listed here.")
        number = _number(len(acting), policy.bulk_confirm_threshold)
        _buttons(account, steps, Confirmation(names, number), policy.bulk_confirm_threshold)


def _shown(steps: Sequence[Step]) -> Sequence[Step]:
    """The steps shown one by one: of very many, first those that need a typed name."""
    if len(steps) <= SHOWN:
        return steps
    return sorted(steps, key=lambda step: not _wants_name(step))[:SHOWN]


def _wants_name(step: Step) -> bool:
    return step.acts and deletion_protection.guard(step.resource.tags).wants_name


def _tagged_now(account: Account, resources: Sequence[BillableResource]) -> list[BillableResource]:
    """Resources with current tags; very many keep the listed ones, as tags are read again before the calls."""
    if len(resources) > SHOWN:
        return list(resources)
    return inventory_queries.with_current_tags(account, tuple(resource.key for resource in resources), resources)


def _buttons(account: Account, steps: Sequence[Step], typed: Confirmation, limit: int) -> None:
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
    if tried:
        _dry_run(account, steps, typed, limit)
    if confirmed:
        with page_frame.panel():
            shutdown_plan.check_confirmation(steps, typed, limit)
            shutdown_progress.begin(account, steps, typed)
            _forget()
            st.rerun()


def _dry_run(account: Account, steps: Sequence[Step], typed: Confirmation, limit: int) -> None:
    """What each call would do, in order; only tags and statuses are read."""
    st.markdown("**Dry run**: no call was made. In this order:")
    progress, outcomes = st.progress(0.0), list[Outcome]()
    for number, step in enumerate(steps):
        progress.progress(number / len(steps), plain(f"{number} of {len(steps)}: {step.title}"))
        outcomes.append(shutdown_execution.rehearse(account, step, typed))
    progress.empty()
    for outcome in outcomes[:SHOWN]:
        icon = ":material/play_circle:" if outcome.ok else ":material/block:"
        st.markdown(f"{icon} {plain(outcome.sentence)}")
    if rest := outcomes[SHOWN:]:
        st.markdown(f"And {len(rest)} more, of which {sum(not outcome.ok for outcome in rest)} would stay.")
    with page_frame.panel():
        shutdown_plan.check_confirmation(steps, typed, limit)


def _sum(acting: Sequence[Step]) -> str:
    if not acting:
        return "**None of the selected resources can be shut down.**"
    saving = idleness.saving([step.resource for step in acting], datetime.now(UTC))
    unpriced = f", plus {saving.unpriced} with unknown price" if saving.unpriced else ""
    return (
        f"**{count(len(acting), 'resource')}**: saves {plain(dollars_an_hour(saving.per_hour))}, "
        f"{plain(dollars(saving.per_day))} a day, {plain(dollars(saving.per_month))} a month{unpriced}."
    )


def _step(step: Step) -> str:
    """One resource to shut down; returns what was typed as its name."""
    typed = ""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{plain(step.title)}** · {plain(dollars_an_hour(step.resource.usd_per_hour))}", width="content"
            )
            for mark in deletion_protection.marks(step.resource.tags):
                st.badge(mark, icon=":material/shield:", color="green" if mark is Guard.PROTECTED else "orange")
        if step.refused:
            st.markdown(f":material/block: **Not shut down.** {plain(step.refused)}")
            return ""
        if step.required_by:
            before = plain(f"{step.required_by.kind} {step.required_by.name}")
            st.markdown(f"Not selected, but must be deleted before {before}.")
        if step.calls:
            st.code("\n".join(str(call) for call in step.calls), language=None, wrap_lines=True)
        st.markdown(f"**Lost:** {plain(step.consequence)}")
        st.markdown(f"**Still billed:** {plain(step.still_bills) or 'nothing'}.")
        if _wants_name(step):
            why = deletion_protection.reason_for_name(step.resource)
            label = f"Type **{plain(step.resource.name)}** to shut it down: {plain(why)}."
            typed = st.text_input(label, key=f"shutdown_name_{'_'.join(step.resource.key)}", autocomplete="off")
    return typed


def _number(total: int, limit: int) -> str:
    """What was typed as the number of resources, if that many need it."""
    if total <= limit:
        return ""
    label = f"Type **{total}** to confirm: more than {limit} resources are shut down at once."
    return st.text_input(label, key="shutdown_number", autocomplete="off")
