"""A form with a field for each column of a raw row, and what the model says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.components.predict import row_answer
from pages.components.shell import formats
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.recipe.recipe import Recipe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIELD = 190  # pixels of a field at least, so that a narrow window has fewer in a row


def show(
    account: Account,
    data: PreparedData,
    recipe: Recipe | None,
    score: Callable[[Any], NDArray[np.float64]],
    where: str,
    threshold: float,
    explain: Callable[[Any, dict[str, Any]], None] | None = None,
) -> None:
    """The form; `score` gives the scores of an Arrow table of features, `where` is the model that does.

    threshold: from which on a score of two classes is the positive one.
    explain:   shows why the model says so, of the features and the cells they were made of.
    """
    _fill_button(account, data, recipe)
    with st.form("row", border=False):
        typed: dict[str, Any] = {}
        with st.grid("auto", min_column_width=FIELD):
            for name in fields(data, recipe):
                typed[name] = cell(name, recipe)
        submitted = st.form_submit_button("Predict", key="predict_row", type="primary", icon=":material/bolt:")
    if submitted:
        from services.endpoints.predict import features_of_row
        from services.evaluation import scoring

        features = features_of_row(typed, data, recipe, "Column values")
        row_answer.show(scoring.of_kind(score(features), data, where)[0], data, threshold)
        if explain:
            explain(features, typed)


def fields(data: PreparedData, recipe: Recipe | None) -> tuple[str, ...]:
    """The columns of a raw row, in their order."""
    return recipe.inputs if recipe else data.features


def cell(name: str, recipe: Recipe | None, key: str = "") -> float | str | None:
    """The field for one column: a number, a category that training rows have, or text; empty is a missing cell."""
    label, key = formats.plain(name), key or field_key(name)
    categories = recipe.categories(name) if recipe else None
    if categories is not None:
        return st.selectbox(label, categories, index=None, key=key, placeholder="Missing", accept_new_options=True)
    if recipe and recipe.is_text(name):
        return st.text_input(label, key=key, placeholder="Missing") or None
    if not recipe:
        st.session_state.setdefault(key, 0.0)
    return st.number_input(label, value=None, format="%.6g", key=key, placeholder="Missing")


def field_key(name: str) -> str:
    """The key of the field of a column."""
    return f"feature_{name}"


def _fill_button(account: Account, data: PreparedData, recipe: Recipe | None) -> None:
    if not data.rows["test"]:
        return
    st.button(
        "Fill with a test row",
        key="fill_row",
        icon=":material/casino:",
        on_click=_fill,
        args=(account, data, recipe),
        help="Another test row each time; columns that cannot be told from the prepared row stay empty",
    )
    filled_of, said = st.session_state.get("row_filled", ("", ""))
    if filled_of == data.name:
        st.caption(formats.plain(said))


def _fill(account: Account, data: PreparedData, recipe: Recipe | None) -> None:
    from services.endpoints import example_row
    from services.errors import Problem, some

    turn = st.session_state["row_turn"] = st.session_state.get("row_turn", -1) + 1
    try:
        example = example_row.read(account, data, recipe, turn)
    except Problem as problem:
        st.session_state["row_filled"] = data.name, str(problem)
        return
    for name, value in example.cells.items():
        empty = "" if recipe and recipe.is_text(name) and recipe.categories(name) is None else None
        st.session_state[field_key(name)] = empty if value is None else value
    unknown = [name for name, value in example.cells.items() if value is None]
    left = f" Empty there, or not told by the prepared row: {some(unknown)}." if unknown else ""
    said = f"Filled with test row {example.row:,}, where {data.target} is {example.actual}.{left}"
    st.session_state["row_filled"] = data.name, said
