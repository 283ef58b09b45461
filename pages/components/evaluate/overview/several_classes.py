"""The evaluation of a model of several classes: how many rows are right, which classes are confused, each class."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from pages.components.evaluate import scored_rows
from pages.components.evaluate.overview import class_charts, metric_table
from pages.components.evaluate.rows import matrix_cell
from pages.components.queries.evaluations import Choice, Evaluation
from pages.components.shell import formats, metric_card, page_frame
from services.data.class_names import class_name
from services.data.prepared_data import PreparedData
from services.evaluation import all_metrics
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.score_columns import score_columns
from services.evaluation.statistics.intervals import Interval

CARDS = ("Accuracy", "Balanced accuracy", "Macro F1", "MCC", "Log loss")
PAIRS = 10  # confused pairs that are listed
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
    metric_table.show(all_metrics.of_classes(scored))
    with st.container(border=True):
        _confusion(scored, names, evaluation.data)
    st.markdown("##### Classes")
    st.dataframe(
        _table(scored, evaluation.data.classes),
        column_config={
            "Class": st.column_config.TextColumn(width=180),
            **dict.fromkeys(("Precision", "Recall", "F1", "ROC AUC"), SHARE),
            **dict.fromkeys(("precision_range", "recall_range", "auc_range", "ap_range"), RANGE),
            "Average precision": st.column_config.NumberColumn(format="%.3f", width=130),
        },
        hide_index=True,
        placeholder="–",
    )
    st.caption(
        "Precision: share of the rows predicted to be a class that are it. Recall: share of its rows found. "
        "ROC AUC and average precision: the class against all others, by its probability."
    )
    scored_rows.download(choice, partial(_columns, evaluation))
    if choice.job:
        page_frame.next_step("registry", "Register", register=choice.job)


def _cards(scored: ScoredClasses) -> None:
    metrics = {metric.name: metric for metric in all_metrics.of_classes(scored)}
    metric_table.cards([metrics[name] for name in CARDS if name in metrics])
    if scored.log_loss is None:
        st.caption(
            "This model answers classes without probabilities (multi:softmax): train with the objective "
            "multi:softprob to see probabilities and the log loss."
        )
    st.caption("Ranges are 95 % intervals. Means are of the classes that have rows.")


def _confusion(scored: ScoredClasses, names: Sequence[str], data: PreparedData) -> None:
    figure = class_charts.confusion_matrix(scored.confusion, names, metric_table.choose_cells())
    matrix_cell.chart(figure, scored.confusion, data, "confusion_chart")
    if not scored.confused_pairs:
        st.caption("No row is confused.")
        return
    st.markdown("##### Confused pairs")
    st.dataframe(
        [
            {
                "Actual": names[actual],
                "Predicted": names[predicted],
                "Rows": rows,
                "Share of the actual class": formats.percent(rows / scored.by_class[actual].rows),
            }
            for actual, predicted, rows in scored.confused_pairs[:PAIRS]
        ],
        hide_index=True,
    )
    if len(scored.confused_pairs) > PAIRS:
        st.caption(f"The {PAIRS} most frequent of {len(scored.confused_pairs):,} confused pairs.")


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
            **_ranking(scored, place),
        }
        for place, (name, one) in enumerate(zip(classes, scored.by_class, strict=True))
    ]


def _ranking(scored: ScoredClasses, place: int) -> dict[str, Any]:
    """How well the probabilities of a class tell its rows from all others."""
    if not scored.one_versus_rest:
        return {}
    one = scored.one_versus_rest[place]
    return {
        "ROC AUC": one.roc_auc,
        "auc_range": _range(one.roc_auc_interval),
        "Average precision": one.average_precision,
        "ap_range": _range(one.average_precision_interval),
    }


def _range(interval: Interval | None) -> str | None:
    return metric_card.interval_text(interval) or None


def _columns(evaluation: Evaluation) -> list[tuple[str, Any]]:
    data, names = evaluation.data, np.array(evaluation.data.classes, dtype=object)
    return [(data.target, names[evaluation.labels]), *score_columns(evaluation.scores, data).items()]
