"""How good a classifier of several classes is: counts, shares and their intervals from labels and scores.

Arithmetic only, in numpy: no client, no clock, no screen. A class is its place among the names of the data's classes.
"""

from dataclasses import dataclass
from functools import cached_property
from math import log

import numpy as np
from numpy.typing import ArrayLike

from services.errors import Problem
from services.evaluation.metrics import Counts, Floats, Interval, wilson

FEW = 30  # rows of a class below which its recall is a rough one
SUMS_TO = 1e-3  # how far the probabilities of a row may be from 1 in all: they are numbers of 32 bits


@dataclass(frozen=True)
class ClassMetrics:
    """One class: its rows, how often it was predicted, and how often rightly. A ratio is None where it has no rows."""

    rows: int
    predicted: int
    correct: int

    @property
    def precision(self) -> float | None:
        """Share of the rows predicted to be this class that are it."""
        return self.correct / self.predicted if self.predicted else None

    @property
    def recall(self) -> float | None:
        """Share of the rows of this class that are predicted to be it."""
        return self.correct / self.rows if self.rows else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None for a class that has no rows and was never predicted."""
        return 2 * self.correct / (self.rows + self.predicted) if self.rows + self.predicted else None

    @property
    def precision_interval(self) -> Interval | None:
        return wilson(self.correct, self.predicted)

    @property
    def recall_interval(self) -> Interval | None:
        return wilson(self.correct, self.rows)


@dataclass(frozen=True)
class ScoredClasses:
    """Rows by actual and predicted class.

    confusion: (classes, classes) rows, by actual class, then by predicted class.
    log_loss:  mean of -log of the probability of the actual class; None where the model answers no probabilities.
    """

    confusion: Counts
    log_loss: float | None

    @classmethod
    def of(cls, labels: ArrayLike, scores: ArrayLike, classes: int) -> "ScoredClasses":
        """From (rows,) labels and (rows, classes) probabilities, or (rows,) predicted classes. Raises Problem."""
        actual, values = np.asarray(labels).astype(np.int64), np.asarray(scores, dtype=np.float64)
        check(values, classes)
        if len(actual) != len(values):
            said = f"there are {len(actual):,} labels, but {len(values):,} scores"
            raise Problem("Evaluation", said, "Score the same rows that the labels belong to")
        if not len(actual):
            raise Problem("Evaluation", "there are no rows to evaluate", "Choose a split that has rows")
        pairs = actual * classes + predicted_class(values)
        confusion = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
        return cls(confusion, _log_loss(actual, values) if values.ndim == 2 else None)

    @property
    def rows(self) -> int:
        return int(self.confusion.sum())

    @property
    def correct(self) -> int:
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        """Share of the rows whose class is predicted."""
        return self.correct / self.rows

    @property
    def accuracy_interval(self) -> Interval | None:
        return wilson(self.correct, self.rows)

    @cached_property
    def by_class(self) -> tuple[ClassMetrics, ...]:
        """The classes in their order."""
        rows, predicted, correct = self.confusion.sum(axis=1), self.confusion.sum(axis=0), np.diag(self.confusion)
        return tuple(ClassMetrics(*map(int, counts)) for counts in zip(rows, predicted, correct, strict=True))

    @property
    def most_frequent(self) -> int:
        """The class with most rows."""
        return int(np.argmax(self.confusion.sum(axis=1)))

    @property
    def most_frequent_share(self) -> float:
        """The accuracy of a model that always predicts the class with most rows."""
        return self.by_class[self.most_frequent].rows / self.rows

    @property
    def macro_precision(self) -> float:
        """Mean precision of the classes that have rows; 0 for one that was never predicted."""
        return _mean([metrics.precision or 0.0 for metrics in self._with_rows])

    @property
    def macro_recall(self) -> float:
        """Mean recall of the classes that have rows; also called balanced accuracy."""
        return _mean([metrics.recall or 0.0 for metrics in self._with_rows])

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes that have rows."""
        return _mean([metrics.f1 or 0.0 for metrics in self._with_rows])

    @property
    def weighted_precision(self) -> float:
        """Mean precision of the classes, each weighted by its rows."""
        return sum(metrics.rows * (metrics.precision or 0.0) for metrics in self.by_class) / self.rows

    @property
    def weighted_f1(self) -> float:
        """Mean F1 of the classes, each weighted by its rows."""
        return sum(metrics.rows * (metrics.f1 or 0.0) for metrics in self.by_class) / self.rows

    @property
    def log_loss_of_shares(self) -> float:
        """The log loss of a model that answers the shares of the classes for every row."""
        shares = [metrics.rows / self.rows for metrics in self._with_rows]
        return -sum(share * log(share) for share in shares)

    @property
    def most_confused(self) -> tuple[int, int, int] | None:
        """Actual class, the other it is most often predicted as, and the rows; None without errors."""
        errors = self.confusion - np.diag(np.diag(self.confusion))
        actual, predicted = np.unravel_index(int(np.argmax(errors)), errors.shape)
        rows = int(errors[actual, predicted])
        return (int(actual), int(predicted), rows) if rows else None

    @property
    def _with_rows(self) -> list[ClassMetrics]:
        return [metrics for metrics in self.by_class if metrics.rows]


def check(scores: Floats, classes: int, where: str = "Evaluation") -> None:
    """Raise Problem for scores that are not those of a model of so many classes."""
    remedy = "Train XGBoost with the objective multi:softprob on this data set"
    if scores.ndim == 1:
        if not np.isin(scores, np.arange(classes)).all():
            said = f"the model returns {scores.min():g} to {scores.max():g}, and a class is 0 to {classes - 1}"
            raise Problem(where, said, remedy)
    elif scores.shape[1] != classes:
        raise Problem(where, f"the model knows {scores.shape[1]} classes, and the data has {classes}", remedy)
    elif not ((scores >= 0) & (scores <= 1)).all() or np.abs(scores.sum(axis=1) - 1).max(initial=0) > SUMS_TO:
        raise Problem(where, "the model returns numbers that are not probabilities of classes", remedy)


def predicted_class(scores: Floats) -> Counts:
    """(rows,) most probable classes, the first of equal ones; scores are probabilities or the classes themselves."""
    return (np.argmax(scores, axis=1) if scores.ndim == 2 else scores).astype(np.int64)


def _log_loss(actual: Counts, probabilities: Floats) -> float:
    chosen = probabilities[np.arange(len(actual)), actual]
    tiny = np.finfo(np.float64).eps
    return float(-np.mean(np.log(np.clip(chosen, tiny, 1 - tiny))))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
