"""Evaluate: score held-out rows with a trained model, see how good it is, and choose the threshold of two classes."""

from functools import partial

import streamlit as st

from pages.components.evaluate import batch_scoring, model_table, verdict_panel, views
from pages.components.evaluate import show_code as evaluate_code
from pages.components.predict import model_panel
from pages.components.queries import data_sets as data_queries
from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import evaluations
from pages.components.queries import jobs as job_queries
from pages.components.queries.evaluations import BATCH, FILE, Choice, Evaluation
from pages.components.shell import code_block, formats, page_frame, url_selection
from services.algorithms.algorithm import Answers
from services.algorithms.catalogue import ALGORITHMS
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import EndpointStatus
from services.errors import Problem
from services.evaluation import evaluated_model, model_ranking, scoring
from services.evaluation.evaluated_model import EvaluatedModel
from services.training.jobs import TrainingJob

SPLITS = ("validation", "test", "train")


def _choose(account: Account) -> tuple[Choice, PreparedData, TrainingJob] | None:
    """The model and rows to evaluate: the choice, its data and its training job; None without a completed job."""
    url_selection.follow("split", "how")
    left, right = st.columns([3, 1])
    name = url_selection.completed_job(account, place=left)
    if not name:
        st.info("There is no completed training job to evaluate yet.", icon=":material/model_training:")
        page_frame.next_step("train", "Train a model")
        return None
    job = job_queries.training_job(account, name)
    data = _data_of(account, job)
    split = right.selectbox(
        "Rows",
        _parts(data, job),
        key="split",
        bind="query-params",
        help="Choose the model and its threshold on validation rows. Test rows are for the chosen model: their result "
        "is unbiased as long as nothing is chosen by them",
    )
    method = _choose_method(account, job)
    edition = "" if method in (FILE, BATCH) else endpoint_queries.endpoint(account, method).edition
    return Choice(account, name, method, data.name, split, edition), data, job


def _parts(data: PreparedData, job: TrainingJob) -> list[str]:
    """The parts of the set that have rows, those to choose by first; of a final training that learned them, test."""
    order = SPLITS if not model_ranking.has_learned_validation(job) else ("test", "validation", "train")
    return [part for part in order if data.rows.get(part)] or list(order)


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
    return evaluations.evaluate_rows(choice.account, data, split, scores)


@st.fragment
def _result(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    with page_frame.panel():
        views.show(choice, evaluation, model)


with page_frame.page("Evaluate", "Score rows the model has not seen and see how good it is.") as account:
    chosen = _choose(account)
    if chosen:
        choice, data, job = chosen
        with page_frame.panel():
            model_table.show(choice, data)
        instance = batch_scoring.choose_instance(account) if choice.method == BATCH else ""
        if choice.method == BATCH:
            with page_frame.panel():
                batch_scoring.show(choice, job, data, instance)
        elif st.button("Score", key="score", type="primary", icon=":material/fact_check:"):
            with page_frame.panel():
                evaluations.save(choice, _score(choice, data, job))
        evaluation = evaluations.find(choice)
        if evaluation:
            model = evaluated_model.of_job(job)
            with page_frame.panel():
                verdict_panel.show(choice, evaluation, model)
            _result(choice, evaluation, model)
        if choice.method == FILE:
            model_panel.show(account, job)
        with st.expander("Show the code", icon=":material/code:"):
            code_block.show(evaluate_code.script(choice, data, job, _answers(choice, job), instance), "python")
        with st.container(horizontal=True):
            page_frame.next_step("endpoints", "Deploy", job=choice.job)
            page_frame.next_step("costs", "Costs")
