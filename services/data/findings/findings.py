"""All findings about a table, in one call. Pure: a table in, sentences with remedies out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from services.data.division.partition import SplitPlan
from services.data.findings import class_findings, column_findings, leakage, row_findings
from services.data.findings.examined_table import ExaminedTable, examine
from services.data.findings.finding import Finding, FindingKind, Severity
from services.data.recipe.column_types import ColumnUse
from services.data.target_kind import TargetKind
from services.errors import Problem

Examination = Callable[[ExaminedTable], Iterator[Finding]]
OF_PARTS: tuple[Examination, ...] = (  # what needs the rows to be divided
    leakage.leakage,
    class_findings.few_rows_of_class,
    class_findings.rare_classes,
    class_findings.imbalance,
    row_findings.duplicates,
)
OF_TABLE: tuple[Examination, ...] = (
    class_findings.missing_target,
    row_findings.repeated_header,
    column_findings.texts,
    column_findings.left_out,
    column_findings.constant,
    column_findings.missing,
)


def findings(
    frame: pd.DataFrame,
    target: str,
    suggested: Sequence[ColumnUse],
    *,
    kind: TargetKind | None = None,
    positive: str | None = None,
    split: SplitPlan,
    missing_values: Mapping[str, tuple[str, ...]],
) -> tuple[Finding, ...]:
    """What to know about a table before it is prepared: what waits for a decision first, then by kind.

    suggested:      its columns as SageDeck would use them; with the target or without.
    kind:           what the target is; None for what its cells look like.
    positive:       the class of two that is to be found; None for the rarer.
    missing_values: cells that somebody takes for missing, by column, where they differ from the suggestion.
    """
    table = examine(frame, target, suggested, kind=kind, positive=positive, split=split, missing_values=missing_values)
    found = [finding for examination in OF_TABLE for finding in examination(table)]
    try:
        found += [finding for examination in OF_PARTS for finding in examination(table)]
    except Problem as problem:  # of the split, without whose parts none of these can be told
        found.append(Finding(FindingKind.SPLIT, Severity.DECIDE, (), str(problem)))
    kinds = list(FindingKind)
    return tuple(sorted(found, key=lambda one: (one.severity is not Severity.DECIDE, kinds.index(one.kind))))
