"""Train: launch a training job with its price in sight, watch it learn, and see what it taught."""

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.queries.changes import changed
from pages.components.shell import page_frame, url_selection
from services.aws.account import Account
from services.training.jobs import JobStatus

LEAD = "Train a model on prepared data and follow its learning curve."
FORM, JOBS = "New job", "Jobs"


def content(account: Account) -> None:
    """The page, top to bottom."""
    arrive(account)
    view = st.segmented_control(
        "View", [FORM, JOBS], key="view", bind="query-params", required=True, label_visibility="collapsed"
    )
    with page_frame.panel():
        if view == FORM:
            from pages.components.train import launch_form as training_form

            url_selection.clear("job")
            training_form.draw(account)
        else:
            url_selection.clear("data")
            jobs(account)


def arrive(account: Account) -> None:
    """Which view one comes to: a job that was launched or asked for, the form filled from one, or the empty form."""
    again = st.session_state.pop("again", None) or st.query_params.get("again")
    if again:
        st.query_params.pop("again", None)
        st.session_state["view"] = FORM
        with page_frame.panel():
            from pages.components.train import launch_form as training_form

            training_form.fill(account, again)
    elif "launched" in st.session_state:
        url_selection.set_("job", st.session_state.pop("launched"))
        st.session_state["view"] = JOBS
    elif url_selection.from_address("job"):
        st.session_state["view"] = JOBS
    elif url_selection.from_address("data") or ("view" not in st.session_state and "view" not in st.query_params):
        st.session_state["view"] = FORM


def jobs(account: Account) -> None:
    """The job that is looked at."""
    from pages.components.train import job_monitor as training_monitor

    recent = job_queries.training_jobs(account)
    if not recent:
        st.info("No training jobs yet. Launch one under New job.", icon=":material/model_training:")
        return
    names = [job.name for job in recent]
    selected = url_selection.get("job")
    if selected and selected not in names:
        names.insert(0, selected)  # older than the list, or a child of a tuning job
    job = url_selection.choose("Job", names, "job")
    active = job_queries.training_job(account, job).status.active
    if active:
        st.session_state["ran"] = job
    elif st.session_state.get("ran") == job:  # it has ended since the page was last drawn
        del st.session_state["ran"]
        changed(account, "training")
    st.fragment(run_every=2 if active else None, key="watch")(training_monitor.watch)(account, job, active)
    known = job_queries.training_job(account, job)
    if known.status == JobStatus.COMPLETED:
        from pages.components.predict import model_panel

        model_panel.show(account, known)


with page_frame.page("Train", LEAD) as account:
    content(account)
