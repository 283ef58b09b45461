"""How good a binary classifier is: counts and curves from labels and scores.

Arithmetic only, in numpy: no client, no clock, no screen. Scores are sorted once; every threshold after that is a
look-up. Class 1 is the positive class; a row is flagged when its score is at least the threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.errors import Problem

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Interval = tuple[float, float]

Z_95 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution
CURVE_COLUMNS = 125  # M4 keeps at most four points a column: 500 in all


@dataclass(frozen=True)
class Confusion:
    """Rows by actual class and by flag. A ratio is None where its denominator is 0: unknown, not 0."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def rows(self) -> int:
        return self.tp + self.fp + self.fn + self.tn

    @property
    def flagged(self) -> int:
        return self.tp + self.fp

    @property
    def positives(self) -> int:
        return self.tp + self.fn

    @property
    def precision(self) -> float | None:
        """TP / (TP + FP): share of flagged rows that are positive."""
        return _ratio(self.tp, self.flagged)

    @property
    def recall(self) -> float | None:
        """TP / (TP + FN): share of positive rows that are flagged."""
        return _ratio(self.tp, self.positives)

    @property
    def specificity(self) -> float | None:
        """TN / (TN + FP): share of negative rows that are not flagged."""
        return _ratio(self.tn, self.tn + self.fp)

    @property
    def f1(self) -> float | None:
        """2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall (van Rijsbergen 1979)."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def accuracy(self) -> float | None:
        """(TP + TN) / rows; misleading where one class is rare."""
        return _ratio(self.tp + self.tn, self.rows)

    @property
    def precision_interval(self) -> Interval | None:
        return wilson(self.tp, self.flagged)

    @property
    def recall_interval(self) -> Interval | None:
        return wilson(self.tp, self.positives)


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
        tp, fp = (int(count[0]) for count in self._flagged(np.array([threshold])))
        return Confusion(tp, fp, self.positives - tp, self.negatives - fp)

    @cached_property
    def average_precision(self) -> float | None:
        """Sum of (R_n - R_n-1) P_n over falling thresholds n; None without positives.

        Steps, not trapezoids: straight lines between points of a PR curve promise too much (Davis & Goadrich 2006).
        """
        if not self.positives:
            return None
        tp, fp = self._flagged(self._distinct)
        return float(np.sum(np.diff(tp, prepend=0) / self.positives * (tp / (tp + fp))))

    @property
    def average_precision_interval(self) -> Interval | None:
        """95 % logit interval of the average precision (Boyd, Eng & Page 2013); None at 0 and 1, where it has none."""
        value = self.average_precision
        if value is None or not 0 < value < 1 - 1e-12:
            return None
        centre, half = log(value / (1 - value)), Z_95 / sqrt(self.positives * value * (1 - value))
        return 1 / (1 + exp(half - centre)), 1 / (1 + exp(-half - centre))

    @cached_property
    def roc_auc(self) -> float | None:
        """Chance that a positive scores above a negative, ties counted half (Hanley & McNeil 1982).

        None when a class is missing.
        """
        if not self.positives or not self.negatives:
            return None
        tp, fp = self._flagged(self._distinct)
        heights = (tp + np.concatenate([[0], tp[:-1]])) / 2
        return float(np.sum(np.diff(fp, prepend=0) * heights) / (self.positives * self.negatives))

    @cached_property
    def roc_auc_interval(self) -> Interval | None:
        """95 % logit interval of the ROC AUC by DeLong, DeLong & Clarke-Pearson's variance (1988).

        None at 0 and 1, and with fewer than two rows of a class, where it has none.
        """
        area = self.roc_auc
        if area is None or not 0 < area < 1 - 1e-12 or min(self.positives, self.negatives) < 2:
            return None
        tp, fp = self._flagged(self._distinct)
        positives, negatives = np.diff(tp, prepend=0), np.diff(fp, prepend=0)
        below = (
            self.negatives - fp + negatives / 2
        ) / self.negatives  # share of the others below a positive, ties half
        above = (tp - positives / 2) / self.positives
        variance = sum(
            float(np.sum(rows * (share - area) ** 2)) / (rows.sum() - 1) / rows.sum()
            for rows, share in ((positives, below), (negatives, above))
        )
        centre, half = log(area / (1 - area)), Z_95 * sqrt(variance) / (area * (1 - area))
        return 1 / (1 + exp(half - centre)), 1 / (1 + exp(-half - centre))

    @cached_property
    def pr_curve(self) -> Curve:
        """Recall (x) and precision (y), 500 points at most. Empty without positives.

        To be drawn in steps, first up or down, then right: the area below is then the average precision.
        """
        if not self.positives:
            return _EMPTY
        tp, fp = self._flagged(self._distinct)
        corner = _corners(tp)
        recall, precision = (tp / self.positives)[corner], (tp / (tp + fp))[corner]
        return _reduced(recall, precision, self._distinct[corner])

    @cached_property
    def roc_curve(self) -> Curve:
        """False positive rate (x) and recall (y) from (0, 0) to (1, 1), 500 points at most. Empty without a class."""
        if not self.positives or not self.negatives:
            return _EMPTY
        tp, fp = (np.concatenate([[0], counts]) for counts in self._flagged(self._distinct))
        thresholds = np.concatenate([[np.inf], self._distinct])
        corner = _corners(tp) & _corners(fp)
        return _reduced((fp / self.negatives)[corner], (tp / self.positives)[corner], thresholds[corner])

    def best_f1_threshold(self, candidates: Sequence[float] | Floats | None = None) -> float | None:
        """The candidate with the highest F1, the highest of several; None without positives.

        candidates: thresholds that can be set, e.g. by a slider; all distinct scores by default.
        """
        if not self.positives:
            return None
        thresholds = self._candidates(candidates)
        tp, fp = self._flagged(thresholds)
        return float(thresholds[np.argmax(2 * tp / (tp + fp + self.positives))])

    def threshold_for_recall(self, recall: float, candidates: Sequence[float] | Floats | None = None) -> float | None:
        """The highest candidate that still finds a share of `recall`; None when none does."""
        thresholds = self._candidates(candidates)
        tp, _ = self._flagged(thresholds)
        enough = (tp >= recall * self.positives - 1e-9) & bool(self.positives)
        return float(thresholds[np.argmax(enough)]) if enough.any() else None

    def threshold_for_precision(
        self, precision: float, candidates: Sequence[float] | Floats | None = None
    ) -> float | None:
        """The lowest candidate, so the one that finds most, whose flags are right in a share of `precision`."""
        thresholds = self._candidates(candidates)
        tp, fp = self._flagged(thresholds)
        enough = (tp >= precision * (tp + fp) - 1e-9) & (tp > 0)
        return float(thresholds[::-1][np.argmax(enough[::-1])]) if enough.any() else None

    def histogram(self, bins: int = 50) -> Histogram:
        """Rows in `bins` equal steps of the score from 0 to 1, by class; a step holds its lower edge."""
        edges = np.linspace(0, 1, bins + 1)
        places = np.searchsorted(self.scores, edges)
        places[-1] = self.rows
        positives = np.diff(self.positives_below[places])
        return Histogram(edges, np.diff(places) - positives, positives)

    @cached_property
    def _distinct(self) -> Floats:
        """Every distinct score, falling."""
        return np.unique(self.scores)[::-1]

    def _candidates(self, given: Sequence[float] | Floats | None) -> Floats:
        return self._distinct if given is None else np.unique(np.asarray(given, dtype=np.float64))[::-1]

    def _flagged(self, thresholds: Floats) -> tuple[Counts, Counts]:
        """True and false positives at each threshold."""
        place = np.searchsorted(self.scores, thresholds, side="left")
        tp = self.positives - self.positives_below[place]
        return tp, self.rows - place - tp


def wilson(successes: int, trials: int) -> Interval | None:
    """95 % score interval of a share (Wilson 1927): honest for few trials and at 0 and 1. None without trials."""
    if not trials:
        return None
    share, z2 = successes / trials, Z_95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z_95 / (1 + z2 / trials) * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    return max(0.0, centre - half), min(1.0, centre + half)


_EMPTY = Curve(np.empty(0), np.empty(0), np.empty(0))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


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
