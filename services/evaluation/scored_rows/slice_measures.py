"""What is measured of a slice of rows, with a 95 % interval. Arithmetic only, in numpy.

Shares have Wilson's interval; average precision and ROC AUC that of `metrics.Scored`; macro F1, MAE and RMSE that of
the delta method, which takes a measure as the mean of what each row adds to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import exp, sqrt

import numpy as np
from numpy.typing import ArrayLike

from services.data.target_kind import TargetKind
from services.evaluation.class_metrics import predicted_class
from services.evaluation.metrics import Confusion, Counts, Floats, Interval, Scored
from services.evaluation.statistics.intervals import Z_95, wilson

FEWEST_ROWS, FEWEST_CASES = 30, 5  # below which a measure of a slice says nothing


class SliceMeasure(StrEnum):
    """What is measured, as the screen calls it."""

    RECALL = "Recall"
    PRECISION = "Precision"
    AVERAGE_PRECISION = "Average precision"
    ROC_AUC = "ROC AUC"
    ACCURACY = "Accuracy"
    MACRO_F1 = "Macro F1"
    MAE = "Mean absolute error"
    RMSE = "RMSE"

    @property
    def is_error(self) -> bool:
        """Whether less is better."""
        return self in (SliceMeasure.MAE, SliceMeasure.RMSE)


MEASURES: Mapping[TargetKind, tuple[SliceMeasure, ...]] = {
    TargetKind.TWO_CLASSES: (
        SliceMeasure.RECALL,
        SliceMeasure.PRECISION,
        SliceMeasure.AVERAGE_PRECISION,
        SliceMeasure.ROC_AUC,
    ),
    TargetKind.CLASSES: (SliceMeasure.ACCURACY, SliceMeasure.MACRO_F1),
    TargetKind.NUMBER: (SliceMeasure.MAE, SliceMeasure.RMSE),
}


@dataclass(frozen=True)
class MeasuredValue:
    """A measure and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class MeasuredRows:
    """Rows to be measured.

    labels, scores: (rows,), in the order of rising scores; of several classes the scores are the predicted classes.
    threshold: from which a row is flagged, of two classes.
    """

    kind: TargetKind
    labels: Floats
    scores: Floats
    threshold: float = 0.5

    @classmethod
    def of(
        cls, kind: TargetKind, labels: ArrayLike, scores: ArrayLike, threshold: float = 0.5
    ) -> tuple[MeasuredRows, Counts]:
        """From labels and scores in file order; also the order that these rows are in."""
        values = np.asarray(scores, dtype=np.float64)
        if kind is TargetKind.CLASSES:
            values = predicted_class(values).astype(np.float64)
        order = np.argsort(values, kind="stable")
        return cls(kind, np.asarray(labels, dtype=np.float64)[order], values[order], threshold), order

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, inside: np.ndarray) -> MeasuredRows:
        """The rows of a (rows,) mask."""
        return MeasuredRows(self.kind, self.labels[inside], self.scores[inside], self.threshold)

    @property
    def confusion(self) -> Confusion:
        """Of two classes, at the threshold."""
        flagged, positive = self.scores >= self.threshold, self.labels == 1
        tp, flags, positives = (int(np.count_nonzero(mask)) for mask in (flagged & positive, flagged, positive))
        return Confusion(tp, flags - tp, positives - tp, len(self) - flags - positives + tp)


def measure(rows: MeasuredRows, what: SliceMeasure) -> MeasuredValue | None:
    """The measure of rows; None where it is undefined, such as the recall of rows without positives."""
    if not len(rows):
        return None
    if counts := share_counts(rows, what):
        successes, trials = counts
        return _between(successes / trials, None, trials) if trials else None
    if rows.kind is TargetKind.TWO_CLASSES:
        return _by_order(rows, what)
    return _macro_f1(rows) if rows.kind is TargetKind.CLASSES else _of_numbers(rows.scores - rows.labels, what)


def share_counts(rows: MeasuredRows, what: SliceMeasure) -> tuple[int, int] | None:
    """Successes and trials of a measure that is a share; None for another."""
    if what is SliceMeasure.ACCURACY:
        return int(np.count_nonzero(rows.labels == rows.scores)), len(rows)
    if what is SliceMeasure.RECALL:
        return rows.confusion.tp, rows.confusion.positives
    if what is SliceMeasure.PRECISION:
        return rows.confusion.tp, rows.confusion.flagged
    return None


def cases(rows: MeasuredRows, what: SliceMeasure) -> tuple[int, ...]:
    """How many rows a measure is taken of: all, or positives, flagged rows, or the rows of either class."""
    counts = share_counts(rows, what)
    if counts or rows.kind is not TargetKind.TWO_CLASSES:
        return (counts[1] if counts else len(rows),)
    positives = rows.confusion.positives
    return (positives, len(rows) - positives) if what is SliceMeasure.ROC_AUC else (positives,)


def too_few(rows: MeasuredRows, what: SliceMeasure) -> str:
    """Why a measure of so few rows says nothing, such as "12 rows"; "" where it says something."""
    counts = [("row", len(rows), FEWEST_ROWS)]
    if rows.kind is TargetKind.TWO_CLASSES:
        nouns = ("flagged row",) if what is SliceMeasure.PRECISION else ("positive", "negative")
        counts += [(noun, count, FEWEST_CASES) for noun, count in zip(nouns, cases(rows, what), strict=False)]
    few = [f"{count:,} {noun}{'' if count == 1 else 's'}" for noun, count, fewest in counts if count < fewest]
    return few[0] if few else ""


def _by_order(rows: MeasuredRows, what: SliceMeasure) -> MeasuredValue | None:
    """Average precision or ROC AUC."""
    scored = Scored(rows.scores, np.concatenate([[0], np.cumsum(rows.labels == 1)]))
    if what is SliceMeasure.AVERAGE_PRECISION:
        return _between(scored.average_precision, scored.average_precision_interval, scored.positives)
    return _between(scored.roc_auc, scored.roc_auc_interval, min(scored.positives, scored.negatives))


def _between(value: float | None, interval: Interval | None, trials: int) -> MeasuredValue | None:
    """With that interval, or else that of a share of so many."""
    if value is None:
        return None
    low, high = interval or wilson(round(value * trials), trials) or (0.0, 1.0)
    return MeasuredValue(value, low, high)


def _macro_f1(rows: MeasuredRows) -> MeasuredValue | None:
    """Mean F1 of the classes that have rows. Variance by the delta method (Takahashi et al. 2022)."""
    actual, predicted = rows.labels.astype(np.int64), rows.scores.astype(np.int64)
    classes = int(max(actual.max(), predicted.max())) + 1
    confusion = np.bincount(actual * classes + predicted, minlength=classes**2).reshape(classes, classes)
    correct, both = np.diag(confusion), confusion.sum(axis=1) + confusion.sum(axis=0)
    present = confusion.sum(axis=1) > 0
    weight = np.where(present, 1 / np.maximum(both, 1), 0) / present.sum()
    value = float(2 * correct @ weight)
    once = 2 * correct * weight / np.maximum(both, 1)  # what one row fewer of a class, or predicted as it, would add
    adds = -once[:, None] - once[None, :] + np.diag(2 * weight)
    variance = float((confusion * adds**2).sum() - (confusion * adds).sum() ** 2 / len(rows))
    half = Z_95 * sqrt(max(0.0, variance))
    interval = (max(0.0, value - half), min(1.0, value + half)) if half > 1e-12 else None
    return _between(value, interval, len(rows))


def _of_numbers(errors: Floats, what: SliceMeasure) -> MeasuredValue:
    """MAE with the interval of a mean; RMSE with that of the logarithm of the mean squared error."""
    sizes = np.abs(errors) if what is SliceMeasure.MAE else errors**2
    mean = float(sizes.mean())
    error = float(np.std(sizes, ddof=1)) / sqrt(len(sizes)) if len(sizes) > 1 else 0.0
    if what is SliceMeasure.MAE:
        return MeasuredValue(mean, max(0.0, mean - Z_95 * error), mean + Z_95 * error)
    root, factor = sqrt(mean), exp(Z_95 * error / (2 * mean)) if mean else 1.0
    return MeasuredValue(root, root / factor, root * factor)
