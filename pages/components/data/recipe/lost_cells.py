"""Cells that a person's choice of a column's use would make missing: said before anything is prepared."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.components.data import plan_state
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats
from services.data.preparation_plan import PreparationPlan
from services.data.recipe.column_types import ColumnUse, Encoding


def warn(choice: Choice, rows: pd.DataFrame, plan: PreparationPlan, suggested: Sequence[ColumnUse]) -> None:
    """A sentence for each column whose chosen use loses cells, with the button that takes the suggestion again."""
    for place, use in enumerate(plan.uses(suggested)):
        lost = table_cache.unreadable_cells(choice.identity, use, rows) if use.name in plan.columns else 0
        if not lost:
            continue
        read_as = "no number" if use.encoding is Encoding.NUMBER else "no date in this format"
        said = f"{use.name} as {use.encoding}: {lost:,} of {formats.count(len(rows), 'cell')} hold {read_as}"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(formats.plain(f"{said} and become missing."), icon=":material/warning:")
            st.button("Use suggestion", key=f"use_suggestion_{place}", on_click=_restore, args=(plan, use.name))


def _restore(plan: PreparationPlan, column: str) -> None:
    others = {name: chosen for name, chosen in plan.columns.items() if name != column}
    plan_state.change(plan.model_copy(update={"columns": others}))
