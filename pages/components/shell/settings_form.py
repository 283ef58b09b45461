"""Forms over settings that other tabs and programs change, too: only what a person edited is written.

A form remembers the values it showed. What has changed elsewhere since replaces what is shown, with a notice; what was
submitted is compared with what was shown, so that a tab that was left open never takes anything back.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

NOTICE_RUNS = 3  # page runs for which the notice of a change stays; a save is two


def refresh(form: str, values: Mapping[str, Any]) -> None:
    """Show `values`, by widget key, before the widgets of `form` are drawn; says so where another tab changed them."""
    shown = st.session_state.get(_shown(form))
    if shown != dict(values):
        for key, value in values.items():
            if shown is None or shown.get(key) != value or key not in st.session_state:
                st.session_state[key] = value
        st.session_state[_shown(form)] = dict(values)
        st.session_state[_told(form)] = 0 if shown is None else NOTICE_RUNS
    if st.session_state[_told(form)]:
        st.session_state[_told(form)] -= 1
        st.info("These settings were changed elsewhere; the current values are shown.", icon=":material/sync:")
    for key, value in values.items():
        st.session_state.setdefault(key, value)


def edited(form: str, submitted: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was submitted, by widget key, the values that differ from those that were shown."""
    shown = st.session_state[_shown(form)]
    return {key: value for key, value in submitted.items() if value != shown[key]}


def saved(form: str, values: Mapping[str, Any]) -> None:
    """Take saved values as shown, and draw the page anew."""
    st.session_state[_shown(form)] |= values
    st.rerun()


def _told(form: str) -> str:
    return f"{form}_told"


def _shown(form: str) -> str:
    return f"{form}_shown"
