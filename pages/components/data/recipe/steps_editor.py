"""The recipe on screen: what is done to the table, in its order, and a person's own steps to add, move and remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.data import plan_state
from pages.components.data.recipe import add_step_form, step_preview
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats, page_frame
from services.data.plan_preview import PlanPreview
from services.data.preparation_plan import PreparationPlan
from services.data.recipe import recipe as recipes
from services.data.recipe.column_types import ColumnUse
from services.data.recipe.recipe import AnyStep
from services.errors import Problem

MOST_SINGLE = 3  # suggested steps of one kind that are listed one by one; more are one line
ROW_STEPS, STEPS = "row_steps", "steps"  # members of the plan
FOLDED = {
    "missing_values": "columns: words or numbers taken for missing",
    "numbers": "columns read as numbers",
    "date_parts": "columns replaced by the parts of their dates",
    "one_hot": "columns one-hot encoded",
    "target_encoding": "columns target encoded",
    "ordinal": "columns encoded by the alphabetical place of their values",
    "frequency": "columns encoded by the frequency of their values",
}
NOTE = (
    "In this order. Steps learn from the training rows only and are applied to every row that is predicted; filters, "
    "duplicates and class names act on the table before the split and are not applied to rows that are predicted."
)


def rows_left(choice: Choice, rows: pd.DataFrame, target: str, plan: PreparationPlan) -> pd.DataFrame:
    """The table after the plan's row steps; as it is where they cannot be taken, which `edit` says."""
    try:
        return table_cache.rows_left(choice.identity, target, plan, rows)
    except Problem:
        return rows


def left(choice: Choice, plan: PreparationPlan) -> Choice:
    """The table after the plan's row steps, as caches know it."""
    return replace(choice, identity=(*choice.identity, repr(plan.row_steps))) if plan.row_steps else choice


def edit(
    choice: Choice, rows: pd.DataFrame, target: str, plan: PreparationPlan, suggested: Sequence[ColumnUse]
) -> None:
    """The ordered list of steps, and the form that adds one; both change the plan."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("##### Recipe", width="stretch")
        st.button(
            "Undo",
            key="undo_plan",
            icon=":material/undo:",
            on_click=plan_state.undo,
            disabled=not plan_state.can_undo(),
            help="Take back the last change of columns, steps or split",
        )
    st.caption(NOTE)
    preview = _preview(choice, rows, target, plan, suggested)
    uses = plan.uses(suggested)
    cleaning, every = recipes.cleaning(uses), recipes.steps_of(uses, plan.steps)
    number = _own(plan, ROW_STEPS, 1, preview.row_steps if preview else (), preview)
    number = _suggested(cleaning, number)
    number = _own(plan, STEPS, number, preview.recipe.steps if preview else (), preview)
    number = _suggested(every[len(cleaning) + len(plan.steps) :], number)
    if number == 1:
        st.caption("No steps: every column is a number and is used as it is.")
    add_step_form.draw(choice, rows, target, plan, suggested)


def _preview(
    choice: Choice, rows: pd.DataFrame, target: str, plan: PreparationPlan, suggested: Sequence[ColumnUse]
) -> PlanPreview | None:
    """What the own steps do; None where there are none, or where they cannot be taken, which is said."""
    if not plan.row_steps and not plan.steps:
        return None
    with page_frame.panel():
        preview = table_cache.preview(choice.identity, target, plan, suggested, rows)
        if preview.recipe.problem:
            st.error(formats.plain(str(preview.recipe.problem)), icon=":material/error:")
        return preview
    return None


def _suggested(steps: Sequence[AnyStep], number: int) -> int:
    """Steps that follow from the table of columns, many of a kind as one line; returns the next number."""
    kinds: dict[str, list[str]] = {}
    for step in steps:
        kinds.setdefault(step.kind, []).append(step.sentence)
    for kind, sentences in kinds.items():
        if len(sentences) > MOST_SINGLE:
            with st.expander(f"{number}\\. {len(sentences)} {FOLDED[kind]}", key=f"suggested_{kind}"):
                for sentence in sentences:
                    st.markdown(formats.plain(sentence))
            number += 1
            continue
        for sentence in sentences:
            st.markdown(f"{number}\\. {formats.plain(sentence)}")
            number += 1
    return number


def _own(plan: PreparationPlan, member: str, number: int, previews: Sequence[Any], of: PlanPreview | None) -> int:
    """A person's own steps, each with its preview and the buttons that move or remove it; returns the next number."""
    steps = getattr(plan, member)
    for place, step in enumerate(steps):
        seen = previews[place] if place < len(previews) else None
        sentence = seen.sentence if seen else step.sentence
        with st.container(horizontal=True, vertical_alignment="center", key=f"{member}_{place}"):
            st.markdown(f"{number}\\. **{formats.plain(sentence)}**", width="stretch")
            if seen and of:
                step_preview.draw(seen, f"preview_{member}_{place}")
            _button("Move up", "arrow_upward", plan, member, place, place - 1, disabled=place == 0)
            _button("Move down", "arrow_downward", plan, member, place, place + 1, disabled=place == len(steps) - 1)
            _button("Remove", "delete", plan, member, place, None)
        number += 1
    return number


def _button(
    what: str, icon: str, plan: PreparationPlan, member: str, place: int, to: int | None, disabled: bool = False
) -> None:
    st.button(
        "",
        key=f"{what.lower().replace(' ', '_')}_{member}_{place}",
        icon=f":material/{icon}:",
        type="tertiary",
        help=what,
        disabled=disabled,
        on_click=_move,
        args=(plan, member, place, to),
    )


def _move(plan: PreparationPlan, member: str, place: int, to: int | None) -> None:
    """Put a step of the plan to another place; None removes it."""
    steps = list(getattr(plan, member))
    step = steps.pop(place)
    if to is not None:
        steps.insert(to, step)
    plan_state.change(plan.model_copy(update={member: tuple(steps)}))
