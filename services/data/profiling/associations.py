"""How strongly columns go with the target, and texts with each other, on one scale from 0 to 1."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.data import target as targets
from services.data.division import partition
from services.data.division.partition import SplitPlan
from services.data.profiling.categories import TENTHS, Categories, categories
from services.data.profiling.profile import kind
from services.data.target_kind import TargetKind

SMALL = 1e-9
DENSE = 1 << 22  # cells of a table of counts that is made whole


@dataclass(frozen=True)
class Association:
    """How strongly a column goes with the target, see `strength`. kind: see `profile.kind`."""

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


def target_associations(
    frame: pd.DataFrame, target: str, split: SplitPlan, kind: TargetKind | None = None, positive: str | None = None
) -> TargetAssociations:
    """The associations with the target in the training rows of a split; see `target.read` for kind and positive.

    Raises Problem for a part without rows, and for a target that cannot be learned.
    """
    rows = training_rows(frame, target, split, kind, positive)
    return TargetAssociations(target, len(rows), associations(frame.iloc[rows], target))


def training_rows(
    frame: pd.DataFrame, target: str, split: SplitPlan, kind: TargetKind | None = None, positive: str | None = None
) -> np.ndarray:
    """Positions of the rows of the training part, of those that have a target. Raises Problem."""
    labels = targets.read(frame, target, kind, positive, drop_missing=True).labels
    labelled = frame.index.get_indexer(labels.index)
    return labelled[partition.partition(frame.iloc[labelled], labels, split)["train"]]


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
        return Association(str(frame.columns[place]), kind(values), strength(categories(values), goal))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return tuple(sorted(pool.map(one, places), key=lambda found: -found.strength))


def strength(column: Categories, target: Categories) -> float:
    """How much of the target a column tells, from 0, no more than by chance, to 1, all of it; (rows,) codes each.

    The root of chi-squared over its largest value for this target, both less what chance alone brings about. For two
    classes it is Cramér's V; for more, columns with few values do not look stronger than they are.
    """
    found, by_chance = _mean_square_contingency(column, target)
    most = np.count_nonzero(np.bincount(target.codes)) - 1
    return _root((found - by_chance) / (most - by_chance)) if most - by_chance > SMALL else 0.0


def cramers_v(first: Categories, second: Categories) -> float:
    """Cramér's V of two columns, corrected for what chance alone brings about (Bergsma 2013); 0 for a constant one."""
    found, by_chance = _mean_square_contingency(first, second)
    rows = len(first.codes)
    sizes = [np.count_nonzero(np.bincount(column.codes)) for column in (first, second)]
    most = min(size - (size - 1) ** 2 / max(1, rows - 1) for size in sizes) - 1
    return _root((found - by_chance) / most) if most > SMALL else 0.0


def _mean_square_contingency(first: Categories, second: Categories) -> tuple[float, float]:
    """Chi-squared of the table of counts over its rows, and what is expected of it by chance."""
    rows = len(first.codes)
    if rows < 2:
        return 0.0, 0.0
    rows_of_first = np.bincount(first.codes, minlength=first.count)
    rows_of_second = np.bincount(second.codes, minlength=second.count)
    pairs = first.codes * second.count + second.codes
    if first.count * second.count <= DENSE:
        cells = np.bincount(pairs, minlength=first.count * second.count)
        places = np.flatnonzero(cells)
        together = cells[places]
    else:
        places, together = np.unique(pairs, return_counts=True)
    one, other = np.divmod(places, second.count)
    found = float(np.sum(together / rows_of_first[one] * (together / rows_of_second[other]))) - 1
    width, height = np.count_nonzero(rows_of_first), np.count_nonzero(rows_of_second)
    return found, (width - 1) * (height - 1) / (rows - 1)


def _root(share: float) -> float:
    return float(min(1.0, share**0.5)) if share > 0 else 0.0


def text_associations(frame: pd.DataFrame) -> pd.DataFrame:
    """Cramér's V of each pair of columns, named by them; 1 on the diagonal."""
    columns = [categories(frame.iloc[:, place]) for place in range(frame.shape[1])]
    size = len(columns)
    strengths = np.eye(size)
    for row in range(size):
        for column in range(row):
            strengths[row, column] = strengths[column, row] = cramers_v(columns[row], columns[column])
    return pd.DataFrame(strengths, frame.columns.astype(str), frame.columns.astype(str))
