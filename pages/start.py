"""Start: where you are, what runs and costs, what happened last, and the next step."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import jobs as job_queries
from pages.components.queries import registry as registry_queries
from pages.components.shell import formats, metric_card, page_frame, sitemap, status_badges
from services.aws.account import Account
from services.data.table_sources.sources import CUSTOMERS
from services.errors import Problem
from services.registry.versions import Approval, ModelVersion

LEAD = "From a table to an evaluated, deployed model and back to zero running cost, on Amazon SageMaker."
# Each step: page, its title, and what one does there.
STEPS = {
    "data": ("Data", "Explore a table and prepare it"),
    "train": ("Train", "Train XGBoost or Linear Learner"),
    "tune": ("Tune", "Tune hyperparameters"),
    "evaluate": ("Evaluate", "Confusion matrix, precision, recall"),
    "registry": ("Registry", "Register and approve"),
    "endpoints": ("Endpoints", "Deploy and predict"),
    "costs": ("Costs", "Find and shut down what costs money"),
}


def content(account: Account) -> None:
    """The page, top to bottom."""
    with page_frame.panel():
        overview(account)
    path()
    with page_frame.panel():
        whole_path(account)
    with page_frame.panel():
        latest(account)


def overview(account: Account) -> None:
    """What there is, and what to do next."""
    names, jobs, endpoints = (
        data_queries.prepared_names(account),
        job_queries.training_jobs(account),
        endpoint_queries.endpoints(account),
    )
    tuned = job_queries.tuning_jobs(account)
    completed = [job for job in jobs if job.status == "Completed" and not job.tuning_job]
    with st.container(horizontal=True):
        metric_card.number("Prepared data sets", formats.count(len(names)))
        metric_card.number("Completed training jobs", formats.count(len(completed)))
        metric_card.number("Tuning jobs", formats.count(len(tuned)))
        metric_card.number("Endpoints", formats.count(len(endpoints)))
    evaluated = just_evaluated(account, endpoints[0].created if endpoints else None)
    version = registered(account, evaluated) if evaluated else None
    if not names:
        try_it = ("data", "Try it with sample data", {"source": CUSTOMERS.title, "target": CUSTOMERS.target})
        suggest("choose and prepare a data set.", try_it, ("data", "Choose data", {}))
    elif evaluated and version and version.approval is not Approval.REJECTED:
        words = f"deploy {evaluated}, which was just evaluated and is registered as {version} of {version.group}."
        suggest(words, ("endpoints", "Deploy", {"job": evaluated}))
    elif evaluated and not version:
        words = f"register {evaluated}, which was just evaluated, or deploy it."
        register, deploy = {"register": evaluated}, {"job": evaluated}
        suggest(words, ("registry", "Register", register), ("endpoints", "Deploy", deploy))
    elif not completed:
        shown = data_queries.display_name(account, names[-1])
        suggest(f"train a model on {shown}.", ("train", "Train a model", {"data": names[-1]}))
    elif endpoints:
        suggest(f"endpoint {endpoints[0].name} bills until it is deleted.", ("costs", "Open Costs", {}))
    else:
        job = completed[0].name
        suggest(f"evaluate {job} on rows it has not seen.", ("evaluate", "Evaluate", {"job": job}))


def just_evaluated(account: Account, deployed: datetime | None) -> str | None:
    """The job whose model was evaluated last within the hour; None where something was `deployed` after that."""
    from pages.components.queries.evaluation import evaluations

    newest = evaluations.newest(account)
    return newest[0] if newest and (deployed is None or newest[1].at > deployed) else None


def registered(account: Account, job: str) -> ModelVersion | None:
    """The version that a job's model was registered as; None also for whoever may not look."""
    try:
        return registry_queries.registered(account, job)
    except Problem:
        return None


def suggest(words: str, *steps: tuple[str, str, dict[str, str]]) -> None:
    """The next step as a sentence, and a button for each way to take it: page, label, and what its address selects."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Next:** {formats.plain(words)}", width="stretch")
        for number, (name, label, query) in enumerate(steps):
            key = f"next_step_{name}" if number else "next_step"
            if st.button(label, key=key, type="secondary" if number else "primary", icon=":material/arrow_forward:"):
                st.switch_page(sitemap.page(name), query_params=query)


def path() -> None:
    """The steps, each a link."""
    st.subheader("Steps", anchor=False)
    for row in (("data", "train", "tune", "evaluate"), ("registry", "endpoints", "costs")):
        for column, step in zip(st.columns(4), row, strict=False):
            title, does = STEPS[step]
            with column.container(border=True, height="stretch"):
                page_frame.next_step(step, title)
                st.caption(does)


def whole_path(account: Account) -> None:
    """The path as a notebook, on the data set that the next step would train on."""
    from pages.components.launch import compute_form
    from pages.components.launch import show_code as launch_code
    from services.codegen import notebook
    from services.training import plan as training_plan

    names = data_queries.prepared_names(account)
    if not names:
        return
    data = data_queries.prepared_data(account, names[-1])
    first_plan = training_plan.TrainingPlan(
        data.name[:40], data, training_plan.TUTORIAL_SETTINGS, compute_form.INSTANCE, 1, 3600
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        on_data = formats.plain(f"The same steps in Jupyter, on {data.display_name} with the AWS tutorial settings:")
        st.caption(on_data, width="content")
        launch_code.download(account, first_plan, notebook.usual_search(first_plan))


def latest(account: Account) -> None:
    """The latest jobs."""
    st.subheader("Latest jobs", anchor=False)
    now = datetime.now(UTC)
    jobs = [("Tuning", job) for job in job_queries.tuning_jobs(account)[:8]] + [
        ("Training", job) for job in job_queries.training_jobs(account) if not job.tuning_job
    ]
    jobs.sort(key=lambda pair: pair[1].created, reverse=True)
    if not jobs:
        st.caption("No jobs yet.")
        return
    st.dataframe(
        [
            {
                "Kind": kind,
                "Job": job.name,
                "Status": status_badges.chip(job.status),
                "Started": formats.ago(job.created, now),
                "Took": formats.duration((job.ended - job.created).total_seconds()) if job.ended else "",
            }
            for kind, job in jobs[:8]
        ],
        column_config={
            "Job": st.column_config.TextColumn(width=380),
            "Status": status_badges.status_column(job.status for _, job in jobs),
        },
        hide_index=True,
        height=status_badges.table_height(len(jobs[:8])),
    )


with page_frame.page("Start", LEAD) as account:
    content(account)
