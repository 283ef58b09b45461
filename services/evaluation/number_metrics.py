"""How far predictions of a number are off, beside always predicting the mean or the median of the training rows.

Arithmetic only, in numpy: no client, no clock, no screen. An error is the predicted minus the actual number.
"""

from dataclasses import dataclass
from functools import cached_property
from math import exp, sqrt

import numpy as np
from numpy.typing import ArrayLike

from services.errors import Problem
from services.evaluation.statistics import intervals
from services.evaluation.statistics.intervals import Z_95, Counts, Floats, Interval

FEW = 30  # rows below which a mean error has no interval
FEW_SQUARES = 100  # rows below which the means of squares and of percentages have none: their tails are longer
CENTRE = (0.005, 0.995)  # quantiles between which a picture lies where the rest would squeeze it


@dataclass(frozen=True)
class Constants:
    """What a model without any column would always predict: mean and median of the target in the training rows."""

    mean: float
    median: float

    @classmethod
    def of(cls, labels: ArrayLike) -> "Constants":
        """Of (rows,) numbers, at least one."""
        values = np.asarray(labels, dtype=np.float64)
        return cls(float(values.mean()), float(np.median(values)))


@dataclass(frozen=True)
class Grid:
    """Rows by actual number (first axis) and predicted number, in equal steps; `outside` rows lie beyond them."""

    edges: Floats
    rows: Counts
    outside: int


@dataclass(frozen=True)
class ErrorHistogram:
    """Rows by error; `edges` is one longer than `rows`, and `outside` rows lie beyond them."""

    edges: Floats
    rows: Counts
    outside: int


@dataclass(frozen=True)
class ScoredNumbers:
    """(rows,) actual and predicted numbers in file order, and the constants to compare with."""

    actual: Floats
    predicted: Floats
    constants: Constants

    @classmethod
    def of(cls, labels: ArrayLike, scores: ArrayLike, constants: Constants) -> "ScoredNumbers":
        """From (rows,) actual and (rows,) predicted numbers. Raises Problem when they are not that."""
        actual, predicted = np.asarray(labels, dtype=np.float64), np.asarray(scores, dtype=np.float64)
        if actual.shape != predicted.shape or actual.ndim != 1:
            said = f"there are {actual.size:,} rows, but {predicted.size:,} predictions"
            raise Problem("Evaluation", said, "Train a model that predicts a number, e.g. with reg:squarederror")
        if not actual.size:
            raise Problem("Evaluation", "there are no rows to evaluate", "Choose a split that has rows")
        if not np.isfinite(predicted).all():
            raise Problem("Evaluation", "the model returns infinite or missing numbers", "Train it with a lower eta")
        return cls(actual, predicted, constants)

    @property
    def rows(self) -> int:
        return len(self.actual)

    @cached_property
    def errors(self) -> Floats:
        """(rows,) predicted minus actual."""
        return self.predicted - self.actual

    @property
    def rmse(self) -> float:
        """Root of the mean squared error."""
        return sqrt(float(np.mean(self.errors**2)))

    @property
    def mae(self) -> float:
        """Mean of the errors without their sign."""
        return float(np.mean(np.abs(self.errors)))

    @cached_property
    def mae_interval(self) -> Interval | None:
        """95 % interval of the mean absolute error; None where few rows say too little."""
        return _interval_of_mean(np.abs(self.errors), FEW)

    @cached_property
    def rmse_interval(self) -> Interval | None:
        """95 % interval of the RMSE, from that of the mean squared error; None where few rows say too little."""
        squares = _interval_of_mean(self.errors**2, FEW_SQUARES)
        return (sqrt(squares[0]), sqrt(squares[1])) if squares else None

    @property
    def median_absolute_error(self) -> float:
        """Half of the rows are off by less."""
        return float(np.median(np.abs(self.errors)))

    @cached_property
    def median_absolute_error_interval(self) -> Interval | None:
        """95 % interval of the median absolute error, whatever the errors' distribution; None for few rows."""
        return intervals.median(np.abs(self.errors)) if self.rows >= FEW else None

    @property
    def rows_at_zero(self) -> int:
        """Rows whose actual number is 0, which have no percentage."""
        return int(np.count_nonzero(self.actual == 0))

    @property
    def mape(self) -> float | None:
        """Mean absolute error as a share of the actual number, of the rows where that is not 0; None without any."""
        shares = self._shares_of_actual
        return float(np.mean(shares)) if len(shares) else None

    @cached_property
    def mape_interval(self) -> Interval | None:
        """95 % interval of the MAPE; None for few rows and for numbers on both sides of 0: near it is no mean."""
        crosses = self.actual.min() < 0 < self.actual.max()
        return None if crosses else _interval_of_mean(self._shares_of_actual, FEW_SQUARES)

    @property
    def _shares_of_actual(self) -> Floats:
        known = self.actual != 0
        return np.abs(self.errors[known] / self.actual[known])

    @property
    def bias(self) -> float:
        """Mean error: above 0 where predictions are too high on the whole."""
        return float(np.mean(self.errors))

    @property
    def is_biased(self) -> bool:
        """Whether the 95 % interval of the mean error leaves out 0."""
        low, high = (self.rows >= FEW and _mean_interval(self.errors)) or (-1.0, 1.0)
        return low > 0 or high < 0

    @property
    def r2(self) -> float | None:
        """1 minus the squared errors over those of the mean of these rows; None where all rows are equal."""
        return self._r2_of(self.errors)

    @cached_property
    def r2_interval(self) -> Interval | None:
        """95 % interval of R2 by the jackknife of log(1 - R2) (Tukey 1958); None where few rows say too little."""
        r2 = self.r2
        if r2 is None or r2 == 1:
            return None
        off, spread = self.errors**2, (self.actual - self.actual.mean()) ** 2
        off, spread = off / off.sum(), spread / spread.sum()
        if self.rows < FEW_SQUARES or _rows_that_carry(off + spread) < FEW:
            return None
        without = np.log1p(-off) - np.log1p(-spread * self.rows / (self.rows - 1))  # each row but for a constant
        half = Z_95 * float(np.std(without)) * sqrt(self.rows - 1)
        return 1 - (1 - r2) * exp(half), 1 - (1 - r2) * exp(-half)

    @property
    def mean_rmse(self) -> float:
        """RMSE of always predicting the mean of the training rows."""
        return sqrt(float(np.mean((self.constants.mean - self.actual) ** 2)))

    @property
    def mean_mae(self) -> float:
        """MAE of always predicting the mean of the training rows."""
        return float(np.mean(np.abs(self.constants.mean - self.actual)))

    @property
    def mean_r2(self) -> float | None:
        """R2 of always predicting the mean of the training rows: 0 or a little less."""
        return self._r2_of(self.constants.mean - self.actual)

    @property
    def median_mae(self) -> float:
        """MAE of always predicting the median of the training rows."""
        return float(np.mean(np.abs(self.constants.median - self.actual)))

    @property
    def mean_median_absolute_error(self) -> float:
        """Median absolute error of always predicting the mean of the training rows."""
        return float(np.median(np.abs(self.constants.mean - self.actual)))

    @property
    def is_better_than_mean(self) -> bool | None:
        """Whether the mean absolute error is below (or above) that of the mean; None where rows are too few to say."""
        gained = np.abs(self.constants.mean - self.actual) - np.abs(self.errors)
        low, high = (self.rows >= FEW and _mean_interval(gained)) or (-1.0, 1.0)
        return True if low > 0 else False if high < 0 else None

    def worst(self, count: int) -> Counts:
        """The places of the rows that are furthest off, the worst first."""
        return np.argsort(-np.abs(self.errors), kind="stable")[:count]

    def grid(self, bins: int = 40) -> Grid:
        """Rows by actual and predicted number, in one scale of `bins` steps for both."""
        low, high = _span(np.concatenate([self.actual, self.predicted]))
        edges = np.linspace(low, high, bins + 1)
        rows, _, _ = np.histogram2d(self.actual, self.predicted, bins=(edges, edges))
        counts = rows.astype(np.int64)
        return Grid(edges, counts, self.rows - int(counts.sum()))

    def error_histogram(self, bins: int = 41) -> ErrorHistogram:
        """Rows by error; the middle step lies about 0."""
        reach = max(map(abs, _span(self.errors)))
        edges = np.linspace(-reach, reach, bins + 1)
        counts = np.histogram(self.errors, bins=edges)[0].astype(np.int64)
        return ErrorHistogram(edges, counts, self.rows - int(counts.sum()))

    def _r2_of(self, errors: Floats) -> float | None:
        spread = float(np.sum((self.actual - self.actual.mean()) ** 2))
        return 1 - float(np.sum(errors**2)) / spread if spread else None


def _mean_interval(values: Floats) -> Interval:
    half = Z_95 * float(np.std(values, ddof=1)) / sqrt(len(values))
    return float(np.mean(values)) - half, float(np.mean(values)) + half


def _interval_of_mean(values: Floats, few: int) -> Interval | None:
    return intervals.mean(values) if len(values) >= few and _rows_that_carry(values) >= FEW else None


def _rows_that_carry(values: Floats) -> float:
    """As many equal rows would have a mean as uncertain (Kish 1965): few, where few large numbers make up the sum."""
    squares = float(np.sum(values**2))
    return float(np.sum(values)) ** 2 / squares if squares else float(len(values))


def _span(values: Floats) -> Interval:
    """From the lowest to the highest, or only the middle 99 % where these would fill less than a third of that."""
    low, high = float(values.min()), float(values.max())
    inner_low, inner_high = map(float, np.quantile(values, CENTRE))
    if 0 < inner_high - inner_low < (high - low) / 3:
        low, high = inner_low, inner_high
    return (low, high) if low < high else (low - 0.5, high + 0.5)
