"""Tune: search the hyperparameters, watch the trials come in, keep the best."""

import streamlit as st

from pages.components.queries import jobs as job_queries
from pages.components.shell import formats, page_frame, url_selection
from services.aws.account import Account
from services.errors import Problem

LEAD = "Search for better hyperparameters and compare the trials."
NEW, FOUND = "New search", "Searches"


def content(account: Account) -> None:
    """The page, top to bottom: one of its two views."""
    from pages.components.tune import launch_form as tuning_form

    if "launched_tuning" in st.session_state:
        url_selection.set_("tuning", st.session_state.pop("launched_tuning"))
        st.session_state["tune_view"] = FOUND
        if "baseline_refused" in st.session_state:
            st.warning(formats.plain(st.session_state.pop("baseline_refused")), icon=":material/balance:")
    elif url_selection.from_address("tuning"):
        st.session_state["tune_view"] = FOUND
    elif url_selection.from_address("data"):
        st.session_state["tune_view"] = NEW
    elif "tune_view" not in st.session_state and "tune_view" not in st.query_params:
        st.session_state["tune_view"] = first_view(account)
    view = st.segmented_control(
        "View", [NEW, FOUND], key="tune_view", bind="query-params", required=True, label_visibility="collapsed"
    )
    with page_frame.panel():
        if view == FOUND:
            url_selection.clear("data")
            jobs(account)
        else:
            url_selection.clear("tuning")
            tuning_form.new_job(account)


def first_view(account: Account) -> str:
    """What to open with: the search that runs, or else the form."""
    try:
        active = any(job.status.active for job in job_queries.tuning_jobs(account)[:5])
    except Problem:  # the view says it
        active = False
    return FOUND if active else NEW


def jobs(account: Account) -> None:
    """The list of tuning jobs and the one that is looked at."""
    from pages.components.tune import job_monitor as tuning_monitor
    from pages.components.tune import next_steps
    from pages.components.tune import summary as tuning_summary_view

    recent = job_queries.tuning_jobs(account)
    if not recent:
        st.info("No tuning jobs yet. Launch one under New search.", icon=":material/tune:")
        return
    names = [job.name for job in recent]
    selected = url_selection.get("tuning")
    if selected and selected not in names:
        names.insert(0, selected)  # older than the list
    name = url_selection.choose("Tuning job", names, "tuning", width=420)
    job = job_queries.tuning_job(account, name)
    if job.status.active:
        st.fragment(run_every=2, key="watch")(tuning_monitor.live)(account, name)
        return
    tuning_monitor.heading(account, job)
    lesson = None
    with page_frame.panel():  # the ways on need no list of trials
        tuning_monitor.numbers(account, job)
        lesson = st.container()
        st.fragment(tuning_monitor.pictures)(account, job)
    next_steps.show(account, job)
    if job.best and lesson:
        with lesson:  # comes last, as it has to score
            st.fragment(tuning_summary_view.show)(account, job)


with page_frame.page("Tune", LEAD) as account:
    content(account)
