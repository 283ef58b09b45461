"""Which column is predicted, what kind of target it is, and how its rows are spread over it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.data import charts as data_charts
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats
from services.data.profiling.profile import ClassBalance


def choose_target(choice: Choice, rows: pd.DataFrame) -> str:
    """The column to predict."""
    options = [str(name) for name in rows.columns]
    if (st.session_state.get("target") or st.query_params.get("target")) not in options:
        kinds = table_cache.columns(choice.identity, rows)
        two_valued = kinds.loc[kinds["distinct"] == 2, "column"].tolist()
        usual = [choice.target] if choice.target in options else []
        st.session_state["target"] = [*options[-1:], *two_valued[-1:], *usual][-1]
    st.subheader("Target", anchor=False)
    return str(st.selectbox("Column to predict", options, key="target", bind="query-params", width=320))


def classes(choice: Choice, rows: pd.DataFrame, target: str) -> ClassBalance:
    """How often each class occurs, and why that matters."""
    balance = table_cache.class_balance(choice.identity, target, rows)
    words, picture = st.columns([2, 3], gap="large")
    with words:
        st.markdown(f"**{formats.plain(balance.sentence)}**")
        if len(balance.counts) > 1:
            st.markdown(formats.plain(balance.accuracy_sentence))
            instead = "use precision, recall and average precision to evaluate a model, not accuracy"
            st.caption(f"Class ratio {balance.ratio_text}: {instead}.")
        if balance.missing:
            st.caption(f":material/info: {formats.count(balance.missing, 'row')} without a class.")
        counts = {
            "Class": list(balance.counts),
            "Rows": [formats.count(rows_of) for rows_of in balance.counts.values()],
            "Share": [formats.percent(share) for share in balance.shares.values()],
        }
        st.dataframe(counts, hide_index=True, key="classes")
    with picture.container(border=True):
        st.markdown("##### Rows by class")
        st.plotly_chart(
            data_charts.class_counts(balance),
            key="class_chart",
            config=data_charts.CONFIG,
            alt="Number of rows of each class",
        )
    return balance
