"""How a column is spread within each class of the target, or within each quarter of a target of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.class_names import class_names
from services.data.profiling.column_profile import ColumnProfile, column_profile
from services.data.profiling.number_column import finite_cells, scale_of, short
from services.data.profiling.profile import kind
from services.data.target_kind import TargetKind

CATEGORIES = 15  # most frequent values that are drawn
MOST_GROUPS = 20  # of classes, beyond which a column is not drawn by class
QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class TargetGroups:
    """The group of each row.

    names: the group's name by row, missing where the target is; the index is the table's.
    order: all names: quarters from the lowest on, classes from the most frequent on.
    noun:  what a group is, "class" or "quarter".
    """

    names: pd.Series
    order: tuple[str, ...]
    noun: str


@dataclass(frozen=True)
class Distribution:
    """How a column is spread within each group.

    places:  the middle of each bin, or the name of each category.
    shares:  by group, the share of its rows in each place, of 1.
    outside: rows beyond the bins, or of rarer categories; missing cells are neither.
    """

    places: tuple[float, ...] | tuple[str, ...]
    shares: Mapping[str, tuple[float, ...]]
    outside: int


def target_groups(target: pd.Series, holds: TargetKind | None = None) -> TargetGroups | None:
    """The classes of a target, or the quarters of one of numbers; None for text with too many values.

    holds: what the target is; None for what its cells look like.
    """
    few = target.nunique() <= MOST_GROUPS
    numeric = types.is_numeric_dtype(target) and not types.is_bool_dtype(target)
    if numeric and (holds is TargetKind.NUMBER or not few):
        return _quarters(target)
    if not few:
        return None
    names = class_names(target)
    return TargetGroups(names, tuple(names.value_counts().index), "class")


def _quarters(target: pd.Series) -> TargetGroups:
    cells = np.sort(finite_cells(target)[0])
    edges = np.unique(cells[[int(share * (len(cells) - 1)) for share in QUARTERS]]) if len(cells) else cells
    numbers = target.to_numpy(float, na_value=np.nan)
    codes = np.searchsorted(edges, numbers, side="left")
    parts = np.split(cells, np.searchsorted(cells, edges, side="right"))
    order = [_range(part) for part in parts]
    names = pd.Series(np.array(order, dtype=object)[codes], target.index).where(np.isfinite(numbers))
    return TargetGroups(names, tuple(dict.fromkeys(name for name in order if name)), "quarter")


def _range(ordered: np.ndarray) -> str:
    """ "3 to 4", "5"; "" without a cell."""
    ends = [short(float(cell)) for cell in ordered[[0, -1]]] if len(ordered) else []
    return " to ".join(dict.fromkeys(ends))


def distribution(values: pd.Series, groups: pd.Series, bins: int = 60) -> Distribution:
    """The spread of a column within each group, named by row in `groups`.

    Bins cover the middle 99 % of every group, so that one extreme row does not flatten the picture.
    """
    if kind(values) == "empty":
        return Distribution((), {}, 0)
    if kind(values) != "number":
        return _categories(values, groups)
    numbers = values.to_numpy(float, na_value=np.nan)
    present = np.isfinite(numbers)
    scale = scale_of(numbers[present])
    scaled = pd.Series(numbers / scale, values.index)
    parts = {str(name): part.to_numpy() for name, part in scaled[present].groupby(groups[present])}
    if not parts:
        return Distribution((), {}, 0)
    ends = np.array([np.quantile(part, [0.005, 0.995]) for part in parts.values()])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    edges = np.linspace(low, high, bins + 1) if low < high else np.linspace(low - 0.5, high + 0.5, bins + 1)
    counts = {name: np.histogram(part, bins=edges)[0] for name, part in parts.items()}
    return Distribution(
        tuple(((edges[:-1] + edges[1:]) / 2 * scale).tolist()),
        {name: tuple((count / len(parts[name])).tolist()) for name, count in counts.items()},
        sum(len(part) for part in parts.values()) - int(sum(count.sum() for count in counts.values())),
    )


def group_profiles(values: pd.Series, groups: TargetGroups) -> dict[str, ColumnProfile]:
    """The profile of a column within each group, in the order of the groups."""
    return {name: column_profile(values.name, values[groups.names == name]) for name in groups.order}


def _categories(values: pd.Series, groups: pd.Series) -> Distribution:
    table = pd.crosstab(values.astype(str)[values.notna()], groups)
    common = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index[:CATEGORIES]]
    shares = common / table.sum()
    return Distribution(
        tuple(map(str, common.index)),
        {str(name): tuple(shares[name].tolist()) for name in shares.columns},
        int(table.to_numpy().sum() - common.to_numpy().sum()),
    )
