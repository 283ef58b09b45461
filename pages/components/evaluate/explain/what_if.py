"""What a row's score would be with other values, beside what it is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from pages.components.evaluate.explain import class_choice
from pages.components.predict import row_answer, row_form, waterfall
from pages.components.queries import decisions, explanations
from pages.components.queries.explanations import Explained
from services.data.prepared_data import PreparedData
from services.data.recipe.raw_values import RawValues
from services.data.recipe.recipe import Recipe
from services.evaluation import scoring
from services.evaluation.explanation import contributions as explained
from services.evaluation.explanation.contributions import Contributions
from services.evaluation.explanation.row_explanation import changed_features, explain_row
from services.evaluation.model_file import LoadedModel

Cell = float | str | None


@dataclass(frozen=True, eq=False)
class Row:
    """A row that is explained, by its number from 1, for one of the model's classes."""

    key: Explained
    data: PreparedData
    recipe: Recipe | None
    model: LoadedModel
    number: int
    class_place: int
    features: Any
    cells: dict[str, RawValues | None]
    contributions: Contributions


def show(row: Row) -> None:
    """A field for each column, those that matter most first; then what came of the changes."""
    st.markdown("##### What if")
    original = {name: values.cell(0) if values else None for name, values in row.cells.items()}
    st.button("Reset values", key="reset_row", icon=":material/restart_alt:", on_click=_reset, args=(row, original))
    typed: dict[str, Cell] = {}
    with st.grid("auto", min_column_width=row_form.FIELD):
        for name in _by_size(row):
            st.session_state.setdefault(_key(row, name), _in_field(original[name], name, row.recipe))
            typed[name] = row_form.cell(name, row.recipe, _key(row, name))
    changes = {name: cell for name, cell in typed.items() if cell != original[name]}
    if not changes:
        st.caption("Change a value to see how the score and its explanation move. An empty field is a missing cell.")
        return
    _result(row, original, changes)


def _by_size(row: Row) -> list[str]:
    """The columns, the largest contributions first."""
    sizes = np.abs(row.contributions.values[0, row.class_place])
    return [row.contributions.columns[place] for place in np.argsort(-sizes, kind="stable")]


def _result(row: Row, original: dict[str, Cell], changes: dict[str, Cell]) -> None:
    features = changed_features(row.features, changes, row.recipe, "What if")
    found = explained.explain(row.model, features, explained.origins_of(row.data.features, row.recipe))
    threshold = decisions.applied(row.key.account, row.key.uri).threshold
    left, right = st.columns(2)
    for place, title, of_row in ((left, "Original", row.features), (right, "Changed", features)):
        with place:
            st.markdown(f"**{title}**")
            scores = scoring.of_kind(row.model.scores(of_row), row.data, row.model.where)
            row_answer.show(scores[0], row.data, threshold)
    st.dataframe(
        [
            {
                "Column": name,
                "Original": _text(original[name], row.cells[name]),
                "Changed": _text(cell),
                "Contribution": float(_contribution(row.contributions, name, row.class_place)),
                "Changed contribution": float(_contribution(found, name, row.class_place)),
            }
            for name, cell in changes.items()
        ],
        column_config=dict.fromkeys(
            ("Contribution", "Changed contribution"), st.column_config.NumberColumn(format="%+.4g")
        ),
        hide_index=True,
        key="changed_values",
    )
    cells = explanations.raw_row(features, row.recipe)
    texts = {name: values.text(0) if values else "not known" for name, values in cells.items()}
    texts |= {name: _text(cell) for name, cell in changes.items()}
    with st.container(border=True):
        st.markdown("##### With the changed values")
        explanation = explain_row(found, 0, row.class_place)
        of = class_choice.name(row.data, row.class_place)
        waterfall.show(explanation, texts, found.link, "changed_waterfall", of)


def _contribution(found: Contributions, column: str, class_place: int) -> np.float32:
    value: np.float32 = found.values[0, class_place, found.columns.index(column)]
    return value


def _in_field(cell: Cell, name: str, recipe: Recipe | None) -> Cell:
    """A cell as its field holds it."""
    is_text = recipe is not None and recipe.is_text(name) and recipe.categories(name) is None
    return "" if is_text and cell is None else cell


def _text(cell: Cell, values: RawValues | None = None) -> str:
    """A cell as it is shown; one that is not typed, by its `values`."""
    if cell is None:
        return values.text(0) if values else "missing"
    return cell if isinstance(cell, str) else f"{cell:,.6g}"


def _reset(row: Row, original: dict[str, Cell]) -> None:
    for name, cell in original.items():
        st.session_state[_key(row, name)] = _in_field(cell, name, row.recipe)


def _key(row: Row, column: str) -> str:
    return f"what_if_{row.number}_{row_form.field_key(column)}"
