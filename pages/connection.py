"""Connection: who one is, which of the needed rights one has, and what to ask an administrator for."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shell import code_block, page_frame, status_badges
from pages.components.shell.formats import count, plain
from services.aws.account import Account
from services.iam import permission_check, required_permissions
from services.iam.permission_check import PermissionAnswer, PermissionFinding
from services.iam.required_permissions import Level

LEAD = "Check which permissions you have, without changing anything."
DOES = {
    Level.VIEWER: "views everything",
    Level.ANALYST: "prepares, trains, tunes, deploys, predicts",
    Level.OPERATOR: "shuts down, pauses and protects resources",
    Level.REAPER: "program that enforces auto-shutdown rules",
}
FOUND = "connection_found"  # the account that was asked, and its findings


def content(account: Account) -> None:
    """The page, top to bottom."""
    with st.container(border=True), page_frame.panel():
        identity = account.identity()
        st.markdown(
            f"**{account.title}**, account `{identity.account}`, region `{account.region}`, as `{identity.arn}`"
        )
        st.caption(
            "Read, stop and delete actions are tried on resources that do not exist; create actions are "
            "checked with the IAM policy simulator."
        )
        if st.button("Check permissions", key="check", type="primary", icon=":material/checklist:"):
            st.session_state[FOUND] = (account, checked(account))
    asked, findings = st.session_state.get(FOUND, (None, []))
    if asked == account:
        levels(findings)
        what_is_missing(findings)
        table(findings)


def checked(account: Account) -> list[PermissionFinding]:
    """Ask, with how far it is. Raises AwsError."""
    found: list[PermissionFinding] = []
    progress = st.progress(0.0, "Loading")
    for finding in permission_check.check(account, required_permissions.PERMISSIONS):
        found.append(finding)
        progress.progress(
            len(found) / len(required_permissions.PERMISSIONS),
            f"{len(found)} of {len(required_permissions.PERMISSIONS)}: {finding.right.action}",
        )
    progress.empty()
    order = {right: place for place, right in enumerate(required_permissions.PERMISSIONS)}
    return sorted(found, key=lambda finding: order[finding.right])


def levels(findings: Sequence[PermissionFinding]) -> None:
    """For each thing that people do, whether one may."""
    for level, column in zip(Level, st.columns(len(Level)), strict=True):
        needed = set(required_permissions.of(level))
        answers = [finding.answer for finding in findings if finding.right in needed]
        missing, unknown = answers.count(PermissionAnswer.MISSING), answers.count(PermissionAnswer.UNKNOWN)
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{level.capitalize()}**")
            st.caption(DOES[level])
            if missing:
                st.badge(f"{count(missing, 'permission')} missing", icon=":material/block:", color="red")
            elif unknown:
                st.badge(f"{unknown} not checked", icon=":material/help:", color="orange")
            else:
                st.badge(f"all {len(answers)} allowed", icon=":material/check_circle:", color="green")


def what_is_missing(findings: Sequence[PermissionFinding]) -> None:
    """The policy to ask for."""
    missing = permission_check.missing(findings)
    if not missing:
        return
    with st.container(border=True):
        st.subheader("Policy for the missing permissions", anchor=False)
        st.caption("Only the missing permissions. Complete policies are in docs/iam.")
        code_block.show(required_permissions.to_json(required_permissions.policy(missing)), "json")


def table(findings: Sequence[PermissionFinding]) -> None:
    """Every right and its answer, those that are missing first."""
    rank = {PermissionAnswer.MISSING: 0, PermissionAnswer.UNKNOWN: 1, PermissionAnswer.ALLOWED: 2}
    shown = sorted(findings, key=lambda finding: rank[finding.answer])
    st.dataframe(
        [
            {
                "Permission": finding.right.action,
                "Required by": finding.right.level,
                "Result": status_badges.chip(finding.answer),
                "Message": plain(finding.said),
            }
            for finding in shown
        ],
        column_config={"Result": status_badges.status_column((finding.answer for finding in shown), "Result")},
        hide_index=True,
    )


with page_frame.page("Connection", LEAD) as account:
    content(account)
