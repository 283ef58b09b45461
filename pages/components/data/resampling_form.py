"""Whether training rows are repeated, left out or made, what that changes, and what a class weight would do instead."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.components.data import plan_state
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats
from services.data.class_names import class_name
from services.data.division.resampling import Resampling, ResamplingEffect, ResamplingMethod
from services.data.division.split_preview import SplitPreview
from services.data.preparation_plan import PreparationPlan
from services.data.recipe.column_types import ColumnUse
from services.errors import Problem

MEANINGS = {
    None: "Recommended. The training rows stay as they are; a class weight or the threshold does the balancing.",
    ResamplingMethod.OVER: "Repeats rows of the rarer classes, chosen by chance.",
    ResamplingMethod.UNDER: "Leaves out rows of the more frequent classes, chosen by chance.",
    ResamplingMethod.SMOTE: "Makes rows of the rarer classes between neighbours. Takes no empty cells.",
    ResamplingMethod.SMOTENC: "As SMOTE, but features that are 0 or 1 stay 0 or 1.",
}


def draw(
    plan: PreparationPlan,
    choice: Choice,
    frame: pd.DataFrame,
    target: str,
    positive: str | None,
    suggested: list[ColumnUse],
    parts: SplitPreview | None,
) -> None:
    """The fields of resampling and its effect; nothing for a target that is a number, unless it was chosen before."""
    if not parts or not (parts.classes or plan.resampling):
        return
    title = f"Resampling of the train rows: {plan.resampling.method if plan.resampling else 'none'}"
    with st.expander(title, icon=":material/balance:", expanded=plan.resampling is not None):
        _fields(plan)
        if plan.resampling:
            try:
                with st.spinner("Resampling the train rows"):
                    effect = table_cache.resampling_effect(
                        choice.identity, target, positive, plan.model_dump_json(), frame, plan.options(suggested)
                    )
                if effect:
                    _effect(effect, parts.classes)
            except Problem as problem:
                st.warning(formats.plain(problem), icon=":material/warning:")
        if len(parts.classes) == 2:
            st.caption(formats.plain(weight_sentence(*parts.class_rows["train"])))


def weight_sentence(negatives: int, positives: int) -> str:
    """What a class weight would do with training rows; "" where they lack a class."""
    if not negatives or not positives:
        return ""
    weight = negatives / positives
    said = f"{weight:,.0f}" if weight >= 100 else f"{weight:.3g}"
    return (
        f"A class weight instead: scale_pos_weight {said} counts each of the {formats.count(positives, 'positive')} "
        f"{said} times; nothing is invented or thrown away."
    )


def _fields(plan: PreparationPlan) -> None:
    state, chosen = st.session_state, plan.resampling
    taken: dict[str, Any] = {"on_change": _take, "args": (plan,)}
    state["resampling"] = chosen.method if chosen else None
    options = [None, *ResamplingMethod]
    st.radio(
        "Method",
        options,
        key="resampling",
        format_func=lambda method: f"{method[0].upper()}{method[1:]}" if method else "None",
        captions=[MEANINGS[option] for option in options],
        **taken,
    )
    if not chosen:
        return
    state["resampling_ratio"], state["resampling_seed"] = chosen.ratio, chosen.seed
    left, middle, right = st.columns(3)
    meaning = "Rows of each rarer class over rows of the largest class, afterwards. 1: all classes equal"
    left.number_input("Ratio", 0.01, 1.0, step=0.05, key="resampling_ratio", help=meaning, **taken)
    middle.number_input("Random seed", 0, 2**32 - 1, key="resampling_seed", **taken)
    if chosen.makes_rows:
        state["resampling_neighbours"] = chosen.neighbours
        meaning = "Each new row lies between a row and one of so many nearest rows of its class"
        right.number_input("Neighbours", 1, 50, key="resampling_neighbours", help=meaning, **taken)


def _take(plan: PreparationPlan) -> None:
    state, before = st.session_state, plan.resampling
    method = state["resampling"]
    resampling = None
    if method:
        usual = before or Resampling(method=method)
        resampling = Resampling(
            method=method,
            ratio=state.get("resampling_ratio", usual.ratio),
            seed=int(state.get("resampling_seed", usual.seed)),
            neighbours=int(state.get("resampling_neighbours", usual.neighbours)),
        )
    plan_state.change(plan.model_copy(update={"resampling": resampling}))


def _effect(effect: ResamplingEffect, classes: tuple[str, ...]) -> None:
    by_class, by_flag = st.columns(2)
    by_class.dataframe(
        {
            "Train rows of": [class_name(name) for name in classes],
            "Before": [formats.count(count) for count in effect.before],
            "After": [formats.count(count) for count in effect.after],
        },
        hide_index=True,
        key="resampled_classes",
    )
    if effect.flags:
        by_flag.dataframe(
            {
                "Share of feature": list(effect.flags),
                "Before": [formats.percent(before) for before, _ in effect.flags.values()],
                "After": [formats.percent(after) for _, after in effect.flags.values()],
            },
            hide_index=True,
            key="resampled_flags",
        )
    if effect.mixed:
        mixed = formats.count(len(effect.mixed), "feature")
        st.warning(
            f"SMOTE makes values between 0 and 1 in {mixed} that hold only 0 and 1; SMOTENC keeps to 0 and 1.",
            icon=":material/warning:",
        )
    st.caption(
        "Validation and test keep their rows. A model of resampled rows scores the rarer class too high: "
        "choose its threshold on Evaluate, and add no class weight."
    )
