"""The dialogs of the Registry page: approve or reject a version with a reason, delete a version or an empty group.

The open dialog is named in session state, so that opening it is a rerun like any other.
"""

import streamlit as st

from pages.components.queries import registry as registry_queries
from pages.components.queries.changes import changed
from pages.components.registry import version_comparison
from pages.components.shell import page_frame
from pages.components.shell.formats import plain
from services import settings
from services.aws.account import Account
from services.registry import approval as model_approval
from services.registry.versions import Approval, ModelVersion
from services.shutdown.plan import ApiCall

OPEN = "registry_asked"  # session state: the dialog that is open, and its version or group


def open_dialog(action: str, subject: str) -> None:
    """Open a dialog in this run or the next. `action`: an `Approval` or "delete" with the ARN of a version as
    `subject`, or "delete group" with the name of a group."""
    st.session_state[OPEN] = (action, subject)


def dialog(account: Account) -> None:
    """Show the open dialog, if there is one. Call it once a page."""
    action, subject = st.session_state.get(OPEN, ("", ""))
    if action in (Approval.APPROVED, Approval.REJECTED):
        _decide(account, Approval(action), subject)
    elif action == "delete":
        _delete_version(account, subject)
    elif action == "delete group":
        _delete_group(account, subject)


def _close() -> None:
    st.session_state.pop(OPEN, None)


@st.dialog("Approve or reject a version", width="large", icon=":material/gavel:", on_dismiss=_close)
def _decide(account: Account, decision: Approval, arn: str) -> None:
    account = settings.as_now(account)
    with page_frame.panel():
        version = registry_queries.version(account, arn)
        verb = "Approve" if decision is Approval.APPROVED else "Reject"
        st.markdown(f"**{plain(f'{verb} {version} of {version.group}')}**")
        current = registry_queries.approved(account, version.group)
        with page_frame.panel():
            _describe_effect(account, decision, version, current)
        reason = st.text_area(
            "Reason", key=f"reason_{decision}_{arn}", help="Everybody who opens this version sees the reason"
        )
        call = ApiCall("update_model_package", (("ModelPackageArn", arn), ("ModelApprovalStatus", decision.value)))
        st.code(str(call), language=None, wrap_lines=True)
        with st.container(horizontal=True):
            if st.button(verb, key="decide_confirm", type="primary"):
                model_approval.decide(account, version, decision, reason)
                _done(account)
            _cancel()


def _describe_effect(account: Account, decision: Approval, version: ModelVersion, current: ModelVersion | None) -> None:
    """Which version is in use after the decision, and how this one compares with the one in use now."""
    if decision is Approval.REJECTED:
        if current and current.arn == version.arn:
            st.warning(
                "This version is approved and in use. If it is rejected, the latest other approved "
                "version is in use, if there is one."
            )
        return
    if current is None:
        st.caption("No version of this group is approved yet.")
        return
    newer = current if current.number > version.number else version
    st.caption(
        f"{str(current).capitalize()} is approved now. The latest approved version is in use: {newer} after this."
    )
    version_comparison.show(account, version, current)


@st.dialog("Delete a version", icon=":material/delete:", on_dismiss=_close)
def _delete_version(account: Account, arn: str) -> None:
    account = settings.as_now(account)
    with page_frame.panel():
        version = registry_queries.version(account, arn)
        _describe(
            f"{str(version).capitalize()} of {version.group}",
            ApiCall("delete_model_package", (("ModelPackageName", arn),)),
            (
                "the entry, its note and its approval; the version number is not used again. Models and "
                "endpoints made from it stay."
            ),
            f"its model file and metrics in S3 ({version.model_uri}), and endpoints that serve it",
        )
        if version.approval is Approval.APPROVED:
            st.warning("It is approved: after this, another version or none is the latest approved one.")
        with st.container(horizontal=True):
            if st.button("Delete", key="delete_confirm", type="primary", icon=":material/delete:"):
                model_approval.delete_version(account, arn)
                _done(account, "version")
            _cancel()


@st.dialog("Delete an empty group", icon=":material/delete:", on_dismiss=_close)
def _delete_group(account: Account, group: str) -> None:
    account = settings.as_now(account)
    with page_frame.panel():
        _describe(
            group,
            ApiCall("delete_model_package_group", (("ModelPackageGroupName", group),)),
            "the group; it has no versions.",
            "nothing",
        )
        with st.container(horizontal=True):
            if st.button("Delete", key="delete_confirm", type="primary", icon=":material/delete:"):
                model_approval.delete_group(account, group)
                _done(account, "version", "group")
            _cancel()


def _describe(title: str, call: ApiCall, lost: str, still_bills: str) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(title)}**")
        st.code(str(call), language=None, wrap_lines=True)
        st.markdown(f"**Lost:** {plain(lost)}")
        st.markdown(f"**Still billed:** {plain(still_bills)}.")


def _cancel() -> None:
    if st.button("Cancel", key="registry_cancel"):
        _close()
        st.rerun()


def _done(account: Account, *gone: str) -> None:
    """Close the dialog, remove the selections in `gone` and run the page again."""
    for key in gone:
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)
    _close()
    changed(account, "registry")
    st.rerun()
