"""Which columns become features and how: a table in which each choice can be changed."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.components.shell import formats
from services.data.recipe import column_types
from services.data.recipe.column_types import ColumnUse, Encoding

USED, BECOMES, MISSING_VALUES = "Use", "Becomes", "Missing values"
STORED = "column_choices"  # in session state: what was chosen last, of which table and target
RESETS = "column_resets"  # in session state: how often suggestions were restored


def edit(of: tuple[object, ...], suggested: Sequence[ColumnUse]) -> tuple[list[str], tuple[ColumnUse, ...]]:
    """The columns that are left out, and how the others are used; `of` says which table and target it is."""
    import pandas as pd

    key = widget_key(of, st.session_state.get(RESETS, 0))
    before: dict[str, tuple[bool, str, str]] = st.session_state.get(STORED, {}).get(of, {})
    base = st.session_state.get(f"{key}_base")
    if base is None or key not in st.session_state:  # also after a visit to another page
        base = st.session_state[f"{key}_base"] = {use.name: _usual(use) for use in suggested} | before
    edited = st.data_editor(
        pd.DataFrame(
            {
                USED: [base[use.name][0] for use in suggested],
                "Column": [use.name for use in suggested],
                "Holds": [str(use.holds) for use in suggested],
                "Missing": [use.missing for use in suggested],
                MISSING_VALUES: [base[use.name][2] for use in suggested],
                BECOMES: [base[use.name][1] for use in suggested],
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
    chosen = {
        name: (bool(used), str(becomes), str(words or ""))
        for name, used, becomes, words in zip(
            edited["Column"], edited[USED], edited[BECOMES], edited[MISSING_VALUES], strict=True
        )
    }
    st.session_state[STORED] = {of: chosen}
    if chosen != {use.name: _usual(use) for use in suggested}:
        st.button("Restore suggestions", key="restore_columns", icon=":material/undo:", on_click=_restore)
    return [name for name, (used, _, _) in chosen.items() if not used], tuple(
        replace(use, encoding=Encoding(chosen[use.name][1]), missing_values=_words(chosen[use.name][2]))
        for use in suggested
        if chosen[use.name][0]
    )


def widget_key(of: tuple[object, ...], resets: int = 0) -> str:
    """A key of its own for each table and target, so that no choice lands on another table's column."""
    return f"columns_used_{zlib.crc32(repr(of).encode())}_{resets}"


def _usual(use: ColumnUse) -> tuple[bool, str, str]:
    """Whether a column is used, what it becomes, and its missing values as typed, as suggested."""
    return not use.is_left_out, str(use.encoding), ", ".join(use.missing_values)


def _restore() -> None:
    st.session_state[STORED] = {}
    st.session_state[RESETS] = st.session_state.get(RESETS, 0) + 1


def told(suggested: Sequence[ColumnUse], used: Sequence[ColumnUse]) -> None:
    """How many columns are text, and what becomes of them, in a sentence."""
    names = {use.name: use for use in used}
    now = [names.get(use.name, use) for use in suggested]
    if said := column_types.sentence(now, [use.name for use in suggested if use.name not in names]):
        st.markdown(f"**{formats.plain(said)}**")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
