"""What a registered model was measured to be worth, as cards."""

import streamlit as st

from services.evaluation.wording import sentence
from services.registry.model_metrics import Measure, ModelMetrics

TITLES = {"average_precision": "Average precision", "precision": "Precision", "recall": "Recall", "auc": "ROC AUC"}


def title(name: str) -> str:
    """What a metric is called on the screen."""
    return TITLES.get(name, name)


def interval(measure: Measure) -> str:
    """ "0.843 to 0.901"; empty where it has none."""
    return "{:.3f} to {:.3f}".format(*measure.interval) if measure.interval else ""


def show(quality: ModelMetrics) -> None:
    """The metrics with their intervals, and what they mean in rows."""
    if quality.confusion and quality.classes:
        st.markdown(f"**{sentence(quality.confusion, quality.classes)}**")
    with st.container(horizontal=True):
        for name, measure in quality.measures.items():
            st.metric(
                title(name),
                f"{measure.value:.4f}",
                interval(measure) or None,
                delta_color="off",
                delta_arrow="off",
                border=True,
                help="95 % interval below" if measure.interval else None,
            )
    if not quality.measures:
        st.caption("No metrics were saved.")
