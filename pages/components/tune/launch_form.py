"""The launch form of a search: what it varies, how, for how long and for how much."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.launch import compute_form, field_warnings
from pages.components.launch import show_code as launch_code
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.shell import launch_reservation, page_frame
from pages.components.shell.formats import plain
from pages.components.tune import budget_form, search_preset_buttons, search_space_editor
from services.algorithms.algorithm import Algorithm, Metric
from services.aws.account import Account
from services.costs.launch_budget import Launch
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.inventory.resources import ResourceKind
from services.training import presets
from services.training.plan import TrainingPlan
from services.tuning import launch as tuning_launch
from services.tuning import launch_warnings, search_space
from services.tuning import plan as tuning_plan
from services.tuning.launch import BaselineRefusedError
from services.tuning.plan import TuningPlan

KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page
STRATEGIES = {
    "Bayesian": "chooses each trial based on earlier ones",
    "Random": "random values; all trials can run in parallel",
    "Grid": "tries every combination of the listed values",
    "Hyperband": "starts many trials and continues the good ones",
}


def new_job(account: Account) -> None:
    """The launch form."""
    data = compute_form.choose_data(account)
    if not data:
        return
    faults = st.container()
    with st.container(horizontal=True):  # one below the other where both cards do not fit: nothing is cut
        left, right = st.container(width=542), st.container(width=450)
    with left, st.container(border=True), page_frame.panel():
        st.subheader("Search space", anchor=False)
        plan = what(data)
    with right, st.container(border=True), page_frame.panel():
        st.subheader("Budget", anchor=False)
        plan, allowed = limits(account, plan)
        launch(account, plan, allowed)
    with st.expander("Show the code", key="code"):
        launch_code.of_tuning(account, plan)
    with faults:
        compute_form.show_data_faults(account, data)


def what(data: PreparedData) -> TuningPlan:
    """Name, objective, strategy and ranges; a plan whose limits are still to be chosen."""
    if "tuning_name" not in st.session_state:
        st.session_state["tuning_name"] = f"{data.name[:18].rstrip('-')}-{datetime.now(UTC):%y%m%d-%H%M%S}"
    name = st.text_input("Name", key="tuning_name", max_chars=tuning_plan.NAME_LENGTH, **KEPT)
    algorithm = compute_form.choose_algorithm("tune_algorithm")
    aim, right = st.columns(2)
    strategy = right.selectbox("Strategy", tuning_plan.STRATEGIES, key="strategy", **KEPT)
    said = st.container()
    usual, unit = presets.usual(algorithm, data), algorithm.unit
    search_preset_buttons.follow(algorithm, data)
    search_space_editor.follow(algorithm, data)
    search_preset_buttons.show(algorithm, data)
    edited = search_space_editor.edit(algorithm, usual, strategy == "Grid")
    rounds = int(st.number_input(f"{unit.capitalize()}s per trial", 1, 100_000, key=f"tune_{unit}s", width=160, **KEPT))
    resources = choose_resources(rounds) if strategy == "Hyperband" else None
    settings = {**usual, algorithm.rounds_name: str(rounds), **edited.kept}
    given = {name: value for name, value in settings.items() if value is not None}
    with said:
        objective = choose_objective(aim, data.kind, algorithm, given, strategy)
    fixed = {**given, **algorithm.measuring(objective.name)}
    job = TrainingPlan(name, data, fixed, compute_form.INSTANCE, 1, 3600, algorithm=algorithm)
    plan = TuningPlan(job, edited.ranges, objective.name, objective.direction == "Maximize", strategy, 1, 1)
    st.caption(plain("Fixed settings: " + ", ".join(f"{key} {value}" for key, value in plan.fixed.items())))
    for warning in launch_warnings.of_search(plan):
        with edited.places.get(warning.hyperparameter) or st.container():
            field_warnings.show([warning], partial(search_space_editor.keep, algorithm))
    return replace(plan, resources=resources)


def choose_objective(
    place: DeltaGenerator, kind: TargetKind, algorithm: Algorithm, given: Mapping[str, str], strategy: str
) -> Metric:
    """What the trials are ranked by, of what the settings `given` to all of them allow; the field goes to `place`."""
    offered, left_out = launch_warnings.objectives(algorithm, given, kind)
    metrics = {metric.name: metric for metric in offered}
    if st.session_state.get("objective_metric") not in metrics:
        st.session_state["objective_metric"] = offered[0].name
    measured = "Metrics of ranking, survival and counts are not offered: Evaluate measures no such models"
    chosen = metrics[place.selectbox("Objective", list(metrics), key="objective_metric", help=measured, **KEPT)]
    better = "highest" if chosen.direction == "Maximize" else "lowest"
    st.caption(plain(f"{strategy}: {STRATEGIES[strategy]}. Aims for the {better} {chosen.name}."))
    if left_out:
        st.caption(plain(left_out))
    if note := launch_warnings.undocumented(algorithm, chosen):
        st.caption(f":orange[:material/warning:] {plain(note)}")
    return chosen


def choose_resources(rounds: int) -> tuple[int, int]:
    """The rounds that Hyperband gives a trial, least and most."""
    left, right = st.columns(2)
    st.session_state.setdefault("least_rounds", 1)
    st.session_state.setdefault("most_rounds", rounds)
    return (
        int(left.number_input("Minimum rounds", 1, 100_000, key="least_rounds", **KEPT)),
        int(right.number_input("Maximum rounds", 1, 100_000, key="most_rounds", **KEPT)),
    )


def limits(account: Account, plan: TuningPlan) -> tuple[TuningPlan, bool]:
    """The plan with its size, its machines, its end and what it starts from; whether its money limit can be kept."""
    most, parallel, seed = choose_size(plan)
    compute = compute_form.choose_compute(account, "tune")
    ending = budget_form.choose_ending(plan.strategy, plan.objective)
    limited = budget_form.limit_money(account, ending, compute, parallel)
    parents, kind = budget_form.choose_parents(account)
    job = replace(
        plan.training,
        instance_type=compute.instance_type,
        instance_count=compute.instance_count,
        max_runtime=compute.max_runtime,
    )
    baseline = budget_form.choose_baseline(account, job)
    jobs = most + isinstance(baseline, TrainingPlan)
    expected = compute_form.usual_seconds(account, job.data, job.algorithm, compute, job.hyperparameters)
    compute_form.show_cost(account, compute, jobs, expected, job.algorithm.unit)
    chosen = replace(
        plan,
        training=job,
        max_jobs=most,
        parallel=parallel,
        seed=seed,
        stopping=limited or ending,
        parents=parents,
        warm_start=kind,
        baseline=baseline,
    )
    return chosen, limited is not None


def choose_size(plan: TuningPlan) -> tuple[int, int, int | None]:
    """Trials in all and at a time, and the seed of the search; a grid has as many as it has combinations."""
    left, middle, right = st.columns(3)
    st.session_state.setdefault("max_jobs", 9)
    st.session_state.setdefault("parallel", 3)
    grid = plan.strategy == "Grid"
    most = int(left.number_input("Trials", 1, 750, key="max_jobs", disabled=grid, **KEPT))
    parallel = int(middle.number_input("Parallel trials", 1, 100, key="parallel", **KEPT))
    seed = right.number_input(
        "Random seed",
        1,
        2**31 - 1,
        value=None,
        key="tune_seed",
        placeholder="any",
        help="The same seed tries the same values",
        **KEPT,
    )
    if grid:
        most = search_space.combinations(plan.ranges)
        st.caption(f"The grid has {most:,} combinations, one trial each.")
    return most, parallel, seed


def launch(account: Account, plan: TuningPlan, allowed: bool) -> None:
    """The button, and what is wrong when it is pressed in vain; nothing that was typed is lost."""
    maximum = tuning_plan.maximum_cost(plan, price_queries.book(account))
    launch_reservation.show(account, maximum)
    pressed = st.button(
        "Launch tuning", key="launch_tuning", type="primary", icon=":material/play_arrow:", disabled=not allowed
    )
    if not pressed:
        return
    with compute_form.show_failure_help():
        with st.spinner("Launching"):
            wanted = Launch(ResourceKind.TUNING_JOB, plan.training.name, maximum)
            st.session_state["launched_tuning"] = compute_form.launch_within_budget(
                account, wanted, partial(_start, account, plan)
            )
        del st.session_state["tuning_name"]  # taken now
        changed(account, "tuning")
        st.rerun()


def _start(account: Account, plan: TuningPlan) -> str:
    """Launch the search; a refused baseline is shown beside the search, which runs."""
    try:
        return tuning_launch.launch(account, plan)
    except BaselineRefusedError as refusal:
        st.session_state["baseline_refused"] = str(refusal)
        return plan.training.name
