"""The metrics of a registered model as cards."""

import streamlit as st

from pages.components.shell import metric_card
from pages.components.shell.formats import plain
from services.evaluation.wording import sentence
from services.registry.model_metrics import ModelMetrics

TITLES = {"average_precision": "Average precision", "precision": "Precision", "recall": "Recall", "auc": "ROC AUC"}


def title(name: str) -> str:
    """The label of a metric on the screen; one of another tool is shown under its own name."""
    return TITLES.get(name, name)


def show(quality: ModelMetrics) -> None:
    """The metrics with their intervals, and the confusion matrix in a sentence."""
    if quality.confusion and quality.classes:
        st.markdown(f"**{sentence(quality.confusion)}**")
        st.caption(f"Positive class: {plain(quality.classes[1])}.")
    with st.container(horizontal=True):
        for name, measure in quality.measures.items():
            metric_card.show(title(name), measure.value, measure.interval)
    if any(measure.interval for measure in quality.measures.values()):
        st.caption("Ranges are 95 % intervals.")
    if not quality.measures:
        st.caption("No metrics were saved.")
