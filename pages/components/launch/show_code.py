"""What a form launches, as code: with the SageMaker SDK or with boto3, and the whole path as a notebook."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from types import ModuleType

import streamlit as st

from pages.components.queries import prices as price_queries
from pages.components.queries.evaluation import decisions
from pages.components.shell import code_block
from pages.components.shell.formats import plain
from services.aws.account import Account
from services.codegen import boto3_scripts, notebook, notebook_targets, sdk_scripts
from services.errors import Problem
from services.training.plan import TrainingPlan
from services.tuning.plan import TuningPlan

SDK, BOTO3 = "SageMaker SDK", "boto3"
WAYS: Mapping[str, ModuleType] = {SDK: sdk_scripts, BOTO3: boto3_scripts}


def of_training(account: Account, plan: TrainingPlan) -> None:
    """The script that launches `plan`, and the notebook that goes on from there."""
    _show(lambda way: way.training(account, plan), lambda: download(account, plan, notebook.usual_search(plan)))


def of_last_training(account: Account, plan: TrainingPlan) -> None:
    """The script that launches `plan`."""
    _show(lambda way: way.training(account, plan))


def of_tuning(account: Account, plan: TuningPlan) -> None:
    """The script that launches `plan`, and the notebook with that search in it."""
    first = plan.baseline if isinstance(plan.baseline, TrainingPlan) else plan.training
    _show(lambda way: way.tuning(account, plan), lambda: download(account, first, plan))


def download(account: Account, first: TrainingPlan, search: TuningPlan) -> None:
    """The button for the notebook; where its jobs would be refused, why there is none."""
    try:
        notebook.validate(first, search)
    except Problem as problem:
        st.caption(plain(f"Notebook not available: {problem}"))
        return
    st.download_button(
        "Download as notebook",
        partial(_notebook, account, first, search),
        file_name=f"{first.data.name}.ipynb",
        mime="application/x-ipynb+json",
        icon=":material/download:",
        key="download_notebook",
        on_click="ignore",
        help="All steps in Jupyter: data, training, tuning, evaluation, deployment, clean-up",
    )


def _notebook(account: Account, first: TrainingPlan, search: TuningPlan) -> str:
    """The notebook, its threshold chosen by the costs of the latest decision on the same data, where there is one."""
    costs = None
    with suppress(Problem):  # the notebook has a place to enter them
        costs = decisions.costs_on(account, first.data)
    known = costs.model_dump(exclude={"version"}) if costs else notebook_targets.NO_COSTS
    return notebook.to_json(account, first, search, price_queries.book(account), known)


def _show(script: Callable[[ModuleType], str], beside: Callable[[], None] | None = None) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.session_state.setdefault("code_way", SDK)
        way = st.segmented_control(
            "Library",
            list(WAYS),
            key="code_way",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        if beside:
            beside()
    code_block.show(script(WAYS[way or SDK]), "python")
