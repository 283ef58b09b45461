"""What a table looks like before anything is learned from it: its shape and its class balance.

Pure: frames in, small frozen answers out; no files, no clock, no screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from pandas.api import types

from services.data.class_names import all_but, class_name, class_of, share_text
from services.errors import Problem

MANY_CLASSES = 100  # a model has a tree for each in every round


@dataclass(frozen=True)
class Overview:
    """A table in four numbers; `memory` in bytes, `missing` in cells."""

    rows: int
    columns: int
    missing: int
    memory: int


@dataclass(frozen=True)
class ClassBalance:
    """How often each class of a target occurs.

    counts:   rows by class name, the most frequent first; missing cells are not counted.
    positive: the class to be found; the least frequent.
    missing:  rows whose target cell is empty.
    """

    counts: Mapping[str, int]
    positive: str
    missing: int

    @property
    def rows(self) -> int:
        """Rows with a class."""
        return sum(self.counts.values())

    @property
    def shares(self) -> dict[str, float]:
        """Share of the rows by class name, of 1."""
        return {name: count / self.rows for name, count in self.counts.items()}

    @property
    def imbalance_ratio(self) -> float:
        """Rows of the other classes for each row of the positive one."""
        return (self.rows - self.counts[self.positive]) / self.counts[self.positive]

    @property
    def ratio_text(self) -> str:
        """ "1 to 578", "1 to 2.8"."""
        ratio = self.imbalance_ratio
        return f"1 to {ratio:,.0f}" if ratio >= 10 else f"1 to {ratio:.1f}"

    @property
    def sentence(self) -> str:
        """ "Class 1: 492 of 284,807 rows (0.17 %)." """
        name, share = class_name(self.positive), share_text(self.shares[self.positive])
        return f"{name[0].upper()}{name[1:]}: {self.counts[self.positive]:,} of {_rows(self.rows)} ({share})."

    @property
    def accuracy_sentence(self) -> str:
        """Why accuracy misleads here, with this table's own counts."""
        common = next(iter(self.counts))
        accurate, missed = share_text(self.shares[common]), self.rows - self.counts[common]
        others = f"{missed:,} other {'row' if missed == 1 else 'rows'}"
        if len(self.counts) > 2:
            others = f"{_rows(self.counts[self.positive])} of {class_name(self.positive)}"
        return f"A model that always predicts {common} is {accurate} accurate, but finds none of the {others}."


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def overview(frame: pd.DataFrame) -> Overview:
    """The table in four numbers."""
    return Overview(len(frame), frame.shape[1], int(frame.isna().sum().sum()), int(frame.memory_usage(deep=True).sum()))


def kind(values: pd.Series) -> str:
    """What a column holds: "number", "true/false", "date" or "text"; "empty" without any."""
    if not values.count():
        return "empty"
    if types.is_bool_dtype(values):
        return "true/false"
    if types.is_numeric_dtype(values):
        return "number"
    return "date" if types.is_datetime64_any_dtype(values) else "text"


def class_balance(target: pd.Series) -> ClassBalance:
    """The classes of a target. Raises Problem when it has none, or more than MANY_CLASSES."""
    counts = target.value_counts()
    if counts.empty:
        raise Problem(f"Target {target.name}", "all its cells are empty", "Choose another column")
    if len(counts) > MANY_CLASSES:
        said = f"it has {len(counts):,} different values, and at most {MANY_CLASSES} classes can be learned"
        raise Problem(f"Target {target.name}", said, "Choose a column with fewer values, or one of numbers")
    named = {class_of(value): int(count) for value, count in counts.items()}
    return ClassBalance(named, list(named)[-1], int(target.isna().sum()))


def against_others(balance: ClassBalance, positive: str) -> ClassBalance:
    """The balance of one class and all others together."""
    one = balance.counts[positive]
    counts = {all_but(positive): balance.rows - one, positive: one}
    return ClassBalance(dict(sorted(counts.items(), key=lambda item: -item[1])), positive, balance.missing)
