"""Open shutdowns, on every page: how far each has come, with Stop, or that it was interrupted, with Continue."""

import streamlit as st

from pages.components.queries import shutdowns as shutdown_queries
from pages.components.queries.changes import changed
from pages.components.shell.formats import count, plain
from services.aws.account import Account
from services.aws.errors import AwsError
from services.errors import Problem
from services.shutdown import background
from services.shutdown.run import ShutdownRun, StepState

AGAIN = 2  # seconds between two looks at a shutdown


def banner(account: Account) -> None:
    """The open shutdowns of the account, if there are any."""
    try:
        runs = shutdown_queries.runs(account).runs
    except AwsError as problem:
        st.caption(plain(f":material/visibility_off: Open shutdowns are unknown. {problem}"))
        return
    names = [run.name for run in runs if run.ended is None]
    if names:
        st.fragment(run_every=AGAIN, key="open_shutdowns")(_open)(account, names)


def _open(account: Account, names: list[str]) -> None:
    """How far the shutdowns `names` have come; the page is drawn again once one has ended."""
    try:
        runs = [run for run in shutdown_queries.runs(account).runs if run.name in names and run.ended is None]
        for run in runs:
            _one(account, run)
    except Problem as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return
    if len(runs) < len(names):
        changed(account, "shutdowns")
        st.rerun()


def _one(account: Account, run: ShutdownRun) -> None:
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
            st.progress(over / len(run.steps), f"{_verb(run)}: {over} of {total} shut down. {_next(run)}")
            if run.stop_requested:
                st.markdown("Stopped: no further call is made.", width="content")
            elif st.button(
                "Stop", key=f"shutdown_stop_{run.name}", icon=":material/stop:", help="Makes no further call"
            ):
                background.SERVER.stop(account, run)
        if problem := background.SERVER.problem(account, run.name):
            st.error(plain(str(problem)), icon=":material/error:")


def _verb(run: ShutdownRun) -> str:
    return "Shutting down by rule" if run.by_rule else "Shutting down"


def _next(run: ShutdownRun) -> str:
    """The resource that is next or on its way."""
    doing = (StepState.CALLING, StepState.WAITING, StepState.STOPPING)
    step = next((step for state in doing for step in run.steps if step.state is state), None)
    return plain(f"{step.step.title}: {step.state}.") if step else ""


def _take_over(account: Account, run: ShutdownRun, stop: bool = False) -> None:
    background.SERVER.take_over(account, run, stop)
    changed(account, "shutdowns")
    st.rerun()
