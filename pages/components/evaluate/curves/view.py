"""The view "Curves": precision-recall, ROC, gains, calibration and metrics over the threshold, of several models."""

from typing import Any

import numpy as np
import streamlit as st

from pages.components.evaluate import other_models
from pages.components.evaluate.curves import curve_charts
from pages.components.evaluate.curves.curve_charts import Lines, Points
from pages.components.queries.evaluation.evaluations import Choice, Evaluation
from pages.components.shell import formats
from services.data.class_names import class_name
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.metrics import Scored

CLASSES_AT_FIRST = 3  # lines, those of the classes with most rows
IMAGE = {"format": "png", "scale": 2}


def of_two_classes(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """The curves of the model and of those that are chosen beside it."""
    chosen = other_models.choose_several(choice, evaluation.data)
    lines: dict[str, Scored] = {}
    for name, each in {
        model.name: evaluation,
        **other_models.evaluated(choice, evaluation.data, chosen),
    }.items():
        if isinstance(each.scored, Scored):
            lines[name] = each.scored
    _show(choice, lines)
    _metrics_over_threshold(model.name, lines[model.name], choice)


def of_several_classes(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """The curves of each chosen class against all others."""
    scored, classes = evaluation.scored, evaluation.data.classes
    if not isinstance(scored, ScoredClasses) or evaluation.scores.ndim < 2:
        st.info("This model answers classes without probabilities, so it has no curves.", icon=":material/info:")
        return
    by_rows = sorted(range(len(classes)), key=lambda place: -scored.by_class[place].rows)
    chosen = st.multiselect(
        "Classes, each against all others",
        range(len(classes)),
        default=sorted(by_rows[:CLASSES_AT_FIRST]),
        format_func=lambda place: class_name(classes[place]),
        key="curve_classes",
    )
    shares = np.clip(evaluation.scores, 0, 1)
    lines = {class_name(classes[at]): Scored.of(evaluation.labels == at, shares[:, at]) for at in chosen}
    if lines:
        _show(choice, lines)
    else:
        st.info("Choose a class to see its curves.", icon=":material/show_chart:")


def _show(choice: Choice, lines: Lines) -> None:
    left, right = st.columns(2)
    with left:
        points = curve_charts.precision_recall(lines)
        figure = curve_charts.draw(points, "recall", "precision", steps=True)
        areas = ", ".join(_area(name, each.average_precision) for name, each in lines.items())
        said = f"Average precision: {areas}. Guessing reaches the share of positives."
        _panel(choice, "Precision and recall", "pr", figure, points, said)
    with right:
        points = curve_charts.roc(lines)
        figure = curve_charts.draw(points, "false positive rate", "recall", diagonal=True)
        areas = ", ".join(_area(name, each.roc_auc) for name, each in lines.items())
        _panel(choice, "ROC", "roc", figure, points, f"ROC AUC: {areas}. Guessing reaches 0.5.")
    left, right = st.columns(2)
    with left:
        points = curve_charts.gains(lines)
        figure = curve_charts.draw(points, "share of rows flagged", "share of positives found", diagonal=True)
        _panel(choice, "Gains", "gains", figure, points, " ".join(_found_in_a_tenth(*line) for line in lines.items()))
    with right:
        points = curve_charts.calibration(lines)
        figure = curve_charts.draw_calibration(lines)
        _panel(
            choice, "Calibration", "calibration", figure, points, " ".join(_expected(*line) for line in lines.items())
        )


def _metrics_over_threshold(name: str, scored: Scored, choice: Choice) -> None:
    points = curve_charts.by_threshold(scored)
    figure = curve_charts.draw(points, "threshold", "metric")
    _panel(choice, "Metrics over the threshold", "by_threshold", figure, points, f"Of {name}.")


def _panel(choice: Choice, title: str, key: str, figure: Any, points: list[Points], said: str) -> None:
    file = f"{choice.job}-{choice.split}-{key}"
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"##### {title}")
            st.download_button(
                "CSV",
                lambda: to_csv(points),
                file_name=f"{file}.csv",
                mime="text/csv",
                icon=":material/download:",
                key=f"{key}_csv",
                type="tertiary",
                on_click="ignore",
            )
        config: dict[str, Any] = {
            "displaylogo": False,
            "modeBarButtons": [["toImage"]],
            "toImageButtonOptions": {**IMAGE, "filename": file},
        }
        st.plotly_chart(figure, key=f"{key}_curves", config=config, alt=title)
        st.caption(formats.plain(said))


def to_csv(points: list[Points]) -> bytes:
    """The lines below one another: line, x, y, threshold."""
    import pandas as pd

    frames = [
        pd.DataFrame({"line": each.line, "x": each.x, "y": each.y, "threshold": each.thresholds}) for each in points
    ]
    return pd.concat(frames).to_csv(index=False).encode()


def _area(name: str, value: float | None) -> str:
    return f"{name} undefined" if value is None else f"{name} {value:.3f}"


def _found_in_a_tenth(name: str, scored: Scored) -> str:
    if not scored.positives:
        return f"{name}: there are no positives."
    gains = curve_charts.gains({name: scored})[0]
    found = float(np.interp(0.1, gains.x, gains.y))
    return f"{name}: the tenth of the rows with the highest scores holds {formats.percent(found)} of the positives."


def _expected(name: str, scored: Scored) -> str:
    expected = float(scored.scores.sum())
    return f"{name}: {expected:,.0f} positives expected by its scores, {scored.positives:,} observed."
