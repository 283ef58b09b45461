"""The dialog that ends what bills: it asks once, says exactly what will be called, and wants typed what is dangerous.

What is to end lives in session state, so that opening the dialog is a rerun like any other.
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
SHOWN = 50  # things that are shown one by one, so that a dialog about thousands opens


def ask(things: Iterable[BillableResource]) -> None:
    """Have the dialog open on `things` with the next run."""
    st.session_state[CHOSEN] = {thing.key for thing in things}
    shutdown_progress.forget()


def dialog(account: Account) -> None:
    """The dialog, when it was asked for. Call it once a page."""
    if CHOSEN in st.session_state:
        _confirm(account)


def precautions(account: Account) -> ShutdownPolicy:
    """What is set; where that cannot be read, the strictest, and a sentence that says so."""
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
        chosen = _tagged_now(account, [thing for thing in running if thing.key in keys])
        below = [thing for things in shutdown_plan.children_of(chosen, running).values() for thing in things]
        running, heeded = (*running, *_tagged_now(account, below)), precautions(account)
        steps = shutdown_plan.plan(chosen, running, heeded.production_lock)
        acting = [step for step in steps if step.acts]
        if not steps:
            st.markdown("The selected resources no longer run.")
        else:
            places = sorted({step.resource.region for step in steps})
            st.markdown(plain(f"{_sum(acting)} On {account.title}, {', '.join(places)}."))
        names = {step.resource.key: _step(step) for step in _shown(steps)}
        if len(steps) > len(names):
            st.markdown(f"And {len(steps) - len(names):,} more, not listed here.")
        number = _number(len(acting), heeded.bulk_confirm_threshold)
        _buttons(account, steps, Confirmation(names, number), heeded.bulk_confirm_threshold)


def _shown(steps: Sequence[Step]) -> Sequence[Step]:
    """The steps that are shown one by one: of very many, first those that want a name typed."""
    if len(steps) <= SHOWN:
        return steps
    return sorted(steps, key=lambda step: not _wants_name(step))[:SHOWN]


def _wants_name(step: Step) -> bool:
    return step.acts and deletion_protection.guard(step.resource.tags).wants_name


def _tagged_now(account: Account, things: Sequence[BillableResource]) -> list[BillableResource]:
    """Things with the tags that they have now; very many with those of the list: each is asked again when it goes."""
    if len(things) > SHOWN:
        return list(things)
    return inventory_queries.with_current_tags(account, tuple(thing.key for thing in things), things)


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
    """What would come of it, in the order of the calls; only tags and states are read."""
    st.markdown("**Dry run**: no call was made. In this order:")
    progress, outcomes = st.progress(0.0), list[Outcome]()
    for number, step in enumerate(steps):
        progress.progress(number / len(steps), f"{number} of {len(steps)}: {step.title}")
        outcomes.append(shutdown_execution.rehearse(account, step, typed))
    progress.empty()
    for outcome in outcomes[:SHOWN]:
        icon = ":material/play_circle:" if outcome.ok else ":material/block:"
        st.markdown(f"{icon} {plain(outcome.sentence)}")
    if more := outcomes[SHOWN:]:
        st.markdown(f"And {len(more)} more, of which {sum(not outcome.ok for outcome in more)} would stay.")
    with page_frame.panel():
        shutdown_plan.check_confirmation(steps, typed, limit)


def _sum(acting: Sequence[Step]) -> str:
    if not acting:
        return "**None of the selected resources can be shut down.**"
    saving = idleness.saving([step.resource for step in acting], datetime.now(UTC))
    unpriced = f", plus {saving.unpriced} with unknown price" if saving.unpriced else ""
    return (
        f"**{count(len(acting), 'resource')}**: saves {dollars_an_hour(saving.per_hour)}, "
        f"{dollars(saving.per_day)} a day, {dollars(saving.per_month)} a month{unpriced}."
    )


def _step(step: Step) -> str:
    """One thing of those to end; returns what was typed as its name."""
    guard, typed = deletion_protection.guard(step.resource.tags), ""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{step.title}** · {plain(dollars_an_hour(step.resource.usd_per_hour))}", width="content")
            if guard is not Guard.FREE:
                st.badge(guard, icon=":material/shield:", color="green" if guard is Guard.PROTECTED else "orange")
        if step.refused:
            st.markdown(f":material/block: **Not shut down.** {plain(step.refused)}")
            return ""
        if step.required_by:
            st.markdown(f"Not selected, but must be deleted before {step.required_by.kind} {step.required_by.name}.")
        if step.calls:
            st.code("\n".join(str(call) for call in step.calls), language=None, wrap_lines=True)
        st.markdown(f"**Lost:** {step.consequence}")
        st.markdown(f"**Still billed:** {plain(step.still_bills) or 'nothing'}.")
        if _wants_name(step):
            why = deletion_protection.reason_for_name(step.resource)
            label = f"Type **{step.resource.name}** to shut it down: {why}."
            typed = st.text_input(label, key=f"shutdown_name_{'_'.join(step.resource.key)}", autocomplete="off")
    return typed


def _number(things: int, limit: int) -> str:
    """What was typed as the number of things, where so many need it."""
    if things <= limit:
        return ""
    label = f"Type **{things}** to confirm: more than {limit} resources are shut down at once."
    return st.text_input(label, key="shutdown_number", autocomplete="off")
