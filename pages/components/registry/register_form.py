"""The form that registers a training job's model: what it is worth, in which group, with what note.

Its address says `register=JOB&at=THRESHOLD`: names that no other page has, because Streamlit loses a bound parameter
on the way from one page to another that binds the same.
"""

from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import evaluations
from pages.components.queries import jobs as job_queries
from pages.components.queries import registry as registry_queries
from pages.components.queries.changes import changed
from pages.components.registry import metric_cards
from pages.components.shell import code_block, formats, page_frame
from services.aws.account import Account
from services.aws.errors import AwsError
from services.codegen import register_script
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.registry import model_metrics
from services.registry import register as model_registration
from services.registry.model_metrics import ModelMetrics, Rows
from services.registry.register import Candidate
from services.training.jobs import JobStatus, TrainingJob


def draw(account: Account) -> None:
    """The form, top to bottom."""
    name = _choose_job(account)
    if not name:
        return
    job = job_queries.training_job(account, name)
    form, measured = st.columns([2, 3], gap="large")
    with measured:
        quality = _measure(account, job)
    with form, st.container(border=True), page_frame.panel():
        _form(account, model_registration.candidate(account, job, quality))


def _choose_job(account: Account) -> str | None:
    jobs = [job.name for job in job_queries.training_jobs(account) if job.status == JobStatus.COMPLETED]
    asked = st.session_state.get("register_job") or st.query_params.get("register")
    if asked and asked not in jobs:
        jobs.insert(0, asked)  # older than the list
    if not jobs:
        st.info("There is no completed training job to register yet.", icon=":material/model_training:")
        page_frame.next_step("train", "Train a model")
        return None
    st.session_state["register_job"] = asked or jobs[0]
    chosen: str = st.selectbox("Training job", jobs, key="register_job", on_change=_forget_threshold)
    st.query_params["register"] = chosen
    return chosen


def _measure(account: Account, job: TrainingJob) -> ModelMetrics | None:
    """What a person found on held-out rows; None, and the way to it, when the job's own metrics must do."""
    st.subheader("Performance", anchor=False)
    found = evaluations.latest(account, job.name)
    if found:
        split, evaluation = found
        threshold = st.number_input(
            "Threshold: flag a row when its score is at least",
            0.0,
            1.0,
            _asked_threshold(),
            step=0.001,
            format="%.3f",
            key=f"register_at_{job.name}",
            help="Registered with the model; compare thresholds on the Evaluate page",
        )
        rows = Rows(evaluation.data.name, split, evaluation.data.channel(split))
        quality = model_metrics.of_evaluation(evaluation.scored, threshold, rows, evaluation.data.classes)
        metric_cards.show(quality)
        scored = formats.ago(evaluation.at, datetime.now(UTC))
        st.caption(f"Measured on {formats.count(evaluation.scored.rows)} {rows}, scored {scored}.")
        page_frame.next_step("evaluate", "Choose threshold on Evaluate", job=job.name, split=split)
        return quality
    with page_frame.panel():
        data = _prepared(account, job)
        _own(account, job, data)
    return None


def _forget_threshold() -> None:
    """The threshold in the address was chosen for another job."""
    st.query_params.pop("at", None)


def _asked_threshold() -> float:
    """The threshold in the address, 0.5 without one."""
    try:
        return min(1.0, max(0.0, float(st.query_params.get("at", "0.5"))))
    except ValueError:
        return 0.5


def _own(account: Account, job: TrainingJob, data: PreparedData | None) -> None:
    """The job's own metrics, and the way to better ones."""
    quality = model_metrics.of_job(job, data.name if data else "")
    measured = f"those the job measured on {quality.rows}" if quality.rows else "missing, as the job measured none"
    st.info(
        f"This model was not evaluated within the last hour: its metrics are {measured}, and no threshold is set.",
        icon=":material/fact_check:",
    )
    if data and data.rows["test"] and st.button("Evaluate on test data", key="judge", icon=":material/bolt:"):
        with st.spinner(f"Scoring {formats.count(data.rows['test'], 'row')}"):
            evaluations.evaluate_model(account, job, data, "test")
        st.rerun()
    metric_cards.show(quality)


def _prepared(account: Account, job: TrainingJob) -> PreparedData | None:
    """The prepared data it learned from; None for data from elsewhere."""
    try:
        return prepared_data.trained_on(account, job.channels.get("train", ""))
    except AwsError:
        raise
    except Problem:
        return None


def _form(account: Account, what: Candidate) -> None:
    st.subheader("Register", anchor=False)
    known = [group.name for group in registry_queries.groups(account)]
    suggested = what.data.name if what.data else "models"
    key = f"register_in_{what.job.name}"
    typed = st.session_state.get(key) or suggested
    group = (
        st.selectbox(
            "Group",
            list(dict.fromkeys([suggested, *known, typed])),
            key=key,
            accept_new_options=True,
            persist_state="session",
            help="Versions of a model for one purpose. Choose a group or type a new name",
        )
        or ""
    )
    new = group not in known
    st.caption("Creates a new group." if new else f"Creates the next version of {group}.")
    note = st.text_area(
        "Note", key=f"register_note_{what.job.name}", placeholder="What is new in this version", persist_state="session"
    )
    recipe = ", how its data was prepared" if what.data else ""
    threshold = ", the threshold" if what.quality.threshold is not None else ""
    st.caption(
        "Saved with the version: image and model file, metrics, a SHA-256 of "
        f"the training rows in `{what.learned_from}`{recipe}{threshold}. It waits for approval; registering is free."
    )
    if st.button("Register", key="register", type="primary", icon=":material/inventory_2:"):
        _register(account, what, group, new, note)
    with st.expander("Show the code", icon=":material/code:"):
        code_block.show(register_script.script(account, what, group, new, note), "python")


def _register(account: Account, what: Candidate, group: str, new: bool, note: str) -> None:
    bar = st.progress(0.0, "Hashing the rows")

    def progress(done: int, total: int) -> None:
        bar.progress(done / total if total else 1.0, f"Hashed {formats.size(done)} of {formats.size(total)}")

    try:
        number = model_registration.register(account, what, group, new, note, datetime.now(UTC), progress)
    finally:
        bar.empty()
        changed(account, "registry")
    st.session_state["registered"] = (group, number)  # for the page to show
    st.rerun()
