"""From the plan to prepared data: name, positive class, columns, split, and the button."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.data import column_editor, plan_state, resampling_form, split_form
from pages.components.data import show_code as data_code
from pages.components.data.recipe import lost_cells, steps_editor
from pages.components.data.target_form import ShownTarget
from pages.components.queries import table_cache
from pages.components.queries.changes import changed
from pages.components.queries.table_cache import Choice
from pages.components.shell import code_block, formats, page_frame, url_selection
from services.aws.account import Account
from services.data import prepare as data_preparation
from services.data import target as targets
from services.data.division.partition import SplitMethod
from services.data.division.row_times import time_reading
from services.data.preparation_plan import PreparationPlan
from services.data.reading.file_reader import FileTable
from services.data.target_kind import TargetKind

KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page


def draw(account: Account, choice: Choice, table: FileTable, target: str, shown: ShownTarget) -> None:
    """The form that makes a prepared data set."""
    plan = plan_state.current((*choice.identity, target))
    left_rows = steps_editor.rows_left(choice, table.frame, target, plan)
    st.subheader("Prepare for training", anchor=False)
    st.caption(
        "Split into train, validation and test; CSV without header, target in the first column. Text becomes numbers "
        "as chosen below, learned from the train rows only; no scaling, no imputation unless you add it."
    )
    wide, narrow = st.columns([2, 1])
    with wide:
        name = _name(choice)
    with narrow:
        positive = _positive(plan, shown)
    suggested = [use for use in table_cache.column_uses(choice.identity, table.frame) if use.name != target]
    column_editor.edit(plan, suggested)
    if shown.missing:
        _drop_missing(plan, shown)
    plan = plan_state.current((*choice.identity, target))  # the editor may have changed it
    lost_cells.warn(choice, table.frame, plan, suggested)
    steps_editor.edit(choice, table.frame, target, plan, suggested)
    left = steps_editor.left(choice, plan)
    parts = split_form.draw(plan, left, left_rows, target, positive, suggested)
    resampling_form.draw(plan, choice, table.frame, target, positive, suggested, parts)
    chosen = {"name": name, "target": target, "positive": positive, **plan.options(suggested), "kind": shown.kind}
    if st.button("Prepare and upload", key="prepare", type="primary", icon=":material/upload:"):
        with page_frame.panel():
            sha256 = table_cache.source_sha256(choice, table.frame)
            kept = {"source": choice.source, "source_sha256": sha256, "weighted": plan.weighted}
            upload(account, table.frame, **kept, **chosen)
    with st.expander("Show the code", icon=":material/code:"), page_frame.panel():
        code_block.show(script(account, choice, table, left_rows, chosen), "python")


def _name(choice: Choice) -> str:
    if st.session_state.get("name_of") != choice.identity:  # typed values stay until another table is chosen
        st.session_state["name_of"], st.session_state["name"] = choice.identity, choice.name
    return st.text_input("Name", key="name", help="Letters, digits and hyphens, up to 40", **KEPT)


def _positive(plan: PreparationPlan, shown: ShownTarget) -> str | None:
    """The class that is coded as 1; None where there are several, or numbers."""
    if not shown.balance or shown.kind is not TargetKind.TWO_CLASSES:
        return None
    names = list(shown.balance.counts)
    st.session_state["positive"] = plan.positive if plan.positive in names else shown.balance.positive
    return st.selectbox(
        "Positive class",
        names,
        key="positive",
        help="Coded as 1; all other classes as 0",
        on_change=_take,
        args=(plan, "positive"),
    )


def _drop_missing(plan: PreparationPlan, shown: ShownTarget) -> None:
    st.session_state["drop_missing_target"] = plan.drop_missing_target
    st.checkbox(
        f"Drop {formats.count(shown.missing, 'row')} without a {'class' if shown.balance else 'number'}",
        key="drop_missing_target",
        on_change=_take,
        args=(plan, "drop_missing_target"),
    )


def _take(plan: PreparationPlan, member: str) -> None:
    plan_state.change(plan.model_copy(update={member: st.session_state[member]}))


def upload(account: Account, rows: pd.DataFrame, **chosen: Any) -> None:
    """Prepare the data under a progress bar."""
    bar = st.progress(0.0, "Splitting and writing three files")

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


def script(account: Account, choice: Choice, table: FileTable, left_rows: pd.DataFrame, chosen: dict[str, Any]) -> str:
    """The code of this step; `left_rows` are what row steps leave of the table.

    Raises Problem for a target that cannot be learned.
    """
    members = dict(chosen)
    target, kind, positive = (members.pop(member) for member in ("target", "kind", "positive"))
    goal = targets.read(left_rows, target, kind, positive, drop_missing=True)
    by = chosen["parts"]
    times = time_reading(table.frame[by.column]) if by.method is SplitMethod.TIME and by.column in table.frame else None
    return data_code.script(account, choice, table.code, left_rows[target], goal, times=times, **members)
