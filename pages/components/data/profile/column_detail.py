"""One column in detail: its statistics, its most frequent values, and how it is spread over the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.components.data import charts as data_charts
from pages.components.data import plan_state
from pages.components.data.profile import profile_charts
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats
from services.data.class_names import class_name
from services.data.profiling import column_facts
from services.data.profiling.column_profile import ColumnProfile
from services.visible_text import visible

if TYPE_CHECKING:
    import pandas as pd

FIRST = "Columns with the strongest association with the target first"


def show(choice: Choice, rows: pd.DataFrame, target: str, order: Sequence[str]) -> None:
    """Statistics and most frequent values of the chosen column, then the column by class."""
    profiles = {profile.name: profile for profile in table_cache.profiles(choice.identity, rows)}
    column = _choose("detail", [*order, target])
    profile = profiles[column]
    for note in profile.notes:
        st.markdown(f":orange-badge[:material/warning: {formats.plain(note)}]")
    facts, picture = st.columns([2, 3], gap="large")
    facts.dataframe(_table(column_facts.facts(profile)), hide_index=True, key="facts", height="content")
    if profile.top:
        with picture.container(border=True):
            st.markdown("##### Most frequent values")
            st.plotly_chart(
                profile_charts.top_values(profile),
                key="top_values",
                config=data_charts.CONFIG,
                alt=f"Most frequent values of {column}",
            )
    if column != target:
        _spread(choice, rows, target, column, "detail_spread")


def by_class(choice: Choice, rows: pd.DataFrame, target: str, order: Sequence[str]) -> None:
    """One column within each class of the target, or each quarter of a target of numbers, with its statistics there."""
    if not order:
        st.info("No other column.")
        return
    column = _choose("column", list(order))
    if not _spread(choice, rows, target, column, "spread_chart"):
        return
    kind = plan_state.current((*choice.identity, target)).kind
    groups = table_cache.target_groups(choice.identity, target, kind, rows)
    profiles = table_cache.group_profiles(choice.identity, column, target, kind, rows)
    if groups:
        heading = groups.noun.capitalize()
        st.dataframe(_by_group(heading, profiles), hide_index=True, key="by_group")


def _choose(key: str, options: Sequence[str]) -> str:
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    return str(st.selectbox("Column", options, key=key, width=320, help=FIRST))


def _spread(choice: Choice, rows: pd.DataFrame, target: str, column: str, key: str) -> bool:
    """The column over the classes or quarters of the target; false where it has none."""
    kind = plan_state.current((*choice.identity, target)).kind
    groups = table_cache.target_groups(choice.identity, target, kind, rows)
    if not groups or len(groups.order) < 2:
        st.info("Choose a target with two to 20 classes, or with numbers, to compare their distributions.")
        return False
    seen = table_cache.distribution(choice.identity, column, target, kind, rows)
    with st.container(border=True):
        st.markdown(f"##### {formats.plain(column)} by {groups.noun} of {formats.plain(target)}")
        st.plotly_chart(
            profile_charts.distribution(seen, column, groups.order, groups.noun),
            key=key,
            config=data_charts.CONFIG,
            alt=f"Distribution of {column} within each {groups.noun} of {target}",
        )
        if seen.outside:
            numeric = bool(seen.places) and isinstance(seen.places[0], float)
            beyond = formats.count(seen.outside, "outlier" if numeric else "row")
            verb = "is" if seen.outside == 1 else "are"
            st.caption(f"{beyond}{'' if numeric else ' with rarer values'} {verb} outside the chart.")
    return True


def _by_group(heading: str, profiles: Mapping[str, ColumnProfile]) -> dict[str, list[str]]:
    """One row a class or quarter."""
    named = [class_name(name) if heading == "Class" else name for name in profiles]
    table = {heading: [visible(name) for name in named]}
    for label in column_facts.COMPARED:
        cells = [dict(column_facts.facts(profile)).get(label, "") for profile in profiles.values()]
        if any(cells):
            table[label] = [visible(cell) for cell in cells]
    return table


def _table(facts: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return {"Statistic": [label for label, _ in facts], "Value": [visible(text) for _, text in facts]}
