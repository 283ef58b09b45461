"""The form that adds a step of one's own to the recipe: an operation, a column that it applies to, its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.data import plan_state
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats, page_frame
from services.data.preparation_plan import PreparationPlan
from services.data.recipe.column_types import ColumnUse
from services.data.recipe.recipe import (
    AnyRowStep,
    AnyStep,
    Clip,
    Drop,
    FillMissing,
    FillWith,
    Frequency,
    Log,
    Negatives,
    Ordinal,
    Rename,
)
from services.data.recipe.row_steps import Comparison, DropDuplicates, KeepRows, MapTarget
from services.data.recipe.step_preview import ColumnState

KEPT: dict[str, Any] = {"persist_state": "session"}  # what is filled in survives a visit to another page
QUANTILES, BOUNDS = "Quantiles of the training rows", "Given bounds"
NEGATIVES = {
    Negatives.REFUSED: "Refuse a table with negative numbers",
    Negatives.SIGNED: "Signed: -log(1 - x) of negative numbers",
}


@dataclass(frozen=True)
class ColumnOperation:
    """An operation over one column: which columns it applies to, and the fields of its step."""

    applies: Callable[[ColumnState], bool]
    step: Callable[[str, ColumnState], AnyStep]
    nothing: str = "No column is left."  # where it applies to none


def draw(
    choice: Choice, rows: pd.DataFrame, target: str, plan: PreparationPlan, suggested: Sequence[ColumnUse]
) -> None:
    """The form, folded until it is needed; what cannot be added is one sentence and stays filled in."""
    form = st.expander("Add step", icon=":material/add:", key="add_step_form", on_change="rerun")
    if not form.open:
        return
    with form, page_frame.panel():
        operation = st.selectbox("Operation", [*COLUMN_OPERATIONS, *ROW_OPERATIONS], key="step_operation", **KEPT)
        if operation in COLUMN_OPERATIONS:
            preview = table_cache.preview(choice.identity, target, plan, suggested, rows)
            step = _column_step(COLUMN_OPERATIONS[operation], preview.recipe.columns)
            wanted = step and plan.model_copy(update={"steps": (*plan.steps, step)})
        else:
            row_step = ROW_OPERATIONS[operation](choice, rows, target, plan)
            wanted = plan.model_copy(update={"row_steps": (*plan.row_steps, row_step)})
        if wanted and st.button("Add step", key="add_step", icon=":material/add:", type="primary"):
            checked = table_cache.preview(choice.identity, target, wanted, suggested, rows)
            if checked.recipe.problem:
                raise checked.recipe.problem
            plan_state.change(wanted)
            st.rerun()


def _column_step(operation: ColumnOperation, columns: Mapping[str, ColumnState]) -> AnyStep | None:
    names = [name for name, state in columns.items() if operation.applies(state)]
    if not names:
        st.info(operation.nothing, icon=":material/info:")
        return None
    column = st.selectbox("Column", names, key="step_column", **KEPT)
    return operation.step(column, columns[column])


def _fill(column: str, state: ColumnState) -> AnyStep:
    options = list(FillWith) if state.is_number else [FillWith.MOST_FREQUENT, FillWith.CONSTANT]
    st.caption(f"{formats.count(state.missing, 'training row')} without a value.")
    key = "step_fill_with" if state.is_number else "step_fill_text_with"  # each with a default of its own
    by = FillWith(st.selectbox("Fill with", options, key=key, format_func=str.capitalize, **KEPT))
    value: float | str | None = None
    if by is FillWith.CONSTANT and state.is_number:
        value = st.number_input("Constant", value=0.0, key="step_number", format="%.6g", **KEPT)
    elif by is FillWith.CONSTANT:
        value = st.text_input("Constant", key="step_text", **KEPT)
    indicator = st.checkbox("Mark filled cells in a column of their own", key="step_indicator", **KEPT)
    return FillMissing(column=column, by=by, value=value, indicator=indicator)


def _clip(column: str, state: ColumnState) -> AnyStep:
    how = st.radio("Bounds", [QUANTILES, BOUNDS], key="step_bounds", horizontal=True, **KEPT)
    left, right = st.columns(2)
    if how == QUANTILES:
        low = left.number_input("Lower quantile (%)", 0.0, 100.0, 1.0, key="step_low_quantile", **KEPT)
        high = right.number_input("Upper quantile (%)", 0.0, 100.0, 99.0, key="step_high_quantile", **KEPT)
        return Clip(column=column, quantiles=(low / 100, high / 100))
    lower = left.number_input("Lower bound", value=None, key="step_lower", format="%.6g", placeholder="None", **KEPT)
    upper = right.number_input("Upper bound", value=None, key="step_upper", format="%.6g", placeholder="None", **KEPT)
    return Clip(column=column, lower=lower, upper=upper)


def _log(column: str, state: ColumnState) -> AnyStep:
    negatives = st.selectbox(
        "Negative numbers", list(Negatives), key="step_negatives", format_func=NEGATIVES.__getitem__, **KEPT
    )
    return Log(column=column, negatives=negatives)


def _rename(column: str, state: ColumnState) -> AnyStep:
    return Rename(column=column, to=st.text_input("New name", key="step_name", **KEPT).strip())


def _filter(choice: Choice, rows: pd.DataFrame, target: str, plan: PreparationPlan) -> AnyRowStep:
    left, middle, right = st.columns(3)
    column = left.selectbox("Column", [str(name) for name in rows.columns], key="step_filter_column", **KEPT)
    comparison = Comparison(middle.selectbox("Comparison", list(Comparison), key="step_comparison", **KEPT))
    value = ""
    if comparison.takes_value:
        help_text = "A number, a text, or a date such as 2026-11-29"
        value = right.text_input("Value", key="step_value", help=help_text, **KEPT).strip()
    return KeepRows(column=column, comparison=comparison, value=value)


def _duplicates(choice: Choice, rows: pd.DataFrame, target: str, plan: PreparationPlan) -> AnyRowStep:
    st.caption("Of rows that are equal in every column of the table, excluded ones too, the first is kept.")
    return DropDuplicates()


def _classes(choice: Choice, rows: pd.DataFrame, target: str, plan: PreparationPlan) -> AnyRowStep:
    left = table_cache.rows_left(choice.identity, target, plan, rows)
    balance = table_cache.class_balance((*choice.identity, repr(plan.row_steps)), target, left)
    classes = st.multiselect("Classes", list(balance.counts), key="step_classes", **KEPT)
    name = st.text_input("New class name", key="step_class_name", **KEPT).strip()
    return MapTarget(classes=dict.fromkeys(classes, name))


COLUMN_OPERATIONS = {
    "Fill missing cells": ColumnOperation(lambda state: state.missing > 0, _fill, "No column has missing cells."),
    "Clip outliers": ColumnOperation(lambda state: state.is_number, _clip, "No column holds numbers."),
    "Take logarithm": ColumnOperation(lambda state: state.is_number, _log, "No column holds numbers."),
    "Encode by alphabetical place": ColumnOperation(
        lambda state: not state.is_number, lambda column, state: Ordinal(column=column), "No column holds text."
    ),
    "Encode by frequency": ColumnOperation(
        lambda state: not state.is_number, lambda column, state: Frequency(column=column), "No column holds text."
    ),
    "Rename column": ColumnOperation(lambda state: True, _rename),
    "Drop column": ColumnOperation(lambda state: True, lambda column, state: Drop(column=column)),
}
ROW_OPERATIONS: dict[str, Callable[[Choice, pd.DataFrame, str, PreparationPlan], AnyRowStep]] = {
    "Keep rows": _filter,
    "Drop duplicate rows": _duplicates,
    "Rename or merge classes": _classes,
}
