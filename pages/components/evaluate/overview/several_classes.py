"""The evaluation of a model of several classes: how many rows are right, which classes are confused, each class."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from pages.components.evaluate import scored_rows
from pages.components.evaluate.overview import class_charts
from pages.components.evaluate.rows import matrix_cell
from pages.components.queries.evaluations import Choice, Evaluation
from pages.components.shell import formats, metric_card, page_frame
from services.data.class_names import class_name
from services.data.prepared_data import PreparedData
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.metrics import Interval
from services.evaluation.score_columns import score_columns

SHARE = st.column_config.NumberColumn(format="%.3f", width=90)
RANGE = st.column_config.TextColumn("95 % interval", width=130)


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """Cards, confusion matrix and the classes."""
    scored = evaluation.scored
    assert isinstance(scored, ScoredClasses)
    names = [class_name(name) for name in evaluation.data.classes]
    st.caption(
        f"{scored.rows:,} {formats.plain(choice.rows)} of {formats.plain(evaluation.data.display_name)}, "
        f"{len(names)} classes of {formats.plain(evaluation.data.target)}; "
        f"scored {formats.ago(evaluation.at, datetime.now(UTC))}."
    )
    _cards(scored)
    with st.container(border=True):
        st.markdown("##### Confusion matrix")
        _confusion(scored, names, evaluation.data)
    st.markdown("##### Classes")
    st.dataframe(
        _table(scored, evaluation.data.classes),
        column_config={
            "Class": st.column_config.TextColumn(width=180),
            **dict.fromkeys(("Precision", "Recall", "F1"), SHARE),
            **dict.fromkeys(("precision_range", "recall_range"), RANGE),
        },
        hide_index=True,
        placeholder="–",
    )
    st.caption("Precision: share of the rows predicted to be a class that are it. Recall: share of its rows found.")
    scored_rows.download(choice, partial(_columns, evaluation))
    if choice.job:
        page_frame.next_step("registry", "Register", register=choice.job)


def _cards(scored: ScoredClasses) -> None:
    with st.container(horizontal=True):
        metric_card.show("Accuracy", scored.accuracy, scored.accuracy_interval, "Share of rows whose class is right")
        metric_card.show(
            "Balanced accuracy", scored.macro_recall, None, "Mean recall of the classes, each counted alike"
        )
        metric_card.show("Macro F1", scored.macro_f1, None, "Mean F1 of the classes, each counted alike")
        if scored.log_loss is not None:
            metric_card.number(
                "Log loss",
                f"{scored.log_loss:.3f}",
                f"class shares: {scored.log_loss_of_shares:.3f}",
                metric_card.HEIGHT,
                "How well the probabilities fit, 0 is perfect; beside it that of always answering the classes' shares",
            )
    if scored.log_loss is None:
        st.caption(
            "This model answers classes without probabilities (multi:softmax): train with the objective "
            "multi:softprob to see probabilities and the log loss."
        )
    st.caption("Ranges are 95 % intervals. Means are of the classes that have rows.")


def _confusion(scored: ScoredClasses, names: Sequence[str], data: PreparedData) -> None:
    figure = class_charts.confusion_matrix(scored.confusion, names)
    matrix_cell.chart(figure, scored.confusion, data, "confusion_chart")
    if scored.most_confused:
        actual, predicted, rows = scored.most_confused
        share = formats.percent(rows / scored.by_class[actual].rows)
        said = f"{names[actual]} predicted as {names[predicted]}, {formats.count(rows, 'row')} ({share} of its rows)"
        st.caption(f"Most frequent confusion: {formats.plain(said)}. Percentages are shares of the actual class.")
    else:
        st.caption("No row is confused.")


def _table(scored: ScoredClasses, classes: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "Class": name,
            "Rows": one.rows,
            "Predicted": one.predicted,
            "Precision": one.precision,
            "precision_range": _range(one.precision_interval),
            "Recall": one.recall,
            "recall_range": _range(one.recall_interval),
            "F1": one.f1,
        }
        for name, one in zip(classes, scored.by_class, strict=True)
    ]


def _range(interval: Interval | None) -> str | None:
    return metric_card.interval_text(interval) or None


def _columns(evaluation: Evaluation) -> list[tuple[str, Any]]:
    data, names = evaluation.data, np.array(evaluation.data.classes, dtype=object)
    return [(data.target, names[evaluation.labels]), *score_columns(evaluation.scores, data).items()]
