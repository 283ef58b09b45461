"""From the best trial on: judge it, register it, deploy it, or train it a last time on all rows but the test's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.components.launch import compute_form
from pages.components.launch import show_code as launch_code
from pages.components.queries import jobs as job_queries
from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.shell import formats, launch_reservation, page_frame, sitemap
from services.costs.launch_budget import Launch
from services.data import prepared_data
from services.inventory.resources import ResourceKind
from services.tuning import final_fit

if TYPE_CHECKING:
    from services.aws.account import Account
    from services.tuning.jobs import TuningJob


def show(account: Account, job: TuningJob) -> None:
    """The ways on from a search that has ended."""
    if not job.best:
        return
    with st.container(horizontal=True):
        page_frame.next_step("evaluate", "Evaluate best model", job=job.best)
        page_frame.next_step("registry", "Register best model", register=job.best)
        page_frame.next_step("endpoints", "Deploy best model", job=job.best)
    with st.expander("Final model: best settings on train and validation rows"), page_frame.panel():
        again(account, job, job.best)


def again(account: Account, job: TuningJob, best: str) -> None:
    """The last training: what it is, what it costs, the button and the code."""
    best_job = job_queries.training_job(account, best)
    data = prepared_data.trained_on(account, job.train_channel)
    plan = final_fit.plan(f"{job.name}-last", best_job, data)
    rows = data.rows["train"] + data.rows["validation"]
    seconds = final_fit.expected_seconds(best_job, data)
    book = price_queries.book(account)
    rate = book.usd_per_hour(plan.instance_type, "Training")
    usual = None if seconds is None or rate is None else rate * plan.instance_count * seconds / 3600
    most = book.maximum_of_launch(plan.instance_type, plan.instance_count, plan.max_runtime)
    st.caption(
        formats.plain(
            "The search is done with the validation rows, so a final model can train on them, too: "
            f"{formats.count(rows, 'row')} in total. Only the test rows can evaluate it then. Expected "
            f"{formats.dollars(usual)}; maximum {formats.dollars(most)} (time limit)."
        )
    )
    launch_reservation.show(account, most)
    if st.button("Train final model", key="train_last", icon=":material/play_arrow:"):
        with st.spinner("Launching"):
            wanted = Launch(ResourceKind.TRAINING_JOB, plan.name, most)
            name = compute_form.launch_within_budget(account, wanted, lambda: final_fit.launch(account, plan))
        changed(account, "training")
        st.switch_page(sitemap.page("train"), query_params={"job": name})
    with st.popover("Show the code"):
        launch_code.of_last_training(account, plan)
