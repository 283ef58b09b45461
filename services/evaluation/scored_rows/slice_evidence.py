"""How likely a slice differs from the rest by chance alone. Arithmetic only, in numpy.

Shares of few rows are compared exactly (Fisher 1922). What varies little in a small slice may do so by luck, so the own
interval of another measure is not believed alone: the difference must also be beyond what all rows together vary by.
Errors of numbers have long tails, where one row can move a mean: they are compared by ranks (Mann & Whitney 1947).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from services.data.target_kind import TargetKind
from services.evaluation.metrics import Floats
from services.evaluation.scored_rows.slice_measures import (
    MeasuredRows,
    MeasuredValue,
    SliceMeasure,
    cases,
    measure,
    share_counts,
)
from services.evaluation.statistics.intervals import Z_95


def difference(one: MeasuredValue, other: MeasuredValue) -> MeasuredValue:
    """`one` less `other`, which are of different rows, with the interval of MOVER (Zou & Donner 2008).

    Of two shares it is Newcombe's (1998).
    """
    gap = one.value - other.value
    down = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    up = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return MeasuredValue(gap, gap - down, gap + up)


def fisher(one: tuple[int, int], other: tuple[int, int]) -> float:
    """The two-sided p-value of Fisher's exact test of two shares, each as successes and trials."""
    (found, trials), (found_other, trials_other) = one, other
    successes = found + found_other
    possible = np.arange(max(0, successes - trials_other), min(trials, successes) + 1)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, trials + trials_other + 1)))])

    def log_ways(whole: int, part: np.ndarray) -> Floats:
        ways: Floats = log_factorial[whole] - log_factorial[part] - log_factorial[whole - part]
        return ways

    log_chance = log_ways(trials, possible) + log_ways(trials_other, successes - possible)
    chance = np.exp(log_chance - log_chance.max())
    as_far = chance <= chance[found - possible[0]] * (1 + 1e-7)
    return float(min(1.0, chance[as_far].sum() / chance.sum()))


@dataclass(frozen=True, eq=False)
class Evidence:
    """What all rows say of how much a measure varies.

    spread: of classes, the standard error of the measure for one case.
    ranks:  of numbers, (rows,) ranks of the absolute errors; tied: the share of their variance that ties leave.
    """

    rows: MeasuredRows
    what: SliceMeasure
    spread: float = 0.0
    ranks: Floats | None = None
    tied: float = 1.0

    @classmethod
    def of(cls, rows: MeasuredRows, what: SliceMeasure) -> Evidence:
        """Of all rows."""
        if rows.kind is TargetKind.NUMBER:
            return cls(rows, what, 0.0, *_ranks(np.abs(rows.scores - rows.labels)))
        overall = measure(rows, what)
        half = (overall.high - overall.low) / 2 if overall else 0.0
        return cls(rows, what, half / Z_95 * sqrt(min(cases(rows, what))))

    def p_value(self, inside: np.ndarray, gap: MeasuredValue) -> float:
        """The chance of a difference as far from 0 if there were none, two-sided; of the rows of a mask."""
        if self.ranks is not None:
            return self._p_by_ranks(inside, gap)
        parts = self.rows.part(inside), self.rows.part(~inside)
        counts = [share_counts(part, self.what) for part in parts]
        if counts[0] and counts[1]:
            return fisher(counts[0], counts[1])
        pooled = self.spread * sqrt(sum(1 / min(cases(part, self.what)) for part in parts))
        own = (gap.value - gap.low if gap.value > 0 else gap.high - gap.value) / Z_95
        return _two_sided(gap.value, max(pooled, own))

    def _p_by_ranks(self, inside: np.ndarray, gap: MeasuredValue) -> float:
        """1 where the ranks say the opposite of the difference."""
        assert self.ranks is not None
        rows, within = len(inside), int(np.count_nonzero(inside))
        mean = within * (rows + 1) / 2
        error = sqrt(within * (rows - within) * (rows + 1) / 12 * self.tied)
        above = float(self.ranks[inside].sum()) - mean
        return _two_sided(above, error) if above * gap.value > 0 else 1.0


def _ranks(values: Floats) -> tuple[Floats, float]:
    """Ranks from 1, the mean one of ties, and what ties leave of their variance."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    rows = len(values)
    ties = float((counts.astype(float) ** 3 - counts).sum())
    return (ends - (counts - 1) / 2)[places], 1 - ties / max(1.0, float(rows) ** 3 - rows)


def _two_sided(value: float, error: float) -> float:
    return erfc(abs(value) / error / sqrt(2)) if error else float(not value)
