"""Tune: search the hyperparameters, watch the trials come in, keep the best."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.components import formats, frame, queries, tables
from services.aws import Account

LEAD = "Let SageMaker search for better hyperparameters, and see what each trial scored."
KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page
NARROW: dict[str, Any] = {"width": 112, **KEPT}


def content(account: Account) -> None:
    """The page, top to bottom."""
    if "launched_tuning" in st.session_state:
        st.session_state["tuning"] = st.session_state.pop("launched_tuning")
    form, watched = st.columns([9, 11], gap="large")
    with form, st.container(border=True), frame.panel():
        new_job(account)
    with watched, frame.panel():
        jobs(account)


def new_job(account: Account) -> None:
    """The launch form."""
    from pages.components import launching
    from services import scripts, training, tuning

    st.subheader("New tuning job", anchor=False)
    data = launching.choose_data(account)
    if not data:
        return
    if "tuning_name" not in st.session_state:
        st.session_state["tuning_name"] = f"{data.name[:18].rstrip('-')}-{datetime.now(UTC):%y%m%d-%H%M}"
    name = st.text_input("Name", key="tuning_name", max_chars=tuning.NAME_LENGTH, **KEPT)
    ranges = choose_ranges()
    objective, maximise, strategy = choose_objective()
    a, b, c = st.columns(3)
    most = int(a.number_input("Jobs", 1, 500, 9, key="max_jobs", **KEPT))
    parallel = int(b.number_input("At a time", 1, 10, 3, key="parallel", **KEPT))
    rounds = int(c.number_input("Rounds", 1, 100_000, 100, key="tune_rounds", **KEPT))
    compute = launching.choose_compute("tune")
    fixed = {**training.GUIDE, "num_round": str(rounds), "eval_metric": objective.partition(":")[2]}
    plan = tuning.TuningPlan(
        training.TrainingPlan(name, data, fixed, compute.instance_type, compute.instance_count, compute.max_runtime),
        ranges,
        objective,
        maximise,
        strategy,
        most,
        parallel,
    )
    st.caption(
        "Not varied: " + ", ".join(f"{key} {fixed[key]}" for key in fixed if key not in {r.name for r in ranges})
    )
    launching.show_cost(compute, most, launching.usual_seconds(account, data, compute, rounds))
    if st.button("Launch tuning", key="launch_tuning", type="primary", icon=":material/play_arrow:"):
        with st.spinner("Launching"):
            launching.permit(account, name, compute, most)
            st.session_state["launched_tuning"] = tuning.launch(account, plan)
        queries.tuning_jobs.clear()
        queries.inventory.clear()
        st.rerun()
    with st.expander("Show the code"):
        st.code(scripts.tuning(account, plan), language="python")


def choose_ranges() -> tuple[Any, ...]:
    """The ranges as typed; the guide's to begin with."""
    from services import tuning

    chosen = []
    for each in tuning.GUIDE:
        step: Any = 1 if each.integer else 0.1
        number = int if each.integer else float
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            varied = st.checkbox(each.name, value=True, key=f"vary_{each.name}", width="stretch", **KEPT)
            low = st.number_input("From", value=number(each.low), step=step, key=f"{each.name}_low", **NARROW)
            high = st.number_input("To", value=number(each.high), step=step, key=f"{each.name}_high", **NARROW)
        if varied:
            chosen.append(tuning.Range(each.name, low, high, each.integer))
    return tuple(chosen)


def choose_objective() -> tuple[str, bool, str]:
    """Metric, whether it is maximised, strategy."""
    from services import tuning
    from services.algorithms.xgboost import XGBOOST

    directions = {metric.name: metric.direction for metric in XGBOOST.tuning_metrics}
    left, right = st.columns(2)
    names = [name for name in directions if name.partition(":")[2] in BINARY]
    objective = left.selectbox("Objective", names, index=names.index(tuning.OBJECTIVE), key="objective_metric", **KEPT)
    strategy = right.selectbox("Strategy", tuning.STRATEGIES, key="strategy", **KEPT)
    return objective, directions[objective] == "Maximize", strategy


BINARY = {
    *("auc", "aucpr", "logloss", "error", "accuracy", "balanced_accuracy"),
    *("f1", "f1_binary", "precision", "recall", "rmse", "mae"),
}


def jobs(account: Account) -> None:
    """The list of tuning jobs and the one that is looked at."""
    st.subheader("Tuning jobs", anchor=False)
    found = queries.tuning_jobs(account)
    if not found:
        st.info("No tuning job yet: launch the first one.", icon=":material/tune:")
        return
    names = [job.name for job in found]
    name = st.selectbox("Tuning job", names, key="tuning", bind="query-params")
    active = queries.tuning_job(account, name).status.active
    st.fragment(run_every=2 if active else None, key="watch")(watch)(account, name, active)


def watch(account: Account, name: str, was_active: bool) -> None:
    """One tuning job, live while it runs."""
    with frame.panel():
        from pages.components import charts
        from services import tuning

        job, trials = queries.tuning_job(account, name), queries.trials(account, name)
        if was_active and not job.status.active:
            queries.tuning_jobs.clear()
            queries.inventory.clear()
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            tables.status_badge(job.status)
            st.caption(f"{job.strategy} search for the {'highest' if job.maximise else 'lowest'} {job.objective}")
            if job.status.active and st.button("Stop", key="stop_tuning", icon=":material/stop:"):
                tuning.stop(account, name)
                queries.tuning_job.clear()
                st.rerun()
        if job.failure:
            st.error(f"Tuning job {name}: {job.failure}", icon=":material/error:")
        if job.status.active:
            share = job.done / job.max_jobs if job.max_jobs else 0.0
            st.progress(min(1.0, share), f"{job.done} of {job.max_jobs} trials, {job.launched - job.done} running")
        if job.best and job.best_value is not None:
            st.markdown(f"Best so far: **{job.objective} {job.best_value:.5f}** by `{job.best}`.")
        if any(trial.value is not None for trial in trials):
            st.plotly_chart(charts.trials(trials, job.objective, job.maximise), key="trials", config=charts.CONFIG)
        table(job, trials)
        if job.ranges and sum(trial.value is not None for trial in trials) > 1:
            with st.expander("What each hyperparameter does"):
                for each in job.ranges:
                    figure = charts.hyperparameter(trials, each.name, job.objective)
                    st.plotly_chart(figure, key=f"effect_{each.name}", config=charts.CONFIG)
        if job.best and not job.status.active:
            frame.next_step("evaluate", "Judge the best model", job=job.best)
            frame.next_step("endpoints", "Deploy the best model", job=job.best)


def table(job: Any, trials: list[Any]) -> None:
    """The trials, best first, then those that run, then those that failed."""

    def rank(trial: Any) -> tuple[bool, float]:
        return trial.value is None, (-trial.value if job.maximise else trial.value) if trial.value is not None else 0.0

    st.dataframe(
        [
            {
                "Best": "★" if trial.name == job.best else "",
                job.objective: trial.value,
                "Status": tables.chip(trial.status),
                **{each.name: float(trial.hyperparameters.get(each.name, "nan")) for each in job.ranges},
                "Took": formats.duration((trial.ended - trial.started).total_seconds())
                if trial.ended and trial.started
                else "",
                "Training job": trial.name,
                "Failure": trial.failure or "",
            }
            for trial in sorted(trials, key=rank)
        ],
        column_config={
            "Best": st.column_config.TextColumn(width=50),
            job.objective: st.column_config.NumberColumn(format="%.5f"),
            "Status": tables.status_column(trial.status for trial in trials),
            **{each.name: st.column_config.NumberColumn(format="%.4g") for each in job.ranges},
        },
        key="trial_table",
        placeholder="",
        hide_index=True,
    )


with frame.page("Tune", LEAD) as account:
    content(account)
