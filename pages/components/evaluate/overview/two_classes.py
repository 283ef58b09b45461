"""The evaluation of a model of two classes: the threshold, what is flagged at it, and the curves."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from pages.components.evaluate import scored_rows
from pages.components.evaluate.overview import charts as evaluate_charts
from pages.components.evaluate.overview import metric_table, threshold_form
from pages.components.evaluate.rows import matrix_cell
from pages.components.queries.evaluations import Choice, Evaluation
from pages.components.shell import chart_theme, formats, page_frame
from services.data.class_names import class_name
from services.evaluation import all_metrics, model_comparison, score_columns
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.metrics import Confusion, Scored
from services.evaluation.wording import sentence

CARDS = ("Precision", "Recall", "F1", "Average precision", "ROC AUC")


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """Sentence, cards and charts at the threshold of the slider."""
    scored = evaluation.scored
    assert isinstance(scored, Scored)
    threshold = threshold_form.show(choice, evaluation, model)
    now = scored.at(threshold)
    st.subheader(sentence(now), anchor=False)
    if scored.positives < model_comparison.FEW:
        st.markdown(f"**{metric_table.few_sentence(now)}**")
    st.caption(
        f"{scored.rows:,} {formats.plain(choice.rows)} of {formats.plain(evaluation.data.display_name)}, "
        f"{scored.positives:,} of them {formats.plain(class_name(evaluation.data.classes[1]))}; "
        f"scored {formats.ago(evaluation.at, datetime.now(UTC))}."
    )
    _cards(now, scored)
    metric_table.show([*all_metrics.of_confusion(now), *all_metrics.of_ranking(scored)])
    _charts(evaluation, scored, now, threshold)
    scored_rows.download(choice, partial(_columns, evaluation, threshold))
    if choice.job:
        page_frame.next_step("registry", "Register with this threshold", register=choice.job, at=f"{threshold:.15g}")


def _cards(now: Confusion, scored: Scored) -> None:
    metrics = {metric.name: metric for metric in (*all_metrics.of_confusion(now), *all_metrics.of_ranking(scored))}
    metric_table.cards([metrics[name] for name in CARDS], scored.positives < model_comparison.FEW)
    accuracy, baseline = now.accuracy or 0, scored.negatives / scored.rows
    st.caption(
        f"Ranges are 95 % intervals. Accuracy is {formats.percent(accuracy)}; "
        f"a model that flags nothing reaches {formats.percent(baseline)}."
    )


def _charts(evaluation: Evaluation, scored: Scored, now: Confusion, threshold: float) -> None:
    negative, positive = evaluation.data.classes
    names = (class_name(negative), class_name(positive))
    left, right = st.columns(2)
    with left.container(border=True):
        st.markdown("##### Scores by actual class")
        st.plotly_chart(
            evaluate_charts.score_histogram(scored.histogram(), threshold, names),
            key="scores_chart",
            config=chart_theme.CONFIG,
        )
    with right.container(border=True):
        st.markdown("##### Precision and recall")
        st.plotly_chart(
            evaluate_charts.precision_recall(scored.pr_curve, now, threshold, scored.positives / scored.rows),
            key="pr_chart",
            config=chart_theme.CONFIG,
        )
    left, right = st.columns(2)
    with left.container(border=True):
        figure = evaluate_charts.confusion_matrix(now, names, metric_table.choose_cells())
        counts = np.array([[now.tn, now.fp], [now.fn, now.tp]])
        matrix_cell.chart(figure, counts, evaluation.data, "confusion_chart")
    with right.container(border=True):
        st.markdown("##### ROC curve")
        st.plotly_chart(
            evaluate_charts.roc(scored.roc_curve, now, threshold), key="roc_chart", config=chart_theme.CONFIG
        )


def _columns(evaluation: Evaluation, threshold: float) -> list[tuple[str, Any]]:
    return [
        (evaluation.data.target, evaluation.labels),
        ("score", evaluation.scores),
        *score_columns.decided_columns(evaluation.scores, evaluation.data, threshold).items(),
    ]
