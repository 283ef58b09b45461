"""What one step does: counts and the first training rows, before and after it."""

from __future__ import annotations

import streamlit as st

from pages.components.shell import formats
from services.data.recipe.step import number_text
from services.data.recipe.step_preview import ColumnFacts, RowStepPreview, StepPreview


def draw(seen: StepPreview | RowStepPreview, key: str) -> None:
    """The preview of a step, opened by a button beside it."""
    if isinstance(seen, RowStepPreview):
        left = f"{seen.rows_after:,} of {formats.count(seen.rows_before, 'row')} left"
        st.caption(formats.plain(f"Classes: {', '.join(seen.classes)}" if seen.classes else left), width="content")
        return
    with st.popover("Preview", icon=":material/visibility:", key=key, on_change="rerun") as opened:
        if opened.open:
            _tables(seen)


def _tables(seen: StepPreview) -> None:
    import pandas as pd

    facts = [("Before", name, fact) for name, fact in seen.facts_before.items()]
    facts += [("After", name, fact) for name, fact in seen.facts_after.items()]
    st.dataframe(
        {
            "": [when for when, _, _ in facts],
            "Column": [name for _, name, _ in facts],
            "Missing": [formats.count(fact.missing) for _, _, fact in facts],
            "Distinct": [formats.count(fact.distinct) for _, _, fact in facts],
            "Range": [_range(fact) for _, _, fact in facts],
        },
        hide_index=True,
        key="preview_facts",
        column_config={"Range": st.column_config.TextColumn("Range", width=160)},
    )
    before, after = seen.first_before.add_suffix(" before"), seen.first_after.add_suffix(" after")
    st.dataframe(pd.concat([before, after], axis=1), hide_index=True, key="preview_rows")
    rows = formats.count(seen.rows, "training row")
    changed = "" if seen.changed is None else f"{formats.count(seen.changed, 'cell')} changed. "
    st.caption(f"{changed}Counts of all {rows}, and the first {len(before)} of them.")


def _range(fact: ColumnFacts) -> str:
    if fact.least is None or fact.most is None:
        return "text" if fact.distinct else "empty"
    return f"{number_text(fact.least)} to {number_text(fact.most)}"
