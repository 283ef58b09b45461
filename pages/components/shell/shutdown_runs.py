"""Shutdowns on every page: those that are open, those that rules will begin, and those that rules have made."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import shutdowns as shutdown_queries
from pages.components.queries.changes import changed
from pages.components.queries.shutdowns import ComingShutdown
from pages.components.shell.formats import count, dollars_an_hour, duration, plain
from services import settings
from services.aws.account import Account
from services.errors import Problem
from services.inventory.resources import BillableResource, ResourceKind
from services.shutdown import background, grace
from services.shutdown import run as stored_runs
from services.shutdown.run import RunStep, ShutdownRun, StepState

AGAIN, QUIETLY = 2, 30  # seconds between two looks while a shutdown is open, and while none is
LISTED = 5  # resources that are named one by one


def banner(account: Account, with_results: bool) -> None:
    """The shutdowns of the account, as far as anybody has to know of them.

    with_results: whether the page shows results, and so is drawn again when a shutdown ends.
    """
    try:
        names = [run.name for run in shutdown_queries.runs(account).runs if run.ended is None]
    except Problem as problem:
        st.caption(f":material/visibility_off: Open shutdowns are unknown. {plain(problem)}")
        return
    every = AGAIN if names else QUIETLY
    st.fragment(run_every=every, key="shutdown_banner")(_draw)(account, names, with_results)


def _draw(account: Account, names: list[str], with_results: bool) -> None:
    account = settings.as_now(account)
    try:
        runs = shutdown_queries.runs(account).runs
        ended = [run for run in runs if run.name in names and run.ended]
        if ended and with_results:
            st.rerun()
        for run in runs:
            if run.ended is None:
                _open(account, run)
        for run in ended:
            if not run.by_rule:
                st.markdown(f"{summary(run.steps, run.stop_reason)} Costs has the details.")
        begun = {step.key for run in runs if run.ended is None for step in run.steps}
        coming = shutdown_queries.coming(account)
        _coming(account, [one for one in coming if one.due.resource.key not in begun])
        _by_rules(account, [run for run in runs if run.by_rule and run.ended and not run.seen])
    except Problem as problem:
        st.error(plain(str(problem)), icon=":material/error:")


def _open(account: Account, run: ShutdownRun) -> None:
    """How far a shutdown has come, with Stop, or that it was interrupted, with Continue."""
    total = count(len(run.steps), "resource")
    over = run.count(StepState.DONE, StepState.GONE)
    with st.container(border=True):
        if background.SERVER.interrupted(account, run):
            verb = "is" if len(run.steps) == 1 else "are"
            st.markdown(f":material/warning: **Shutdown interrupted**: {over} of {total} {verb} shut down.")
            with st.container(horizontal=True):
                if st.button("Continue", key=f"shutdown_continue_{run.name}", type="primary"):
                    _take_over(account, run)
                if st.button("Stop here", key=f"shutdown_end_{run.name}", help="Makes no further call"):
                    _take_over(account, run, stop=True)
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            verb = "Shutting down by rule" if run.by_rule else "Shutting down"
            st.progress(over / len(run.steps), f"{verb}: {over} of {total} shut down. {_next(run)}")
            if run.stop_requested:
                st.markdown(f"{plain(run.stop_reason) or 'Stopped'}: no further call is made.", width="content")
            elif st.button(
                "Stop", key=f"shutdown_stop_{run.name}", icon=":material/stop:", help="Makes no further call"
            ):
                background.SERVER.stop(account, run)
        if problem := background.SERVER.problem(account, run.name):
            st.error(plain(str(problem)), icon=":material/error:")


def _next(run: ShutdownRun) -> str:
    """The resource that is next or on its way."""
    doing = (StepState.CALLING, StepState.WAITING, StepState.STOPPING)
    step = next((step for state in doing for step in run.steps if step.state is state), None)
    return plain(f"{step.step.title}: {step.state}.") if step else ""


def _take_over(account: Account, run: ShutdownRun, stop: bool = False) -> None:
    background.SERVER.take_over(account, run, stop)
    changed(account, "shutdowns")
    st.rerun()


def _coming(account: Account, coming: Sequence[ComingShutdown]) -> None:
    """What rules are about to shut down, each with a button that keeps it."""
    if not coming:
        return
    now = datetime.now(UTC)
    with st.container(border=True):
        for one in coming[:LISTED]:
            resource, left = one.due.resource, (one.stop_at - now).total_seconds()
            pauses = resource.kind is ResourceKind.ENDPOINT and not one.due.deletes
            when = f"in {duration(max(60, left // 60 * 60))} ({one.stop_at:%H:%M} UTC)" if left > 0 else "now"
            overdue_here = left <= 0 and account.read_only  # nothing here will do it
            rate, verb = plain(dollars_an_hour(resource.usd_per_hour)), "paused" if pauses else "shut down"
            name = f":material/schedule: **{resource.kind} {plain(resource.name)}** ({rate})"
            told = f"was due to be {verb} by its rule" if overdue_here else f"is {verb} by its rule {when}"
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{name} {told}: {plain(one.due.reason)}.", width="stretch")
                if st.button("Keep for 24 h", key=f"keep_{'_'.join(resource.key)}", icon=":material/undo:"):
                    _keep(account, [one])
        if account.read_only:
            st.caption("This dashboard is read-only: rules apply only where another one or the reaper runs.")
        if len(coming) > LISTED:
            st.markdown(f"And {len(coming) - LISTED} more.")
            if st.button("Keep all for 24 h", key="keep_all", icon=":material/undo:"):
                _keep(account, coming)


def _keep(account: Account, coming: Sequence[ComingShutdown]) -> None:
    for one in coming:
        grace.keep(account, one.due.resource, datetime.now(UTC))
    changed(account, "shutdowns", "resources", "resources in other regions")
    st.rerun()


def _by_rules(account: Account, runs: Sequence[ShutdownRun]) -> None:
    """What rules have done, until somebody has seen it."""
    if not runs:
        return
    steps = tuple(step for run in runs for step in run.steps)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        named = [plain(f"{step.step.title}: {step.why}. {step.problem}") for step in steps[:LISTED]]
        more = [f"And {len(steps) - LISTED} more."] if len(steps) > LISTED else []
        told = " ".join([summary(steps), *named, *more])
        st.markdown(f":material/schedule: By rule: {told}", width="stretch")
        if st.button("Seen", key="rules_seen", icon=":material/check:"):
            for run in runs:
                stored_runs.change(account, run, seen=True)
            changed(account, "shutdowns")
            st.rerun()


def summary(steps: tuple[RunStep, ...], stop_reason: str = "") -> str:
    """What came of a shutdown, in a sentence or two of Markdown.

    stop_reason: why it was stopped, where nobody pressed Stop.
    """
    done = [step for step in steps if step.state is StepState.DONE]
    saved = [step.step.resource for step in done if step.stopped_billing]
    paused = "paused" if all(step.step.pauses for step in steps) else "shut down"
    verb = "is" if len(steps) == 1 else "are"
    text = f"**{len(done)} of {count(len(steps), 'resource')} {verb} {paused}**{_saving(saved)}."
    others = [(state, sum(step.state is state for step in steps)) for state in StepState if state is not StepState.DONE]
    text += "".join(f" {number} {state}." for state, number in others if number)
    text += f" {plain(stop_reason)}: no further call was made." if stop_reason else ""
    if unrecorded := sum(step.state is StepState.DONE and bool(step.problem) for step in steps):
        text += f" {count(unrecorded, 'resource')} with a problem: see the details."
    return text


def _saving(saved: list[BillableResource]) -> str:
    """What no longer bills; an endpoint that never ran has no rate until AWS's bill says one."""
    rate = sum(resource.usd_per_hour or 0.0 for resource in saved)
    failed = sum(resource.never_ran for resource in saved)
    unpriced = sum(resource.usd_per_hour is None for resource in saved) - failed
    parts = [f", which saves {plain(dollars_an_hour(rate))}"] if len(saved) > failed + unpriced else []
    parts += [f", {unpriced} with unknown price"] if unpriced else []
    parts += [f", {count(failed, 'endpoint')} that failed at creation: no price until AWS's bill says one"] * bool(
        failed
    )
    return "".join(parts)
