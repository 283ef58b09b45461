"""How good a binary classifier is: counts and curves from labels and scores.

Arithmetic only, in numpy: no client, no clock, no screen. Scores are sorted once; every threshold after that is a
look-up. Class 1 is the positive class; a row is flagged when its score is at least the threshold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.errors import Problem
from services.evaluation.confusion import Confusion
from services.evaluation.statistics import intervals
from services.evaluation.statistics.intervals import GUESSED, Counts, Floats, Interval

BINOMIAL = 0.25  # part of the variance of the average precision that is a share's
CURVE_COLUMNS = 125  # M4 keeps at most four points a column: 500 in all


@dataclass(frozen=True)
class Curve:
    """A curve in the order of falling thresholds: three arrays of one length."""

    x: Floats
    y: Floats
    thresholds: Floats


@dataclass(frozen=True)
class Histogram:
    """Rows by score and actual class: `edges` is one longer than `negatives` and `positives`."""

    edges: Floats
    negatives: Counts
    positives: Counts


@dataclass(frozen=True)
class Scored:
    """Scored rows in the order of rising scores.

    scores:          (rows,) probabilities of class 1.
    positives_below: (rows + 1,) how many of the first i rows are class 1.
    """

    scores: Floats
    positives_below: Counts

    @classmethod
    def of(cls, labels: ArrayLike, scores: ArrayLike) -> "Scored":
        """From (rows,) labels, each 0 or 1, and (rows,) probabilities. Raises Problem when they are not that."""
        label_values, score_values = np.asarray(labels), np.asarray(scores, dtype=np.float64)
        _check(label_values, score_values)
        order = np.argsort(score_values, kind="stable")
        below = np.concatenate([[0], np.cumsum(label_values[order].astype(np.int64))])
        return cls(score_values[order], below)

    @property
    def rows(self) -> int:
        return len(self.scores)

    @property
    def positives(self) -> int:
        return int(self.positives_below[-1])

    @property
    def negatives(self) -> int:
        return self.rows - self.positives

    def at(self, threshold: float) -> Confusion:
        """The confusion matrix when rows with a score of at least `threshold` are flagged."""
        tp, fp = (int(count[0]) for count in self.flagged_at(np.array([threshold])))
        return Confusion(tp, fp, self.positives - tp, self.negatives - fp)

    def flagged_at(self, thresholds: Floats) -> tuple[Counts, Counts]:
        """(thresholds,) true and false positives at each threshold."""
        place = np.searchsorted(self.scores, thresholds, side="left")
        tp = self.positives - self.positives_below[place]
        return tp, self.rows - place - tp

    @cached_property
    def average_precision(self) -> float | None:
        """Sum of (R_n - R_n-1) P_n over falling thresholds n; None without positives.

        Steps, not trapezoids: straight lines between points of a PR curve promise too much (Davis & Goadrich 2006).
        """
        if not self.positives:
            return None
        tp, fp = self.flagged_at(self._distinct)
        return float(np.sum(np.diff(tp, prepend=0) / self.positives * (tp / (tp + fp))))

    @cached_property
    def average_precision_interval(self) -> Interval | None:
        """By its variance in the form of a share's; None without both classes.

        The variance is that of the influence of each row, by the infinitesimal jackknife (Efron 1982), with a part of
        the binomial one (Boyd, Eng & Page 2013): alone the first is too small for few rows, and the second too large
        for good models. A part of a positive is added whose precision is guessed.
        """
        value = self.average_precision
        if value is None or not self.negatives:
            return None
        positives, negatives = self._classes_by_score
        flagged, tp = np.cumsum(positives + negatives), np.cumsum(positives)
        precision = tp / flagged
        gained = _sum_from_here(positives / flagged)
        lost = _sum_from_here(positives * precision / flagged)
        of_positives = positives * (precision + gained - value - lost) ** 2
        squares = float(np.sum(of_positives + negatives * lost**2))
        squares += BINOMIAL * (self.positives * value * (1 - value) - squares)
        guessed, total = self.positives / self.rows, self.positives + GUESSED
        variance = (squares + GUESSED * (value - guessed) ** 2) / total / max(total - 1, GUESSED)
        return intervals.share((self.positives * value + GUESSED * guessed) / total, sqrt(variance), value)

    @cached_property
    def roc_auc(self) -> float | None:
        """Chance that a positive scores above a negative, ties counted half (Hanley & McNeil 1982).

        None when a class is missing.
        """
        if not self.positives or not self.negatives:
            return None
        tp, fp = self.flagged_at(self._distinct)
        heights = (tp + np.concatenate([[0], tp[:-1]])) / 2
        return float(np.sum(np.diff(fp, prepend=0) * heights) / (self.positives * self.negatives))

    @cached_property
    def roc_auc_interval(self) -> Interval | None:
        """By DeLong, DeLong & Clarke-Pearson's variance (1988) in the form of a share's.

        A part of a row of each class is added whose score is guessed. None with fewer than two rows of a class.
        """
        area = self.roc_auc
        if area is None or min(self.positives, self.negatives) < 2:
            return None
        positives, negatives = self._classes_by_score
        below = 1 - (np.cumsum(negatives) - negatives / 2) / self.negatives  # share of the others, ties half
        above = (np.cumsum(positives) - positives / 2) / self.positives
        variance, middle = 0.0, area
        for rows, share in ((positives, below), (negatives, above)):
            count = float(rows.sum())
            total = count + GUESSED
            moved = middle + GUESSED * (0.5 - middle) / total
            squares = float(np.sum(rows * (share - area) ** 2)) + count * (middle - moved) ** 2
            variance += (squares + GUESSED * ((0.5 - moved) ** 2 + 1 / 12)) / (total - 1) / total
            middle = moved
        return intervals.share(middle, sqrt(variance), area)

    @cached_property
    def brier(self) -> float:
        """Mean squared difference of score and class (Brier 1950), 0 is perfect."""
        return float(np.mean(self._squared_errors()))

    @cached_property
    def brier_interval(self) -> Interval | None:
        """None without both classes."""
        return self._loss_interval(self._squared_errors, (1 - self._rare_share) ** 2)

    @property
    def brier_of_share(self) -> float:
        """The Brier score of a model that answers the share of positives for every row."""
        return self.positives * self.negatives / self.rows**2

    @cached_property
    def log_loss(self) -> float:
        """Mean of -log of the probability of the actual class, 0 is perfect; a probability of 0 counts as 2e-16."""
        return float(np.mean(self._log_losses()))

    @cached_property
    def log_loss_interval(self) -> Interval | None:
        """None without both classes."""
        return self._loss_interval(self._log_losses, -log(self._rare_share) if self._rare_share else 0.0)

    @property
    def log_loss_of_share(self) -> float:
        """The log loss of a model that answers the share of positives for every row."""
        shares = (self.positives / self.rows, self.negatives / self.rows)
        return -sum(share * log(share) for share in shares if share)

    @cached_property
    def pr_curve(self) -> Curve:
        """Recall (x) and precision (y), 500 points at most. Empty without positives.

        To be drawn in steps, first up or down, then right: the area below is then the average precision.
        """
        if not self.positives:
            return _EMPTY
        tp, fp = self.flagged_at(self._distinct)
        corner = _corners(tp)
        recall, precision = (tp / self.positives)[corner], (tp / (tp + fp))[corner]
        return _reduced(recall, precision, self._distinct[corner])

    @cached_property
    def roc_curve(self) -> Curve:
        """False positive rate (x) and recall (y) from (0, 0) to (1, 1), 500 points at most. Empty without a class."""
        if not self.positives or not self.negatives:
            return _EMPTY
        tp, fp = (np.concatenate([[0], counts]) for counts in self.flagged_at(self._distinct))
        thresholds = np.concatenate([[np.inf], self._distinct])
        corner = _corners(tp) & _corners(fp)
        return _reduced((fp / self.negatives)[corner], (tp / self.positives)[corner], thresholds[corner])

    def histogram(self, bins: int = 50) -> Histogram:
        """Rows in `bins` equal steps of the score from 0 to 1, by class; a step holds its lower edge."""
        edges = np.linspace(0, 1, bins + 1)
        places = np.searchsorted(self.scores, edges)
        places[-1] = self.rows
        positives = np.diff(self.positives_below[places])
        return Histogram(edges, np.diff(places) - positives, positives)

    def _squared_errors(self) -> Floats:
        return (self.scores - np.diff(self.positives_below)) ** 2

    def _log_losses(self) -> Floats:
        return log_losses(np.where(np.diff(self.positives_below), self.scores, 1 - self.scores))

    def _loss_interval(self, losses: Callable[[], Floats], guessed: float) -> Interval | None:
        return intervals.mean(losses(), guessed) if self.positives and self.negatives else None

    @property
    def _rare_share(self) -> float:
        return min(self.positives, self.negatives) / self.rows

    @cached_property
    def _classes_by_score(self) -> tuple[Counts, Counts]:
        """Positive and negative rows of each distinct score, falling."""
        tp, fp = self.flagged_at(self._distinct)
        return np.diff(tp, prepend=0), np.diff(fp, prepend=0)

    @cached_property
    def _distinct(self) -> Floats:
        """Every distinct score, falling."""
        return np.unique(self.scores)[::-1]


def log_losses(probabilities: Floats) -> Floats:
    """(rows,) of -log of the probabilities that a model gave to what came true, which are not taken for 0 or 1."""
    tiny = float(np.finfo(np.float64).eps)
    return -np.log(np.clip(probabilities, tiny, 1 - tiny))


_EMPTY = Curve(np.empty(0), np.empty(0), np.empty(0))


def _check(labels: NDArray[np.generic], scores: Floats) -> None:
    where = "Evaluation"
    if labels.shape != scores.shape or scores.ndim != 1:
        said = f"there are {labels.size:,} labels, but {scores.size:,} scores"
        raise Problem(where, said, "Score the same rows that the labels belong to")
    if not scores.size:
        raise Problem(where, "there are no rows to evaluate", "Choose a split that has rows")
    if not np.isin(labels, (0, 1)).all():
        raise Problem(where, "the labels are not all 0 or 1", "Prepare the data again on the Data page")
    if not ((scores >= 0) & (scores <= 1)).all():
        said = f"the model returns {scores.min():g} to {scores.max():g}, which are not probabilities"
        raise Problem(
            where, said, "Train XGBoost with the objective binary:logistic, or Linear Learner with the loss logistic"
        )


def _sum_from_here(values: Floats) -> Floats:
    """(n,) sums of each value and those after it."""
    return np.cumsum(values[::-1])[::-1]


def _corners(counts: Counts) -> NDArray[np.bool_]:
    """False for points in the middle of a run of equal counts: a line through them runs straight."""
    same = counts[1:] == counts[:-1]
    return ~(np.concatenate([[False], same]) & np.concatenate([same, [False]]))


def _reduced(x: Floats, y: Floats, thresholds: Floats) -> Curve:
    """The first, last, lowest and highest point of every column of the picture.

    This is M4 (Jugel, Jerzak, Hackenbroich & Markl 2014): no peak is lost, and a column is less than a percent wide.
    """
    if len(x) > 4 * CURVE_COLUMNS:
        column = np.minimum((x * CURVE_COLUMNS).astype(np.int64), CURVE_COLUMNS - 1)
        first = np.flatnonzero(np.diff(column, prepend=-1))
        last = np.append(first[1:], len(x)) - 1
        by_height = np.lexsort((y, column))
        keep = np.unique(np.concatenate([first, last, by_height[first], by_height[last]]))
        x, y, thresholds = x[keep], y[keep], thresholds[keep]
    return Curve(x, y, thresholds)
