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
from pages.components.shell import chart_theme, code_block, formats, metric_card, page_frame, url_selection
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
from services.evaluation import model_comparison, scoring
from services.evaluation.metrics import Confusion, Scored
from services.evaluation.wording import sentence
from services.training.jobs import TrainingJob

SPLITS = ("test", "validation", "train")
THRESHOLDS = np.round(np.arange(0, 1001) / 1000, 3)  # where the slider can stand


def _choose(account: Account) -> tuple[Choice, PreparedData, TrainingJob] | None:
    """The model and rows to evaluate: the choice, its data and its training job; None without a completed job."""
    url_selection.follow("split", "how")
    left, right = st.columns([3, 1])
    name = url_selection.completed_job(account, place=left)
    if not name:
        st.info("There is no completed training job to evaluate yet.", icon=":material/model_training:")
        page_frame.next_step("train", "Train a model")
        return None
    split = right.selectbox(
        "Rows",
        SPLITS,
        key="split",
        bind="query-params",
        help="Test rows give an unbiased result: the model has not seen them",
    )
    job = job_queries.training_job(account, name)
    data = _data_of(account, job)
    method = _choose_method(account, job)
    edition = "" if method in (FILE, BATCH) else endpoint_queries.endpoint(account, method).edition
    return Choice(account, name, method, data.name, split, edition), data, job


def _choose_method(account: Account, job: TrainingJob) -> str:
    """FILE where the model file can be read here, otherwise BATCH; or the name of an endpoint."""
    usual = FILE if evaluations.free(job) else BATCH
    if st.session_state.get("how") in {FILE, BATCH} - {usual}:  # of a job of another algorithm
        st.session_state["how"] = usual
    endpoints = endpoint_queries.endpoints(account)
    serving = [endpoint.name for endpoint in endpoints if endpoint.status == EndpointStatus.IN_SERVICE]
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
    endpoint = endpoint_queries.endpoint(account, how)
    if endpoint.hosts_components or endpoint.hosts_many_models:
        what = "inference components" if endpoint.hosts_components else "many models"
        said = f"it serves {what}, which score no rows here"
        raise Problem(f"Endpoint {how}", said, "Choose another scoring method")
    served = endpoint.job
    if served != job.name:
        model = f"the model of {served}" if served else "another model"
        st.warning(
            formats.plain(f"Endpoint {how} serves {model}, which is evaluated here."),
            icon=":material/swap_horiz:",
        )
    return how


def _answers(choice: Choice, job: TrainingJob) -> Answers:
    """The format in which the scoring method answers."""
    if choice.method in (FILE, BATCH):
        return (job.algorithm or ALGORITHMS[0]).answers
    return endpoint_queries.endpoint(choice.account, choice.method).answers


def _data_of(account: Account, job: TrainingJob) -> PreparedData:
    """The data the job was trained on, or the user's choice when it was prepared elsewhere."""
    try:
        return prepared_data.trained_on(account, job.channels.get("train", ""))
    except AwsError:
        raise
    except Problem as problem:
        names = data_queries.prepared_names(account)
        if not names:
            raise
        st.warning(formats.plain(problem), icon=":material/help:")
        shown = partial(data_queries.display_name, account)
        return data_queries.prepared_data(account, url_selection.choose("Data set", names, "data", format_func=shown))


def _score(choice: Choice, data: PreparedData, job: TrainingJob) -> Evaluation:
    rows = formats.count(data.rows[choice.split], "row")
    bar = st.progress(0.0, formats.plain(f"Reading {rows} of {data.display_name} …"))

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"Scored {done:,} of {formats.count(total, 'row')}")

    try:
        split = scoring.read_split(choice.account, data, choice.split)
        bar.progress(0.1, f"Scoring {formats.count(split.rows, 'row')} …")
        if choice.method == FILE:
            scores = scoring.from_artifact(choice.account, job.model_uri or "", split.features)
        else:
            endpoint = endpoint_details.describe(choice.account, choice.method)
            scores = scoring.through_endpoint(
                choice.account, choice.method, split.features, progress, endpoint.body_limit, endpoint.answers
            )
    finally:
        bar.empty()
    return evaluations.new_evaluation(data, split.labels, scores)


@st.fragment
def _result(choice: Choice, evaluation: Evaluation) -> None:
    with page_frame.panel():
        threshold = _threshold(evaluation.scored)
        now = evaluation.scored.at(threshold)
        st.subheader(sentence(now), anchor=False)
        st.caption(
            f"{formats.count(evaluation.scored.rows, choice.split + ' row')} of "
            f"{formats.plain(evaluation.data.display_name)}, "
            f"{evaluation.scored.positives:,} of them {formats.plain(class_name(evaluation.data.classes[1]))}; "
            f"scored {formats.ago(evaluation.at, datetime.now(UTC))}."
        )
        _cards(now, evaluation.scored)
        _charts(evaluation, now, threshold)
        st.download_button(
            "Download scored rows",
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
    with st.container(horizontal=True):
        for label, value, interval, meaning in cards:
            metric_card.show(label, value, interval, meaning)
    accuracy, baseline = now.accuracy or 0, scored.negatives / scored.rows
    few = f" Few positives ({scored.positives:,}), so they are wide." if scored.positives < model_comparison.FEW else ""
    st.caption(
        f"Ranges are 95 % intervals.{few} Accuracy is {formats.percent(accuracy)}; "
        f"a model that flags nothing reaches {formats.percent(baseline)}."
    )


def _charts(evaluation: Evaluation, now: Confusion, threshold: float) -> None:
    scored, (negative, positive) = evaluation.scored, evaluation.data.classes
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
        st.markdown("##### Confusion matrix")
        st.plotly_chart(evaluate_charts.confusion_matrix(now, names), key="confusion_chart", config=chart_theme.CONFIG)
    with right.container(border=True):
        st.markdown("##### ROC curve")
        st.plotly_chart(
            evaluate_charts.roc(scored.roc_curve, now, threshold), key="roc_chart", config=chart_theme.CONFIG
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
        instance = batch_scoring.choose_instance(account) if choice.method == BATCH else ""
        if choice.method == BATCH:
            with page_frame.panel():
                batch_scoring.show(choice, job, data, instance)
        elif st.button("Score", key="score", type="primary", icon=":material/fact_check:"):
            with page_frame.panel():
                evaluations.save(choice, _score(choice, data, job))
        evaluation = evaluations.find(choice)
        if evaluation:
            _result(choice, evaluation)
        with st.expander("Show the code", icon=":material/code:"):
            code_block.show(evaluate_code.script(choice, data, job, _answers(choice, job), instance), "python")
        with st.container(horizontal=True):
            page_frame.next_step("endpoints", "Deploy", job=choice.job)
            page_frame.next_step("costs", "Costs")
