"""The view "Explain": why the model scores as it does, over all rows and for one."""

import streamlit as st

from pages.components.evaluate.explain import all_rows, one_row
from pages.components.queries import explanations
from pages.components.queries.evaluations import Choice, Evaluation
from services.evaluation.evaluated_model import EvaluatedModel

ALL, ONE = "All rows", "One row"


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """All rows, or the row that the address or the person names."""
    if model.algorithm and not model.is_read_here:
        title = model.algorithm.title
        st.info(
            f"Only the {title} container can read its model file, so its scores cannot be explained here.",
            icon=":material/info:",
        )
        return
    st.session_state.setdefault("explained", ONE if "row" in st.query_params else ALL)
    chosen = st.segmented_control(
        "Explain", [ALL, ONE], required=True, key="explained", bind="query-params", label_visibility="collapsed"
    )
    key = explanations.of(choice.account, model.uri, evaluation.data, choice.split)
    (one_row if chosen == ONE else all_rows).show(key, choice, evaluation)
