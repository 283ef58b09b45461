"""Which column is predicted, what kind of target it is, and how its rows are spread over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.components.data import charts as data_charts
from pages.components.data import plan_state
from pages.components.data.recipe import steps_editor
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats
from services.data.class_names import class_name
from services.data.profiling import profile
from services.data.profiling.profile import ClassBalance
from services.data.target_kind import TargetKind

if TYPE_CHECKING:
    from services.data.preparation_plan import PreparationPlan
    from services.data.profiling.target_numbers import TargetNumbers

TITLES = {
    TargetKind.TWO_CLASSES: "Two classes",
    TargetKind.CLASSES: "Several classes",
    TargetKind.NUMBER: "Number",
}


@dataclass(frozen=True)
class ShownTarget:
    """The target as it is predicted; `balance` of all its classes, None for a number; `missing` cells."""

    kind: TargetKind
    balance: ClassBalance | None
    missing: int


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


def show(choice: Choice, rows: pd.DataFrame, target: str) -> ShownTarget:
    """What the target is, and how its rows are spread. Raises Problem for one that cannot be learned."""
    plan = plan_state.current((*choice.identity, target))
    rows = steps_editor.rows_left(choice, rows, target, plan)
    choice = steps_editor.left(choice, plan)
    kind = _kind(plan, choice, rows, target)
    if kind is TargetKind.NUMBER:
        numbers = table_cache.target_numbers(choice.identity, target, rows)
        _numbers(numbers)
        return ShownTarget(kind, None, numbers.missing)
    balance = table_cache.class_balance(choice.identity, target, rows)
    positive = plan.positive if plan.positive in balance.counts else balance.positive
    several = kind is TargetKind.CLASSES
    _classes(balance if several or len(balance.counts) < 3 else profile.against_others(balance, str(positive)), several)
    return ShownTarget(kind, balance, balance.missing)


def _kind(plan: PreparationPlan, choice: Choice, rows: pd.DataFrame, target: str) -> TargetKind:
    """What the target is, why, and the control that says otherwise."""
    suggested = table_cache.target_suggestion(choice.identity, target, rows)
    kind = plan.kind if plan.kind in suggested.kinds else suggested.kind
    told = "" if kind is suggested.kind else f" Suggested: {TITLES[suggested.kind].lower()}."
    if len(suggested.kinds) > 1:
        st.session_state["target_kind"] = kind
        st.segmented_control(
            "Predicted as",
            [known for known in TargetKind if known in suggested.kinds],
            key="target_kind",
            format_func=TITLES.__getitem__,
            required=True,
            help="Decides how it is coded, and the objective and metrics of training",
            on_change=_take_kind,
            args=(plan, suggested.kind),
        )
    else:
        told = f" Predicted as {TITLES[kind].lower()}."
    st.caption(formats.plain(f"{suggested.reason}{told}"))
    return TargetKind(kind)


def _take_kind(plan: PreparationPlan, suggested: TargetKind) -> None:
    chosen = st.session_state["target_kind"]
    plan_state.change(plan.model_copy(update={"kind": None if chosen == suggested else TargetKind(chosen)}))


def _numbers(numbers: TargetNumbers) -> None:
    """A number: its range and middle, and its histogram."""
    words, picture = st.columns([2, 3], gap="large")
    with words:
        st.markdown(f"**{formats.plain(numbers.sentence)}**")
        st.caption(
            "A model is evaluated by its errors in the same unit (RMSE, MAE); predicting the mean for every row is the "
            "baseline to beat."
        )
        if numbers.missing:
            st.caption(f":material/info: {formats.count(numbers.missing, 'row')} without a number.")
    with picture.container(border=True):
        st.markdown("##### Rows by value")
        st.plotly_chart(
            data_charts.target_histogram(numbers),
            key="target_chart",
            config=data_charts.CONFIG,
            alt=f"Number of rows by {numbers.name}",
        )
        if numbers.outside:
            verb = "is" if numbers.outside == 1 else "are"
            st.caption(f"{formats.count(numbers.outside, 'outlier')} {verb} outside the chart.")


def _classes(balance: ClassBalance, several: bool) -> None:
    """How often each class occurs, and why that matters."""
    words, picture = st.columns([2, 3], gap="large")
    with words:
        st.markdown(f"**{formats.plain(balance.sentence)}**")
        if len(balance.counts) > 1:
            st.markdown(formats.plain(balance.accuracy_sentence))
            st.caption(formats.plain(_advice(balance, several)))
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


def _advice(balance: ClassBalance, several: bool) -> str:
    """By what a model is to be evaluated with such classes."""
    if not several:
        instead = "use precision, recall and average precision to evaluate a model, not accuracy"
        return f"Class ratio {balance.ratio_text}: {instead}."
    most, least = next(iter(balance.counts)), balance.positive
    largest = f"{class_name(most)} has {formats.count(balance.counts[most], 'row')}"
    smallest = f"{class_name(least)} has {formats.count(balance.counts[least])}"
    instead = "use the recall of each class and their mean to evaluate a model, not accuracy alone"
    return f"{len(balance.counts)} classes, {largest}, {smallest}: {instead}."
