"""Settings: under which role and in which bucket one works, and how other programs reach the same place."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import prices as price_queries
from pages.components.queries.changes import changed
from pages.components.shell import code_block, formats, page_frame
from services import settings
from services.aws.account import Account
from services.costs import launch_budget
from services.costs.idleness import Thresholds
from services.shutdown import policy as shutdown_policy
from services.shutdown.policy import ShutdownPolicy


def content(account: Account) -> None:
    """The page, top to bottom."""
    with st.container(border=True), page_frame.panel():
        st.subheader("Where you are", anchor=False)
        identity = account.identity()
        st.markdown(
            f"**{account.title}**, account `{identity.account}`, region `{account.region}`, as `{identity.arn}`"
        )
        st.markdown(f"Data and models go to `s3://{account.default_bucket()}`.")
    with st.container(border=True), page_frame.panel():
        st.subheader("Execution role and bucket", anchor=False)
        role_and_bucket(account)
    with st.container(border=True), page_frame.panel():
        st.subheader("Limits on what launches may cost", anchor=False)
        spending(account)
    with st.container(border=True), page_frame.panel():
        st.subheader("Idle, and shutting down", anchor=False)
        shutting_down(account)
    with st.container(border=True), page_frame.panel():
        st.subheader("Read-only mode", anchor=False)
        read_only()
    if account.files:
        with st.container(border=True):
            st.subheader("In a notebook or a shell", anchor=False)
            st.markdown("boto3, the AWS CLI and the SageMaker SDK reach this computer after:")
            code_block.show('eval "$(python -m services.local env)"', "bash")


def role_and_bucket(account: Account) -> None:
    """The form; on this computer both are given."""
    fixed = not account.bills
    with st.form("account_settings", border=False):
        role = st.text_input(
            "Execution role (ARN)",
            account.role or "",
            key="role",
            disabled=fixed,
            placeholder="arn:aws:iam::123456789012:role/SageMakerExecution",
            help="The role that training jobs and endpoints run under; SageMaker must be allowed to assume it",
        )
        bucket = st.text_input(
            "Bucket",
            account.bucket or "",
            key="bucket",
            disabled=fixed,
            placeholder="the default bucket of SageMaker in this region",
        )
        if st.form_submit_button("Keep", key="keep", disabled=fixed):
            settings.save(account, role=settings.checked_role(role), bucket=bucket.strip() or None)
            changed(account, "data sets")
            st.rerun()
    if fixed:
        st.caption("On this computer both are given.")


def read_only() -> None:
    """The switch, for every account of this dashboard."""
    fixed, on = settings.read_only_by_environment(), settings.read_only()
    wanted = st.toggle("Only read: refuse whatever would change something", value=on, key="read_only", disabled=fixed)
    if fixed:
        st.caption("Whoever runs this dashboard has set it for good (SAGEDECK_READ_ONLY).")
    elif wanted != on:
        settings.save_read_only(wanted)
        st.rerun()


def spending(account: Account) -> None:
    """The form of the limits, and what today's jobs have cost."""
    kept, now = launch_budget.load(account), datetime.now(UTC)
    with st.form("limits", border=False):
        left, right = st.columns(2)
        launch = left.number_input(
            "Dollars a launch", value=kept.per_launch, step=1.0, key="limit_launch", placeholder="no limit"
        )
        day = right.number_input("Dollars a day", value=kept.per_day, step=1.0, key="limit_day", placeholder="no limit")
        if st.form_submit_button("Keep", key="keep_limits"):
            launch_budget.save(account, launch_budget.LaunchBudget(launch, day))
            st.rerun()
    st.caption(
        "A training or tuning job that may cost more is not launched from here. A day's sum is what its jobs have "
        "cost so far and the most that the next one may; days are UTC."
    )
    if kept.per_day is not None:
        spent = formats.dollars(launch_budget.spent_today(account, now, price_queries.book(account)))
        st.caption(formats.plain(f"Today's jobs have cost {spent} of {formats.dollars(kept.per_day)}."))


def shutting_down(account: Account) -> None:
    """The form of what counts as idle, of how many things may be ended at once, and whether production may be."""
    kept = shutdown_policy.load(account)
    with st.form("precautions", border=False):
        first, second, third = st.columns(3)
        fourth, fifth, _ = st.columns(3)
        idle = Thresholds(
            endpoint=first.number_input(
                "Endpoint, hours without a call",
                value=kept.idle.endpoint,
                step=1.0,
                key="idle_endpoint",
                help="24: one that is called in working hours only is not idle at night",
            ),
            app=second.number_input(
                "Studio app, hours without its user",
                value=kept.idle.app,
                step=1.0,
                key="idle_app",
                help="4: half a working day, longer than any meeting",
            ),
            warm_pool=third.number_input(
                "Warm pool, hours kept",
                value=kept.idle.warm_pool,
                step=0.25,
                key="idle_warm_pool",
                help="0.5: half of the hour that one is kept at most",
            ),
            job=fourth.number_input(
                "Job, % of its maximum time",
                value=kept.idle.job * 100,
                step=5.0,
                key="idle_job",
                help="90: one so near its end is mostly stuck, and will be cut off unfinished",
            )
            / 100,
        )
        blast = fifth.number_input(
            "Things ended at once",
            value=kept.bulk_confirm_threshold,
            step=1,
            key="blast_limit",
            help="To end more than that, one types how many they are",
        )
        lock = st.toggle(
            "Lock production: end nothing that is tagged as production, even when its name is typed",
            value=kept.production_lock,
            key="production_lock",
        )
        if st.form_submit_button("Keep", key="keep_precautions"):
            shutdown_policy.save(account, ShutdownPolicy(idle, blast, lock))
            changed(account, "shutdown policy")
            st.rerun()
    st.caption(
        "From then on Costs calls a thing idle. Notebook instances do not tell when they were last used: they are "
        "never called idle, and never in use."
    )


with page_frame.page("Settings") as account:
    content(account)
