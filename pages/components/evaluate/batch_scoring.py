"""Scoring by batch transform on the screen: price, button, progress, and the scores when the job has completed."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.launch import compute_form
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.queries.evaluation import evaluations
from pages.components.queries.evaluation.evaluations import Choice
from pages.components.shell import formats, launch_reservation, page_frame, status_badges
from services import settings
from services.aws.account import Account
from services.costs import commitments
from services.costs.launch_budget import Launch
from services.data.prepared_data import PreparedData
from services.evaluation import batch_scoring, scoring_time
from services.inventory.resources import ResourceKind
from services.training.jobs import JobStatus, TrainingJob


def choose_instance(account: Account, rows: int, columns: int) -> str:
    """The instance type of the job, with its price per hour and what so many rows probably cost."""
    with st.container(width=420):
        instance = compute_form.choose_machine(account, "batch_instance", "Transform")
    rate = price_queries.book(account).usd_per_hour(instance, "Transform")
    expected = None if rate is None else rate * scoring_time.of_batch(rows, columns) / 3600
    price = f"{formats.dollars_an_hour(rate)} while it runs, about {formats.dollars(expected)}; nothing afterwards."
    st.caption(f":material/payments: {formats.plain(price)} There is no time limit.")
    launch_reservation.show(account, _maximum_today(account, instance))
    return instance


def _maximum_today(account: Account, instance: str) -> float | None:
    """Dollars that the job costs until midnight (UTC) at most; None when its price is unknown."""
    return commitments.rest_of_day(price_queries.book(account).usd_per_hour(instance, "Transform"), datetime.now(UTC))


def show(choice: Choice, job: TrainingJob, data: PreparedData, instance: str) -> None:
    """The Score button and the latest job over these rows."""
    evaluated = evaluations.find(choice) is not None
    batch_job = None if evaluated else batch_scoring.find(choice.account, job, data, choice.split)
    active = batch_job is not None and batch_job.status.active
    if st.button("Score", key="score", type="primary", icon=":material/fact_check:", disabled=active):
        wanted = Launch(
            ResourceKind.TRANSFORM_JOB, f"batch transform of {job.name}", _maximum_today(choice.account, instance)
        )
        compute_form.launch_within_budget(
            choice.account,
            wanted,
            lambda: batch_scoring.launch(choice.account, job, data, choice.split, instance, datetime.now(UTC)),
        )
        evaluations.drop(choice)
        changed(choice.account, "resources")
        st.rerun()
    if batch_job:
        st.fragment(run_every=2 if active else None, key="batch")(watch)(choice, job, data, batch_job.name, active)


def watch(choice: Choice, job: TrainingJob, data: PreparedData, name: str, was_active: bool) -> None:
    """The state of one job, live while it runs. When it has completed, its scores are saved and the page runs again."""
    with page_frame.panel():
        batch_job = batch_scoring.describe(choice.account, name)
        if was_active and not batch_job.status.active:
            changed(choice.account, "resources")
            st.rerun()
        if batch_job.status == JobStatus.COMPLETED:
            evaluations.save(choice, evaluations.evaluate_batch(choice, batch_job, job, data))
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            status_badges.status_badge(batch_job.status)
            seconds = ((batch_job.ended or datetime.now(UTC)) - batch_job.created).total_seconds()
            st.caption(f"Batch transform job {formats.plain(name)}, {formats.duration(seconds)}")
            if batch_job.status.active and st.button("Stop", key="stop_batch", icon=":material/stop:"):
                batch_scoring.stop(settings.as_now(choice.account), name)
        if batch_job.failure:
            st.error(formats.plain(f"Batch transform job {name}: {batch_job.failure}"), icon=":material/error:")
