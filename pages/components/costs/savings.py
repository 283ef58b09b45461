"""What shutdowns have saved so far: the ledger as a sentence, a curve and a table."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.csv
import streamlit as st

from pages.components.queries import costs as cost_queries
from pages.components.shell.formats import count, dollars, dollars_an_hour, plain
from services.aws.account import Account
from services.costs import ledger as cost_ledger
from services.costs.ledger import LedgerEntry, Savings
from services.inventory.resources import BillableResource

WORTH_DRAWING = 0.01  # dollars
STATUS_WORDS = {"parked": "paused", "gone": "deleted"}  # statuses of ours in stored entries, as the screen says them
COLUMNS = pa.schema(
    {
        "Time": pa.timestamp("s", tz="UTC"),
        "Kind": pa.string(),
        "Name": pa.string(),
        "$/h": pa.float64(),
        "Status after": pa.string(),
        "API calls": pa.string(),
        "By": pa.string(),
        "Reason": pa.string(),
    }
)


def section(account: Account, running: Sequence[BillableResource]) -> None:
    """The section, if there was a shutdown. Raises AwsError."""
    ledger = cost_queries.ledger(account)
    for unreadable in ledger.unreadable:
        st.warning(plain(str(unreadable)), icon=":material/visibility_off:")
    shutdowns = ledger.entries
    if not shutdowns:
        return
    now = datetime.now(UTC)
    with st.container(border=True):
        st.subheader("Shutdowns so far", anchor=False)
        savings = cost_ledger.savings(shutdowns, now, running)
        st.markdown(sentence(savings, len(shutdowns)))
        if savings.usd_so_far >= WORTH_DRAWING:
            st.plotly_chart(
                curve(cost_ledger.saved_over_time(shutdowns, now, running)),
                key="savings",
                config={"displayModeBar": False},
                alt="Dollars saved over time",
            )
        rows = table(shutdowns)
        st.dataframe(
            rows,
            key="ledger",
            hide_index=True,
            placeholder="unknown",
            column_config={
                "Time": st.column_config.DatetimeColumn(format="distance"),
                "$/h": st.column_config.NumberColumn(format="$%.3f", width=90),
            },
        )
        st.download_button(
            "Download as CSV",
            lambda: as_csv(rows),
            "shutdowns.csv",
            "text/csv",
            key="ledger_csv",
            icon=":material/download:",
            on_click="ignore",
        )


def sentence(savings: Savings, shutdowns: int) -> str:
    """What the ledger adds up to."""
    unpriced = f" {savings.unpriced} of them had no known price and are not included." if savings.unpriced else ""
    failed = f" {savings.failed} failed at creation: no price until AWS's bill says one." if savings.failed else ""
    return (
        f"**{plain(dollars(savings.usd_so_far))} saved so far** by {count(shutdowns, 'shutdown')}, "
        f"{plain(dollars_an_hour(savings.usd_per_hour))} in total.{unpriced}{failed}"
    )


def curve(saved_by: list[tuple[datetime, float]]) -> go.Figure:
    """Dollars saved over time."""
    figure = go.Figure(
        go.Scatter(
            x=[moment for moment, _ in saved_by],
            y=[amount for _, amount in saved_by],
            mode="lines",
            fill="tozeroy",
            hovertemplate="%{x|%d %b %H:%M}: $%{y:,.2f}<extra></extra>",
        )
    )
    figure.update_layout(height=200, margin={"l": 0, "r": 0, "t": 10, "b": 0}, showlegend=False)
    figure.update_yaxes(tickformat="$,.2f", rangemode="tozero")
    return figure


def table(shutdowns: Sequence[LedgerEntry]) -> pa.Table:
    """A row a shutdown, the latest first."""
    rows = [
        {
            "Time": entry.at,
            "Kind": entry.kind,
            "Name": entry.name,
            "$/h": entry.usd_per_hour,
            "Status after": STATUS_WORDS.get(entry.state, entry.state),
            "API calls": ", then ".join(entry.calls),
            "By": entry.by,
            "Reason": entry.why,
        }
        for entry in reversed(shutdowns)
    ]
    return pa.Table.from_pylist(rows, COLUMNS)


def as_csv(rows: pa.Table) -> bytes:
    """The table as a file."""
    out = io.BytesIO()
    pa.csv.write_csv(rows, out)
    return out.getvalue()
