"""95 % intervals of metrics, each chosen by how often it holds the truth.

Arithmetic only. The rows are taken for a random sample, so that the number of positives is random, too. Where an
error has not been seen yet, a variance estimated from the rows is 0 and an interval made of it is a lie; a fraction of
a row that is no better than guessing, added as Agresti & Coull (1998) add four to a share, mends that.
`test_coverage.py` counts how often each interval holds what was built into simulated rows.
"""

from collections.abc import Callable, Iterable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Interval = tuple[float, float]
Statistic = Callable[[Floats, Floats, Floats], Floats]  # of the diagonal, rows and columns of many matrices
Scale = Callable[[float, float, float], Interval]

Z_95 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution
GUESSED = 0.5  # rows no better than guessing that are added to a class, or to the mean of a loss
GUESSED_CELLS = 0.75  # the same for a confusion matrix, spread evenly over its cells
STEP = 1e-4  # rows by which a margin is moved to see how a metric follows


def wilson(successes: float, trials: float) -> Interval | None:
    """95 % score interval of a share (Wilson 1927): honest for few trials and at 0 and 1. None without trials."""
    if not trials:
        return None
    share, z2 = successes / trials, Z_95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z_95 / (1 + z2 / trials) * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_of_shares(shares: Iterable[tuple[int, int]]) -> Interval | None:
    """Of the mean of independent shares, each (successes, trials): Wilson's intervals squared and added.

    Newcombe (1998), method 10; for means Zou & Donner (2008). None where a share has no trials.
    """
    counted = list(shares)
    if not counted or not all(trials for _, trials in counted):
        return None
    values = np.array([successes / trials for successes, trials in counted])
    low, high = np.array([wilson(*share) for share in counted]).T
    below, above = (sqrt(float(np.sum((values - end) ** 2))) / len(values) for end in (low, high))
    middle = float(values.mean())
    return middle - below, middle + above


def f_beta(tp: int, fp: int, fn: int, beta: float) -> Interval | None:
    """Of F-beta, TP / (TP + a FN + (1 - a) FP) with a = beta^2 / (1 + beta^2); None where nothing is positive.

    Wilson's with as many trials as have the variance of the weighted errors. With beta = 1 it follows exactly from the
    Wilson interval of the share TP / (TP + FN + FP) (Jaccard).
    """
    weight = beta**2 / (1 + beta**2)
    errors, squares = weight * fn + (1 - weight) * fp, weight**2 * fn + (1 - weight) ** 2 * fp
    if not tp + errors:
        return None
    size = squares / errors if errors else max(weight, 1 - weight)  # of an error, in true positives
    trials = (tp + errors) ** 2 / (errors + size * tp)
    return wilson(tp / (tp + errors) * trials, trials)


def share(value: float, deviation: float, estimate: float) -> Interval:
    """From a value between 0 and 1 and its standard deviation: Wilson's with as many trials as have that deviation.

    Always holds `estimate`.
    """
    if not deviation or not 0 < value < 1:
        return min(value, estimate), max(value, estimate)
    trials = value * (1 - value) / deviation**2
    low, high = wilson(value * trials, trials) or (value, value)
    return min(estimate, low), max(estimate, high)


def fisher_z(value: float, deviation: float, estimate: float) -> Interval:
    """The same of a correlation, symmetric in Fisher's z (1915)."""
    if not -1 < value < 1:
        return min(value, estimate), max(value, estimate)
    centre, half = np.arctanh(value), Z_95 * deviation / (1 - value**2)
    return min(estimate, float(np.tanh(centre - half))), max(estimate, float(np.tanh(centre + half)))


def mean(values: Floats, guessed: float | None = None) -> Interval:
    """Of the mean of (rows,) skewed numbers that are not below 0, at least two of them.

    The studentised mean without its skewness, by Hall's cubic transformation (1992).
    guessed: the number of a row no better than guessing, of which GUESSED is added.
    """
    rows, extra = float(len(values)), 0.0 if guessed is None else GUESSED
    total = rows + extra
    middle = (float(np.sum(values)) + extra * (guessed or 0.0)) / total
    off = values - middle
    squares, last = off * off, (guessed or 0.0) - middle
    variance = (float(np.sum(squares)) + extra * last**2) / (total - 1)
    if not variance:
        return middle, middle
    third = (float(np.sum(squares * off)) + extra * last**3) / total
    skewness, deviation = third / variance**1.5 / sqrt(total), sqrt(variance / total)
    estimate = float(np.mean(values))
    low, high = (middle - deviation * _unskewed(quantile, skewness) for quantile in (Z_95, -Z_95))
    return max(0.0, min(estimate, low)), max(estimate, high)


def confusion(matrix: Counts, statistic: Statistic, scale: Scale) -> Interval:
    """Of a metric of a (classes, classes) matrix of counts, by the delta method (Agresti 2013, 16.1).

    statistic: from the diagonal, the rows and the columns of many matrices, each (many, classes), to (many,) values.
    scale:     `share` or `fisher_z`.
    """
    classes = len(matrix)
    cells = matrix + GUESSED_CELLS / classes**2
    margins = np.stack([np.diag(cells), cells.sum(axis=1), cells.sum(axis=0)])
    moved = np.eye(3 * classes).reshape(-1, 3, classes) * STEP
    up, down = (statistic(*np.moveaxis(margins + sign * moved, 1, 0)) for sign in (1, -1))
    of_diagonal, of_rows, of_columns = ((up - down) / (2 * STEP)).reshape(3, classes)
    slopes = of_rows[:, None] + of_columns + np.diag(of_diagonal)
    rows = cells.sum()
    variance = float(np.sum(cells * slopes**2) - np.sum(cells * slopes) ** 2 / rows)
    whole = np.stack([np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)]).astype(np.float64)
    value, estimate = (float(statistic(*(line[None] for line in lines))[0]) for lines in (margins, whole))
    return scale(value, sqrt(max(0.0, variance)), estimate if np.isfinite(estimate) else value)


def correlation(correct: Floats, rows: Floats, predicted: Floats) -> Floats:
    """Matthews' coefficient of several classes (Gorodkin 2004) from (many, classes) margins; nan where undefined."""
    total = rows.sum(axis=1)
    shared = total * correct.sum(axis=1) - np.sum(rows * predicted, axis=1)
    spread = (total**2 - np.sum(rows**2, axis=1)) * (total**2 - np.sum(predicted**2, axis=1))
    return np.divide(shared, np.sqrt(spread), out=np.full(len(shared), np.nan), where=spread > 0)


def median(values: Floats) -> Interval:
    """Of the median of (rows,) numbers: between the ranks that heads among as many coin tosses have (Conover 1999).

    Where these are no whole numbers, the interval ends between two of the numbers.
    """
    low = max(0.0, (1 - Z_95 * sqrt(len(values)) / max(1, len(values) - 1)) / 2)
    below, above = np.quantile(values, (low, 1 - low))
    return float(below), float(above)


def _unskewed(quantile: float, skewness: float) -> float:
    """Where the skewed studentised mean has the quantile of the normal distribution."""
    if abs(skewness) < 1e-9:
        return quantile
    inner = 1 + skewness * (quantile - skewness / 6)
    return 3 / skewness * (float(np.cbrt(inner)) - 1)
