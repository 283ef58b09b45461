"""Why a model says what it says of a row that somebody typed."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.components.predict import waterfall
from pages.components.shell import formats
from services.data.class_names import class_name
from services.data.prepared_data import PreparedData
from services.data.recipe.recipe import Recipe
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.evaluation.explanation import contributions as explained
from services.evaluation.explanation.row_explanation import explain_row
from services.evaluation.model_file import LoadedModel


def show(
    model: LoadedModel, features: Any, cells: Mapping[str, Any], data: PreparedData, recipe: Recipe | None
) -> None:
    """The waterfall of the positive class, of the predicted one of several, or of a number.

    cells: of the raw row, by column. A model without contributions is one sentence below its answer.
    """
    try:
        found = explained.explain(model, features, explained.origins_of(data.features, recipe))
    except Problem as problem:
        st.caption(formats.plain(problem))
        return
    several = data.kind is TargetKind.CLASSES
    place = int(found.margins[0].argmax()) if several else found.base.size - 1
    of = "" if data.kind is TargetKind.NUMBER else class_name(data.classes[place if several else 1])
    texts = {name: "missing" if cell is None else _text(cell) for name, cell in cells.items()}
    with st.container(border=True):
        st.markdown("##### Why this prediction")
        waterfall.show(explain_row(found, 0, place), texts, found.link, "prediction_waterfall", of)


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else f"{cell:,.6g}"
