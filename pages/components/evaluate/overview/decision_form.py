"""The decision saved beside a model: what it is, and the form that saves another one."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.queries import decisions
from pages.components.queries.changes import changed
from pages.components.queries.evaluations import Choice, Evaluation
from pages.components.shell import formats
from services import settings
from services.aws import documents
from services.aws.account import Account
from services.aws.documents import ChangedMeanwhileError, Stored
from services.evaluation.decision import decision_wording, saved_decision
from services.evaluation.decision.expected_cost import Costs
from services.evaluation.decision.saved_decision import ChosenOn, CostsMembers, SavedDecision, UnusableDecisionError
from services.evaluation.decision.threshold_aims import Aim, Goal
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.metrics import Scored

OVERTAKEN = "decision_overtaken"  # session state: the address of the model whose decision somebody else saved first
SEEN = "decision_seen"  # session state: the ETag of the decision beside the button that was pressed
SAVES = "decision_saves"  # session state: how many were saved, for an empty reason after each
WHO_APPLIES = (
    "The endpoint returns scores; SageDeck and the scripts it shows apply the decision to rows, files and versions."
)


def saved(account: Account, model: EvaluatedModel) -> Stored[SavedDecision] | None:
    """The decision of a model, in a sentence; None where there is none or it cannot be used. Raises AwsError."""
    try:
        stored = decisions.decision(account, model.uri)
    except UnusableDecisionError as error:
        _unusable(account, error)
        return None
    if st.session_state.get(OVERTAKEN) == model.uri:
        st.warning(
            "Somebody saved another decision in the meantime. It is shown here; yours was not saved. Save again to "
            "replace it.",
            icon=":material/group:",
        )
    if stored is None:
        st.caption("No decision is saved for this model: predictions use 0.5.")
        return None
    decision = stored.document
    ago = formats.ago(decision.decided_at, datetime.now(UTC))
    reason = decision.reason.rstrip(".")
    on = "" if str(decision.chosen_on) in reason else f", on {decision.chosen_on}"
    st.markdown(
        f":material/gavel: **Saved decision: {decision.threshold:g}** · {formats.plain(reason)} · "
        f"{formats.plain(decision.decided_by)}, {ago}{formats.plain(on)}"
    )
    return stored


def _unusable(account: Account, error: UnusableDecisionError) -> None:
    """What is wrong with the document, and the button that moves it out of the way."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.error(formats.plain(error), icon=":material/error:")
        if st.button("Set aside", key="set_decision_aside", icon=":material/drive_file_move:"):
            documents.set_aside(settings.as_now(account), error.address, datetime.now(UTC))
            changed(account, "decisions")
            st.rerun()


def show(
    rows: tuple[Choice, Evaluation],
    model: EvaluatedModel,
    threshold: float,
    goal: Goal | None,
    costs: Costs | None,
    etag: str | None,
) -> None:
    """The reason and the button that saves `threshold`, chosen for `goal` on `rows`; None is by hand.

    etag: of the decision that the person sees beside the button; None where there is none.
    """
    choice, evaluation = rows
    scored = evaluation.scored
    assert isinstance(scored, Scored)
    goal = goal or Goal(Aim.BY_HAND, costs=costs)
    on = ChosenOn(
        data=evaluation.data.name,
        split=choice.split,
        rows=scored.rows,
        positives=scored.positives,
        called=choice.rows if choice.file else "",
    )
    reason = decision_wording.reason(goal, str(on))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"decision_reason_{st.session_state.get(SAVES, 0)}"
        typed = st.text_input("Reason", key=key, placeholder=reason, persist_state="session")
        pressed = st.button(
            f"Save {threshold:g} as decision",
            key="save_decision",
            type="primary",
            icon=":material/save:",
            on_click=_remember_seen,
            args=(etag,),
        )
    st.caption(WHO_APPLIES)
    if not pressed:
        return
    account = settings.as_now(choice.account)
    _save(
        account,
        SavedDecision(
            model=model.uri,
            threshold=threshold,
            positive=evaluation.data.classes[1],
            aim=goal.aim,
            value=goal.value,
            per=goal.per,
            costs=CostsMembers(**vars(costs)) if costs else None,
            reason=" ".join(typed.split()) or reason,
            chosen_on=on,
            decided_by=saved_decision.decided_by(account),
            decided_at=datetime.now(UTC),
        ),
    )


def _remember_seen(etag: str | None) -> None:
    """The decision that stood on the screen when the button was pressed: by now a newer one may be drawn."""
    st.session_state[SEEN] = etag


def _save(account: Account, decision: SavedDecision) -> None:
    """Save over what was seen; where that is no longer what is there, show the newer one and save nothing."""
    decisions.decision(account, decision.model)  # one that cannot be used is to be set aside first
    try:
        saved_decision.save(account, decision, st.session_state.pop(SEEN, None))
    except ChangedMeanwhileError:
        st.session_state[OVERTAKEN] = decision.model
    else:
        st.session_state.pop(OVERTAKEN, None)
        st.session_state[SAVES] = st.session_state.get(SAVES, 0) + 1
        st.toast(f"Saved: rows that score {decision.threshold:g} or more are flagged", icon=":material/gavel:")
    changed(account, "decisions")
    st.rerun()
