"""What is said of trials that learned nothing, and the button to a search that does better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.components.shell import formats
from pages.components.tune import clone_search
from services.evaluation.wording import number_text

if TYPE_CHECKING:
    from services.aws.account import Account
    from services.tuning.failed_trials import FailedTrials
    from services.tuning.jobs import TuningJob


def show(account: Account, job: TuningJob, found: FailedTrials) -> None:
    """How many they are, why, and the button."""
    st.warning(formats.plain(f"{counted(job, found)} {cause(job, found)}"), icon=":material/school:")
    if found.remedy:
        values = " and ".join(f"{name} {value}" for name, value in found.remedy.items())
        pressed = st.button(
            formats.plain(f"New search with {values}"),
            key="mend_search",
            icon=":material/build:",
            help="Fills the form with this search and that setting; its trials are not used for a warm start",
            on_click=clone_search.prefill,
            args=(account, job),
            kwargs={"remedy": found.remedy},
        )
        if pressed:  # the form is outside of this fragment
            st.rerun()


def counted(job: TuningJob, found: FailedTrials) -> str:
    """ "4 of 6 trials failed to learn: validation:auc is no better than that of a constant answer (0.5)."."""
    failed = len(found.names)
    trials = f"{failed} of {formats.count(found.scored, 'trial')}" if failed < found.scored else f"All {failed} trials"
    if found.scored == 1:
        trials = "The only trial"
    return (
        f"{trials} failed to learn: {job.objective} is no better than that of a constant answer "
        f"({number_text(found.constant)})."
    )


def cause(job: TuningJob, found: FailedTrials) -> str:
    """What their settings tell."""
    if not found.remedy:
        return "Their settings do not say why: compare them with the others under Slices."
    version = job.image.rpartition(":")[2]
    which = "Cause" if found.overshot == len(found.names) else f"Cause in {found.overshot} of them"
    return (
        f"{which}: eta is too large for min_child_weight and so rare a class. Image {version} starts from the share of "
        f"positives, where all {found.positives:,} positive train rows together weigh {found.positive_weight:.2g}, "
        "less than a leaf must: it is filled with negatives and moved too far. max_delta_step 1 limits the steps."
    )
