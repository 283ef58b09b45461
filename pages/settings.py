"""Settings: execution role, bucket, budget, idle limits, read-only mode, and how a notebook or shell connects."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.components.queries import costs as cost_queries
from pages.components.queries import documents as document_queries
from pages.components.queries.changes import changed
from pages.components.shell import code_block, formats, page_frame, settings_form
from services import settings
from services import stored_documents as documents
from services.aws.account import Account
from services.costs import launch_budget
from services.shutdown import policy as shutdown_policy

# Key, label, step and help of the policy's number fields, and the members of the policy that they set.
POLICY_FIELDS: tuple[tuple[str, str, float | int, str], ...] = (
    (
        "idle_endpoint",
        "Endpoint, hours without a call",
        1.0,
        "Default 24: an endpoint used in working hours only is not idle at night",
    ),
    ("idle_app", "Studio app, hours without its user", 1.0, "Default 4: half a working day"),
    ("idle_warm_pool", "Warm pool, hours without a job", 0.25, "Default 0.5: half of the maximum of one hour"),
    (
        "idle_job",
        "Job, % of its time limit",
        5.0,
        "Default 90: such a job is probably stuck and will be stopped unfinished",
    ),
    (
        "blast_limit",
        "Ask for confirmation above this many resources",
        1,
        "To shut down more resources at once, type their number to confirm",
    ),
)
POLICY_MEMBERS = {
    "idle_endpoint": "endpoint",
    "idle_app": "app",
    "idle_warm_pool": "warm_pool",
    "idle_job": "job_percent",
    "blast_limit": "bulk_confirm_threshold",
    "production_lock": "production_lock",
}


def content(account: Account) -> None:
    """The page, top to bottom."""
    with st.container(border=True), page_frame.panel():
        st.subheader("Account", anchor=False)
        identity = account.identity()
        st.markdown(
            f"**{formats.plain(account.title)}**, account {formats.code(identity.account)}, "
            f"region {formats.code(account.region)}, as {formats.code(identity.arn)}"
        )
        st.markdown(f"Data and models are stored in {formats.code(f's3://{account.default_bucket()}')}.")
    with st.container(border=True), page_frame.panel():
        st.subheader("Execution role and bucket", anchor=False)
        role_and_bucket(account)
    with st.container(border=True), page_frame.panel():
        st.subheader("Launch budget", anchor=False)
        spending(account)
    with st.container(border=True), page_frame.panel():
        st.subheader("Idle limits and shutdown", anchor=False)
        shutting_down(account)
    with st.container(border=True), page_frame.panel():
        st.subheader("Read-only mode", anchor=False)
        read_only()
    with page_frame.panel():
        stored_documents(account)
    if account.files:
        with st.container(border=True):
            st.subheader("Notebook or shell", anchor=False)
            st.markdown("To connect boto3, the AWS CLI or the SageMaker SDK from a notebook or shell:")
            code_block.show('eval "$(python -m services.local env)"', "bash")


def role_and_bucket(account: Account) -> None:
    """The form; on this computer both values are fixed."""
    fixed = not account.bills
    fields = {"role": account.role or "", "bucket": account.bucket or ""}
    settings_form.refresh("account_settings", fields)
    with st.form("account_settings", border=False):
        left, right = st.columns([2, 1])
        role = left.text_input(
            "Execution role (ARN)",
            key="role",
            disabled=fixed,
            placeholder="arn:aws:iam::123456789012:role/SageMakerExecution",
            help="The role that training jobs and endpoints run under; SageMaker must be allowed to assume it",
        )
        bucket = right.text_input(
            "Bucket", key="bucket", disabled=fixed, placeholder="SageMaker's default bucket of this region"
        )
        if st.form_submit_button("Save", key="keep", disabled=fixed):
            edited = settings_form.edited("account_settings", {"role": role.strip(), "bucket": bucket.strip()})
            settings.save(account, **{name: value or None for name, value in edited.items()})
            changed(account, "data sets")
            settings_form.saved("account_settings", edited)
    if fixed:
        st.caption("Both are fixed on this computer.")


def read_only() -> None:
    """The switch, for every account of this dashboard."""
    fixed = settings.read_only_by_environment()
    st.session_state["read_only"] = settings.read_only()  # as saved, not as this tab last showed it
    st.toggle("Read-only: block all changes", key="read_only", disabled=fixed, on_change=_switch_read_only)
    if fixed:
        st.caption("Set by the environment variable SAGEDECK_READ_ONLY; it cannot be changed here.")


def _switch_read_only() -> None:
    with page_frame.panel():
        settings.save_read_only(st.session_state["read_only"])


def spending(account: Account) -> None:
    """The form of the limits, and what today's jobs have cost."""
    budget = launch_budget.load(account)
    settings_form.refresh("limits", {"limit_launch": budget.per_launch, "limit_day": budget.per_day})
    with st.form("limits", border=False):
        left, right = st.columns(2)
        launch = left.number_input("Maximum per launch ($)", step=1.0, key="limit_launch", placeholder="no limit")
        day = right.number_input("Maximum per day ($)", step=1.0, key="limit_day", placeholder="no limit")
        if st.form_submit_button("Save", key="keep_limits"):
            edited = settings_form.edited("limits", {"limit_launch": launch, "limit_day": day})
            names = {"limit_launch": "per_launch", "limit_day": "per_day"}
            launch_budget.change(account, **{names[key]: value for key, value in edited.items()})
            changed(account, "launch budget")
            settings_form.saved("limits", edited)
    st.caption(
        "What may cost more is not launched: training, tuning and batch transform jobs, endpoints, resumed ones. A "
        "launch reserves its maximum until it has ended; an endpoint reserves its rate until midnight (UTC)."
    )
    today = cost_queries.launch_budget_today(account)
    if today is not None:
        st.caption(
            formats.plain(f"Today: {formats.dollars(today.taken)} of {formats.dollars(today.limit)} spent or reserved.")
        )


def shutting_down(account: Account) -> None:
    """The form of what counts as idle, of how many resources are shut down at once, and whether production may be."""
    policy = shutdown_policy.load(account)
    settings_form.refresh(
        "precautions",
        {
            "idle_endpoint": policy.idle.endpoint,
            "idle_app": policy.idle.app,
            "idle_warm_pool": policy.idle.warm_pool,
            "idle_job": policy.idle.job * 100,
            "blast_limit": policy.bulk_confirm_threshold,
            "production_lock": policy.production_lock,
        },
    )
    with st.form("precautions", border=False):
        values = _policy_fields()
        if st.form_submit_button("Save", key="keep_precautions"):
            edited = settings_form.edited("precautions", values)
            shutdown_policy.change(account, **{POLICY_MEMBERS[key]: value for key, value in edited.items()})
            changed(account, "shutdown policy")
            settings_form.saved("precautions", edited)
    st.caption(
        "Resources above these limits are marked idle on Costs. Notebook instances do not report when they were last "
        "used, so they are never marked."
    )


def _policy_fields() -> dict[str, Any]:
    """The fields of the policy's form, by key; draws them."""
    columns = [*st.columns(3), *st.columns(3)]
    values: dict[str, Any] = {
        key: column.number_input(label, step=step, key=key, help=text)
        for column, (key, label, step, text) in zip(columns, POLICY_FIELDS, strict=False)
    }
    lock = st.toggle("Lock production: never shut down resources tagged as production", key="production_lock")
    return values | {"production_lock": lock}


def stored_documents(account: Account) -> None:
    """The documents of the account that cannot be read, each with the button that sets it aside."""
    unreadable = document_queries.unreadable(account)
    if not unreadable:
        return
    with st.container(border=True):
        st.subheader("Unreadable documents", anchor=False)
        st.caption("Setting a document aside renames it beside its place; SageDeck then works as if it did not exist.")
        for document in unreadable:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(formats.plain(str(document)), width="stretch")
                if st.button("Set aside", key=f"set_aside_{document.address}", icon=":material/drive_file_move:"):
                    documents.set_aside(account, document, datetime.now(UTC))
                    changed(account, "documents")
                    st.rerun()


with page_frame.page("Settings") as account:
    content(account)
