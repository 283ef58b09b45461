"""Other models of the same data set, chosen to be shown beside the one that is evaluated."""

from collections.abc import Mapping

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries.evaluation import evaluations, verdicts
from pages.components.queries.evaluation.evaluations import Choice, Evaluation
from pages.components.shell.formats import plain
from services.data.prepared_data import PreparedData
from services.errors import Problem

AT_ONCE = 4  # more lines than that cannot be told apart in one chart


def choose_several(choice: Choice, data: PreparedData) -> list[str]:
    """A box for training jobs on the same data; those chosen."""
    others = _others(choice, data)
    if not others:
        st.caption("No other model was trained on this data set yet.")
        return []
    return st.multiselect(
        "Show other models, too",
        others,
        max_selections=AT_ONCE,
        key="beside",
        placeholder="Other models of this data set",
    )


def choose_one(choice: Choice, data: PreparedData) -> str | None:
    """A box for a training job on the same data; None where there is none."""
    others = _others(choice, data)
    if not others:
        st.info("No other model was trained on this data set yet.", icon=":material/compare_arrows:")
        return None
    return st.selectbox("Compare with", others, key="compared")


def evaluated(choice: Choice, data: PreparedData, names: list[str]) -> Mapping[str, Evaluation]:
    """Their evaluations on the same rows; what cannot be evaluated is said."""
    found: dict[str, Evaluation] = {}
    for name in names:
        try:
            job = job_queries.ended_training_job(choice.account, name)
            evaluation = found[name] = evaluations.evaluate_model(choice.account, job, data, choice.split)
            if choice.split == "test":
                verdicts.count_look(choice.account, data, name, evaluation.at)
        except Problem as problem:
            st.warning(plain(problem), icon=":material/block:")
    return found


def _others(choice: Choice, data: PreparedData) -> list[str]:
    jobs = job_queries.completed_on(choice.account, str(data.address))
    return [job.name for job in jobs if job.name != choice.job]
