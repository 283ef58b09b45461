"""Scoring by batch transform on the screen: what it costs, the button, how far it is, and the scores at its end."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.launch import compute_form
from pages.components.queries import evaluations
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.queries.evaluations import Choice
from pages.components.shell import formats, page_frame, status_badges
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.evaluation import batch_scoring
from services.training.jobs import JobStatus, TrainingJob


def choose_instance(account: Account) -> str:
    """What the job runs on, with its price: before the click."""
    with st.container(width=420):
        instance = compute_form.choose_machine(account, "batch_instance", "Transform")
    rate = formats.dollars_an_hour(price_queries.book(account).usd_per_hour(instance, "Transform"))
    st.caption(
        formats.plain(
            f":material/payments: {rate} while it runs, usually a few minutes; nothing afterwards. There is "
            "no time limit."
        )
    )
    return instance


def show(choice: Choice, job: TrainingJob, data: PreparedData, instance: str) -> None:
    """The button, and the newest job over these rows."""
    known = evaluations.find(choice)
    found = None if known else batch_scoring.find(choice.account, job, data, choice.split)
    active = found is not None and found.status.active
    if st.button("Score", key="score", type="primary", icon=":material/fact_check:", disabled=active):
        batch_scoring.launch(choice.account, job, data, choice.split, instance, datetime.now(UTC))
        evaluations.drop(choice)
        changed(choice.account, "resources")
        st.rerun()
    if found:
        st.fragment(run_every=2 if active else None, key="batch")(watch)(choice, job, data, found.name, active)


def watch(choice: Choice, job: TrainingJob, data: PreparedData, name: str, was_active: bool) -> None:
    """One job, live while it runs; when it is completed, its scores."""
    with page_frame.panel():
        found = batch_scoring.describe(choice.account, name)
        if was_active and not found.status.active:
            changed(choice.account, "resources")
            st.rerun()
        if found.status == JobStatus.COMPLETED:
            evaluations.keep(choice, evaluations.evaluate_batch(choice.account, found, job, data, choice.split))
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            status_badges.status_badge(found.status)
            spent = ((found.ended or datetime.now(UTC)) - found.created).total_seconds()
            st.caption(f"Batch transform job {name}, {formats.duration(spent)}")
            if found.status.active and st.button("Stop", key="stop_batch", icon=":material/stop:"):
                batch_scoring.stop(choice.account, name)
        if found.failure:
            st.error(formats.plain(f"Batch transform job {name}: {found.failure}"), icon=":material/error:")
