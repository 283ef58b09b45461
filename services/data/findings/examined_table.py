"""A table as the findings look at it: its target read, its rows divided, its columns as they are used. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from services.data import target as targets
from services.data.class_names import class_names
from services.data.division import partition
from services.data.division.partition import SplitPlan
from services.data.findings import column_values
from services.data.recipe.column_types import ColumnUse
from services.data.target import Target
from services.data.target_kind import TargetKind
from services.errors import Problem


@dataclass(frozen=True, eq=False)
class ExaminedTable:
    """A table and what is planned with it.

    target:    name of the target column.
    suggested: the other columns as SageDeck suggests to use them.
    uses:      the same with the missing values that somebody chose, and the count of missing cells they make.
    kind:      of the target; None for what its cells look like.
    positive:  the class of two that is to be found; None for the rarer.
    """

    frame: pd.DataFrame
    target: str
    suggested: tuple[ColumnUse, ...]
    uses: tuple[ColumnUse, ...]
    kind: TargetKind | None
    positive: str | None
    split: SplitPlan

    @cached_property
    def goal(self) -> Target | None:
        """The target of the rows that have one; None where it cannot be learned: one class, none, or text as number."""
        return read_target(self.frame[self.target], self.kind, self.positive)

    @cached_property
    def has_target(self) -> np.ndarray:
        """Which rows have a target, (rows,) of bool."""
        return self.frame[self.target].notna().to_numpy()

    @cached_property
    def parts(self) -> Mapping[str, np.ndarray]:
        """Places of the rows of each part among those that have a target, ascending; empty without a goal.

        Raises Problem for a part without rows.
        """
        if self.goal is None:
            return {}
        rows = self.frame if self.has_target.all() else self.frame[self.has_target]
        divided = partition.partition(rows, self.goal.labels, self.split)
        return {name: np.sort(places) for name, places in divided.items()}


def examine(
    frame: pd.DataFrame,
    target: str,
    suggested: Sequence[ColumnUse],
    *,
    kind: TargetKind | None,
    positive: str | None,
    split: SplitPlan,
    missing_values: Mapping[str, tuple[str, ...]],
) -> ExaminedTable:
    """A table to be examined. missing_values: by column, where they differ from the suggestion."""
    columns = tuple(use for use in suggested if use.name != target)
    uses = tuple(_with_words(frame[use.name], use, missing_values.get(use.name)) for use in columns)
    return ExaminedTable(frame, target, columns, uses, kind, positive, split)


def read_target(values: pd.Series, kind: TargetKind | None, positive: str | None) -> Target | None:
    """The target of the rows that have one; None where nothing can be learned from it.

    A positive class that the column does not have is the rarest.
    """
    found = positive if positive in {*class_names(values).dropna().unique()} else None
    try:
        return targets.read(values.to_frame(), str(values.name), kind, found, drop_missing=True)
    except Problem:
        return None


def _with_words(values: pd.Series, use: ColumnUse, words: tuple[str, ...] | None) -> ColumnUse:
    """A column of which other cells are taken for missing."""
    if words is None or words == use.missing_values:
        return use
    changed = replace(use, missing_values=words)
    return replace(changed, missing=int((column_values.categories(values, changed) == 0).sum()))
