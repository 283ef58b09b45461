"""Connection: identity, permission check, and the policy to request for what is missing."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shell import code_block, page_frame, status_badges
from pages.components.shell.formats import code, count, plain
from services.aws.account import Account
from services.iam import permission_check, policies, required_permissions
from services.iam.permission_check import PermissionAnswer, PermissionFinding
from services.iam.required_permissions import Level

LEAD = "Check which permissions you have, without changing anything."
DOES = {
    Level.VIEWER: "views everything",
    Level.ANALYST: "prepares, trains, tunes, deploys, predicts",
    Level.OPERATOR: "shuts down, pauses and protects resources",
    Level.REAPER: "program that enforces auto-shutdown rules",
}
FOUND = "connection_found"  # the account that was checked, and its findings


def content(account: Account) -> None:
    """The page, top to bottom."""
    with st.container(border=True), page_frame.panel():
        identity = account.identity()
        st.markdown(
            f"**{plain(account.title)}**, account {code(identity.account)}, region {code(account.region)}, "
            f"as {code(identity.arn)}"
        )
        st.caption(
            "Read, stop and delete actions are tried on resources that do not exist; create actions are "
            "checked with the IAM policy simulator."
        )
        if st.button("Check permissions", key="check", type="primary", icon=":material/checklist:"):
            st.session_state[FOUND] = (account, run_check(account))
    checked_account, findings = st.session_state.get(FOUND, (None, []))
    if checked_account == account:
        levels(findings)
        missing_policy(findings)
        table(findings)


def run_check(account: Account) -> list[PermissionFinding]:
    """Check every permission, with a progress bar. Raises AwsError."""
    findings: list[PermissionFinding] = []
    progress = st.progress(0.0, "Loading")
    for finding in permission_check.check(account, required_permissions.PERMISSIONS):
        findings.append(finding)
        progress.progress(
            len(findings) / len(required_permissions.PERMISSIONS),
            f"{len(findings)} of {len(required_permissions.PERMISSIONS)}: {finding.permission.action}",
        )
    progress.empty()
    order = {permission: place for place, permission in enumerate(required_permissions.PERMISSIONS)}
    return sorted(findings, key=lambda finding: order[finding.permission])


def levels(findings: Sequence[PermissionFinding]) -> None:
    """A card per level of use: whether all its permissions are there."""
    for level, column in zip(Level, st.columns(len(Level)), strict=True):
        needed = set(required_permissions.permissions_for(level))
        answers = [finding.answer for finding in findings if finding.permission in needed]
        missing, unknown = answers.count(PermissionAnswer.MISSING), answers.count(PermissionAnswer.UNKNOWN)
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{level.capitalize()}**")
            st.caption(DOES[level])
            if missing:
                st.badge(f"{count(missing, 'permission')} missing", icon=":material/block:", color="red")
            elif unknown:
                st.badge(
                    f"{len(answers) - unknown} allowed, {unknown} not checked", icon=":material/help:", color="orange"
                )
            else:
                st.badge(f"all {len(answers)} allowed", icon=":material/check_circle:", color="green")


def missing_policy(findings: Sequence[PermissionFinding]) -> None:
    """The policy to request."""
    missing = permission_check.missing(findings)
    if not missing:
        return
    with st.container(border=True):
        st.subheader("Policy for the missing permissions", anchor=False)
        st.caption("Only the missing permissions. Complete policies are in docs/iam.")
        code_block.show(policies.to_json(policies.policy(missing)), "json")


def table(findings: Sequence[PermissionFinding]) -> None:
    """Every permission and its answer, the missing ones first."""
    rank = {PermissionAnswer.MISSING: 0, PermissionAnswer.UNKNOWN: 1, PermissionAnswer.ALLOWED: 2}
    shown = sorted(findings, key=lambda finding: rank[finding.answer])
    st.dataframe(
        [
            {
                "Permission": finding.permission.action,
                "Required by": finding.permission.level.capitalize(),
                "Result": status_badges.chip(finding.answer),
                "Message": finding.message,
            }
            for finding in shown
        ],
        column_config={"Result": status_badges.status_column((finding.answer for finding in shown), "Result")},
        hide_index=True,
    )


with page_frame.page("Connection", LEAD) as account:
    content(account)
