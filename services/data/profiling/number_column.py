"""What is told of a column of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from services.data.class_names import class_of
from services.data.profiling.sorted_cells import SortedCells, ValueHistogram

LARGE = 1e75  # numbers beyond it, or all within its inverse, are scaled before they are cubed
PLACED = ("mean", "std", "minimum", "lower_quartile", "median", "upper_quartile", "maximum")
OUTLYING = 1.5  # times the distance of the quartiles, beyond which a number is an outlier (Tukey)


@dataclass(frozen=True)
class NumberStatistics:
    """Statistics of the finite cells; NaN where there are too few cells, or where no number of 64 bits is that large.

    std and skew are those of a sample, as pandas has them. outliers: cells beyond 1.5 times the distance of the
    quartiles from them. infinite: cells that are inf or -inf; they are in no other figure.
    """

    mean: float
    std: float
    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float
    skew: float
    count: int
    zeros: int
    negatives: int
    outliers: int
    infinite: int


@dataclass(frozen=True)
class NumberColumn:
    """Statistics, different values (infinite ones among them), the most frequent ones as text, and the histogram."""

    statistics: NumberStatistics
    distinct: int
    top: tuple[tuple[str, int], ...]
    histogram: ValueHistogram


def number_column(values: pd.Series, most: int) -> NumberColumn:
    """A column of numbers with its `most` most frequent values."""
    finite, infinite = finite_cells(values)
    scale = scale_of(finite)
    ordered = SortedCells(np.sort(finite / scale if scale != 1 else finite))
    statistics = _statistics(ordered, scale, len(infinite))
    top = [(class_of(cell * scale if scale != 1 else cell), count) for cell, count in ordered.top(most)]
    ends = [(text, int(np.count_nonzero(infinite == end))) for text, end in (("inf", np.inf), ("-inf", -np.inf))]
    ends = [(text, count) for text, count in ends if count]
    counts, low, high = ordered.bins()
    histogram = ValueHistogram(counts, short(low * scale), short(high * scale), len(finite) - sum(counts))
    frequent = tuple(sorted([*top, *ends], key=lambda value: -value[1])[:most])
    return NumberColumn(statistics, ordered.distinct + len(ends), frequent, histogram)


def finite_cells(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The finite cells as whole numbers or float64, and the infinite ones; missing cells are in neither."""
    numpy_type: Any = getattr(values.dtype, "numpy_dtype", None)
    cells = values.dropna().to_numpy(numpy_type) if numpy_type else values.to_numpy()
    if cells.dtype.kind in "iu":
        return cells, cells[:0].astype(float)
    cells = cells.astype(float, copy=False)
    finite = np.isfinite(cells)
    if finite.all():
        return cells, cells[:0]
    return cells[finite], cells[np.isinf(cells)]


def scale_of(cells: np.ndarray) -> float:
    """What to divide numbers by so that their cubes are numbers, too."""
    if cells.dtype.kind in "iu" or not len(cells):
        return 1.0
    largest = max(float(cells.max()), -float(cells.min()))
    return largest if largest > LARGE or 0 < largest < 1 / LARGE else 1.0


def short(number: float) -> str:
    """A number with the four digits that a label has room for: "1,234", "0.5678", "1.7e+308"."""
    if abs(number) >= 1e15 or 0 < abs(number) < 1e-4:
        return f"{number:.3g}"
    return f"{number:,.0f}" if abs(number) >= 1000 or float(number).is_integer() else f"{number:.4g}"


def _statistics(ordered: SortedCells, scale: float, infinite: int) -> NumberStatistics:
    cells = ordered.cells
    if not len(cells):
        nothing = dict.fromkeys(PLACED, np.nan)
        return NumberStatistics(**nothing, skew=np.nan, count=0, zeros=0, negatives=0, outliers=0, infinite=infinite)
    mean, std, skew = _moments(cells)
    quartiles = [ordered.quantile(share) for share in (0.25, 0.5, 0.75)]
    reach = OUTLYING * (quartiles[2] - quartiles[0])
    inside = ordered.up_to(quartiles[2] + reach) - ordered.below(quartiles[0] - reach)
    placed = [mean, std, cells[0].item(), *quartiles, cells[-1].item()]
    return NumberStatistics(
        **{name: _unscaled(figure, scale) for name, figure in zip(PLACED, placed, strict=True)},
        skew=skew,
        count=len(cells),
        zeros=ordered.up_to(0) - ordered.below(0),
        negatives=ordered.below(0),
        outliers=len(cells) - inside,
        infinite=infinite,
    )


def _unscaled(figure: float, scale: float) -> float:
    if scale == 1:
        return figure
    figure *= scale
    return figure if np.isfinite(figure) else np.nan


def _moments(cells: np.ndarray) -> tuple[float, float, float]:
    """Mean, standard deviation and skew. Whole numbers are counted from the smallest on: large ones stay exact."""
    count = len(cells)
    start = 0.0
    if cells.dtype.kind in "iu":
        start = float(cells[0])
        whole = cells.astype(np.int64 if cells.dtype.kind == "i" else np.uint64).view(np.uint64)
        cells = (whole - whole[0]).astype(float)
    middle = float(cells.mean())
    apart = cells - middle
    mean = start + middle
    if not start and abs(mean) < 64 * np.finfo(float).eps * float(np.abs(cells).mean()):
        mean = 0.0
    if cells[0] == cells[-1]:
        return float(start + cells[0]), 0.0 if count > 1 else np.nan, 0.0 if count > 2 else np.nan
    powers = apart * apart
    second = float(powers.sum())
    powers *= apart
    third = float(powers.sum())  # no dot product, whose threads wait for each other on a busy machine
    std = (second / (count - 1)) ** 0.5
    skew = count * (count - 1) ** 0.5 / (count - 2) * third / second**1.5 if count > 2 else np.nan
    return mean, std, skew
