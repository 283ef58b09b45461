"""One training job as it runs and after: progress, curves beside the log, time and money, why it failed, its lesson."""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import isnan
from typing import Any

import streamlit as st

from pages.components.launch import compute_form
from pages.components.queries import jobs as job_queries
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.shell import chart_theme, formats, metric_card, page_frame, status_badges
from pages.components.train import charts as training_charts
from pages.components.train import job_notes
from services import settings
from services.algorithms.catalogue import ALGORITHMS
from services.aws.account import Account
from services.errors import Problem
from services.training import curve_diagnostics, learning_curves
from services.training import jobs as training_jobs
from services.training.jobs import TrainingJob
from services.training.learning_curves import LearningCurve

LINES = 400  # of the log, the latest: more than anybody reads on a page


def watch(account: Account, name: str, was_active: bool) -> None:
    """One job, live while it runs."""
    account = settings.as_now(account)
    with page_frame.panel():
        job = job_queries.training_job(account, name)
        if was_active and not job.status.active:
            changed(account, "training")
            st.rerun()
        log = _read_log(account, name)
        curve = learning_curves.learning_curve([] if isinstance(log, Problem) else log)
        _heading(account, job)
        with page_frame.panel():
            job_notes.heading(account, job)
        _why(job)
        if not isinstance(log, Problem):
            _progress(job, curve)
        _numbers(account, job, curve, datetime.now(UTC))
        _curve_and_log(job, curve, log)
        if job.transitions:
            st.plotly_chart(
                training_charts.timeline(job.transitions, datetime.now(UTC)),
                key="timeline",
                config=chart_theme.CONFIG,
                alt="Duration of the steps of the job",
            )
        with page_frame.panel():
            job_notes.form(account, job)
        _details(job)
        if job.status == "Completed":
            with st.container(horizontal=True):
                page_frame.next_step("evaluate", "Evaluate", job=job.name)
                page_frame.next_step("registry", "Register", register=job.name)
                page_frame.next_step("endpoints", "Deploy", job=job.name)


def _read_log(account: Account, name: str) -> Sequence[str] | Problem:
    """The lines of the log, or why they cannot be read: the job can be followed and stopped all the same."""
    try:
        return job_queries.log_lines(account, name)
    except Problem as problem:
        return problem


def _heading(account: Account, job: TrainingJob) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badges.status_badge(job.status)
        st.caption(formats.plain(_state(job)))
        if job.status.active and st.button("Stop", key="stop_job", icon=":material/stop:"):
            training_jobs.stop(account, job.name)
            changed(account, "training")
            st.rerun()
        kind: Any = "primary" if job.status == "Failed" else "secondary"
        again = "Clone job"
        if not job.status.active and st.button(again, key="reopen", icon=":material/edit_note:", type=kind):
            st.session_state["again"] = job.name  # for the page: a fragment cannot change what stands above it
            st.rerun()


def _state(job: TrainingJob) -> str:
    """Where a job is, in words."""
    last = job.transitions[-1].message if job.transitions and not job.failure else ""
    return f"{job.secondary}. {last}" if last and job.status.active else last


def _why(job: TrainingJob) -> None:
    """What SageMaker says of the failure, and what that probably means."""
    reason = job.failure or (job.secondary if job.secondary in ("MaxRuntimeExceeded", "MaxWaitTimeExceeded") else None)
    if job.failure:
        st.error(formats.plain(f"Training job {job.name}: {job.failure}"), icon=":material/error:")
    if reason:
        compute_form.meaning(reason)


def _progress(job: TrainingJob, curve: LearningCurve) -> None:
    if job.rounds and job.status.active:
        done = curve.rounds[-1] + 1 if curve.rounds else 0
        st.progress(
            min(1.0, done / job.rounds),
            f"{curve.unit.capitalize()} {formats.count(done)} of {formats.count(job.rounds)}",
        )


def _numbers(account: Account, job: TrainingJob, curve: LearningCurve, now: datetime) -> None:
    """Time, money and where each series stands."""
    rate = price_queries.book(account).usd_per_hour(job.instance_type, "Training")
    ran = ((job.ended or now) - job.started).total_seconds() if job.started else 0.0
    seconds = ran if job.billable_seconds is None else job.billable_seconds
    cost = None if rate is None else rate * job.instance_count * seconds / 3600
    with st.container(horizontal=True):
        metric_card.number("Billed time" if job.ended else "Elapsed", formats.duration(seconds))
        metric_card.number("Cost" if job.ended else "Cost so far", formats.dollars(cost))
        for series, value in _standing(job, curve).items():
            metric_card.number(series, "missing" if isnan(value) else f"{value:.5f}")
    spot = ""
    if job.max_wait is not None:
        saved = 1 - job.billable_seconds / job.training_seconds if job.billable_seconds and job.training_seconds else 0
        spot = " Spot capacity" + (
            f", billed {formats.percent(saved)} less." if saved else ": this is the maximum price."
        )
    limit = formats.duration(job.max_runtime)
    st.caption(f"{job.instance_count} × {formats.plain(job.instance_type)}, time limit {limit}.{spot}")


def _standing(job: TrainingJob, curve: LearningCurve) -> dict[str, float]:
    """The last value of each series of the curve, nan if missing, and what was measured on validation at the end."""
    last = {name: values[-1] for name, values in curve.values.items()}
    ends = [name for name in job.metrics if name.startswith("validation:") and not name.endswith(":final")]
    return {**last, **{name: job.metrics[name] for name in ends if name not in last}}


def _curve_and_log(job: TrainingJob, curve: LearningCurve, log: Sequence[str] | Problem) -> None:
    """The learning curve beside the log it comes from, or why neither can be shown."""
    if isinstance(log, Problem):
        st.error(formats.plain(f"Neither log nor learning curve: {log}"), icon=":material/error:")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _curve(job, curve)
    with right:
        _log(log, job.status.active)


def _curve(job: TrainingJob, curve: LearningCurve) -> None:
    metrics = list(dict.fromkeys(series.partition(":")[2] for series in curve.values))
    if not metrics:
        st.caption(
            f"The learning curve starts with the first {curve.unit}."
            if job.status.active
            else "The log has no learning curve."
        )
        return
    metric = metrics[0]
    if len(metrics) > 1:
        metric = st.pills("Metric", metrics, default=metrics[0], key="metric", required=True, format_func=formats.plain)
    lesson = curve_diagnostics.diagnose(curve, metric, job.algorithm or ALGORITHMS[0])
    st.plotly_chart(
        training_charts.learning_curve(curve, metric, lesson),
        key="curve",
        config=chart_theme.CONFIG,
        alt=f"{metric} on train and validation by {curve.unit}",
    )
    if lesson and not (job.status.active and lesson.shape is curve_diagnostics.CurveShape.LEARNING):
        shape = curve_diagnostics.CurveShape
        warns = lesson.shape in (shape.OVERFITTING, shape.MISSING)
        icon = ":orange[:material/warning:]" if warns else ":material/school:"
        st.markdown(f"{icon} {formats.plain(lesson.sentence)}")


def _log(lines: Sequence[str], active: bool) -> None:
    search = st.text_input(
        "Search the log (newest line first)",
        key="log_search",
        placeholder="text",
        icon=":material/search:",
        persist_state="session",
    )
    matches = [line.replace("#011", "  ") for line in lines if search.lower() in line.lower()]
    if search:
        st.caption(f"{formats.count(len(matches), 'line')} of {formats.count(len(lines))}")
    nothing = "No log yet." if active and not lines else "No log." if not lines else "No line matches."
    st.code("\n".join(reversed(matches[-LINES:])) or nothing, language=None, height=300, wrap_lines=True)


def _details(job: TrainingJob) -> None:
    with st.expander("Settings and steps", key="details"):
        left, right = st.columns(2)
        settings = {formats.plain(name): formats.plain(value) for name, value in sorted(job.hyperparameters.items())}
        left.table(settings, border="horizontal")
        with right:
            for channel, uri in job.channels.items():
                split = " split among instances" if job.sharded and channel == "train" else ""
                st.caption(f"**{formats.plain(channel)}** {formats.plain(uri)}{split}")
            if job.checkpoints:
                st.caption(f"**Checkpoints** {formats.plain(job.checkpoints)}")
            for step in job.transitions:
                took = f", {formats.duration((step.ended - step.started).total_seconds())}" if step.ended else ""
                st.caption(f"**{formats.plain(step.status)}**{took}: {formats.plain(step.message)}")
