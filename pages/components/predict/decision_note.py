"""Which threshold turns a score into a class here, and why."""

from collections.abc import Collection

import streamlit as st

from pages.components.shell import formats, page_frame
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.evaluation.decision.saved_decision import AppliedThreshold


def show(account: Account, data: PreparedData, model_uris: Collection[str], job: str | None) -> AppliedThreshold:
    """The threshold for the scores of these models, usually one, in a sentence; models of two classes only have one.

    Where no decision is applied, the way to one for the model of training job `job`.
    """
    from pages.components.queries.evaluation import decisions

    if data.kind is not TargetKind.TWO_CLASSES:
        return AppliedThreshold()
    applied = decisions.applied(account, *model_uris)
    icon = ":material/gavel:" if applied.decision else ":material/warning:" if applied.fault else ":material/info:"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{icon} {formats.plain(applied)} The model returns scores; the threshold is applied here.")
        if applied.decision is None and job:
            page_frame.next_step("evaluate", "Choose threshold on Evaluate", job=job)
    return applied
