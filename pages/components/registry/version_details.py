"""One model version: its approval, metrics and origin, and a comparison with another version."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries import decisions
from pages.components.queries import registry as registry_queries
from pages.components.registry import metric_cards, version_comparison, version_dialogs
from pages.components.shell import formats, page_frame, status_badges
from services.aws.account import Account
from services.registry import versions as model_versions
from services.registry.model_metrics import ModelMetrics
from services.registry.versions import Approval, ModelVersion


def show(account: Account, version: ModelVersion, others: Sequence[ModelVersion]) -> None:
    """The version, top to bottom; `others` may be compared with it, the approved one first."""
    st.subheader(formats.plain(f"{str(version).capitalize()} of {version.group}"), anchor=False)
    _decision(version)
    with st.container(horizontal=True):
        if version.approval is Approval.APPROVED and version.job:
            page_frame.next_step("endpoints", "Deploy this version", job=version.job)
        page_frame.next_step("evaluate", "Evaluate this version", group=version.group, version=str(version.number))
    with page_frame.panel():
        quality = registry_queries.quality(account, version)
        if quality.rows:
            flags = "" if quality.threshold is None else f"; threshold {quality.threshold:g}"
            st.caption(formats.plain(f"Measured on {quality.rows}{flags}."))
        _threshold_reason(account, version, quality)
        metric_cards.show(quality)
    with st.expander("Origin and files", icon=":material/account_tree:", expanded=True):
        _origin(account, version)
    with page_frame.panel():
        _compare(account, version, others)


def _decision(version: ModelVersion) -> None:
    """The approval status with its reason, and the buttons that change it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badges.status_badge(version.approval.label)
        if version.state != "Completed":
            status_badges.status_badge(version.state)
        now = datetime.now(UTC)
        decided = version.changed if version.approval is not Approval.PENDING else None
        since = f", {version.approval.label.lower()} {formats.ago(decided, now)}" if decided else ""
        st.caption(f"Registered {formats.ago(version.created, now)}{since}")
        for decision, label, icon in (
            (Approval.APPROVED, "Approve", ":material/thumb_up:"),
            (Approval.REJECTED, "Reject", ":material/thumb_down:"),
        ):
            if version.approval is not decision and st.button(label, key=label.lower(), icon=icon):
                version_dialogs.open_dialog(decision, version.arn)
        if st.button("Delete", key="delete_version", icon=":material/delete:"):
            version_dialogs.open_dialog("delete", version.arn)
    if version.reason:
        st.markdown(f"**Reason:** {formats.plain(version.reason)}")
    if version.note:
        st.markdown(f"**Note:** {formats.plain(version.note)}")


def _threshold_reason(account: Account, version: ModelVersion, quality: ModelMetrics) -> None:
    """Why the version has its threshold, and whether predictions apply another one by now."""
    if quality.decision:
        decision = quality.decision
        when = formats.ago(decision.decided_at, datetime.now(UTC))
        st.markdown(
            f":material/gavel: **Threshold {decision.threshold:g}:** {formats.plain(decision.reason)} "
            f"({formats.plain(decision.decided_by)}, {when})"
        )
    applied = decisions.applied(account, version.model_uri)
    if applied.fault or (applied.decision and applied.threshold != quality.threshold):
        st.warning(f"Predictions of this model: {formats.plain(applied)}", icon=":material/gavel:")


def _origin(account: Account, version: ModelVersion) -> None:
    """The training job and data of the version, and its files."""
    facts = {
        "Training job": version.job,
        "Data set": data_queries.display_name(account, version.data),
        "SHA-256 of training rows": version.metadata.get(model_versions.DATA_SHA256, ""),
        "Data recipe": version.metadata.get(model_versions.RECIPE, ""),
        "Model file": version.model_uri,
        "Metrics": version.metrics_uri,
        "Image": version.image,
    }
    st.markdown("  \n".join(f"**{label}:** {formats.plain(value) or 'not saved'}" for label, value in facts.items()))
    if version.job:
        page_frame.next_step("train", "Open training job", job=version.job)
    if report := version.report:
        st.download_button(
            "Download decision report",
            lambda: registry_queries.report(account, report),
            f"{version.group}-{version.number}-report.html",
            "text/html",
            key="decision_report",
            icon=":material/description:",
            on_click="ignore",
        )


def _compare(account: Account, version: ModelVersion, others: Sequence[ModelVersion]) -> None:
    st.subheader("Compare", anchor=False)
    if not others:
        st.caption("There is no other version to compare with.")
        return
    by_name = {str(other): other for other in others}
    approved = [name for name, other in by_name.items() if other.approval is Approval.APPROVED]
    chosen = st.selectbox(
        "Compare with",
        list(by_name),
        index=list(by_name).index(approved[0]) if approved else 0,
        key=f"against_{version.arn}",
        format_func=lambda name: f"{name}, {by_name[name].approval.label}",
    )
    version_comparison.show(account, version, by_name[chosen])
