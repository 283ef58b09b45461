"""What a model says of one row, in the words of the target's kind."""

from typing import Any

import streamlit as st

from pages.components.shell import formats
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind

WIDTH = 460  # pixels


def show(score: Any, data: PreparedData, threshold: float) -> None:
    """The answer; `score` is a number, of several classes (classes,) probabilities or the class itself.

    threshold: from which on a score of two classes is the positive one.
    """
    if data.kind is TargetKind.TWO_CLASSES:
        _two_classes(float(score), data, threshold)
    elif data.kind is TargetKind.CLASSES:
        _several_classes(score, data)
    else:
        st.metric(formats.plain(f"Predicted {data.target}"), f"{float(score):,.6g}", border=True, width=WIDTH)


def _two_classes(score: float, data: PreparedData, threshold: float) -> None:
    st.metric(formats.plain(f"Score for {data.target} = {data.classes[1]}"), f"{score:.6f}", border=True, width=WIDTH)
    verdict = data.classes[score >= threshold]
    st.markdown(f"Predicted class: **{formats.plain(verdict)}** (threshold {threshold:g}).")


def _several_classes(score: Any, data: PreparedData) -> None:
    from services.evaluation import class_metrics

    place = int(class_metrics.predicted_class(score[None] if score.ndim else score.reshape(1))[0])
    label = formats.plain(f"Predicted {data.target}")
    if not score.ndim:
        st.metric(label, formats.plain(data.classes[place]), border=True, width=WIDTH)
        st.caption(
            "This model answers classes without probabilities. Train with the objective multi:softprob for them."
        )
        return
    probability = formats.percent(float(score[place]))
    st.metric(
        label,
        formats.plain(data.classes[place]),
        f"probability {probability}",
        delta_color="off",
        delta_arrow="off",
        border=True,
        width=WIDTH,
    )
    ordered = sorted(zip(data.classes, score.tolist(), strict=True), key=lambda pair: -pair[1])
    st.dataframe(
        [{"Class": name, "Probability": share} for name, share in ordered],
        column_config={"Probability": st.column_config.ProgressColumn(format="%.4f", min_value=0, max_value=1)},
        hide_index=True,
        width=WIDTH,
    )
