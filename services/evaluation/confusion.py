"""The confusion matrix of two classes, and its metrics: each is a part of a whole, and undefined where that is 0."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from services.evaluation.statistics import intervals
from services.evaluation.statistics.intervals import Floats, Interval, wilson

Count = TypeVar("Count", float, Floats)


def precision_of(tp: Count, fp: Count, fn: Count, tn: Count) -> tuple[Count, Count]:
    """TP / (TP + FP): share of flagged rows that are positive."""
    return tp, tp + fp


def recall_of(tp: Count, fp: Count, fn: Count, tn: Count) -> tuple[Count, Count]:
    """TP / (TP + FN): share of positive rows that are flagged."""
    return tp, tp + fn


def specificity_of(tp: Count, fp: Count, fn: Count, tn: Count) -> tuple[Count, Count]:
    """TN / (TN + FP): share of negative rows that are not flagged."""
    return tn, tn + fp


def accuracy_of(tp: Count, fp: Count, fn: Count, tn: Count) -> tuple[Count, Count]:
    """(TP + TN) / rows; misleading where one class is rare."""
    return tp + tn, tp + fp + fn + tn


def f_beta_of(tp: Count, fp: Count, fn: Count, tn: Count, beta: float = 1.0) -> tuple[Count, Count]:
    """(1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP): recall counts b times as much as precision (van Rijsbergen 1979)."""
    found = (1 + beta**2) * tp
    return found, found + beta**2 * fn + fp


def balanced_accuracy_of(tp: Count, fp: Count, fn: Count, tn: Count) -> tuple[Count, Count]:
    """Mean of recall and specificity (Brodersen et al. 2010)."""
    positives, negatives = tp + fn, tn + fp
    return tp * negatives + tn * positives, 2 * positives * negatives


def mcc_of(tp: Count, fp: Count, fn: Count, tn: Count) -> tuple[Count, Count]:
    """Correlation of flag and class: (TP TN - FP FN) / sqrt(flagged, positives, negatives, others) (Matthews 1975)."""
    flagged, not_flagged = (tp + fp) * 1.0, (tn + fn) * 1.0
    return tp * tn - fp * fn, (flagged * not_flagged * (tp + fn) * (tn + fp)) ** 0.5


RATIOS: Mapping[str, Callable[..., tuple[Floats, Floats]]] = {
    "precision": precision_of,
    "recall": recall_of,
    "specificity": specificity_of,
    "accuracy": accuracy_of,
    "f1": f_beta_of,
    "balanced_accuracy": balanced_accuracy_of,
    "mcc": mcc_of,
}


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
        """Share of flagged rows that are positive."""
        return _ratio(*precision_of(*self._counts))

    @property
    def precision_interval(self) -> Interval | None:
        return wilson(self.tp, self.flagged)

    @property
    def recall(self) -> float | None:
        """Share of positive rows that are flagged."""
        return _ratio(*recall_of(*self._counts))

    @property
    def recall_interval(self) -> Interval | None:
        return wilson(self.tp, self.positives)

    @property
    def specificity(self) -> float | None:
        """Share of negative rows that are not flagged."""
        return _ratio(*specificity_of(*self._counts))

    @property
    def specificity_interval(self) -> Interval | None:
        return wilson(self.tn, self.tn + self.fp)

    @property
    def accuracy(self) -> float | None:
        """Share of rows that are rightly flagged or not; misleading where one class is rare."""
        return _ratio(*accuracy_of(*self._counts))

    @property
    def accuracy_interval(self) -> Interval | None:
        return wilson(self.tp + self.tn, self.rows)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        return self.f_beta(1)

    @property
    def f1_interval(self) -> Interval | None:
        return self.f_beta_interval(1)

    def f_beta(self, beta: float) -> float | None:
        """The harmonic mean of precision and recall in which recall counts `beta` times as much."""
        return _ratio(*f_beta_of(*self._counts, beta))

    def f_beta_interval(self, beta: float) -> Interval | None:
        return intervals.f_beta(self.tp, self.fp, self.fn, beta)

    @property
    def balanced_accuracy(self) -> float | None:
        """Mean of recall and specificity; a model that flags nothing reaches 0.5."""
        return _ratio(*balanced_accuracy_of(*self._counts))

    @property
    def balanced_accuracy_interval(self) -> Interval | None:
        return intervals.mean_of_shares([(self.tp, self.positives), (self.tn, self.tn + self.fp)])

    @property
    def mcc(self) -> float | None:
        """Matthews correlation coefficient: 1 is perfect, 0 no better than chance."""
        return _ratio(*mcc_of(*self._counts))

    @property
    def mcc_interval(self) -> Interval | None:
        """By the delta method in Fisher's z (Itaya et al. 2024); None where the coefficient is undefined."""
        if self.mcc is None:
            return None
        matrix = np.array([[self.tn, self.fp], [self.fn, self.tp]])
        return intervals.confusion(matrix, intervals.correlation, intervals.fisher_z)

    @property
    def _counts(self) -> tuple[int, int, int, int]:
        return self.tp, self.fp, self.fn, self.tn


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
