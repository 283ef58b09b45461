"""What a table looks like: its size, its rows, statistics and associations of its columns, and each column by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.components.data import charts as data_charts
from pages.components.data import plan_state
from pages.components.data.profile import column_detail, describe_table, profile_charts, profile_downloads
from pages.components.data.recipe import steps_editor
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats, metric_card
from services.data.profiling.associations import TargetAssociations
from services.data.profiling.correlations import CorrelationMeasure
from services.data.reading import missing_cells
from services.errors import Problem

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

COUNTED = "duplicates_counted"  # in session state: the table whose duplicates are known
MOST_CORRELATED = 30  # columns of a heat map


def measures(choice: Choice, rows: pd.DataFrame) -> DeltaGenerator:
    """The table in four numbers; returns the place of the fifth, which takes longer: see `duplicates`."""
    seen = table_cache.overview(choice.identity, rows)
    with st.container(horizontal=True):
        metric_card.number("Rows", formats.count(seen.rows))
        metric_card.number("Columns", formats.count(seen.columns))
        metric_card.number("Missing cells", formats.count(seen.missing), meaning=missing_cells.HELP)
        metric_card.number("Memory", formats.size(seen.memory))
        place = st.container(width=metric_card.WIDTH).empty()
    if st.session_state.get(COUNTED) == choice.identity:
        duplicates(place, choice, rows)
    else:
        with place:
            metric_card.number("Duplicate rows", "…")
    return place


def duplicates(place: DeltaGenerator, choice: Choice, rows: pd.DataFrame) -> None:
    """How many rows repeat an earlier one; called last, so that nothing waits for it."""
    with place:
        count = table_cache.duplicates(choice.identity, rows)
        st.session_state[COUNTED] = choice.identity
        metric_card.number(
            "Duplicate rows", formats.count(count), meaning="Rows that equal an earlier row in every cell"
        )


def look(choice: Choice, rows: pd.DataFrame, target: str) -> None:
    """Rows, statistics, associations and distributions; only the open tab is computed."""
    names = ["Rows", "Describe", "Columns", "Associations", "By class"]
    first, numbers, detail, strengths, by_class = st.tabs(names, key="view", on_change="rerun")
    if first.open:
        first.dataframe(rows, lazy=True, hide_index=True, height=300, key="head")
    if numbers.open:
        with numbers:
            describe_table.show(table_cache.profiles(choice.identity, rows))
    if detail.open:
        with detail:
            column_detail.show(choice, rows, target, _strongest_first(choice, rows, target))
    if strengths.open:
        with strengths:
            _associations(choice, rows, target)
    if by_class.open:
        with by_class:
            column_detail.by_class(choice, rows, target, _strongest_first(choice, rows, target))
    profile_downloads.buttons(choice, rows, target, plan_state.current((*choice.identity, target)).split)


def _strongest_first(choice: Choice, rows: pd.DataFrame, target: str) -> list[str]:
    """The other columns, those first that go most strongly with the target; as they come where that is unknown."""
    try:
        return [column.column for column in _of_target(choice, rows, target).columns]
    except Problem:
        return [str(name) for name in rows.columns if name != target]


def _of_target(choice: Choice, rows: pd.DataFrame, target: str) -> TargetAssociations:
    plan = plan_state.current((*choice.identity, target))
    left = steps_editor.rows_left(choice, rows, target, plan)
    return table_cache.target_associations(steps_editor.left(choice, plan).identity, target, plan, left)


def _associations(choice: Choice, rows: pd.DataFrame, target: str) -> None:
    """The columns ranked by their association with the target, and how they go together."""
    found = _of_target(choice, rows, target)
    st.markdown(f"##### Association with {formats.plain(target)}")
    st.caption(
        "0 is no association, 1 means that the column tells the target; corrected for chance, and Cramér's V for two "
        "classes. Numbers are cut into 20 bins, those of the target into 10, so that text and numbers compare. "
        f"Computed from the {formats.count(found.rows, 'training row')} only, not "
        "from validation and test rows."
    )
    if not found.columns:
        st.info("No other column.")
        return
    st.plotly_chart(
        profile_charts.associations(found.columns),
        key="associations",
        config=data_charts.CONFIG,
        alt=f"Columns by their association with {target}",
    )
    if (others := len(found.columns) - profile_charts.MOST_BARS) > 0:
        st.caption(
            f"{formats.count(others, 'column')} with weaker association {'is' if others == 1 else 'are'} not shown."
        )
    _correlations(choice, rows, found)


def _correlations(choice: Choice, rows: pd.DataFrame, found: TargetAssociations) -> None:
    st.markdown("##### Correlations between columns")
    measure = st.segmented_control(
        "Measure",
        list(CorrelationMeasure),
        default=CorrelationMeasure.PEARSON,
        required=True,
        key="correlation",
        help="Pearson and Spearman compare numbers, Cramér's V text and true/false",
    )
    kinds = ("text", "true/false") if measure is CorrelationMeasure.CRAMER else ("number",)
    columns = [column.column for column in found.columns if column.kind in kinds]
    shown = tuple(columns[:MOST_CORRELATED])
    if len(shown) < 2:
        st.info(f"Fewer than two columns of {'text' if measure is CorrelationMeasure.CRAMER else 'numbers'}.")
        return
    table = table_cache.correlations(choice.identity, measure, shown, rows)
    st.plotly_chart(
        profile_charts.heat_map(table),
        key="correlations",
        config=data_charts.CONFIG,
        alt=f"{measure} of each pair of columns",
    )
    told = f"Of all {formats.count(len(rows), 'row')}; strongest association with the target first."
    if len(columns) > len(shown):
        told = f"{told} The first {len(shown)} of {formats.count(len(columns), 'column')} are shown."
    st.caption(told)
