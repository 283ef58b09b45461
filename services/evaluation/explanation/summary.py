"""What the contributions of many rows say, in kilobytes: ranked columns, a beeswarm, a column's dependence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.data.recipe.raw_values import RawValues
from services.evaluation.explanation.contributions import Contributions

BINS = 56  # of contributions, over the width of a beeswarm
THICKEST = 9  # dots of a bin
GROUPS = 30  # of numbers, in a dependence
FEW = MOST_BOXES = 12  # different numbers, or most frequent categories, that have a box each
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class ColumnImportance:
    """How much a column matters.

    contribution: mean of the absolute contributions, in the unit of the margin.
    effect: mean change of the score, either way, by the column after all others.
    gain:   its share in the gain of all splits.
    """

    column: str
    contribution: float
    effect: float
    gain: float


@dataclass(frozen=True, eq=False)
class Swarm:
    """The dots of one column in a beeswarm; each stands for `rows` rows that are alike.

    x:      contributions. y: offset, -1 to 1. rows: rows a dot stands for.
    values: the value of its middle row, as RawValues has it; NaN for a missing one, and where it is not told.
    levels: the share of the rows that have lower values, 0 to 1; NaN likewise.
    """

    column: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    rows: NDArray[np.float64]
    values: NDArray[np.float64]
    levels: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dependence:
    """Contributions of a column by its value: quantiles (groups, 5) of QUANTILES, and rows of each group.

    names: of the groups: a value each, or "1 to 2.5".
    at:    (groups,) the middle value of each group, NaN of missing cells; None where a group is one value.
    """

    quantiles: NDArray[np.float64]
    rows: NDArray[np.int64]
    names: tuple[str, ...]
    at: NDArray[np.float64] | None


def rank(
    contributions: Contributions, gains: Mapping[str, float], class_place: int = 0
) -> tuple[ColumnImportance, ...]:
    """All columns, those with the largest contributions first."""
    link, margins = contributions.link, contributions.margins
    scores = link.scores(margins)[:, class_place]
    found = []
    for place, column in enumerate(contributions.columns):
        values = contributions.values[:, :, place]
        mean = float(np.abs(values[:, class_place]).mean(dtype=float))
        without = link.scores(margins - values)[:, class_place] if link.is_curved else None
        effect = mean if without is None else float(np.abs(scores - without).mean())
        found.append(ColumnImportance(column, mean, effect, gains.get(column, 0.0)))
    return tuple(sorted(found, key=lambda one: -one.contribution))


def swarms(
    contributions: Contributions,
    values: Mapping[str, RawValues | None],
    columns: Sequence[str],
    class_place: int = 0,
) -> tuple[Swarm, ...]:
    """A swarm for each of `columns`, over the same bins of contributions."""
    cells = {
        column: contributions.values[:, class_place, contributions.columns.index(column)].astype(float)
        for column in columns
    }
    low = min((float(one.min()) for one in cells.values()), default=0.0)
    high = max((float(one.max()) for one in cells.values()), default=0.0)
    edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    return tuple(_swarm(column, cells[column], values.get(column), edges) for column in columns)


def _swarm(column: str, x: NDArray[np.float64], values: RawValues | None, edges: NDArray[np.float64]) -> Swarm:
    numbers = np.full(len(x), np.nan) if values is None else values.numbers
    bins = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, BINS - 1)
    order = np.lexsort((numbers, bins))
    counts = np.bincount(bins, minlength=BINS)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    dots = np.minimum(THICKEST, np.floor(np.log2(np.maximum(counts, 1))).astype(int) + 1) * (counts > 0)
    of_bin = np.repeat(np.arange(BINS), dots)
    place = np.arange(len(of_bin)) - np.repeat(np.cumsum(dots) - dots, dots)
    middle = starts[of_bin] + ((place + 0.5) / dots[of_bin] * counts[of_bin]).astype(int)
    chosen = numbers[order[middle]]
    return Swarm(
        column,
        (edges[:-1] + edges[1:])[of_bin] / 2,
        (2 * place - dots[of_bin] + 1) / (THICKEST - 1),
        counts[of_bin] / dots[of_bin],
        chosen,
        _levels(chosen, numbers),
    )


def _levels(chosen: NDArray[np.float64], numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares of `numbers` below each chosen one, equal ones counted half; NaN for a missing one."""
    known = np.sort(numbers[~np.isnan(numbers)])
    if not len(known):
        return np.full(len(chosen), np.nan)
    below, upto = np.searchsorted(known, chosen), np.searchsorted(known, chosen, side="right")
    return np.where(np.isnan(chosen), np.nan, (below + upto) / 2 / len(known))


def dependence(contributions: Contributions, column: str, values: RawValues, class_place: int = 0) -> Dependence:
    """How the contributions of a column depend on its value; missing cells are the last group."""
    x = contributions.values[:, class_place, contributions.columns.index(column)].astype(float)
    missing = np.isnan(values.numbers)
    known = _groups(values)
    groups = known + [("missing", missing)] * bool(missing.any())
    return Dependence(
        np.array([np.quantile(x[mask], QUANTILES) for _, mask in groups]),
        np.array([int(mask.sum()) for _, mask in groups]),
        tuple(name for name, _ in groups),
        np.array([np.median(values.numbers[mask]) for _, mask in groups]) if _is_continuous(values) else None,
    )


def _is_continuous(values: RawValues) -> bool:
    distinct = np.unique(values.numbers[~np.isnan(values.numbers)])
    return not values.categories and len(distinct) > FEW


def _groups(values: RawValues) -> list[tuple[str, NDArray[np.bool_]]]:
    """The rows of each group of present cells, with the group's name: the most frequent categories, or like numbers."""
    numbers = values.numbers
    distinct, counts = np.unique(numbers[~np.isnan(numbers)], return_counts=True)
    if _is_continuous(values):
        edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, GROUPS + 1)))
        places = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
        masks = [(places == place) & ~np.isnan(numbers) for place in range(len(edges) - 1)]
        ends = [(values.text_of(low), values.text_of(high)) for low, high in pairwise(edges)]
        return [(f"{low} to {high}", mask) for (low, high), mask in zip(ends, masks, strict=True) if mask.any()]
    kept = np.sort(distinct[np.argsort(-counts, kind="stable")[:MOST_BOXES]])
    groups = [(values.text_of(float(one)), numbers == one) for one in kept]
    if len(kept) < len(distinct):
        groups.append((f"{len(distinct) - len(kept)} others", ~np.isnan(numbers) & ~np.isin(numbers, kept)))
    return groups
