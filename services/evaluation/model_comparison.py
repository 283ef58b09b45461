"""Two models on the same rows: the difference of their metrics, and whether it is statistically significant.

Arithmetic only. The interval is a paired percentile bootstrap (Efron & Tibshirani 1993): rows are drawn again, both
models are evaluated on the same draw, and the difference is taken there, so that what is hard for both cancels out.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from services.evaluation.metrics import Scored
from services.evaluation.statistics import bootstrap
from services.evaluation.statistics.bootstrap import ROUNDS, SEED
from services.evaluation.statistics.intervals import Z_95

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
    drawn = bootstrap.resampled(truth, (before, after), rounds=rounds, seed=seed)
    whole = [Scored.of(truth, scores) for scores in (before, after)]

    def difference(name: str) -> MetricDifference | None:
        first, second = getattr(drawn, name)
        interval = bootstrap.interval(second - first)  # a draw without a class says nothing
        old, new = (getattr(scored, name) for scored in whole)
        return MetricDifference(old, new, *interval) if interval else None

    precision, area = difference("average_precision"), difference("roc_auc")
    return ModelComparison(precision, area, len(truth), int(truth.sum())) if precision and area else None


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
