"""Why one row has its score, and what its score would be with other values."""

import streamlit as st

from pages.components.evaluate.explain import class_choice, what_if
from pages.components.predict import waterfall
from pages.components.queries import data_sets, explanations, models
from pages.components.queries.evaluations import Choice, Evaluation
from pages.components.queries.explanations import Explained
from pages.components.shell import formats
from services.data.target_kind import TargetKind
from services.evaluation.explanation import contributions as explained
from services.evaluation.explanation.row_explanation import explain_row


def show(key: Explained, choice: Choice, evaluation: Evaluation) -> None:
    """The row of the field, its waterfall, and the fields to change it."""
    data = evaluation.data
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = _number(evaluation)
        model, recipe = models.model(key.account, key.uri), data_sets.recipe(key.account, key.data)
        features = explanations.row_features(key, number, data)
        found = explained.explain(model, features, explained.origins_of(data.features, recipe))
        place = class_choice.choose(data, found.base.size, f"row_class_{number}", int(found.margins[0].argmax()))
    cells = explanations.raw_row(features, recipe)
    texts = {name: values.text(0) if values else "not known" for name, values in cells.items()}
    st.caption(_actual(evaluation, number, choice.rows))
    with st.container(border=True):
        st.markdown(f"##### Row {number:,}")
        explanation = explain_row(found, 0, place)
        waterfall.show(explanation, texts, found.link, "row_waterfall", class_choice.name(data, place))
        if found.models > 1:
            st.caption(f"The mean of {found.models} fold models: this averages margins, a prediction scores.")
    what_if.show(what_if.Row(key, data, recipe, model, number, place, features, cells, found))


def _number(evaluation: Evaluation) -> int:
    st.session_state.setdefault("row", 1)
    number: int = st.number_input("Row", step=1, key="row", bind="query-params", width=160)
    return number


def _actual(evaluation: Evaluation, number: int, rows: str) -> str:
    data, label = evaluation.data, evaluation.labels[number - 1]
    actual = f"{float(label):,.6g}" if data.kind is TargetKind.NUMBER else data.classes[int(label)]
    return formats.plain(f"Row {number:,} of {len(evaluation.labels):,} {rows}: actual {data.target} is {actual}.")
