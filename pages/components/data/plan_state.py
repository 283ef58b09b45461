"""The plan of the table that is looked at: every control of the page reads it and changes it here.

It is kept on this computer, so that a reload or a visit to another page loses nothing; what it was before each change
is kept in the session, for undo.
"""

from __future__ import annotations

import streamlit as st

from services.data import preparation_plan
from services.data.preparation_plan import PreparationPlan

CURRENT, HISTORY, REVISION = "plan_of", "plan_history", "plan_revision"  # in session state
MOST_UNDONE = 50


def current(of: tuple[str, ...]) -> PreparationPlan:
    """The plan for a table and target, as `of` identifies them."""
    if st.session_state.get(CURRENT, ((), None))[0] != of:
        st.session_state[CURRENT] = (of, preparation_plan.load(of))
        st.session_state[HISTORY] = []
        st.session_state[REVISION] = revision() + 1
    plan: PreparationPlan = st.session_state[CURRENT][1]
    return plan


def revision() -> int:
    """Grows with each change that a table editor did not make itself: part of the key of such an editor."""
    return int(st.session_state.get(REVISION, 0))


def change(plan: PreparationPlan, by_editor: bool = False) -> None:
    """Take another plan for the table that is looked at. `by_editor` keeps table editors as they are on screen."""
    of, before = st.session_state[CURRENT]
    if plan == before:
        return
    st.session_state[HISTORY] = [*st.session_state[HISTORY], before][-MOST_UNDONE:]
    _take(of, plan)
    if not by_editor:
        st.session_state[REVISION] = revision() + 1


def can_undo() -> bool:
    """Whether something was changed in this session."""
    return bool(st.session_state.get(HISTORY))


def undo() -> None:
    """Take the plan as it was before the last change."""
    of, _ = st.session_state[CURRENT]
    *earlier, last = st.session_state[HISTORY]
    st.session_state[HISTORY] = earlier
    _take(of, last)
    st.session_state[REVISION] = revision() + 1


def _take(of: tuple[str, ...], plan: PreparationPlan) -> None:
    st.session_state[CURRENT] = (of, plan)
    preparation_plan.save(of, plan)
