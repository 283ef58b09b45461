"""Evaluate: score held-out rows with a trained model and choose the threshold."""

from datetime import UTC, datetime
from functools import partial

import numpy as np
import pyarrow as pa
import streamlit as st
from pyarrow import csv

from pages.components.evaluate import batch_scoring
from pages.components.evaluate import charts as evaluate_charts
from pages.components.evaluate import show_code as evaluate_code
from pages.components.queries import data_sets as data_queries
from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import evaluations
from pages.components.queries import jobs as job_queries
from pages.components.queries.evaluations import BATCH, FILE, Choice, Evaluation
from pages.components.shell import formats, page_frame, url_selection
from services.algorithms.algorithm import Answers
from services.algorithms.catalogue import ALGORITHMS
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data import prepared_data
from services.data.class_names import class_name
from services.data.prepared_data import PreparedData
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import EndpointStatus
from services.errors import Problem
from services.evaluation import scoring
from services.evaluation.metrics import Confusion, Scored
from services.evaluation.wording import sentence
from services.training.jobs import TrainingJob

SPLITS = ("test", "validation", "train")
THRESHOLDS = np.round(np.arange(0, 1001) / 1000, 3)  # where the slider can stand


def _choose(account: Account) -> tuple[Choice, PreparedData, TrainingJob] | None:
    """What to judge: the choice, its data, and the job that trained it; None when there is nothing to judge."""
    url_selection.follow("split", "how")
    left, right = st.columns([3, 1])
    name = url_selection.completed_job(account, place=left)
    if not name:
        st.info("There is no completed training job to evaluate yet.", icon=":material/model_training:")
        page_frame.next_step("train", "Train a model")
        return None
    split = right.selectbox(
        "Rows", SPLITS, key="split", bind="query-params", help="Evaluate a model on rows it has not seen"
    )
    job = job_queries.training_job(account, name)
    data = _data_of(account, job)
    return Choice(account, name, _way(account, job), data.name, split), data, job


def _way(account: Account, job: TrainingJob) -> str:
    """How to score: the model file where that can be read here, or else by batch transform; or an endpoint."""
    usual = FILE if evaluations.free(job) else BATCH
    if st.session_state.get("how") in {FILE, BATCH} - {usual}:  # of a job of another algorithm
        st.session_state["how"] = usual
    serving = [found.name for found in endpoint_queries.endpoints(account) if found.status == EndpointStatus.IN_SERVICE]
    how = st.segmented_control(
        "Scoring method",
        [usual, *serving],
        format_func=evaluations.method_label,
        default=usual,
        required=True,
        key="how",
        bind="query-params",
        help="The model file is scored on this computer. An endpoint bills for as long as it exists",
    )
    if how == usual:
        if usual == BATCH and job.algorithm:
            title = job.algorithm.title
            st.caption(f"Only the {title} container can read its model file, so SageMaker has to score the rows.")
        return usual
    served = endpoint_queries.endpoint(account, how).job
    if served != job.name:
        st.warning(
            f"{how} serves {(f'the model of {served}' if served else 'another model')}; that model is evaluated.",
            icon=":material/swap_horiz:",
        )
    return how


def _answers(choice: Choice, job: TrainingJob) -> Answers:
    """What is answered to the rows by that way."""
    if choice.way in (FILE, BATCH):
        return (job.algorithm or ALGORITHMS[0]).answers
    return endpoint_queries.endpoint(choice.account, choice.way).answers


def _data_of(account: Account, job: TrainingJob) -> PreparedData:
    """The data the job was trained on, or the person's choice when it was prepared elsewhere."""
    try:
        return prepared_data.trained_on(account, job.channels.get("train", ""))
    except AwsError:
        raise
    except Problem as problem:
        names = data_queries.prepared_names(account)
        if not names:
            raise
        st.warning(str(problem), icon=":material/help:")
        return data_queries.prepared_data(account, url_selection.choose("Data set", names, "data"))


def _score(choice: Choice, data: PreparedData, job: TrainingJob) -> Evaluation:
    bar = st.progress(0.0, f"Reading {formats.count(data.rows[choice.split], 'row')} of {data.name} …")

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"Scored {done:,} of {formats.count(total, 'row')}")

    try:
        split = scoring.read_split(choice.account, data, choice.split)
        bar.progress(0.1, f"Scoring {formats.count(split.rows, 'row')} …")
        if choice.way == FILE:
            scores = scoring.from_artifact(choice.account, job.model_uri or "", split.features)
        else:
            asked = endpoint_details.describe(choice.account, choice.way)
            scores = scoring.through_endpoint(
                choice.account, choice.way, split.features, progress, asked.body_limit, asked.answers
            )
    finally:
        bar.empty()
    return evaluations.new_evaluation(data, split.labels, scores)


@st.fragment
def _result(choice: Choice, evaluation: Evaluation) -> None:
    with page_frame.panel():
        threshold = _threshold(evaluation.scored)
        now = evaluation.scored.at(threshold)
        st.subheader(sentence(now, evaluation.data.classes), anchor=False)
        st.caption(
            f"{formats.count(evaluation.scored.rows, choice.split + ' row')} of {evaluation.data.name}, "
            f"{evaluation.scored.positives:,} of them {class_name(evaluation.data.classes[1])}; "
            f"scored {formats.ago(evaluation.at, datetime.now(UTC))}."
        )
        _cards(now, evaluation.scored)
        _pictures(evaluation, now, threshold)
        st.download_button(
            "Download the scored rows",
            partial(_csv, evaluation, threshold),
            file_name=f"{choice.job}-{choice.split}-scores.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download",
            on_click="ignore",
        )
        page_frame.next_step("registry", "Register with this threshold", register=choice.job, at=f"{threshold:g}")


def _threshold(scored: Scored) -> float:
    st.session_state.setdefault("threshold", 0.5)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        threshold: float = st.slider(
            "Threshold: flag a row when its score is at least",
            0.0,
            1.0,
            step=0.001,
            format="%.3f",
            key="threshold",
            bind="query-params",
        )
        quick = {
            "Best F1": ("best_f1", scored.best_f1_threshold(THRESHOLDS)),
            "Recall at least 90 %": ("recall_90", scored.threshold_for_recall(0.9, THRESHOLDS)),
        }
        for label, (key, value) in quick.items():
            st.button(label, key=key, on_click=_set_threshold, args=(value,), disabled=value is None)
    return threshold


def _set_threshold(value: float) -> None:
    st.session_state["threshold"] = value


def _cards(now: Confusion, scored: Scored) -> None:
    cards = [
        ("Precision", now.precision, now.precision_interval, "Share of flagged rows that are truly positive"),
        ("Recall", now.recall, now.recall_interval, "Share of positive rows that are flagged"),
        ("F1", now.f1, None, "Harmonic mean of precision and recall"),
        (
            "Average precision",
            scored.average_precision,
            scored.average_precision_interval,
            "Area under the precision-recall curve; a random baseline reaches the share of positives",
        ),
        (
            "ROC AUC",
            scored.roc_auc,
            scored.roc_auc_interval,
            "Chance that a positive row scores above a negative one; a random baseline reaches 0.5",
        ),
    ]
    for column, (label, value, interval, meaning) in zip(st.columns(len(cards)), cards, strict=True):
        column.metric(
            label,
            _figure(value),
            f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help=meaning,
        )
    accuracy, idle = formats.percent(now.accuracy or 0, 3), formats.percent(scored.negatives / scored.rows, 3)
    st.caption(
        f"Ranges: 95 % intervals. Accuracy is {accuracy}, but a model that flags nothing reaches {idle}, so "
        "accuracy says little here."
    )


def _figure(share: float | None) -> str:
    return "undefined" if share is None else f"{share:.3f}"


def _pictures(evaluation: Evaluation, now: Confusion, threshold: float) -> None:
    scored, (negative, positive) = evaluation.scored, evaluation.data.classes
    names = (class_name(negative), class_name(positive))
    left, right = st.columns(2)
    with left.container(border=True):
        st.markdown("##### Scores by real class")
        st.plotly_chart(
            evaluate_charts.score_histogram(scored.histogram(), threshold, names),
            key="scores_chart",
            config={"displayModeBar": False},
        )
    with right.container(border=True):
        st.markdown("##### Precision and recall")
        st.plotly_chart(
            evaluate_charts.precision_recall(scored.pr_curve, now, threshold, scored.positives / scored.rows),
            key="pr_chart",
            config={"displayModeBar": False},
        )
    left, right = st.columns(2)
    with left.container(border=True):
        st.markdown("##### Confusion matrix")
        st.plotly_chart(
            evaluate_charts.confusion_matrix(now, names), key="confusion_chart", config={"displayModeBar": False}
        )
    with right.container(border=True):
        st.markdown("##### ROC curve")
        st.plotly_chart(
            evaluate_charts.roc(scored.roc_curve, now, threshold), key="roc_chart", config={"displayModeBar": False}
        )


def _csv(evaluation: Evaluation, threshold: float) -> bytes:
    table = pa.table(
        {
            "row": np.arange(1, len(evaluation.labels) + 1),
            evaluation.data.target: evaluation.labels,
            "score": evaluation.scores,
            "flagged": (evaluation.scores >= threshold).astype(np.int8),
        }
    )
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


with page_frame.page("Evaluate", "Score rows the model has not seen, then choose the threshold.") as account:
    chosen = _choose(account)
    if chosen:
        choice, data, job = chosen
        instance = batch_scoring.choose_instance(account) if choice.way == BATCH else ""
        if choice.way == BATCH:
            with page_frame.panel():
                batch_scoring.show(choice, job, data, instance)
        elif st.button("Score", key="score", type="primary", icon=":material/fact_check:"):
            with page_frame.panel():
                evaluations.keep(choice, _score(choice, data, job))
        evaluation = evaluations.find(choice)
        if evaluation:
            _result(choice, evaluation)
        with st.expander("Show the code", icon=":material/code:"):
            st.code(evaluate_code.script(choice, data, job, _answers(choice, job), instance), language="python")
        with st.container(horizontal=True):
            page_frame.next_step("endpoints", "Deploy", job=choice.job)
            page_frame.next_step("costs", "Costs")
