"""How good a classifier of several classes is: counts, shares and their intervals from labels and scores.

Arithmetic only, in numpy: no client, no clock, no screen. A class is its place among the names of the data's classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import log

import numpy as np
from numpy.typing import ArrayLike

from services.errors import Problem
from services.evaluation.metrics import Scored, log_losses
from services.evaluation.statistics import class_averages, intervals
from services.evaluation.statistics.class_averages import Average
from services.evaluation.statistics.intervals import Counts, Floats, Interval, wilson

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

    confusion:     (classes, classes) rows, by actual class, then by predicted class.
    actual:        (rows,) classes.
    probabilities: (rows, classes) of the classes; None where the model answers none.
    """

    confusion: Counts
    actual: Counts
    probabilities: Floats | None

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
        return cls(confusion, actual, values if values.ndim == 2 else None)

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

    @cached_property
    def averages(self) -> Mapping[str, Average]:
        """By name, as `class_averages.averages` has them."""
        return class_averages.averages(self.confusion)

    @property
    def macro_recall(self) -> float:
        """Mean recall of the classes that have rows; also called balanced accuracy."""
        return self.averages["macro_recall"].value or 0.0

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes that have rows."""
        return self.averages["macro_f1"].value or 0.0

    @cached_property
    def log_loss(self) -> float | None:
        """Mean of -log of the probability of the actual class; None where the model answers no probabilities."""
        losses = self._log_losses()
        return None if losses is None else float(np.mean(losses))

    @cached_property
    def log_loss_interval(self) -> Interval | None:
        """None with rows of one class only."""
        losses, rarest = self._log_losses(), min(metrics.rows for metrics in self._with_rows)
        if losses is None or rarest == self.rows:
            return None
        return intervals.mean(losses, -log(rarest / self.rows))

    @cached_property
    def one_versus_rest(self) -> tuple[Scored, ...]:
        """For each class, its rows as positives and its probabilities as scores; empty without probabilities."""
        if self.probabilities is None:
            return ()
        return tuple(Scored.of(self.actual == place, scores) for place, scores in enumerate(self.probabilities.T))

    @property
    def log_loss_of_shares(self) -> float:
        """The log loss of a model that answers the shares of the classes for every row."""
        shares = [metrics.rows / self.rows for metrics in self._with_rows]
        return -sum(share * log(share) for share in shares)

    @cached_property
    def confused_pairs(self) -> tuple[tuple[int, int, int], ...]:
        """Actual class, the other it is predicted as, and the rows, most rows first."""
        errors = self.confusion - np.diag(np.diag(self.confusion))
        order = np.argsort(-errors, axis=None, kind="stable")[: np.count_nonzero(errors)]
        pairs = zip(*np.unravel_index(order, errors.shape), errors.flat[order], strict=True)
        return tuple((int(actual), int(predicted), int(rows)) for actual, predicted, rows in pairs)

    @property
    def most_confused(self) -> tuple[int, int, int] | None:
        """Actual class, the other it is most often predicted as, and the rows; None without errors."""
        return self.confused_pairs[0] if self.confused_pairs else None

    def _log_losses(self) -> Floats | None:
        if self.probabilities is None:
            return None
        return log_losses(self.probabilities[np.arange(self.rows), self.actual])

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
