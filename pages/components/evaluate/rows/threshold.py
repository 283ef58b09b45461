"""The threshold of the page, which the Overview sets: for views that only read it."""

import streamlit as st

USUAL = 0.5


def current_threshold() -> float:
    """From which score on a row is flagged; in a new tab, what the address says."""
    kept = st.session_state.get("threshold", st.query_params.get("threshold", USUAL))
    try:
        threshold = min(1.0, max(0.0, float(kept)))
    except ValueError:  # of an address that somebody wrote
        threshold = USUAL
    st.session_state["threshold"] = threshold  # or Streamlit forgets it while the slider is not drawn
    return threshold
