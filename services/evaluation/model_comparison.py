"""Two models on the same rows: the difference of their metrics, and whether it is statistically significant.

Arithmetic only. The interval is a paired percentile bootstrap (Efron & Tibshirani 1993): rows are drawn again, both
models are evaluated on the same draw, and the difference is taken there, so that what is hard for both cancels out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.evaluation.metrics import Z_95, Scored

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

ROUNDS = 1000
SEED = 1729
FEW = 30  # rows of the rarer class below which an interval is itself a rough one


@dataclass(frozen=True)
class MetricDifference:
    """A measure of both models; `low` and `high` are the 95 % interval of the gain."""

    before: float
    after: float
    low: float
    high: float

    @property
    def gain(self) -> float:
        return self.after - self.before

    @property
    def is_significant(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class ModelComparison:
    """What a model gained over another on `rows` rows, `positives` of them of class 1."""

    average_precision: MetricDifference
    roc_auc: MetricDifference
    rows: int
    positives: int

    @property
    def few(self) -> bool:
        """Whether the rarer class has too few rows for a firm word."""
        return min(self.positives, self.rows - self.positives) < FEW


def compare_models(
    labels: ArrayLike, before: ArrayLike, after: ArrayLike, rounds: int = ROUNDS, seed: int = SEED
) -> ModelComparison | None:
    """From (rows,) labels, each 0 or 1, and (rows,) scores of both models; None when a class is missing."""
    truth = np.asarray(labels).astype(np.int64)
    if np.unique(truth).size < 2:
        return None
    measures = [_measures(truth, np.asarray(scores, dtype=np.float64)) for scores in (before, after)]
    random = np.random.default_rng(seed)
    gains = np.empty((rounds, 2))
    for number in range(rounds):
        drawn = np.bincount(random.integers(0, len(truth), len(truth)), minlength=len(truth))
        gains[number] = np.subtract(measures[1](drawn), measures[0](drawn))
    gains = gains[np.isfinite(gains).all(axis=1)]  # a draw without a class says nothing
    if not len(gains):
        return None
    low, high = np.quantile(gains, (0.025, 0.975), axis=0)
    whole = [Scored.of(truth, scores) for scores in (before, after)]
    precision = [scored.average_precision or 0.0 for scored in whole]
    auc = [scored.roc_auc or 0.0 for scored in whole]
    return ModelComparison(
        MetricDifference(precision[0], precision[1], float(low[0]), float(high[0])),
        MetricDifference(auc[0], auc[1], float(low[1]), float(high[1])),
        len(truth),
        int(truth.sum()),
    )


def paired_difference(before: ArrayLike, after: ArrayLike) -> MetricDifference | None:
    """The mean of what is measured of each row, e.g. its error, by both models; None for fewer than FEW rows.

    The interval is that of the mean of the (rows,) differences, by the normal distribution.
    """
    first, second = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if len(first) < FEW:
        return None
    gained = second - first
    half = Z_95 * float(np.std(gained, ddof=1)) / sqrt(len(gained))
    gain = float(np.mean(gained))
    return MetricDifference(float(np.mean(first)), float(np.mean(second)), gain - half, gain + half)


def _measures(truth: Counts, scores: Floats) -> Callable[[Counts], tuple[float, float]]:
    """Average precision and ROC AUC of rows drawn again, each as often as is given; sorted once for all draws."""
    order = np.argsort(-scores)
    positive = truth[order]
    ends = np.flatnonzero(np.diff(scores[order], append=np.nan))  # the last row of each distinct score

    def of(drawn: Counts) -> tuple[float, float]:
        times = drawn[order]
        flagged, tp = np.cumsum(times)[ends], np.cumsum(times * positive)[ends]
        fp = flagged - tp
        positives, negatives = int(tp[-1]), int(fp[-1])
        if not positives or not negatives:
            return np.nan, np.nan
        gained = np.diff(tp, prepend=0)
        precision = float(np.sum(gained * (tp / np.maximum(flagged, 1)))) / positives
        heights = tp - gained / 2
        return precision, float(np.sum(np.diff(fp, prepend=0) * heights)) / (positives * negatives)

    return of
