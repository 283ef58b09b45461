"""Which columns become features and how: a table in which each choice can be changed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.components.data import plan_state
from pages.components.shell import formats
from services.data.preparation_plan import ColumnChoice, PreparationPlan
from services.data.recipe import column_types
from services.data.recipe.column_types import ColumnUse, Encoding

USED, BECOMES, MISSING_VALUES = "Use", "Becomes", "Missing values"
BASE = "column_editor_base"  # in session state: the plan that the editor on screen began with, and its key


def edit(plan: PreparationPlan, suggested: Sequence[ColumnUse]) -> None:
    """The table of columns; what is changed in it goes into the plan."""
    import pandas as pd

    headline, key = st.container(), widget_key()
    if st.session_state.get(BASE, (None, ""))[1] != key or key not in st.session_state:  # or after another page
        st.session_state[BASE] = (plan, key)
    begun: PreparationPlan = st.session_state[BASE][0]
    choices = [begun.choice(use) for use in suggested]
    edited = st.data_editor(
        pd.DataFrame(
            {
                USED: [choice.used for choice in choices],
                "Column": [use.name for use in suggested],
                "Holds": [str(use.holds) for use in suggested],
                "Missing": [use.missing for use in suggested],
                MISSING_VALUES: [", ".join(choice.missing_values) for choice in choices],
                BECOMES: [str(choice.becomes) for choice in choices],
                "Note": [use.note for use in suggested],
            }
        ),
        key=key,
        hide_index=True,
        disabled=["Column", "Holds", "Missing", "Note"],
        column_config={
            USED: st.column_config.CheckboxColumn(USED, width=50, help="Columns without a tick are left out"),
            "Missing": st.column_config.NumberColumn("Missing", format="localized"),
            MISSING_VALUES: st.column_config.TextColumn(
                MISSING_VALUES, help="Cells that stand for no value, separated by commas, such as ?, -999"
            ),
            BECOMES: st.column_config.SelectboxColumn(BECOMES, options=list(map(str, Encoding)), required=True),
            "Note": st.column_config.TextColumn("Note", width="large"),
        },
    )
    for use, used, becomes, words in zip(suggested, edited[USED], edited[BECOMES], edited[MISSING_VALUES], strict=True):
        choice = ColumnChoice(used=bool(used), becomes=Encoding(becomes), missing_values=_words(str(words or "")))
        plan = plan.with_column(use, choice)
    plan_state.change(plan, by_editor=True)
    if plan.columns:
        st.button("Restore suggestions", key="restore_columns", icon=":material/undo:", on_click=_restore, args=(plan,))
    with headline:
        told(plan, suggested)


def widget_key() -> str:
    """A key of its own for each table, target and change that was not made in the editor itself."""
    return f"columns_used_{plan_state.revision()}"


def _restore(plan: PreparationPlan) -> None:
    plan_state.change(plan.model_copy(update={"columns": {}}))


def told(plan: PreparationPlan, suggested: Sequence[ColumnUse]) -> None:
    """How many columns are text, and what becomes of them, in a sentence."""
    used = {use.name: use for use in plan.uses(suggested)}
    now = [used.get(use.name, use) for use in suggested]
    if said := column_types.sentence(now, [use.name for use in suggested if use.name not in used]):
        st.markdown(f"**{formats.plain(said)}**")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
