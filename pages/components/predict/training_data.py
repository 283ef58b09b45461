"""The prepared data set that a model was trained on, or one that a person chooses for it."""

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.shell import formats
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.training.jobs import TrainingJob


def of_job(account: Account, job: TrainingJob) -> PreparedData | None:
    """The data of a training job; a box to choose it where that is unknown, None until it is chosen. Raises Problem."""
    from services.evaluation import evaluated_model
    from services.evaluation.models import attached_data

    try:
        attached = attached_data.data_of(account, evaluated_model.of_job(job))
        return attached or prepared_data.trained_on(account, job.channels.get("train", ""))
    except AwsError:
        raise
    except Problem as problem:
        return choose(account, problem, job.name)


def choose(account: Account, problem: Problem, model: str) -> PreparedData | None:
    """A box of prepared data sets below what is unknown of `model`; None until one is chosen. Raises `problem`."""
    names = data_queries.prepared_names(account)
    if not names:
        raise problem
    st.warning(formats.plain(problem), icon=":material/help:")
    name = st.selectbox(
        "Data set with the model's columns", names, index=None, key=f"predict_data_{model}", placeholder="Choose"
    )
    return data_queries.prepared_data(account, name) if name else None
