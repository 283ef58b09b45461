"""What a table looks like before anything is learned from it: shape, columns, class balance, distributions.

Pure: frames in, small frozen answers out; no files, no clock, no screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.class_names import all_but, class_name, class_names, class_of, share_text
from services.errors import Problem

MANY_CLASSES = 100  # a model has a tree for each in every round
HUGE = 1e150  # numbers beyond it are scaled before they are squared


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


@dataclass(frozen=True)
class Distribution:
    """How a column is spread within each class.

    places:  the middle of each bin, or the name of each category.
    shares:  by class name, the share of its rows in each place, of 1.
    outside: rows beyond the bins, or of rarer categories; missing cells are neither.
    """

    places: tuple[float, ...] | tuple[str, ...]
    shares: Mapping[str, tuple[float, ...]]
    outside: int


def overview(frame: pd.DataFrame) -> Overview:
    """The table in four numbers."""
    return Overview(len(frame), frame.shape[1], int(frame.isna().sum().sum()), int(frame.memory_usage(deep=True).sum()))


def columns(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a column: `column`, `type` (see `kind`), `missing` cells, their `share` of 1, `distinct` values."""
    missing = frame.isna().sum()
    return pd.DataFrame(
        {
            "column": frame.columns.astype(str),
            "type": [kind(frame[name]) for name in frame.columns],
            "missing": missing.to_numpy(),
            "share": (missing / len(frame)).to_numpy(),
            "distinct": [frame[name].nunique() for name in frame.columns],
        }
    )


def kind(values: pd.Series) -> str:
    """What a column holds: "number", "true/false", "date" or "text"; "empty" without any."""
    if not values.count():
        return "empty"
    if types.is_bool_dtype(values):
        return "true/false"
    if types.is_numeric_dtype(values):
        return "number"
    return "date" if types.is_datetime64_any_dtype(values) else "text"


def describe(frame: pd.DataFrame) -> pd.DataFrame:
    """pandas' `describe` of the finite cells, one row a column with numbers; empty when there is none.

    A mean within the rounding error of its own sum is 0; a statistic beyond the range of numbers is missing.
    """
    numbers = frame.select_dtypes("number")
    return pd.DataFrame({name: _statistics(numbers[name]) for name in numbers}).transpose()


def _statistics(values: pd.Series) -> pd.Series:
    cells = values.to_numpy(float, na_value=np.nan)
    cells = cells[np.isfinite(cells)]
    scale = _scale(cells)
    described = pd.Series(cells / scale, dtype=float).describe()
    if len(cells) and abs(described["mean"]) < 64 * np.finfo(float).eps * np.abs(cells / scale).mean():
        described["mean"] = 0.0
    if len(cells) > 1 and described["min"] == described["max"]:
        described["std"] = 0.0
    with np.errstate(over="ignore"):
        described.iloc[1:] *= scale
    return described.replace([np.inf, -np.inf], np.nan)


def _scale(cells: np.ndarray) -> float:
    """What to divide numbers by so that their squares are numbers, too."""
    largest = float(np.abs(cells).max(initial=0.0))
    return largest if largest > HUGE else 1.0


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


def separations(frame: pd.DataFrame, target: str, positive: str) -> pd.Series:
    """How far the mean of each number column lies from the other rows' mean, in standard deviations, largest first."""
    numbers = frame.select_dtypes(["number", "bool"]).drop(columns=target, errors="ignore").astype(float)
    numbers = numbers.where(np.isfinite(numbers))
    numbers = numbers / pd.Series({name: _scale(numbers[name].dropna().to_numpy()) for name in numbers}, dtype=float)
    is_positive = (class_names(frame[target]) == positive).to_numpy(bool, na_value=False)
    apart = (numbers[is_positive].mean() - numbers[~is_positive].mean()) / numbers.std()
    return apart.abs().fillna(0).sort_values(ascending=False, kind="stable")


def distribution(values: pd.Series, target: pd.Series, bins: int = 60) -> Distribution:
    """The spread of a column within each class.

    Bins cover the middle 99 % of every class, so that one extreme row does not flatten the picture.
    """
    if kind(values) == "empty":
        return Distribution((), {}, 0)
    if kind(values) != "number":
        return _categories(values, target)
    values = values.astype(float)
    present = values.notna() & np.isfinite(values)
    scale = _scale(values[present].to_numpy())
    values = values / scale
    parts = {class_of(name): part.to_numpy(float) for name, part in values[present].groupby(target[present])}
    if not parts:
        return Distribution((), {}, 0)
    ends = np.array([np.quantile(part, [0.005, 0.995]) for part in parts.values()])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    edges = np.histogram_bin_edges([], bins=bins, range=(low, high))
    counts = {name: np.histogram(part, bins=edges)[0] for name, part in parts.items()}
    return Distribution(
        tuple(((edges[:-1] + edges[1:]) / 2 * scale).tolist()),
        {name: tuple((count / len(parts[name])).tolist()) for name, count in counts.items()},
        sum(len(part) for part in parts.values()) - int(sum(count.sum() for count in counts.values())),
    )


def _categories(values: pd.Series, target: pd.Series, most: int = 15) -> Distribution:
    table = pd.crosstab(values.astype(str)[values.notna()], target)
    common = table.loc[table.sum(axis=1).sort_values(ascending=False).index[:most]]
    shares = common / table.sum()
    return Distribution(
        tuple(map(str, common.index)),
        {class_of(name): tuple(shares[name].tolist()) for name in shares.columns},
        int(table.to_numpy().sum() - common.to_numpy().sum()),
    )
