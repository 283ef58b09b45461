"""Train: launch a training job with the guide's settings, watch it learn, stop it."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.components import formats, frame, queries, tables
from services.aws import Account

LEAD = "Teach XGBoost from prepared data, and watch it learn round by round."
OBJECTIVES = ["binary:logistic", "binary:logitraw", "binary:hinge"]
METRICS = ["logloss", "auc", "aucpr", "error", "f1", "accuracy", "balanced_accuracy", "precision", "recall"]
KEPT: dict[str, Any] = {"persist_state": "session"}  # what is typed survives a visit to another page


def content(account: Account) -> None:
    """The page, top to bottom."""
    if "launched" in st.session_state:
        st.session_state["job"] = st.session_state.pop("launched")
    form, watched = st.columns([1, 1], gap="large")
    with form, st.container(border=True), frame.panel():
        new_job(account)
    with watched, frame.panel():
        jobs(account)


def new_job(account: Account) -> None:
    """The launch form."""
    from pages.components import launching
    from services import scripts, training

    st.subheader("New training job", anchor=False)
    data = launching.choose_data(account)
    if not data:
        return
    name = st.text_input("Name", data.name[:40], key="train_name", help="The start time is added to it", **KEPT)
    given = settings(training.GUIDE)
    compute = launching.choose_compute("train")
    plan = training.TrainingPlan(name, data, given, compute.instance_type, compute.instance_count, compute.max_runtime)
    launching.show_cost(compute, 1, launching.usual_seconds(account, data))
    if st.button("Launch training", key="launch", type="primary", icon=":material/play_arrow:"):
        with st.spinner("Launching"):
            st.session_state["launched"] = training.launch(account, plan)
        queries.training_jobs.clear()
        queries.inventory.clear()
        st.rerun()
    with st.expander("Show the code"):
        st.code(scripts.training(account, plan), language="python")


def settings(guide: Any) -> dict[str, str]:
    """The hyperparameters as typed, in the algorithm's own strings."""
    from pages.components.launching import written

    first, second, third = st.columns(3), st.columns(3), st.columns(3)
    values = {
        "max_depth": first[0].number_input("max_depth", 0, 100, int(guide["max_depth"]), key="max_depth", **KEPT),
        "eta": first[1].number_input("eta", value=float(guide["eta"]), step=0.05, key="eta", **KEPT),
        "gamma": first[2].number_input("gamma", value=float(guide["gamma"]), step=0.5, key="gamma", **KEPT),
        "min_child_weight": second[0].number_input(
            "min_child_weight", value=float(guide["min_child_weight"]), step=1.0, key="min_child_weight", **KEPT
        ),
        "subsample": second[1].number_input(
            "subsample", value=float(guide["subsample"]), step=0.1, key="subsample", **KEPT
        ),
        "num_round": second[2].number_input("Rounds", 1, 100_000, int(guide["num_round"]), key="num_round", **KEPT),
        "objective": third[0].selectbox("objective", OBJECTIVES, key="objective", **KEPT),
    }
    metrics = third[1].multiselect("eval_metric", METRICS, key="eval_metric", placeholder="logloss", **KEPT)
    patience = third[2].number_input(
        "Stop early after", 0, 1000, 0, key="patience", help="Rounds without gain on validation; 0 is never", **KEPT
    )
    with st.expander("More hyperparameters"):
        more = st.text_area("One a line", key="more", placeholder="scale_pos_weight = 577\nalpha = 0.5", **KEPT)
    given = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in values.items()}
    if metrics:
        given["eval_metric"] = ",".join(metrics)
    if patience:
        given["early_stopping_rounds"] = str(patience)
    return given | written(more)


def jobs(account: Account) -> None:
    """The list of jobs and the one that is looked at."""
    st.subheader("Training jobs", anchor=False)
    found = queries.training_jobs(account)
    if not found:
        st.info("No training job yet: launch the first one.", icon=":material/model_training:")
        return
    names = [job.name for job in found]
    asked = st.session_state.get("job") or st.query_params.get("job")
    if asked and asked not in names:
        names.insert(0, asked)  # older than the list, or a child of a tuning job
    job = st.selectbox("Job", names, key="job", bind="query-params")
    active = queries.training_job(account, job).status.active
    st.fragment(run_every=2 if active else None, key="watch")(watch)(account, job, active)
    now = datetime.now(UTC)
    with st.expander(f"All of them: {formats.count(len(found), 'job')}"):
        st.dataframe(
            [
                {
                    "Job": each.name,
                    "Status": tables.chip(each.status),
                    "Started": formats.ago(each.created, now),
                    "Took": formats.duration((each.ended - each.created).total_seconds()) if each.ended else "",
                }
                for each in found
            ],
            column_config={"Status": tables.status_column(each.status for each in found)},
            hide_index=True,
        )


def watch(account: Account, name: str, was_active: bool) -> None:
    """One job, live while it runs."""
    with frame.panel():
        from pages.components import charts
        from services import training

        job = queries.training_job(account, name)
        if was_active and not job.status.active:
            queries.training_jobs.clear()
            queries.inventory.clear()
            st.rerun()
        lines = queries.log_lines(account, name)
        curve = training.learning_curve(lines)
        heading(account, job)
        if job.failure:
            st.error(f"Training job {job.name}: {job.failure}", icon=":material/error:")
        if job.rounds and job.status.active:
            done = curve.rounds[-1] + 1 if curve.rounds else 0
            st.progress(min(1.0, done / job.rounds), f"Round {done} of {job.rounds}")
        metrics = list(dict.fromkeys(series.partition(":")[2] for series in curve.values))
        if metrics:
            metric = st.pills("Metric", metrics, default=metrics[0], key="metric", required=True)
            st.plotly_chart(charts.learning_curve(curve, metric), key="curve", config=charts.CONFIG)
            finals = st.container(horizontal=True)
            for series, values in curve.values.items():
                finals.metric(series, f"{values[-1]:.5f}")
        details(job, lines)
        if job.status == "Completed":
            frame.next_step("evaluate", "Judge this model", job=job.name)
            frame.next_step("endpoints", "Deploy this model", job=job.name)


def heading(account: Account, job: Any) -> None:
    """Status, time and money, and the button that stops it."""
    from services import pricing, training

    row = st.container(horizontal=True, vertical_alignment="center")
    with row:
        tables.status_badge(job.status)
        st.caption(state(job))
        if job.status.active and st.button("Stop", key="stop_job", icon=":material/stop:"):
            training.stop(account, job.name)
            queries.training_job.clear()
            st.rerun()
    rate = pricing.usd_per_hour(job.instance_type, "Training")
    if job.billable_seconds is not None and rate is not None:
        cost = rate * job.instance_count * job.billable_seconds / 3600
        st.caption(
            f"{formats.duration(job.billable_seconds)} billable on {job.instance_count} × {job.instance_type}: "
            f"{formats.dollars(cost)}".replace("$", r"\$")
        )


def state(job: Any) -> str:
    """Where a job is, in words."""
    last = job.transitions[-1].message if job.transitions and not job.failure else ""
    return f"{job.secondary}. {last}" if last and job.status.active else last


def details(job: Any, lines: list[str]) -> None:
    """Hyperparameters, steps and log."""
    with st.expander("Hyperparameters and steps"):
        st.table(dict(sorted(job.hyperparameters.items())), border="horizontal")
        for step in job.transitions:
            took = f", {formats.duration((step.ended - step.started).total_seconds())}" if step.ended else ""
            st.caption(f"**{step.status}**{took}: {step.message}")
    with st.expander("Log"):
        st.code("\n".join(line.replace("#011", "\t") for line in lines[-200:]) or "Nothing yet.", language=None)


with frame.page("Train", LEAD) as account:
    content(account)
