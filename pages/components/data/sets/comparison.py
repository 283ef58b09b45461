"""The selected data set against another one: drift by column, the most drifted first, and the balance of the target."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.shell import formats, page_frame, status_badges
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.sets.drift import ColumnDrift, DriftLevel
from services.data.sets.set_comparison import SetDrift

LEVELS = {
    DriftLevel.LARGE: "large drift",
    DriftLevel.MODERATE: "moderate drift",
    DriftLevel.NONE: "no drift",
}
PSI_HELP = "Population stability index: below 0.1 no drift, from 0.25 on large"
DISTANCE_HELP = "Jensen-Shannon distance: 0 is equal, 1 is nothing in common"


def show(account: Account, data: PreparedData, others: Sequence[str]) -> None:
    """The choice of the other set, and what changed from that one to `data`."""
    if not others:
        st.info("Prepare a second data set to compare it with this one.", icon=":material/compare_arrows:")
        return
    shown = partial(data_queries.display_name, account)
    other = st.selectbox("Compare with", others, key="compare_set", width=320, format_func=shown)
    with page_frame.panel():
        before = data_queries.prepared_data(account, other)
        with st.spinner("Reading the training rows of both"):
            seen = data_queries.drift(account, other, data.name)
        _target(before, data, seen)
        _features(before, data, seen)


def _target(before: PreparedData, after: PreparedData, seen: SetDrift) -> None:
    """How the target is balanced in both."""
    st.markdown("##### Target")
    if seen.target is None:
        said = f"The targets differ in kind: {before.target} is {before.kind}, {after.target} is {after.kind}."
        st.caption(formats.plain(said))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badges.status_badge(LEVELS[seen.target.level])
        st.markdown(formats.plain(f"{after.target}: {seen.target.verdict}"))
    if before.target != after.target:
        st.caption(formats.plain(f"The targets have different names: {before.target} and {after.target}."))
    if seen.balance:
        columns = {"Class": list(seen.balance)}
        for place, data in enumerate((before, after)):
            columns[f"Share in {data.display_name}"] = [formats.percent(both[place]) for both in seen.balance.values()]
        st.dataframe(columns, hide_index=True, key="compare_balance")


def _features(before: PreparedData, after: PreparedData, seen: SetDrift) -> None:
    """Drift by feature."""
    st.markdown("##### Features")
    drifts = seen.features.columns
    drifted = sum(drift.level > DriftLevel.NONE for drift in drifts)
    whole = f"{drifted} of {formats.count(len(drifts), 'feature')} drifted" if drifts else "No feature is in both"
    sizes = " and ".join(formats.count(data.rows["train"]) for data in (before, after))
    recipes = ", as the recipes made them" if before.has_recipe or after.has_recipe else ""
    st.markdown(f"**{whole}.** Training rows of both ({sizes}){recipes}. Changes within chance do not count.")
    if recipes:
        st.caption("Each set learned its encodings from its own rows: a target encoding drifts with the target, too.")
    if drifts:
        _table(drifts)
    for data, only in ((before, seen.features.only_before), (after, seen.features.only_after)):
        if only:
            st.caption(formats.plain(f"Only in {data.display_name}: {', '.join(only)}."))


def _table(drifts: Sequence[ColumnDrift]) -> None:
    st.dataframe(
        [
            {
                "Feature": drift.column,
                "Drift": status_badges.chip(LEVELS[drift.level]),
                "What changed": drift.verdict if drift.level else "",
                "PSI": drift.psi,
                "Distance": drift.distance,
                "Missing before": drift.missing[0],
                "Missing now": drift.missing[1],
                "Unseen": drift.unseen,
            }
            for drift in drifts
        ],
        column_config={
            "Feature": st.column_config.TextColumn(width=180),
            "Drift": status_badges.status_column((LEVELS[drift.level] for drift in drifts), "Drift", width=120),
            "What changed": st.column_config.TextColumn(width="large"),
            "PSI": st.column_config.NumberColumn(format="%.3f", help=PSI_HELP),
            "Distance": st.column_config.NumberColumn(format="%.3f", help=DISTANCE_HELP),
            "Missing before": st.column_config.NumberColumn(format="percent"),
            "Missing now": st.column_config.NumberColumn(format="percent"),
            "Unseen": st.column_config.NumberColumn(
                format="percent", help="Share of rows with values that the other set does not have"
            ),
        },
        hide_index=True,
        height=status_badges.table_height(len(drifts)),
        key="compare_features",
    )
