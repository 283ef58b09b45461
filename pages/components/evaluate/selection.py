"""What is evaluated: the model, the rows and the scoring method, chosen at the top of the Evaluate page."""

from functools import partial

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import evaluations
from pages.components.queries import jobs as job_queries
from pages.components.queries.evaluations import BATCH, FILE, Choice
from pages.components.shell import formats, page_frame, url_selection
from services.algorithms.algorithm import Answers
from services.algorithms.catalogue import ALGORITHMS
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.endpoints.describe import EndpointStatus
from services.errors import Problem
from services.training.jobs import TrainingJob

SPLITS = ("test", "validation", "train")


def choose(account: Account) -> tuple[Choice, PreparedData, TrainingJob] | None:
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
    data = data_of(account, job)
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


def answers(choice: Choice, job: TrainingJob) -> Answers:
    """The format in which the scoring method answers."""
    if choice.method in (FILE, BATCH):
        return (job.algorithm or ALGORITHMS[0]).answers
    return endpoint_queries.endpoint(choice.account, choice.method).answers


def data_of(account: Account, job: TrainingJob) -> PreparedData:
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
