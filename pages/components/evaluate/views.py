"""The views of an evaluation, of which one is drawn at a time: which there are for each kind of target."""

from collections.abc import Callable

import streamlit as st

from pages.components.evaluate import report
from pages.components.evaluate.compare import view as compare
from pages.components.evaluate.curves import view as curves
from pages.components.evaluate.explain import view as explain
from pages.components.evaluate.overview import numbers, several_classes, two_classes
from pages.components.evaluate.rows import row_view
from pages.components.evaluate.slices import slice_view
from pages.components.queries.evaluations import Choice, Evaluation
from services.data.target_kind import TargetKind
from services.evaluation.evaluated_model import EvaluatedModel

View = Callable[[Choice, Evaluation, EvaluatedModel], None]

TWO_CLASSES: dict[str, View] = {
    "Overview": two_classes.show,
    "Rows": row_view.show,
    "Slices": slice_view.show,
    "Curves": curves.of_two_classes,
    "Compare": compare.of_two_classes,
    "Explain": explain.show,
    "Report": report.show,
}
CLASSES: dict[str, View] = {
    "Overview": several_classes.show,
    "Rows": row_view.show,
    "Slices": slice_view.show,
    "Curves": curves.of_several_classes,
    "Compare": compare.of_other_targets,
    "Explain": explain.show,
    "Report": report.show,
}
NUMBER: dict[str, View] = {
    "Overview": numbers.show,
    "Rows": row_view.show,
    "Slices": slice_view.show,
    "Compare": compare.of_other_targets,
    "Explain": explain.show,
    "Report": report.show,
}
VIEWS = {TargetKind.TWO_CLASSES: TWO_CLASSES, TargetKind.CLASSES: CLASSES, TargetKind.NUMBER: NUMBER}


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """The chosen view, below the control that chooses it."""
    views = VIEWS[evaluation.data.kind]
    if st.session_state.get("view") not in views:  # of a model of another kind
        st.session_state.pop("view", None)
    name = st.segmented_control("View", list(views), default="Overview", required=True, key="view", bind="query-params")
    views[name](choice, evaluation, model)
