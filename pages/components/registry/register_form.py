"""The form that registers the model of a training job: its metrics, group and note.

Its address says `register=JOB&at=THRESHOLD`: names that no other page has, because Streamlit loses a bound parameter
on the way from one page to another that binds the same.
"""

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries import registry as registry_queries
from pages.components.queries.changes import changed
from pages.components.queries.evaluation import decisions, evaluations, verdicts
from pages.components.queries.evaluation.evaluations import Evaluation
from pages.components.registry import metric_cards
from pages.components.shell import code_block, formats, page_frame
from services.aws.account import Account
from services.aws.errors import AwsError
from services.codegen import register_script
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.evaluation.decision.saved_decision import AppliedThreshold
from services.evaluation.metrics import Scored
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
    applied = decisions.applied(account, job.model_uri) if job.model_uri else AppliedThreshold()
    form, measured = st.columns([2, 3], gap="large")
    with measured:
        quality = _measure(account, job, applied)
    with form, st.container(border=True), page_frame.panel():
        candidate = model_registration.candidate(account, job, quality)
        decided = model_metrics.with_decision(candidate.quality, applied.decision)
        _form(account, replace(candidate, quality=decided))


def _choose_job(account: Account) -> str | None:
    jobs = [job.name for job in job_queries.training_jobs(account) if job.status == JobStatus.COMPLETED]
    selected = st.session_state.get("register_job") or st.query_params.get("register")
    if selected and selected not in jobs:
        jobs.insert(0, selected)  # older than the list
    if not jobs:
        st.info("There is no completed training job to register yet.", icon=":material/model_training:")
        page_frame.next_step("train", "Train a model")
        return None
    st.session_state["register_job"] = selected or jobs[0]
    chosen: str = st.selectbox("Training job", jobs, key="register_job", on_change=_forget_threshold)
    st.query_params["register"] = chosen
    return chosen


def _measure(account: Account, job: TrainingJob, applied: AppliedThreshold) -> ModelMetrics | None:
    """The metrics of the latest evaluation; None when there is none, so that the job's own metrics are registered."""
    st.subheader("Performance", anchor=False)
    latest = evaluations.latest(account, job.name)
    if latest:
        split, evaluation = latest
        quality = _evaluated(job, split, evaluation, applied)
        metric_cards.show(quality)
        scored = formats.ago(evaluation.at, datetime.now(UTC))
        st.caption(
            formats.plain(f"Measured on {formats.count(evaluation.scored.rows)} {quality.rows}, scored {scored}.")
        )
        label = "Choose threshold on Evaluate" if quality.confusion else "Open on Evaluate"
        page_frame.next_step("evaluate", label, job=job.name, split=split)
        if split != "test":
            _offer_test_rows(account, job, evaluation.data)
        return quality
    with page_frame.panel():
        data = _prepared(account, job)
        _show_own_metrics(account, job, data, applied)
    return None


def _evaluated(job: TrainingJob, split: str, evaluation: Evaluation, applied: AppliedThreshold) -> ModelMetrics:
    """The metrics of an evaluation; of two classes at a threshold, which begins at the saved decision."""
    data, scored = evaluation.data, evaluation.scored
    rows = Rows(data.name, split, data.channel(split))
    if not isinstance(scored, Scored):
        return model_metrics.of_scored(scored, rows, data.classes)
    threshold = st.number_input(
        "Threshold: flag a row when its score is at least",
        0.0,
        1.0,
        _threshold_in_address(applied.threshold),
        step=0.001,
        format="%g",
        key=f"register_at_{job.name}",
        help="Registered with the model; compare thresholds on the Evaluate page",
    )
    st.caption(formats.plain(applied))
    if applied.decision and applied.decision.threshold != threshold:
        st.warning(
            f"Predictions apply the saved decision {applied.decision.threshold:g}, not {threshold:g}. Save another "
            "decision on Evaluate, or register with it.",
            icon=":material/gavel:",
        )
    return model_metrics.of_scored(scored, rows, data.classes, threshold)


def _forget_threshold() -> None:
    """The threshold in the address was chosen for another job."""
    st.query_params.pop("at", None)


def _threshold_in_address(usual: float) -> float:
    """The threshold in the address, the usual one without one."""
    try:
        return min(1.0, max(0.0, float(st.query_params.get("at", usual))))
    except ValueError:
        return usual


def _show_own_metrics(account: Account, job: TrainingJob, data: PreparedData | None, applied: AppliedThreshold) -> None:
    """The metrics that the job measured itself, and a button that evaluates the model on test rows."""
    quality = model_metrics.of_job(job, data.name if data else "")
    measured = f"those the job measured on {quality.rows}" if quality.rows else "missing, as the job measured none"
    decision = applied.decision
    threshold = f"the threshold is the saved decision, {decision.threshold:g}" if decision else "no threshold is set"
    st.info(
        f"This model was not evaluated within the last hour: its metrics are "
        f"{formats.plain(measured)}, and {threshold}.",
        icon=":material/fact_check:",
    )
    if data:
        _offer_test_rows(account, job, data)
    metric_cards.show(quality)


def _offer_test_rows(account: Account, job: TrainingJob, data: PreparedData) -> None:
    """The button that evaluates the chosen model on test rows, which is a look at them."""
    if data.rows["test"] and st.button("Evaluate on test data", key="judge", icon=":material/bolt:"):
        with st.spinner(f"Scoring {formats.count(data.rows['test'], 'row')}"):
            evaluation = evaluations.evaluate_model(account, job, data, "test")
        with page_frame.panel():
            verdicts.count_look(account, data, job.name, evaluation.at)
        st.rerun()


def _prepared(account: Account, job: TrainingJob) -> PreparedData | None:
    """The prepared data the job was trained on; None for data prepared elsewhere."""
    try:
        return prepared_data.trained_on(account, job.channels.get("train", ""))
    except AwsError:
        raise
    except Problem:
        return None


def _form(account: Account, candidate: Candidate) -> None:
    st.subheader("Register", anchor=False)
    existing = [group.name for group in registry_queries.groups(account)]
    suggested = candidate.data.name if candidate.data else "models"
    key = f"register_in_{candidate.job.name}"
    typed = st.session_state.get(key) or suggested
    group = (
        st.selectbox(
            "Group",
            list(dict.fromkeys([suggested, *existing, typed])),
            key=key,
            accept_new_options=True,
            persist_state="session",
            help="Versions of a model for one purpose. Choose a group or type a new name",
        )
        or ""
    )
    new = group not in existing
    st.caption("Creates a new group." if new else f"Creates the next version of {formats.plain(group)}.")
    note = st.text_area(
        "Note", key=f"register_note_{candidate.job.name}", help="What is new in this version", persist_state="session"
    )
    recipe = ", how its data was prepared" if candidate.data else ""
    threshold = ", the threshold" if candidate.quality.threshold is not None else ""
    st.caption(
        "Saved with the version: image and model file, metrics, a SHA-256 of "
        f"the training rows in {formats.plain(candidate.learned_from)}{recipe}{threshold}. It waits for approval; "
        "registering is free."
    )
    if st.button("Register", key="register", type="primary", icon=":material/inventory_2:"):
        _register(account, candidate, group, new, note)
    with st.expander("Show the code", icon=":material/code:"):
        code_block.show(register_script.script(account, candidate, group, new, note), "python")


def _register(account: Account, candidate: Candidate, group: str, new: bool, note: str) -> None:
    bar = st.progress(0.0, "Hashing the rows")

    def progress(done: int, total: int) -> None:
        bar.progress(done / total if total else 1.0, f"Hashed {formats.size(done)} of {formats.size(total)}")

    try:
        number = model_registration.register(account, candidate, group, new, note, datetime.now(UTC), progress)
    finally:
        bar.empty()
        changed(account, "registry")
    st.session_state["registered"] = (group, number)  # the page selects this version
    st.rerun()
