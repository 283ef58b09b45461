"""A search on the screen: how far it is while it runs, and the table of its trials."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.components.launch import compute_form
from pages.components.queries import jobs as job_queries
from pages.components.queries import trials as trial_queries
from pages.components.queries.changes import changed
from pages.components.shell import formats, metric_card, page_frame, status_badges
from pages.components.tune import trial_tabs
from services import settings
from services.tuning import chart_data
from services.tuning import jobs as tuning_jobs
from services.tuning.search_space import Range

if TYPE_CHECKING:
    from services.aws.account import Account
    from services.tuning.jobs import Trial, TuningJob

TABS = (
    "Trials",
    "Progress",
    "Parallel coordinates",
    "Slices",
    "Contour",
    "Importance",
    "Timeline",
    "Learning curves",
    "Cost",
)


def live(account: Account, name: str) -> None:
    """A tuning job while it runs; the body of a fragment. Its end is a new page."""
    account = settings.as_now(account)
    with page_frame.panel():
        job = job_queries.tuning_job(account, name)
        if not job.status.active:
            changed(account, "tuning")
            st.rerun()
        heading(account, job)
        numbers(account, job)
        pictures(account, job)


def heading(account: Account, job: TuningJob) -> None:
    """Status, how far it is and what it has found, and the button that stops it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badges.status_badge(job.status)
        st.caption(formats.plain(described(job)))
        if job.status.active and st.button("Stop", key="stop_tuning", icon=":material/stop:"):
            tuning_jobs.stop(account, job.name)
            changed(account, "tuning")
            st.rerun()
    if job.failure:
        st.error(formats.plain(f"Tuning job {job.name}: {job.failure}"), icon=":material/error:")
        compute_form.meaning(job.failure)
    if job.status.active:
        share = job.done / job.max_jobs if job.max_jobs else 0.0
        st.progress(min(1.0, share), f"{job.done} of {job.max_jobs} trials, {job.launched - job.done} running")
    if job.best and job.best_value is not None:
        st.markdown(
            f"Best trial{' so far' if job.status.active else ''}: "
            f"**{formats.plain(job.objective)} {job.best_value:.5f}** by {formats.code(job.best)}."
        )
    if job.overall_best and job.overall_best != job.best and job.overall_value is not None:
        with_job = formats.plain(job.overall_best)
        st.caption(f"The parent searches had already reached {job.overall_value:.5f}, with {with_job}.")


def described(job: TuningJob) -> str:
    """The search in a sentence."""
    warm = f", warm start from {' and '.join(job.parents)}" if job.parents else ""
    end = f", time limit {formats.duration(job.max_runtime)}" if job.max_runtime else ""
    return f"{job.strategy} search, {('maximizes' if job.maximise else 'minimizes')} {job.objective}{warm}{end}"


def numbers(account: Account, job: TuningJob) -> None:
    """Trials, time and money in four numbers. Raises AwsError."""
    trials = trial_queries.trials(account, job)
    now, price = datetime.now(UTC), trial_tabs.rate(account, job)
    worked = sum(chart_data.seconds(trial, now) for trial in trials)
    statuses = [trial.status for trial in trials]
    failed = sum(status == "Failed" for status in statuses)
    stopped = sum(status == "Stopped" for status in statuses)
    spent = None if price is None else worked * price / 3600
    with st.container(horizontal=True):
        metric_card.number("Trials", formats.count(len(trials)))
        metric_card.number("Failed or stopped", formats.count(failed + stopped))
        metric_card.number("Elapsed time", formats.duration(((job.ended or now) - job.created).total_seconds()))
        metric_card.number(
            "Cost so far" if job.status.active else "Cost",
            formats.dollars(spent),
            meaning=f"{formats.duration(worked)} of training on {job.instance_count} × {job.instance_type}",
        )


def pictures(account: Account, job: TuningJob) -> None:
    """Everything there is to see of the trials; only the open tab is computed. The body of a fragment."""
    with page_frame.panel():
        trials = trial_queries.trials(account, job)
        if trials:
            in_tabs(account, job, trials)


def in_tabs(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """The table and the charts, a tab each."""
    tabs = dict(zip(TABS, st.tabs(TABS, key="tuning_view", on_change="rerun"), strict=True))
    opened = next(name for name, tab in tabs.items() if tab.open)
    with tabs[opened]:
        if opened == "Trials":
            table(account, job, trials)
            return
        if opened == "Timeline":
            trial_tabs.timeline(trials)
            return
        if all(trial.value is None for trial in trials):
            if job.status.active:
                st.info("No trial has a value yet.", icon=":material/hourglass_top:")
            else:
                st.info(formats.plain(f"No trial has a value of {job.objective}."), icon=":material/help:")
            return
        trial_tabs.DRAWN[opened](account, job, trials)


def table(account: Account, job: TuningJob, trials: Sequence[Trial]) -> None:
    """The trials, best first, then those that run, then those that failed; and all of them as a file."""
    columns = in_columns(account, job, trials, datetime.now(UTC))
    searched = chart_data.settings(job.ranges, trials)
    shown = {**columns, "Status": [[status] for status in columns["Status"]]}
    st.dataframe(
        shown,
        column_config={
            "Best": st.column_config.TextColumn(width=50),
            "Trial": st.column_config.NumberColumn(width=60),
            job.objective: st.column_config.NumberColumn(format="%.5f"),
            "Status": status_badges.status_column(trial.status for trial in trials),
            **{
                parameter.name: st.column_config.NumberColumn(format="%.4g")
                for parameter in searched
                if isinstance(parameter, Range)
            },
            "Took": st.column_config.NumberColumn(format="%.1f s"),
            "Cost": st.column_config.NumberColumn(format="$%.5f"),
        },
        key="trial_table",
        placeholder="",
        hide_index=True,
    )
    st.download_button(
        "Download as CSV",
        partial(as_csv, columns),
        file_name=f"{job.name}-trials.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download_trials",
        on_click="ignore",
    )


def in_columns(account: Account, job: TuningJob, trials: Sequence[Trial], now: datetime) -> dict[str, list[Any]]:
    """The table of trials by its columns, best first."""
    order, price = chart_data.ranked(trials, job.maximise), trial_tabs.rate(account, job)
    rows = [trials[place] for place in order]
    return {
        "Best": ["★" if trial.name == job.best else "" for trial in rows],
        "Trial": [place + 1 for place in order],
        job.objective: [trial.value for trial in rows],
        "Status": [trial.status.value for trial in rows],
        **{
            parameter.name: [
                float(text)
                if (text := trial.hyperparameters.get(parameter.name)) and isinstance(parameter, Range)
                else text
                for trial in rows
            ]
            for parameter in chart_data.settings(job.ranges, trials)
        },
        "Took": [chart_data.seconds(trial, now) or None for trial in rows],
        "Cost": [chart_data.dollars(trial, price, now) or None for trial in rows],
        "Training job": [trial.name for trial in rows],
        "Failure": [trial.failure or "" for trial in rows],
    }


def as_csv(columns: dict[str, list[Any]]) -> bytes:
    """The table of trials as a CSV file."""
    import pyarrow as pa
    from pyarrow import csv

    sink = pa.BufferOutputStream()
    csv.write_csv(pa.table(columns), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content
