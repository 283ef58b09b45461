"""Two models of two classes at one operating point: the same recall, the same number of flagged rows, or least cost.

Arithmetic only. At one threshold two models are not comparable, since their scores mean different things; at one
operating point they are. The intervals are of a paired percentile bootstrap (Efron & Tibshirani 1993), in which each
draw of the rows chooses both thresholds anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike

from services.errors import Problem
from services.evaluation.metrics import Confusion, Counts, Floats
from services.evaluation.model_comparison import MetricDifference
from services.evaluation.statistics import bootstrap
from services.evaluation.statistics.bootstrap import ROUNDS, SEED


class PointKind(StrEnum):
    """What two models have in common when they are compared."""

    RECALL = "Same recall"
    FLAGGED = "Same number of flagged rows"
    COST = "Least cost of errors"


@dataclass(frozen=True)
class OperatingPoint:
    """Where models are compared.

    value:       the recall, or the flagged rows at most; not used for the least cost.
    miss, alarm: cost of a missed positive and of a false alarm, in one unit.
    """

    kind: PointKind
    value: float = 0.0
    miss: float = 1.0
    alarm: float = 1.0

    def cost(self, of: Confusion) -> float:
        """What the errors of a confusion matrix cost."""
        return self.miss * of.fn + self.alarm * of.fp


@dataclass(frozen=True)
class PointComparison:
    """Two models at one operating point; `thresholds` and `matrices` are of the first and the second.

    differences: what the second has over the first, by name of the metric: precision, recall, flagged rows, false
                 alarms, missed positives, cost of errors.
    """

    thresholds: tuple[float, float]
    matrices: tuple[Confusion, Confusion]
    differences: Mapping[str, MetricDifference]


def compare_at(
    point: OperatingPoint,
    labels: ArrayLike,
    before: ArrayLike,
    after: ArrayLike,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> PointComparison:
    """From (rows,) labels, each 0 or 1, and (rows,) scores of both models. Raises Problem without both classes."""
    truth = np.asarray(labels).astype(np.int64)
    _check(point, truth)
    models = [_Ranked.of(truth, np.asarray(scores, dtype=np.float64)) for scores in (before, after)]
    whole = np.ones(len(truth))
    matrices = [ranked.matrix(whole, point) for ranked in models]
    values = np.array([_values(matrix, point) for matrix, _ in matrices])
    gains = np.empty((rounds, len(NAMES)))
    for number, drawn in enumerate(chain.from_iterable(bootstrap.draws(len(truth), rounds, seed))):
        first, second = (_values(ranked.matrix(drawn, point)[0], point) for ranked in models)
        gains[number] = np.subtract(second, first)
    differences = {
        name: MetricDifference(float(first), float(second), *map(float, np.nanquantile(gained, (0.025, 0.975))))
        for name, (first, second), gained in zip(NAMES, values.T, gains.T, strict=True)
        if np.isfinite((first, second)).all()
    }
    (first_matrix, first_threshold), (second_matrix, second_threshold) = matrices
    return PointComparison((first_threshold, second_threshold), (first_matrix, second_matrix), differences)


NAMES = ("precision", "recall", "flagged rows", "false alarms", "missed positives", "cost of errors")


def _values(of: Confusion, point: OperatingPoint) -> tuple[float, ...]:
    undefined = float("nan")
    return (
        undefined if of.precision is None else of.precision,
        undefined if of.recall is None else of.recall,
        of.flagged,
        of.fp,
        of.fn,
        point.cost(of),
    )


def _check(point: OperatingPoint, truth: Counts) -> None:
    where = "Comparison"
    if np.unique(truth).size < 2:
        raise Problem(where, "the rows are all of one class", "Choose a split that has both classes")
    if point.kind is PointKind.RECALL and not 0 < point.value <= 1:
        raise Problem(where, f"a recall of {point.value:g} is not between 0 and 1", "Change it")
    if point.kind is PointKind.FLAGGED and not 0 < point.value <= len(truth):
        raise Problem(where, f"{point.value:g} flagged rows are not between 1 and {len(truth):,}", "Change it")
    if point.kind is PointKind.COST and (min(point.miss, point.alarm) < 0 or not point.miss + point.alarm):
        raise Problem(where, "costs are not below 0, and one of them is above", "Change them")


@dataclass(frozen=True)
class _Ranked:
    """The rows of one model by falling score; `ends` are the last rows of each distinct score."""

    order: Counts
    positive: Counts
    ends: Counts
    scores: Floats

    @classmethod
    def of(cls, truth: Counts, scores: Floats) -> "_Ranked":
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        return cls(order, truth[order], np.flatnonzero(np.diff(ranked, append=np.nan)), ranked)

    def matrix(self, drawn: Floats, point: OperatingPoint) -> tuple[Confusion, float]:
        """The confusion matrix at the point when each row counts as often as is `drawn`, and its threshold."""
        times = drawn[self.order]
        flagged = np.concatenate([[0], np.cumsum(times)[self.ends]])
        tp = np.concatenate([[0], np.cumsum(times * self.positive)[self.ends]])
        at = _CHOICES[point.kind](point, tp, flagged)
        found, alarms = int(tp[at]), int(flagged[at] - tp[at])
        positives = int(tp[-1])
        negatives = int(flagged[-1]) - positives
        threshold = float(self.scores[self.ends[at - 1]]) if at else float("inf")
        return Confusion(found, alarms, positives - found, negatives - alarms), threshold


def _least_flagged_for_recall(point: OperatingPoint, tp: Floats, flagged: Floats) -> int:
    return int(np.searchsorted(tp, point.value * tp[-1] - 1e-9))


def _most_of_the_flagged(point: OperatingPoint, tp: Floats, flagged: Floats) -> int:
    return int(np.searchsorted(flagged, point.value, side="right")) - 1


def _least_cost(point: OperatingPoint, tp: Floats, flagged: Floats) -> int:
    return int(np.argmin(point.miss * (tp[-1] - tp) + point.alarm * (flagged - tp)))


_CHOICES: Mapping[PointKind, Callable[[OperatingPoint, Floats, Floats], int]] = {
    PointKind.RECALL: _least_flagged_for_recall,
    PointKind.FLAGGED: _most_of_the_flagged,
    PointKind.COST: _least_cost,
}
