"""How the rows are divided into train, validation and test, and what each part will hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.data import plan_state
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats
from services.data.class_names import class_name
from services.data.division.partition import AS_TUTORIAL, SplitMethod
from services.data.division.split_preview import SplitPreview
from services.data.preparation_plan import PreparationPlan
from services.data.recipe.column_types import ColumnUse, Encoding, Holds
from services.errors import Problem

NAMES = {
    SplitMethod.STRATIFIED: "Stratified by target",
    SplitMethod.SHUFFLED: "Shuffled",
    SplitMethod.TIME: "By time",
    SplitMethod.GROUP: "By groups",
}
MEANINGS = {
    SplitMethod.STRATIFIED: "Every part gets its share of each class, or of each tenth of a target that is a number.",
    SplitMethod.SHUFFLED: "Rows are shuffled and cut; chance decides how many rows of a rare class a part gets.",
    SplitMethod.TIME: "The oldest rows to train, the newest to test, as a model meets them in use.",
    SplitMethod.GROUP: "All rows with the same value stay in one part, e.g. all rows of a customer.",
}
MOST_CLASSES = 12  # a column each in the table of the parts


def draw(
    plan: PreparationPlan,
    choice: Choice,
    frame: pd.DataFrame,
    target: str,
    positive: str | None,
    suggested: Sequence[ColumnUse],
) -> SplitPreview | None:
    """The fields of the split, and the parts that it makes; None where it makes none."""
    st.markdown("**Split**")
    _fields(plan, suggested)
    _tutorial(plan)
    st.caption(MEANINGS[plan.split.method])
    try:
        parts = table_cache.split_preview(
            choice.identity,
            target,
            positive,
            plan.kind,
            plan.drop_missing_target,
            plan.split.model_dump_json(),
            frame,
        )
    except Problem as problem:
        st.warning(formats.plain(problem), icon=":material/warning:")
        return None
    _table(parts)
    for note in parts.notes:
        st.caption(formats.plain(note))
    for warning in parts.warnings:
        st.warning(formats.plain(warning), icon=":material/warning:")
    return parts


def _fields(plan: PreparationPlan, suggested: Sequence[ColumnUse]) -> None:
    split, state = plan.split, st.session_state
    by_column = split.method in (SplitMethod.TIME, SplitMethod.GROUP)
    train, validation, _ = (round(share * 100) for share in split.shares)
    state["split_method"], state["split_column"], state["seed"] = split.method, split.column, split.seed
    state["train_share"], state["validation_share"] = train, validation
    state["test_share"] = 100 - train - validation
    cells = st.columns([2, *[2] * by_column, 1, 1, 1, *[1] * (split.method is not SplitMethod.TIME)])
    fields = iter(cells)
    taken: dict[str, Any] = {"on_change": _take, "args": (plan, suggested)}
    next(fields).selectbox("Method", list(SplitMethod), key="split_method", format_func=NAMES.__getitem__, **taken)
    if by_column:
        options = columns_for(split.method, suggested)
        next(fields).selectbox(
            "Column of times" if split.method is SplitMethod.TIME else "Column of groups",
            options,
            key="split_column",
            help="Rows without a value go to train. The column stays a feature unless it is excluded above.",
            **taken,
        )
    next(fields).number_input("Train %", 1, 98, key="train_share", **taken)
    next(fields).number_input("Validation %", 1, 99 - train, key="validation_share", **taken)
    next(fields).number_input("Test %", 0, 100, key="test_share", disabled=True, help="The rest")
    for cell in fields:
        cell.number_input("Random seed", 0, 2**32 - 1, key="seed", help="For shuffling the rows", **taken)


def columns_for(method: SplitMethod, suggested: Sequence[ColumnUse]) -> list[str]:
    """The columns that a method can divide by, the likely ones first: dates, or texts of many values."""
    if method is SplitMethod.GROUP:
        likely = sorted(suggested, key=lambda use: (use.is_left_out, use.encoding is not Encoding.TARGET))
        return [use.name for use in likely if use.holds is not Holds.EMPTY]
    dates = [use.name for use in suggested if use.holds is Holds.DATE]
    numbers = (Holds.NUMBER, Holds.IDENTIFIER)  # rows may be numbered in their order; a text is refused in words
    return [*dates, *(use.name for use in suggested if use.holds in numbers)]


def _take(plan: PreparationPlan, suggested: Sequence[ColumnUse]) -> None:
    """The plan with what stands in the fields."""
    state, before = st.session_state, plan.split
    method = state["split_method"]
    column = state.get("split_column")
    if method is not before.method:
        options = columns_for(method, suggested) if method in (SplitMethod.TIME, SplitMethod.GROUP) else []
        column = options[0] if options else None
    train = int(state["train_share"])
    validation = min(int(state["validation_share"]), 99 - train)
    update = {
        "method": method,
        "column": column,
        "shares": (train / 100, validation / 100, (100 - train - validation) / 100),
        "seed": int(state.get("seed", before.seed)),
    }
    plan_state.change(plan.model_copy(update={"split": before.model_copy(update=update)}))


def _tutorial(plan: PreparationPlan) -> None:
    in_use = plan.split == AS_TUTORIAL
    st.button(
        "The AWS tutorial's split is in use" if in_use else "Use the AWS tutorial's split",
        key="tutorial_split",
        disabled=in_use,
        icon=":material/check:" if in_use else None,
        help=formats.plain(f"{AS_TUTORIAL.sentence}: the very rows of the AWS tutorial in each part"),
        on_click=_use_tutorial,
        args=(plan,),
    )


def _use_tutorial(plan: PreparationPlan) -> None:
    plan_state.change(plan.model_copy(update={"split": AS_TUTORIAL}))


def _table(parts: SplitPreview) -> None:
    rows, whole = parts.rows, sum(parts.rows.values())
    shown = {
        "Part": list(rows),
        "Rows": [formats.count(count) for count in rows.values()],
        "Share of rows": [formats.percent(count / whole) for count in rows.values()],
    }
    classes = len(parts.classes)
    places = [1] if classes == 2 else range(classes)[:MOST_CLASSES]
    for place in places:
        counts = [parts.class_rows[part][place] for part in rows]
        name = class_name(parts.classes[place])
        shown[f"Rows of {name}"] = [formats.count(count) for count in counts]
        if len(places) == 1:
            shown["Share"] = [formats.percent(count / rows[part]) for count, part in zip(counts, rows, strict=True)]
    st.dataframe(shown, hide_index=True, key="parts")
    if classes > MOST_CLASSES:
        st.caption(f"The first {MOST_CLASSES} of {classes} classes are shown.")
