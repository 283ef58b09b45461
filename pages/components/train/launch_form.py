"""The launch form of a training job: what it is filled with, from a data set or an earlier job, and what comes out."""

import re
from dataclasses import replace

import streamlit as st

from pages.components.launch import compute_form, hyperparameter_form
from pages.components.launch import options as launch_options
from pages.components.launch import show_code as launch_code
from pages.components.shell import launch_reservation, url_selection
from pages.components.shell.formats import plain
from pages.components.train import rehearsal
from services.algorithms.catalogue import ALGORITHMS
from services.aws import tags
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.training import estimates
from services.training import jobs as training_jobs
from services.training import plan as training_plan
from services.training.plan import TrainingPlan

STAMP = re.compile(r"-\d{14}$")  # the time of day that a launch adds to a name


def draw(account: Account) -> None:
    """The form, top to bottom."""
    for left in st.session_state.pop("not_kept", []):
        st.warning(plain(f"Not copied from the earlier job: {left}"), icon=":material/edit_note:")
    with st.container(horizontal=True):  # one below the other where both cards do not fit: nothing is cut
        left, right = st.container(width=450), st.container(width=542)
    with left, st.container(border=True):
        st.subheader("Data and instances", anchor=False)
        data = compute_form.choose_data(account)
        if not data:
            return
        faults = st.container()
        plan, problem = _machine(account, data)
    with right, st.container(border=True):
        st.subheader("Hyperparameters", anchor=False)
        plan = hyperparameter_form.form(replace(plan, algorithm=compute_form.choose_algorithm("train_algorithm")))
    with left:
        _launch(account, plan, problem or _refusal(plan))
    with st.expander("Show the code", key="code"):
        launch_code.of_training(account, plan)
    with faults:
        compute_form.show_data_faults(account, data)


def _machine(account: Account, data: PreparedData) -> tuple[TrainingPlan, Problem | None]:
    """The plan but for its hyperparameters, and what is wrong with its tags."""
    before = st.session_state.get("train_named_after", "")
    if st.session_state.get("train_name") in (None, before[:40]):  # as long as nobody names it, the data does
        st.session_state["train_name"] = data.name[:40]
    st.session_state["train_named_after"] = data.name
    name = st.text_input("Name", key="train_name", help="The start time is appended", persist_state="session")
    compute = compute_form.choose_compute(account, "train")
    past = compute_form.earlier_jobs(account, data)
    options = launch_options.choose(compute, None if isinstance(past, AwsError) else estimates.spot_saving(past))
    plan = TrainingPlan(
        name.strip(),
        data,
        {},
        compute.instance_type,
        compute.instance_count,
        compute.max_runtime,
        tags=options.tags,
        max_wait=options.max_wait,
        checkpoints=options.checkpoints,
        sharded=options.sharded,
    )
    return plan, options.problem


def _refusal(plan: TrainingPlan) -> Problem | None:
    """What SageMaker or the algorithm would say against the plan, before anything is sent."""
    try:
        training_plan.validate(plan)
    except Problem as problem:
        return problem
    return None


def _launch(account: Account, plan: TrainingPlan, problem: Problem | None) -> None:
    compute = compute_form.compute_of(plan)
    expected = compute_form.usual_seconds(account, plan.data, plan.algorithm, compute, plan.hyperparameters)
    compute_form.show_cost(account, compute, 1, expected, plan.algorithm.unit)
    launch_reservation.show(account, compute_form.maximum_cost(account, compute, 1))
    if problem:
        st.error(plain(str(problem)), icon=":material/error:")
    pressed = st.button(
        "Launch training", key="launch", type="primary", icon=":material/play_arrow:", disabled=problem is not None
    )
    if pressed and not problem and compute_form.launch(account, plan):
        st.rerun()
    if account.bills:
        rehearsal.draw(account, plan, problem)


def fill(account: Account, name: str) -> None:
    """Open the form with the settings of an earlier job. What cannot be kept is told on the form; raises AwsError."""
    job = training_jobs.describe(account, name)
    algorithm = job.algorithm or ALGORITHMS[0]
    unknown = hyperparameter_form.fill(algorithm, job.hyperparameters)
    lost = [f"{parameter} = {job.hyperparameters[parameter]}" for parameter in unknown]
    state = st.session_state
    state["train_algorithm"] = algorithm.title
    try:
        data = prepared_data.trained_on(account, job.channels.get("train", ""))
        hyperparameter_form.suits(algorithm, data)
        url_selection.set_("data", data.name)
    except Problem as problem:
        lost.append(str(problem))
    if not job.algorithm:
        lost.append(f"its algorithm, {job.image.rpartition('/')[2]}")
    state["train_name"] = STAMP.sub("", name)[:48]
    if compute_form.offers(account, job.instance_type):
        state["train_instance"] = job.instance_type
    else:
        lost.append(f"instance type {job.instance_type}")
    state["train_instances"] = job.instance_count
    state["train_minutes"] = max(1, -(-job.max_runtime // 60))
    state["train_spot"], state["train_sharded"] = job.max_wait is not None, job.sharded
    if job.max_wait is not None:
        state["train_wait"] = -(-job.max_wait // 60)
    state["train_checkpoints"], state["train_checkpoint_uri"] = job.checkpoints is not None, job.checkpoints or ""
    state["train_tags"] = tags.to_text(tags.of(account, job.arn))
    state["not_kept"] = lost
