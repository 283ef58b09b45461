"""What a table looks like: its size, its rows, statistics of each column, and each column by class."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.data import charts as data_charts
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats, metric_card
from services.data.profiling.profile import ClassBalance
from services.data.reading import missing_cells


def measures(choice: Choice, rows: pd.DataFrame) -> None:
    """The table in four numbers."""
    seen = table_cache.overview(choice.identity, rows)
    with st.container(horizontal=True):
        metric_card.number("Rows", formats.count(seen.rows))
        metric_card.number("Columns", formats.count(seen.columns))
        metric_card.number("Missing cells", formats.count(seen.missing), meaning=missing_cells.HELP)
        metric_card.number("Memory", formats.size(seen.memory))


def look(choice: Choice, rows: pd.DataFrame, target: str, balance: ClassBalance | None) -> None:
    """Rows, statistics and distributions; only the open tab is computed."""
    names = ["Rows", "Describe", "Columns", "By class"]
    first, numbers, kinds, by_class = st.tabs(names, key="view", on_change="rerun")
    if first.open:
        first.dataframe(rows, lazy=True, hide_index=True, height=300, key="head")
    if numbers.open:
        described = table_cache.described(choice.identity, rows)
        if described.empty:
            numbers.info("No numeric columns.")
        else:
            numbers.dataframe(described, key="describe")
            if described.loc[described["count"] > 1, "std"].isna().any():
                numbers.caption("An empty statistic is larger than any number of 64 bits.")
    if kinds.open:
        kinds.dataframe(
            table_cache.columns(choice.identity, rows),
            hide_index=True,
            key="columns",
            column_config={
                "column": "Column",
                "type": "Type",
                "missing": st.column_config.NumberColumn("Missing", format="localized"),
                "share": st.column_config.NumberColumn("Missing share", format="percent"),
                "distinct": st.column_config.NumberColumn("Distinct values", format="localized"),
            },
        )
    if by_class.open:
        with by_class:
            spread(choice, rows, target, balance)


def spread(choice: Choice, rows: pd.DataFrame, target: str, balance: ClassBalance | None) -> None:
    """One column within each class."""
    if not balance or len(balance.counts) < 2:
        st.info("Choose a target with two classes to compare their distributions.")
        return
    apart = table_cache.separations(choice.identity, target, balance.positive, rows)
    options = [*apart.index, *(name for name in rows.columns if name not in apart.index and name != target)]
    if st.session_state.get("column") not in options:
        st.session_state["column"] = options[0]
    column = st.selectbox(
        "Column", options, key="column", width=320, help="Columns with the largest difference between classes first"
    )
    seen = table_cache.distribution(choice.identity, column, target, rows)
    order = sorted(balance.counts, key=lambda name: name == balance.positive)
    st.plotly_chart(
        data_charts.distribution(seen, column, order),
        key="spread_chart",
        config=data_charts.CONFIG,
        alt=f"Distribution of {column} within each class",
    )
    if seen.outside:
        numeric = bool(seen.places) and isinstance(seen.places[0], float)
        beyond = formats.count(seen.outside, "outlier" if numeric else "row")
        verb = "is" if seen.outside == 1 else "are"
        st.caption(f"{beyond}{'' if numeric else ' with rarer values'} {verb} outside the chart.")
