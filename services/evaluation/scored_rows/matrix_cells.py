"""The rows in a cell of the confusion matrix, or those whose number is predicted too high or too low; most wrong first.

Arithmetic only, in numpy: no client, no clock, no screen. A row is its place in the file, from 0.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from services.evaluation.class_metrics import predicted_class
from services.evaluation.metrics import Counts, Floats


@dataclass(frozen=True, eq=False)
class DecidedRows:
    """Rows by actual and predicted class, in file order.

    actual, predicted: (rows,) places of classes; of two classes 1 is the positive one.
    wrongness: (rows,) how far the score lies on the wrong side; negative, by how far it lies on the right one.
    """

    actual: Counts
    predicted: Counts
    wrongness: Floats

    @classmethod
    def of_two(cls, labels: ArrayLike, scores: ArrayLike, threshold: float) -> "DecidedRows":
        """From (rows,) labels, 0 or 1, and (rows,) probabilities of class 1; flagged from the threshold on."""
        actual, values = np.asarray(labels, dtype=np.int64), np.asarray(scores, dtype=np.float64)
        above = values - threshold
        return cls(actual, (above >= 0).astype(np.int64), np.where(actual == 1, -above, above))

    @classmethod
    def of_several(cls, labels: ArrayLike, scores: ArrayLike) -> "DecidedRows":
        """From (rows,) labels and (rows, classes) probabilities, or (rows,) predicted classes.

        A row is as wrong as the most probable other class is more probable than the actual one.
        """
        actual, values = np.asarray(labels, dtype=np.int64), np.asarray(scores, dtype=np.float64)
        predicted = predicted_class(values)
        if values.ndim == 1:
            return cls(actual, predicted, np.where(predicted == actual, -1.0, 1.0))
        rows = np.arange(len(actual))
        others = values.copy()
        others[rows, actual] = -np.inf
        return cls(actual, predicted, others.max(axis=1) - values[rows, actual])

    @property
    def is_error(self) -> np.ndarray:
        """(rows,) whether another class than the actual one is predicted."""
        return self.actual != self.predicted

    def confusion(self, classes: int) -> Counts:
        """(classes, classes) rows, by actual, then by predicted class."""
        pairs = self.actual * classes + self.predicted
        return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)

    def in_cell(self, actual: int | None, predicted: int | None) -> Counts:
        """Places of the rows of a cell, most wrong first; None for any class."""
        inside = np.ones(len(self.actual), dtype=bool)
        if actual is not None:
            inside &= self.actual == actual
        if predicted is not None:
            inside &= self.predicted == predicted
        return self._ordered(inside)

    def errors(self) -> Counts:
        """Places of the rows of all cells off the diagonal, most wrong first."""
        return self._ordered(self.is_error)

    def _ordered(self, inside: np.ndarray) -> Counts:
        places = np.flatnonzero(inside)
        return places[np.argsort(-self.wrongness[places], kind="stable")]


class ErrorSide(StrEnum):
    """On which side of the actual number a prediction lies."""

    BOTH = "all rows"
    HIGH = "too high"
    LOW = "too low"


def by_error(errors: Floats, side: ErrorSide) -> Counts:
    """Places of rows on a side by their (rows,) errors, predicted minus actual; furthest off first."""
    inside = {ErrorSide.BOTH: np.ones(len(errors), dtype=bool), ErrorSide.HIGH: errors > 0, ErrorSide.LOW: errors < 0}
    places = np.flatnonzero(inside[side])
    return places[np.argsort(-np.abs(errors[places]), kind="stable")]
