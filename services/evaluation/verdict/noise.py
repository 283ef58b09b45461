"""Whether a difference is more than chance: the tests behind a verdict. Pure numbers in, numbers out."""

from math import sqrt

import numpy as np

from services.evaluation.metrics import Scored
from services.evaluation.statistics.intervals import Z_95, Interval


def rank_score(scored: Scored) -> float:
    """How many standard errors the ranking lies above a random one, below it for a negative number.

    The normal form of the rank-sum test with ties (Mann & Whitney 1947; Lehmann 1975): unlike an interval about the
    ROC AUC it holds for a perfect ranking and for a handful of positives, too. 0 where a class is missing or all
    scores are equal.
    """
    area = scored.roc_auc
    if area is None:
        return 0.0
    ties = np.unique(scored.scores, return_counts=True)[1].astype(np.float64)
    rows = scored.rows
    spread = (rows + 1) - float(np.sum(ties**3 - ties)) / (rows * (rows - 1))
    variance = spread / (12 * scored.positives * scored.negatives)
    return (area - 0.5) / sqrt(variance) if variance > 1e-12 else 0.0


def discordant_score(gained: int, lost: int) -> float:
    """Standard errors between the rows that only the one gets right and those that only the other does (McNemar)."""
    return (gained - lost) / sqrt(gained + lost) if gained + lost else 0.0


def is_above(score: float) -> bool:
    """Whether so many standard errors are more than chance, upwards."""
    return score > Z_95


def is_below(score: float) -> bool:
    """Whether so many standard errors are more than chance, downwards."""
    return score < -Z_95


def difference(before: float, before_interval: Interval, after: float, after_interval: Interval) -> Interval:
    """95 % interval of `after` minus `before`, measured on different rows, from the interval of each.

    The method of variance estimates recovery (Zou & Donner 2008), which keeps what is lopsided about either interval.
    """
    gain = after - before
    low = gain - sqrt((after - after_interval[0]) ** 2 + (before_interval[1] - before) ** 2)
    high = gain + sqrt((after_interval[1] - after) ** 2 + (before - before_interval[0]) ** 2)
    return low, high
