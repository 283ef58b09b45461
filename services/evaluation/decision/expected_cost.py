"""What the errors of a classifier of two classes cost at every threshold, and where that is least.

Arithmetic only, in numpy. A threshold matters only where it passes a score, so the thresholds looked at are the cuts
between distinct scores: counted once from the sorted rows, then a cost is three multiplications.
References: Elkan 2001, "The foundations of cost-sensitive learning"; Efron & Tibshirani 1993, "An introduction to the
bootstrap"; Brown, Cai & DasGupta 2001 on Jeffreys intervals of few counts.
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from services.errors import Problem
from services.evaluation.metrics import Confusion, Counts, Floats, Interval, Scored

ROUNDS, SEED = 1000, 1729
GROUPS = 500  # cuts of a resample at most: more than the screen can show
PSEUDO_ROWS = 2.0  # so that 95 % intervals of the threshold hold the best one with 4, 20 and 40 positives, too
POINTS = 400  # of the curve as it is drawn
FEWEST_DIGITS = 17  # with which every float64 can be written


@dataclass(frozen=True)
class Costs:
    """What a missed positive and a false alarm cost, and what a hit gains, all in dollars a row."""

    miss: float
    false_alarm: float
    hit_gain: float = 0.0

    def __post_init__(self) -> None:
        """Raises Problem for costs that no threshold can be chosen by."""
        named = {"of a miss": self.miss, "of a false alarm": self.false_alarm, "gained by a hit": self.hit_gain}
        for name, amount in named.items():
            if not isfinite(amount):
                raise Problem("Costs", f"the amount {name} is not a number", "Enter an amount in dollars")
            if amount < 0:
                raise Problem("Costs", f"the amount {name} is negative", "Enter 0 or more")
        if not any(named.values()):
            raise Problem("Costs", "all amounts are 0, so every threshold costs the same", "Enter what an error costs")

    def of(self, confusion: Confusion) -> float:
        """Dollars that these rows cost; negative where the hits gain more than the errors cost."""
        return float(self.total(np.int64(confusion.tp), np.int64(confusion.fp), confusion.positives))

    def total(self, tp: NDArray[np.int64] | np.int64, fp: NDArray[np.int64] | np.int64, positives: int) -> Floats:
        """The same from counts of true and false positives, element by element."""
        return np.asarray(self.miss * (positives - tp) + self.false_alarm * fp - self.hit_gain * tp, dtype=np.float64)


@dataclass(frozen=True)
class ScoreCuts:
    """Every choice of flagged rows that a threshold of at most 1 can make, in the order of falling thresholds.

    thresholds: the lowest flagged score of each; 1 where a cut flags nothing.
    below:      the highest score that is not flagged; -1 where all are flagged.
    tp, fp:     true and false positives.
    """

    thresholds: Floats
    below: Floats
    tp: Counts
    fp: Counts
    positives: int

    @classmethod
    def of(cls, scored: Scored) -> "ScoreCuts":
        """The cuts of scored rows."""
        starts = np.flatnonzero(np.diff(scored.scores, prepend=-1.0))[::-1]
        thresholds = scored.scores[starts]
        if thresholds[0] < 1:
            starts, thresholds = np.append(scored.rows, starts), np.append(1.0, thresholds)
        tp = scored.positives - scored.positives_below[starts]
        below = np.where(starts > 0, scored.scores[starts - 1], -1.0)
        return cls(thresholds, below, tp, scored.rows - starts - tp, scored.positives)

    def short_threshold(self, place: int) -> float:
        """The number with the fewest digits that flags just the rows of this cut."""
        return shortest_between(float(self.below[place]), float(self.thresholds[place]))


@dataclass(frozen=True)
class CostMinimum:
    """The threshold of the lowest expected cost on some rows, and how sure that is.

    cost:               dollars of these rows at it.
    threshold_interval: thresholds whose cost is not significantly higher, at 95 %.
    cost_interval:      95 % interval of the cost of as many new rows at `threshold`. Its upper end allows for the
                        threshold having been chosen on the rows it is measured on.
    """

    threshold: float
    cost: float
    threshold_interval: Interval
    cost_interval: Interval


@dataclass(frozen=True)
class ExpectedCostCurve:
    """Dollars at falling thresholds, from 1 to 0, two arrays of one length; each holds up to the next threshold."""

    thresholds: Floats
    costs: Floats


def check_separable(scored: Scored, where: str) -> None:
    """Raise Problem for rows by which no threshold can be chosen: of one class, or all with the same score."""
    remedy = "Choose other rows, or set the threshold by the slider"
    if not scored.positives or not scored.negatives:
        missing = "positive" if not scored.positives else "negative"
        raise Problem(where, f"there are no {missing} rows among these {scored.rows:,}", remedy)
    if scored.scores[0] == scored.scores[-1]:
        said = f"all {scored.rows:,} rows have the same score, {scored.scores[0]:g}, so no threshold separates them"
        raise Problem(where, said, remedy)


def minimum(scored: Scored, costs: Costs, rounds: int = ROUNDS, seed: int = SEED) -> CostMinimum:
    """The cheapest threshold, the highest of several. Raises Problem for rows of one class or one score."""
    check_separable(scored, "Lowest cost")
    cuts = ScoreCuts.of(scored)
    totals = costs.total(cuts.tp, cuts.fp, cuts.positives)
    best = int(np.argmin(totals))
    threshold, random = cuts.short_threshold(best), np.random.default_rng(seed)
    confusion, places = scored.at(threshold), _places(cuts, best)
    low, high = cost_interval(confusion, costs, rounds, random)
    optimism = _optimism(totals, places, _resampled(cuts, places, 0.0, costs, rounds, random))
    smoothed = _resampled(cuts, places, PSEUDO_ROWS, costs, rounds, random)
    return CostMinimum(
        threshold,
        costs.of(confusion),
        _threshold_interval(cuts, places, best, smoothed),
        (low, high + optimism),
    )


def curve(scored: Scored, costs: Costs) -> ExpectedCostCurve:
    """The expected cost over all thresholds, POINTS or a few more of them."""
    cuts = ScoreCuts.of(scored)
    steps = np.linspace(1, 0, POINTS)
    thresholds = np.unique(np.append(steps, cuts.thresholds[_corners(cuts, 0, POINTS)]))[::-1]
    return ExpectedCostCurve(thresholds, costs.total(*scored.flagged_at(thresholds), scored.positives))


def cost_interval(at: Confusion, costs: Costs, rounds: int, random: np.random.Generator) -> Interval:
    """95 % interval of the cost by the Jeffreys posterior of the four counts.

    A resample can never draw a miss where none was seen; this allows for what few positives do not show.
    """
    tp, fp, fn, _ = at.rows * random.dirichlet(np.array([at.tp, at.fp, at.fn, at.tn]) + 0.5, size=rounds).T
    totals = costs.miss * fn + costs.false_alarm * fp - costs.hit_gain * tp
    low, high = np.quantile(totals, (0.025, 0.975))
    own = costs.of(at)
    return min(float(low), own), max(float(high), own)


def shortest_between(low: float, high: float) -> float:
    """The number with the fewest digits that is above `low` and at most `high`, the most central of several."""
    for digits in range(FEWEST_DIGITS):
        scale = 10**digits
        first, last = int(np.floor(low * scale)) + 1, int(np.floor(high * scale))
        if first <= last:
            number = min(max(round((max(low, 0) + high) / 2 * scale), first), last) / scale
            if low < number <= high:
                return float(number)
    return high


def _corners(cuts: ScoreCuts, best: int, most: int) -> NDArray[np.int64]:
    """Places of the cuts whose lowest flagged score has a positive, of which one is always cheapest; `most` of them.

    The cheapest one on these rows, `best`, is among them, and so are the ends.
    """
    found = np.flatnonzero(np.diff(cuts.tp, prepend=0))
    if len(found) > most:
        found = found[np.linspace(0, len(found) - 1, most).astype(np.int64)]
    return np.unique(np.concatenate([[0, best, len(cuts.tp) - 1], found]))


def _places(cuts: ScoreCuts, best: int) -> NDArray[np.int64]:
    """Places of the cuts that are looked at in resamples: those that can be cheapest, and others evenly among them."""
    even = np.linspace(0, len(cuts.tp) - 1, min(GROUPS // 2, len(cuts.tp))).astype(np.int64)
    return np.union1d(_corners(cuts, best, GROUPS // 2), even)


def _resampled(
    cuts: ScoreCuts, places: NDArray[np.int64], pseudo: float, costs: Costs, rounds: int, random: np.random.Generator
) -> Floats:
    """(rounds, places) dollars at some cuts of rows that are drawn again.

    Rows between two cuts are alike, so drawing rows again is drawing how many of each kind there are: a multinomial of
    a few hundred numbers, however many rows there are.
    pseudo: rows of each class that are thought to lie where the other class does, for what few rows do not show.
    """
    positives, negatives = (np.diff(counts[places], prepend=0) for counts in (cuts.tp, cuts.fp))
    kinds = np.concatenate(
        [
            positives + pseudo * negatives / negatives.sum(),
            negatives + pseudo * positives / positives.sum(),
        ]
    )
    rows = int(positives.sum() + negatives.sum())
    drawn = random.multinomial(rows, kinds / kinds.sum(), size=rounds)
    tp, fp = (half.cumsum(axis=1) for half in np.split(drawn, 2, axis=1))
    totals: Floats = costs.miss * (tp[:, -1:] - tp) + costs.false_alarm * fp - costs.hit_gain * tp
    return totals


def _optimism(totals: Floats, places: NDArray[np.int64], drawn: Floats) -> float:
    """How many dollars less the cheapest threshold seems to cost on the rows it was chosen on (Efron 1983)."""
    chosen = places[np.argmin(drawn, axis=1)]
    return max(0.0, float(np.mean(totals[chosen] - drawn.min(axis=1))))


def _threshold_interval(cuts: ScoreCuts, places: NDArray[np.int64], best: int, drawn: Floats) -> Interval:
    """The thresholds whose cost is not significantly above the lowest: 95 % of resamples do not all say so."""
    above = drawn - drawn[:, [int(np.searchsorted(places, best))]]
    alike = places[np.quantile(above, 0.025, axis=0) <= 0]
    return max(0.0, float(cuts.below[alike[-1]])), float(cuts.thresholds[alike[0]])
