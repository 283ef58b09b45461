"""Cells as categories, so that numbers, dates and text can be compared on one scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.data.profiling.number_column import finite_cells
from services.data.profiling.profile import kind

MOST_VALUES = 20  # different numbers that are categories as they are; more are binned
# Shares of the cells at which the bins of numbers end: 20 bins, finer at both ends, where a rare class often lies.
ENDS = (0.001, 0.005, 0.01, 0.025, 0.05, *(tenth / 10 for tenth in range(1, 10)), 0.95, 0.975, 0.99, 0.995, 0.999)
TENTHS = tuple(tenth / 10 for tenth in range(1, 10))
LEAST = 5  # cells beyond the last end of bins, for it to be one


@dataclass(frozen=True, eq=False)
class Categories:
    """codes: (rows,) of int64 from 0 to `count` - 1; missing cells are a category of their own where there are any."""

    codes: np.ndarray
    count: int


def categories(values: pd.Series, ends: tuple[float, ...] = ENDS) -> Categories:
    """The category of each cell: its value, or the bin between the quantiles `ends` for many numbers or dates."""
    holds = kind(values)
    if holds == "number":
        return _of_numbers(values, ends)
    if holds == "date":
        moments = values.dt.tz_localize(None).to_numpy().view("int64").astype(float)
        return _of_numbers(pd.Series(moments).where(values.notna().to_numpy()), ends)
    return _of_values(values)


def _of_values(values: pd.Series) -> Categories:
    codes, distinct = pd.factorize(values)
    missing = codes < 0
    count = len(distinct)
    if missing.any():
        codes = np.where(missing, count, codes)
        count += 1
    return Categories(codes.astype(np.int64), count)


def _of_numbers(values: pd.Series, ends: tuple[float, ...]) -> Categories:
    cells = np.sort(finite_cells(values)[0])
    if not len(cells) or np.count_nonzero(cells[1:] != cells[:-1]) < MOST_VALUES:
        return _of_values(values)
    enough = [share for share in ends if min(share, 1 - share) * len(cells) >= LEAST]
    edges = cells[[int(share * (len(cells) - 1)) for share in enough]].astype(float)
    repeated = edges[1:][edges[1:] == edges[:-1]]  # a value so frequent that it is a bin of its own
    edges = np.unique(np.concatenate([edges, np.nextafter(repeated, np.inf)]))
    numbers = values.to_numpy(float, na_value=np.nan)
    codes = np.searchsorted(edges, numbers, side="right")
    missing = np.isnan(numbers)
    count = len(edges) + 1
    if missing.any():
        codes[missing] = count
        count += 1
    return Categories(codes, count)
