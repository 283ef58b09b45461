"""How columns go together: Pearson's and Spearman's correlation of numbers, Cramér's V of text."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

import numpy as np
import pandas as pd

from services.data.profiling.associations import text_associations
from services.data.profiling.number_column import scale_of

BLOCK = 256  # rows that are multiplied together


class CorrelationMeasure(StrEnum):
    """How the correlation of two columns is measured."""

    PEARSON = "Pearson"
    SPEARMAN = "Spearman"
    CRAMER = "Cramér's V"  # of text


def pearson(frame: pd.DataFrame) -> pd.DataFrame:
    """Correlation of each pair of number columns over the rows in which both are finite; NaN where one is constant."""
    return _correlated(frame, ranked=False)


def spearman(frame: pd.DataFrame) -> pd.DataFrame:
    """The same of ranks: each cell's among the finite cells of its column, equal cells sharing their mean rank."""
    return _correlated(frame, ranked=True)


MEASURES: Mapping[CorrelationMeasure, Callable[[pd.DataFrame], pd.DataFrame]] = {
    CorrelationMeasure.PEARSON: pearson,
    CorrelationMeasure.SPEARMAN: spearman,
    CorrelationMeasure.CRAMER: text_associations,
}


def _correlated(frame: pd.DataFrame, ranked: bool) -> pd.DataFrame:
    def one(place: int) -> np.ndarray:
        cells = frame.iloc[:, place].to_numpy(float, na_value=np.nan, copy=True)
        cells[~np.isfinite(cells)] = np.nan
        return _standardised(_ranks(cells) if ranked else cells)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        columns = list(pool.map(one, range(frame.shape[1])))
    names = frame.columns.astype(str)
    return pd.DataFrame(_pairwise(np.array(columns).reshape(len(columns), len(frame))), names, names)


def _ranks(cells: np.ndarray) -> np.ndarray:
    """Ranks from 1 on; equal cells share their mean rank, missing ones have none."""
    order = np.argsort(cells)  # missing cells come last
    present = len(cells) - int(np.isnan(cells).sum())
    ordered = cells[order[:present]]
    starts = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1]) if present else np.empty(0, int)
    sizes = np.diff(np.append(starts, present))
    ranks = np.full(len(cells), np.nan)
    ranks[order[:present]] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks


def _standardised(cells: np.ndarray) -> np.ndarray:
    """Cells moved to mean 0 and scaled, so that sums of their products are exact enough; constant ones become 0."""
    missing = np.isnan(cells)
    present = cells[~missing] if missing.any() else cells
    if not len(present) or present.min() == present.max():
        return np.where(missing, np.nan, 0.0)
    scale = scale_of(present)
    if scale != 1:
        present, cells = present / scale, cells / scale
    return np.asarray((cells - present.mean()) / present.std())


def _pairwise(columns: np.ndarray) -> np.ndarray:
    """Correlation of each pair of rows of `columns` over the places where neither is missing."""
    missing = np.isnan(columns)
    if not missing.any():
        return _correlation(_products(columns, columns), np.sum(columns * columns, axis=1)[:, None])
    present = (~missing).astype(float)
    cells = np.where(missing, 0.0, columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        rows = _products(present, present)
        sums = _products(cells, present)  # of the first over the places of both
        squares = _products(cells * cells, present) - sums**2 / rows
        return _correlation(_products(cells, cells) - sums * sums.T / rows, squares)


def _correlation(products: np.ndarray, squares: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = products / np.sqrt(squares * squares.T)
    found[(squares < 1e-9) | (squares.T < 1e-9)] = np.nan
    return np.clip(found, -1, 1)


def _products(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """`first @ second.T`, in blocks so small that its threads, which wait for each other, are not called."""
    blocks = -(-first.shape[1] // BLOCK)
    padded = [np.zeros((len(cells), blocks * BLOCK)) for cells in (first, second)]
    for cells, wide in zip((first, second), padded, strict=True):
        wide[:, : cells.shape[1]] = cells
    one, other = (wide.reshape(len(wide), blocks, BLOCK).transpose(1, 0, 2) for wide in padded)
    return np.asarray((one @ other.transpose(0, 2, 1)).sum(axis=0))
