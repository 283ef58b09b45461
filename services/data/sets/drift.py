"""How far the rows of one table differ from those of another, column by column. Pure.

The cells of a column fall into bins: each value of a column of few values, otherwise tenths of the earlier rows;
missing cells, and values that the earlier rows do not have, are bins of their own. From the shares of the bins come

- the population stability index (PSI), with half a row added to each bin so that an empty one is no infinity. Usual
  limits: below 0.1 no drift, from 0.25 on large (N. Siddiqi, Credit Risk Scorecards, 2006);
- the Jensen-Shannon distance to base 2, from 0 (equal) to 1 (nothing in common).

Both hide what matters most in a rare class: ten times as many frauds are a PSI of 0.03. So missing, unseen and rare
values are judged apart, by their shares. What chance may do to so few rows is no drift.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.class_names import class_of, share_text

MOST_VALUES, TENTHS = 20, 10  # different numbers, beyond which a column is cut into tenths
MODERATE_PSI, LARGE_PSI = 0.1, 0.25
MODERATE_MISSING, LARGE_MISSING = 0.02, 0.1  # shares by which missing cells became more or fewer
MODERATE_UNSEEN, LARGE_UNSEEN = 0.005, 0.05  # shares of rows
RARE, MODERATE_TIMES, LARGE_TIMES = 0.05, 2.0, 5.0  # share of a rare value, and how many times it grew or shrank
SURE = 3.5  # standard errors, which chance passes once in two thousand times


class DriftLevel(IntEnum):
    """How much a column has drifted."""

    NONE = 0
    MODERATE = 1
    LARGE = 2


@dataclass(frozen=True)
class ColumnDrift:
    """A column that two tables have.

    psi:      population stability index; distance: Jensen-Shannon, 0 to 1.
    missing:  share of missing cells before and after.
    unseen:   share of rows after with a value that no row before has; of tenths: outside the range of before.
    verdict:  what is most remarkable, a sentence.
    """

    column: str
    psi: float
    distance: float
    missing: tuple[float, float]
    unseen: float
    level: DriftLevel
    verdict: str


@dataclass(frozen=True)
class TableDrift:
    """Columns of both tables, those that drifted most first, and columns of only one of them."""

    columns: tuple[ColumnDrift, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


@dataclass(frozen=True)
class _Bin:
    """A bin with its share before and after; `says` names its cells within a sentence."""

    says: str
    before: float
    after: float

    @property
    def change(self) -> str:
        rose = "rose" if self.after > self.before else "fell"
        return f"{self.says} {rose} from {share_text(self.before)} to {share_text(self.after)}."


def table_drift(before: pd.DataFrame, after: pd.DataFrame) -> TableDrift:
    """Every column of two tables; rows of each at least one."""
    both = [name for name in before.columns if name in after.columns]
    drifts = [column_drift(before[name], after[name]) for name in both]
    return TableDrift(
        tuple(sorted(drifts, key=lambda drift: (-drift.level, -drift.distance, -drift.psi))),
        tuple(str(name) for name in before.columns if name not in after.columns),
        tuple(str(name) for name in after.columns if name not in before.columns),
    )


def column_drift(before: pd.Series, after: pd.Series) -> ColumnDrift:
    """The cells of a column in two tables, numbers or text in both; at least one each."""
    many = _has_many_numbers(before, after)
    counted = _tenths(before, after) if many else _values(before, after)
    rows, missing = (len(before), len(after)), (int(before.isna().sum()), int(after.isna().sum()))
    bins = [_Bin(says, first / rows[0], second / rows[1]) for says, first, second in counted]
    counts = np.array([[first, second] for _, first, second in counted], dtype=float)
    index = _psi(counts)
    unseen = bins[1]
    causes = [
        (_missing_level(bins[0], missing, rows), bins[0]),
        (_unseen_level(unseen, rows), unseen),
        *((_rare_level(each, rows), each) for each in (() if many else bins[2:])),
        (_psi_level(index, counts), max(bins, key=_contribution)),
    ]
    level, cause = max(causes, key=lambda pair: pair[0])  # the first of equal ones
    return ColumnDrift(
        column=str(before.name),
        psi=index,
        distance=_distance(counts),
        missing=(bins[0].before, bins[0].after),
        unseen=unseen.after,
        level=level,
        verdict=cause.change if level else "No drift.",
    )


def _has_many_numbers(before: pd.Series, after: pd.Series) -> bool:
    if types.is_bool_dtype(before) or not all(types.is_numeric_dtype(cells) for cells in (before, after)):
        return False
    enough = min(MOST_VALUES, len(before) / 2)
    return bool(before.iloc[:1000].nunique() > enough or before.nunique() > enough)


def _values(before: pd.Series, after: pd.Series) -> list[tuple[str, int, int]]:
    """(name, rows before, rows after) of missing cells, unseen values and each value that the rows before have."""
    first, second = before.value_counts(), after.value_counts()
    new = second[~second.index.isin(first.index)]
    some = ", ".join(class_of(value) for value in new.index[:3])
    return [
        ("Share of missing cells", int(before.isna().sum()), int(after.isna().sum())),
        (f"Share of new values ({some})", 0, int(new.sum())),
        *((f"Share of {class_of(value)}", int(count), int(second.get(value, 0))) for value, count in first.items()),
    ]


def _tenths(before: pd.Series, after: pd.Series) -> list[tuple[str, int, int]]:
    """The same of numbers, by tenths of those before; unseen is what lies beyond them."""
    first, second = (np.sort(cells.dropna().to_numpy(float)) for cells in (before, after))
    low, high = float(first[0]), float(first[-1])
    cuts = np.unique(np.quantile(first, np.arange(1, TENTHS) / TENTHS))
    within = second[(second >= low) & (second <= high)]
    edges = [low, *cuts, high]
    counts = (np.diff([0, *np.searchsorted(cells, cuts, "right"), len(cells)]) for cells in (first, within))
    return [
        ("Share of missing cells", len(before) - len(first), len(after) - len(second)),
        (f"Share of values outside {low:,.4g} to {high:,.4g}", 0, len(second) - len(within)),
        *(
            (f"Share of values from {edges[place]:,.4g} to {edges[place + 1]:,.4g}", int(one), int(other))
            for place, (one, other) in enumerate(zip(*counts, strict=True))
        ),
    ]


def _psi(counts: np.ndarray) -> float:
    """The index of (bins, 2) counts; bins that are empty in both do not count."""
    filled = counts[counts.any(axis=1)] + 0.5
    shares = filled / filled.sum(axis=0)
    return float(((shares[:, 1] - shares[:, 0]) * np.log(shares[:, 1] / shares[:, 0])).sum())


def _distance(counts: np.ndarray) -> float:
    """Jensen-Shannon, to base 2."""
    shares = counts / counts.sum(axis=0)
    middle = shares.mean(axis=1, keepdims=True)
    ratio = np.divide(shares, middle, out=np.ones_like(shares), where=shares > 0)
    return math.sqrt(max(0.0, float((shares * np.log2(ratio)).sum()) / 2))


def _contribution(one: _Bin) -> float:
    """How much a bin adds to the index."""
    tiny = 1e-6
    return (one.after - one.before) * math.log((one.after + tiny) / (one.before + tiny))


def _psi_level(index: float, counts: np.ndarray) -> DriftLevel:
    """Of equal columns the index is a chi-squared variable times the sum of 1/rows (Yurdakul and Naranjo, 2020).

    Its quantile is that of Wilson and Hilferty.
    """
    freedom = max(1, int(counts.any(axis=1).sum()) - 1)
    part = 2 / (9 * freedom)
    chance = freedom * (1 - part + SURE * math.sqrt(part)) ** 3 * float((1 / counts.sum(axis=0)).sum())
    return _level(index, MODERATE_PSI, LARGE_PSI) if index > chance else DriftLevel.NONE


def _missing_level(one: _Bin, cells: tuple[int, int], rows: tuple[int, int]) -> DriftLevel:
    change = abs(cells[1] / rows[1] - cells[0] / rows[0])
    return _level(change, MODERATE_MISSING, LARGE_MISSING) if _is_sure(one, rows) else DriftLevel.NONE


def _unseen_level(one: _Bin, rows: tuple[int, int]) -> DriftLevel:
    return _level(one.after, MODERATE_UNSEEN, LARGE_UNSEEN) if _is_sure(one, rows) else DriftLevel.NONE


def _rare_level(one: _Bin, rows: tuple[int, int]) -> DriftLevel:
    if min(one.before, one.after) >= RARE or not _is_sure(one, rows):
        return DriftLevel.NONE
    shares = [(share * count + 0.5) / (count + 1) for share, count in zip((one.before, one.after), rows, strict=True)]
    return _level(max(shares) / min(shares), MODERATE_TIMES, LARGE_TIMES)


def _level(value: float, moderate: float, large: float) -> DriftLevel:
    return DriftLevel((value >= moderate) + (value >= large))


def _is_sure(one: _Bin, rows: Iterable[int]) -> bool:
    """Whether two shares differ by more than chance, by the test of two proportions."""
    first, second = rows
    pooled = (one.before * first + one.after * second) / (first + second)
    error = math.sqrt(pooled * (1 - pooled) * (1 / first + 1 / second))
    return abs(one.after - one.before) > SURE * error
