"""What was found in a table: computed once for a table, its target and what was decided that changes the findings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from services.data.findings import findings as table_findings
from services.data.findings.finding import Finding
from services.data.preparation_plan import PreparationPlan
from services.data.recipe.column_types import ColumnUse

if TYPE_CHECKING:
    import pandas as pd


def findings(
    identity: tuple[str, ...], target: str, plan: PreparationPlan, frame: pd.DataFrame, suggested: Sequence[ColumnUse]
) -> tuple[Finding, ...]:
    """What to know about a table before it is prepared; which columns are used changes none of it."""
    words = {
        use.name: plan.choice(use).missing_values
        for use in suggested
        if plan.choice(use).missing_values != use.missing_values
    }
    decided = json.dumps([plan.kind, plan.positive, plan.split.model_dump(mode="json"), words], sort_keys=True)
    return _findings(identity, target, decided, plan, words, frame, suggested)


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def _findings(
    identity: tuple[str, ...],
    target: str,
    decided: str,
    _plan: PreparationPlan,
    _missing_values: Mapping[str, tuple[str, ...]],
    _frame: pd.DataFrame,
    _suggested: Sequence[ColumnUse],
) -> tuple[Finding, ...]:
    return table_findings.findings(
        _frame,
        target,
        _suggested,
        kind=_plan.kind,
        positive=_plan.positive,
        split=_plan.split,
        missing_values=_missing_values,
    )
