"""How strongly columns go with the target, and texts with each other, on one scale from 0 to 1: Cramér's V."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.data import partition
from services.data.partition import SplitPlan
from services.data.profiling.categories import TENTHS, Categories, categories
from services.data.profiling.profile import kind

DENSE = 1 << 22  # cells of a table of counts that is made whole


@dataclass(frozen=True)
class Association:
    """How strongly a column goes with the target: 0 not at all, 1 one tells the other. kind: see `profile.kind`."""

    column: str
    kind: str
    strength: float


@dataclass(frozen=True)
class TargetAssociations:
    """Every other column by how strongly it goes with the target, the strongest first.

    rows: training rows that were looked at.
    """

    target: str
    rows: int
    columns: tuple[Association, ...]


def target_associations(frame: pd.DataFrame, target: str, split: SplitPlan) -> TargetAssociations:
    """The associations with the target in the training rows of a split. Raises Problem for a part without rows."""
    rows = training_rows(frame, target, split)
    return TargetAssociations(target, len(rows), associations(frame.iloc[rows], target))


def training_rows(frame: pd.DataFrame, target: str, split: SplitPlan) -> np.ndarray:
    """Positions of the rows of the training part, of those that have a target. Raises Problem, see `partition`."""
    labelled = np.flatnonzero(frame[target].notna().to_numpy())
    rows = frame.iloc[labelled]
    return labelled[partition.partition(rows, rows[target], split)["train"]]


def associations(frame: pd.DataFrame, target: str) -> tuple[Association, ...]:
    """Every other column with its association with the target, the strongest first.

    Numbers are binned: those of the target by tenths of its rows, others by 20 quantiles. Rows without a target do not
    count; missing cells of a column are a category of their own.
    """
    frame = frame[frame[target].notna().to_numpy()]
    goal = categories(frame[target], TENTHS)
    places = [place for place, name in enumerate(frame.columns) if name != target]

    def one(place: int) -> Association:
        values = frame.iloc[:, place]
        strength = cramers_v(categories(values), goal)
        return Association(str(frame.columns[place]), kind(values), strength)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return tuple(sorted(pool.map(one, places), key=lambda found: -found.strength))


def cramers_v(first: Categories, second: Categories) -> float:
    """Cramér's V of two columns, corrected for what chance alone brings about (Bergsma 2013); 0 for a constant one."""
    rows = len(first.codes)
    if rows < 2:
        return 0.0
    rows_of_first = np.bincount(first.codes, minlength=first.count)
    rows_of_second = np.bincount(second.codes, minlength=second.count)
    pairs = first.codes * second.count + second.codes
    if first.count * second.count <= DENSE:
        cells = np.bincount(pairs, minlength=first.count * second.count)
        places = np.flatnonzero(cells)
        together = cells[places].astype(float)
    else:
        places, together = np.unique(pairs, return_counts=True)
    one, other = np.divmod(places, second.count)
    share = float(np.sum(together / rows_of_first[one] * (together / rows_of_second[other])))
    width, height = np.count_nonzero(rows_of_first), np.count_nonzero(rows_of_second)
    by_chance = (width - 1) * (height - 1) / (rows - 1)
    smaller = min(size - (size - 1) ** 2 / (rows - 1) for size in (width, height)) - 1
    if smaller <= 1e-9:
        return 0.0
    return float(min(1.0, (max(0.0, share - 1 - by_chance) / smaller) ** 0.5))


def text_associations(frame: pd.DataFrame) -> pd.DataFrame:
    """Cramér's V of each pair of columns, named by them; 1 on the diagonal."""
    columns = [categories(frame.iloc[:, place]) for place in range(frame.shape[1])]
    size = len(columns)
    strengths = np.eye(size)
    for row in range(size):
        for column in range(row):
            strengths[row, column] = strengths[column, row] = cramers_v(columns[row], columns[column])
    return pd.DataFrame(strengths, frame.columns.astype(str), frame.columns.astype(str))
