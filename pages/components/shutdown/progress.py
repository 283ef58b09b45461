"""The result of a shutdown, once it has ended: one sentence, and a table with a row for each resource."""

from collections.abc import Mapping

import pyarrow as pa
import streamlit as st

from pages.components.queries import shutdowns as shutdown_queries
from pages.components.queries.changes import changed
from pages.components.shell import shutdown_runs as shutdown_runs_view
from pages.components.shell import status_badges
from pages.components.shell.formats import plain
from services.aws.account import Account
from services.shutdown import background
from services.shutdown import run as shutdown_runs
from services.shutdown.plan import Key, Step
from services.shutdown.protection import Confirmation
from services.shutdown.run import UNDONE, ShutdownRun

BEGUN = "shutdowns_begun"  # names of the shutdowns that this tab has begun
COLUMNS = pa.schema(
    {
        "Resource": pa.string(),
        "Region": pa.string(),
        "Result": pa.list_(pa.string()),
        "$/h": pa.float64(),
        "Reason": pa.string(),
        "Details": pa.string(),
    }
)


def begin(account: Account, steps: list[Step], typed: Confirmation, reasons: Mapping[Key, str] | None = None) -> None:
    """Begin a shutdown in the background. Raises AwsError, and then nothing is shut down."""
    run = background.SERVER.start(account, steps, typed, reasons)
    st.session_state.setdefault(BEGUN, []).append(run.name)
    changed(account, "shutdowns")


def result(account: Account, only_of_this_tab: bool = False) -> None:
    """The result of the last shutdown until somebody dismisses it. Raises AwsError."""
    found = shutdown_queries.runs(account)
    for unreadable in found.unreadable:
        st.error(plain(str(unreadable)), icon=":material/visibility_off:")
    mine = st.session_state.get(BEGUN, ())
    told = [
        run
        for run in found.runs
        if run.ended and not run.seen and not run.by_rule and (run.name in mine or not only_of_this_tab)
    ]
    if not told:
        return
    run = told[-1]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            icon = ":material/error:" if run.count(*UNDONE) else ":material/check_circle:"
            st.markdown(f"{icon} {shutdown_runs_view.summary(run.steps, run.stop_reason)}", width="stretch")
            if st.button("Dismiss", key="shutdown_dismiss", icon=":material/close:"):
                for one in told:
                    shutdown_runs.change(account, one, seen=True)
                changed(account, "shutdowns")
                st.rerun()
        rows = table(run)
        st.dataframe(
            rows,
            key="shutdown_result",
            hide_index=True,
            height=status_badges.table_height(len(rows)),
            placeholder="unknown",
            column_order=[name for name in COLUMNS.names if _varies(name, run, account)],
            column_config={
                "Result": status_badges.status_column((step.state for step in run.steps), "Result", width=130),
                "$/h": st.column_config.NumberColumn(format="$%.3f", width=80),
                "Details": st.column_config.TextColumn(width="large"),
            },
        )


def table(run: ShutdownRun) -> pa.Table:
    """A row for each resource, those that still run first."""
    rows = [
        {
            "Resource": step.step.title,
            "Region": step.step.resource.region,
            "Result": status_badges.chip(step.state),
            "$/h": step.step.resource.usd_per_hour,
            "Reason": step.why,
            "Details": step.sentence,
        }
        for step in sorted(run.steps, key=lambda step: step.state not in UNDONE)
    ]
    return pa.Table.from_pylist(rows, COLUMNS)


def _varies(column: str, run: ShutdownRun, account: Account) -> bool:
    """Whether a column says anything here."""
    if column == "Region":
        return {step.step.resource.region for step in run.steps} != {account.region}
    return column != "Reason" or run.by_rule
