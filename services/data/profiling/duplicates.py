"""How many rows of a table repeat an earlier one."""

from __future__ import annotations

import numpy as np
import pandas as pd

MIX = np.uint64(0x9E3779B97F4A7C15)
SHIFT = np.uint64(29)


def duplicates(frame: pd.DataFrame) -> int:
    """Rows that equal an earlier row in every cell; missing cells equal each other.

    Rows are told apart by a number made of their cells; only those that share it are compared cell by cell.
    """
    if not frame.shape[1] or len(frame) < 2:
        return 0
    numbers = np.zeros(len(frame), np.uint64)
    for place in range(frame.shape[1]):
        numbers ^= _cell_numbers(frame.iloc[:, place])
        numbers *= MIX
        numbers ^= numbers >> SHIFT
    order = np.argsort(numbers)
    ordered = numbers[order]
    equal = ordered[1:] == ordered[:-1]
    shared = np.concatenate([equal, [False]]) | np.concatenate([[False], equal])
    return int(frame.iloc[np.sort(order[shared])].duplicated().sum())


def _cell_numbers(values: pd.Series) -> np.ndarray:
    """A number a cell; equal cells have the same. (rows,) of uint64."""
    if values.dtype == np.float64:
        cells = values.to_numpy() + 0.0  # -0.0 becomes 0.0
        missing = np.isnan(cells)
        if missing.any():
            cells[missing] = np.nan
        return cells.view(np.uint64)
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iub":
        return values.to_numpy().astype(np.int64).view(np.uint64)
    return pd.factorize(values)[0].astype(np.int64).view(np.uint64)
