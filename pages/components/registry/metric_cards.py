"""The metrics of a registered model as cards."""

import streamlit as st

from pages.components.shell import metric_card
from pages.components.shell.formats import count, plain
from services.data.target_kind import TargetKind
from services.evaluation.wording import number_text, sentence
from services.registry import model_metrics
from services.registry.model_metrics import ModelMetrics


def show(quality: ModelMetrics) -> None:
    """The metrics with their intervals, and the confusion matrix in a sentence."""
    if quality.matrix and quality.classes:
        right, rows = sum(row[place] for place, row in enumerate(quality.matrix)), sum(map(sum, quality.matrix))
        classes = len(quality.classes)
        st.markdown(f"**{count(right)} of {count(rows, 'row')} right**, {classes} classes.")
    if quality.confusion and quality.classes:
        st.markdown(f"**{sentence(quality.confusion)}**")
        st.caption(f"Positive class: {plain(quality.classes[1])}.")
    with st.container(horizontal=True):
        for name, measure in quality.measures.items():
            if quality.kind is TargetKind.NUMBER and name not in model_metrics.HIDDEN and name != "r2":
                within = " to ".join(map(number_text, measure.interval)) if measure.interval else ""
                metric_card.number(model_metrics.title(name), number_text(measure.value), within, metric_card.HEIGHT)
            elif name not in model_metrics.HIDDEN:
                metric_card.show(model_metrics.title(name), measure.value, measure.interval)
    if any(measure.interval for measure in quality.measures.values()):
        st.caption("Ranges are 95 % intervals.")
    if not quality.measures:
        st.caption("No metrics were saved.")
