"""Averages over classes of a confusion matrix's metrics, from its diagonal, rows and columns.

Each is of many matrices at a time, so that the interval of an average can see how it follows every count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from services.evaluation.statistics import intervals
from services.evaluation.statistics.intervals import Counts, Floats, Interval, Scale, Statistic


@dataclass(frozen=True)
class Average:
    """A metric over all classes and its 95 % interval; None where it is undefined."""

    value: float | None
    interval: Interval | None


def averages(matrix: Counts) -> Mapping[str, Average]:
    """By name: macro_precision, macro_recall, macro_f1, weighted_precision, weighted_f1, mcc, kappa.

    Means are of the classes that have rows, with 0 for the precision of one that was never predicted; weighted ones by
    the classes' rows. The weighted recall is the accuracy, the macro recall is also called balanced accuracy.
    """
    has_rows = matrix.sum(axis=1) > 0
    shares: Mapping[str, Statistic] = {
        "macro_precision": partial(_mean, _precision, has_rows),
        "macro_recall": partial(_mean, _recall, has_rows),
        "macro_f1": partial(_mean, _f1, has_rows),
        "weighted_precision": partial(_weighted_mean, _precision),
        "weighted_f1": partial(_weighted_mean, _f1),
    }
    correlations: Mapping[str, Statistic] = {"mcc": intervals.correlation, "kappa": kappa}
    return {name: _average(matrix, statistic, intervals.share) for name, statistic in shares.items()} | {
        name: _average(matrix, statistic, intervals.fisher_z) for name, statistic in correlations.items()
    }


def kappa(correct: Floats, rows: Floats, predicted: Floats) -> Floats:
    """Agreement beyond chance (Cohen 1960): 1 is perfect, 0 that of chance; nan where chance alone is perfect."""
    total = rows.sum(axis=1)
    by_chance = np.sum(rows * predicted, axis=1)
    return _divided(total * correct.sum(axis=1) - by_chance, total**2 - by_chance, np.nan)


def _average(matrix: Counts, statistic: Statistic, scale: Scale) -> Average:
    margins = (np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0))
    value = float(statistic(*(margin[None].astype(np.float64) for margin in margins))[0])
    if not np.isfinite(value):
        return Average(None, None)
    return Average(value, intervals.confusion(matrix, statistic, scale))


def _mean(by_class: Statistic, has_rows: Counts, *margins: Floats) -> Floats:
    return by_class(*margins)[:, has_rows].mean(axis=1)


def _weighted_mean(by_class: Statistic, *margins: Floats) -> Floats:
    rows = margins[1]
    return np.sum(rows * by_class(*margins), axis=1) / rows.sum(axis=1)


def _precision(correct: Floats, rows: Floats, predicted: Floats) -> Floats:
    return _divided(correct, predicted, 0.0)


def _recall(correct: Floats, rows: Floats, predicted: Floats) -> Floats:
    return _divided(correct, rows, 0.0)


def _f1(correct: Floats, rows: Floats, predicted: Floats) -> Floats:
    return _divided(2 * correct, rows + predicted, 0.0)


def _divided(part: Floats, whole: Floats, otherwise: float) -> Floats:
    return np.divide(part, whole, out=np.full(part.shape, otherwise), where=whole != 0)
