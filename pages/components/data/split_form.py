"""How the rows are divided into train, validation and test."""

from __future__ import annotations

import streamlit as st

from pages.components.data import plan_state
from services.data.preparation_plan import PreparationPlan


def edit(plan: PreparationPlan) -> None:
    """The fields of the split."""
    st.session_state["seed"] = plan.split.seed
    st.number_input(
        "Random seed", 0, 2**32 - 1, key="seed", help="For shuffling the rows", on_change=_set_seed, args=(plan,)
    )


def _set_seed(plan: PreparationPlan) -> None:
    split = plan.split.model_copy(update={"seed": int(st.session_state["seed"])})
    plan_state.change(plan.model_copy(update={"split": split}))
