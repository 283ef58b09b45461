"""Settings: under which role and in which bucket one works, and how other programs reach the same place."""

from datetime import UTC, datetime

import streamlit as st

from pages.components import formats, frame, queries
from services import limits, settings
from services.aws import Account


def content(account: Account) -> None:
    """The page, top to bottom."""
    with st.container(border=True), frame.panel():
        st.subheader("Where you are", anchor=False)
        identity = account.identity()
        st.markdown(
            f"**{account.title}**, account `{identity.account}`, region `{account.region}`, as `{identity.arn}`"
        )
        st.markdown(f"Data and models go to `s3://{account.default_bucket()}`.")
    with st.container(border=True), frame.panel():
        st.subheader("Execution role and bucket", anchor=False)
        role_and_bucket(account)
    with st.container(border=True), frame.panel():
        st.subheader("Limits on what launches may cost", anchor=False)
        spending(account)
    with st.container(border=True), frame.panel():
        st.subheader("Read-only mode", anchor=False)
        read_only()
    if account.files:
        with st.container(border=True):
            st.subheader("In a notebook or a shell", anchor=False)
            st.markdown("boto3, the AWS CLI and the SageMaker SDK reach this computer after:")
            st.code('eval "$(python -m services.local env)"', language="bash")


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
            settings.keep(account, role=settings.checked_role(role), bucket=bucket.strip() or None)
            queries.prepared_names.clear()
            st.rerun()
    if fixed:
        st.caption("On this computer both are given.")


def read_only() -> None:
    """The switch, for every account of this dashboard."""
    fixed, on = settings.read_only_for_good(), settings.read_only()
    wanted = st.toggle("Only read: refuse whatever would change something", value=on, key="read_only", disabled=fixed)
    if fixed:
        st.caption("Whoever runs this dashboard has set it for good (SAGEDECK_READ_ONLY).")
    elif wanted != on:
        settings.keep_read_only(wanted)
        st.rerun()


def spending(account: Account) -> None:
    """The form of the limits, and what today's jobs have cost."""
    kept, now = limits.load(account), datetime.now(UTC)
    with st.form("limits", border=False):
        left, right = st.columns(2)
        launch = left.number_input(
            "Dollars a launch", value=kept.per_launch, step=1.0, key="limit_launch", placeholder="no limit"
        )
        day = right.number_input("Dollars a day", value=kept.per_day, step=1.0, key="limit_day", placeholder="no limit")
        if st.form_submit_button("Keep", key="keep_limits"):
            limits.keep(account, limits.Limits(launch, day))
            st.rerun()
    st.caption(
        "A training or tuning job that may cost more is not launched from here. A day's sum is what its jobs have "
        "cost so far and the most that the next one may; days are UTC."
    )
    if kept.per_day is not None:
        spent = formats.dollars(limits.spent_today(account, now, queries.book(account)))
        st.caption(formats.plain(f"Today's jobs have cost {spent} of {formats.dollars(kept.per_day)}."))


with frame.page("Settings") as account:
    content(account)
