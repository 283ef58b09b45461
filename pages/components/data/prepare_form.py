"""From the plan to prepared data: name, positive class, columns, split, and the button."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.data import column_editor, plan_state, split_form
from pages.components.data import show_code as data_code
from pages.components.queries import table_cache
from pages.components.queries.changes import changed
from pages.components.queries.table_cache import Choice
from pages.components.shell import code_block, formats, page_frame, url_selection
from services.aws.account import Account
from services.data import class_names
from services.data import prepare as data_preparation
from services.data.preparation_plan import PreparationPlan
from services.data.profiling.profile import ClassBalance
from services.data.reading.file_reader import FileTable

KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page
SHARES = "70 % train, 20 % validation, 10 % test"


def draw(account: Account, choice: Choice, table: FileTable, target: str, balance: ClassBalance) -> None:
    """The form that makes a prepared data set."""
    plan = plan_state.current((*choice.identity, target))
    st.subheader("Prepare for training", anchor=False)
    st.caption(
        f"Shuffled and split into {SHARES}; CSV without header, target in the first column. Text becomes numbers as "
        "chosen below, learned from the train rows only; no scaling, no imputation."
    )
    left, middle, right = st.columns([2, 1, 1])
    with left:
        name = _name(choice)
    with middle:
        positive = _positive(plan, balance)
    with right:
        split_form.edit(plan)
    suggested = [use for use in table_cache.column_uses(choice.identity, table.frame) if use.name != target]
    column_editor.edit(plan, suggested)
    if balance.missing:
        _drop_missing(plan, balance)
    plan = plan_state.current((*choice.identity, target))  # the editor may have changed it
    chosen = {"name": name, "target": target, "positive": positive, **plan.options(suggested)}
    if st.button("Prepare and upload", key="prepare", type="primary", icon=":material/upload:"):
        with page_frame.panel():
            upload(account, table.frame, source=choice.source, weighted=plan.weighted, **chosen)
    with st.expander("Show the code", icon=":material/code:"):
        code_block.show(script(account, choice, table, chosen), "python")


def _name(choice: Choice) -> str:
    if st.session_state.get("name_of") != choice.identity:  # typed values stay until another table is chosen
        st.session_state["name_of"], st.session_state["name"] = choice.identity, choice.name
    return st.text_input("Name", key="name", help="Letters, digits and hyphens, up to 40", **KEPT)


def _positive(plan: PreparationPlan, balance: ClassBalance) -> str:
    names = list(balance.counts)
    st.session_state["positive"] = plan.positive if plan.positive in names else balance.positive
    return st.selectbox(
        "Positive class",
        names,
        key="positive",
        help="Coded as 1; all other classes as 0",
        on_change=_take,
        args=(plan, "positive"),
    )


def _drop_missing(plan: PreparationPlan, balance: ClassBalance) -> None:
    st.session_state["drop_missing_target"] = plan.drop_missing_target
    st.checkbox(
        f"Drop {formats.count(balance.missing, 'row')} without a class",
        key="drop_missing_target",
        on_change=_take,
        args=(plan, "drop_missing_target"),
    )


def _take(plan: PreparationPlan, member: str) -> None:
    plan_state.change(plan.model_copy(update={member: st.session_state[member]}))


def upload(account: Account, rows: pd.DataFrame, **chosen: Any) -> None:
    """Prepare the data under a progress bar."""
    bar = st.progress(0.0, "Shuffling, splitting and writing three files")

    def show(done: int, total: int) -> None:
        if total:
            bar.progress(done / total, f"Uploading, {formats.size(done)} of {formats.size(total)}")

    try:
        data = data_preparation.prepare(account, rows, now=datetime.now(UTC), progress=show, **chosen)
    finally:
        bar.empty()
    changed(account, "data sets")
    url_selection.set_("data", data.name, key="prepared")
    st.success(formats.plain(f"{data.name} is prepared at {data.address}."), icon=":material/check_circle:")


def script(account: Account, choice: Choice, table: FileTable, chosen: dict[str, Any]) -> str:
    """The code of this step; the positive class is written as the cell itself, which may be a number."""
    cells = table.frame[chosen["target"]].dropna().unique()
    cell = next(cell for cell in cells if class_names.class_of(cell) == chosen["positive"])
    positive_cell = cell.item() if hasattr(cell, "item") else cell
    if hasattr(positive_cell, "isoformat"):  # a date, which pandas compares with its text
        positive_cell = str(positive_cell)
    return data_code.script(account, choice, table.code, **{**chosen, "positive": positive_cell})
