"""What the downloaded report of a table holds; how it is written is `report_html.py`."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from services.data.division.partition import SplitPlan
from services.data.profiling.associations import TargetAssociations, target_associations
from services.data.profiling.correlations import MEASURES, CorrelationMeasure
from services.data.profiling.duplicates import duplicates
from services.data.profiling.profile import Overview, overview
from services.data.profiling.table_profile import Profiles, table_profile
from services.errors import Problem

FIRST_ROWS = 8
MOST_CORRELATED = 30  # columns of a table of correlations


@dataclass(frozen=True, eq=False)
class ProfileReport:
    """The profile of a table.

    duplicates:   rows that repeat an earlier one.
    associations: of each column with the target; None where `problem` says why there are none.
    correlations: by measure, of up to 30 columns each; only of those with two columns or more.
    rows:         the first rows, each cell as text, "" for a missing one.
    """

    target: str
    overview: Overview
    duplicates: int
    columns: Profiles
    associations: TargetAssociations | None
    problem: str
    correlations: dict[CorrelationMeasure, pd.DataFrame]
    rows: pd.DataFrame


def profile_report(
    frame: pd.DataFrame, target: str, split: SplitPlan, columns: Profiles | None = None
) -> ProfileReport:
    """The report of a table; `columns` where they are known already."""
    columns = columns or table_profile(frame)
    associations, problem = None, ""
    try:
        associations = target_associations(frame, target, split)
    except Problem as told:
        problem = str(told)
    ranked = [column.column for column in associations.columns] if associations else []
    return ProfileReport(
        target,
        overview(frame),
        duplicates(frame),
        columns,
        associations,
        problem,
        _correlations(frame, columns, ranked, target),
        frame.head(FIRST_ROWS).astype(object).where(frame.head(FIRST_ROWS).notna(), "").astype(str),
    )


def _correlations(
    frame: pd.DataFrame, columns: Profiles, ranked: list[str], target: str
) -> dict[CorrelationMeasure, pd.DataFrame]:
    kinds = {column.name: column.kind for column in columns if column.name != target}
    order = [name for name in ranked if name in kinds] or list(kinds)
    found = {}
    for measure, compute in MEASURES.items():
        wanted = ("text", "true/false") if measure is CorrelationMeasure.CRAMER else ("number",)
        chosen = [name for name in order if kinds[name] in wanted][:MOST_CORRELATED]
        if len(chosen) > 1:
            found[measure] = compute(frame[chosen])
    return found
