"""What sorted cells tell at little cost: quantiles, distinct values, the most frequent ones, a histogram."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

BINS = 20
MIDDLE = 0.99  # of the cells that a histogram covers, so that one extreme cell does not flatten it


@dataclass(frozen=True)
class ValueHistogram:
    """Cells by place.

    counts: cells of each of at most BINS bins of equal width, or of each value where there are no more than BINS.
    low, high: where the first bin begins and the last ends, or the first and last value, as text.
    outside: cells beyond the bins, or of values that are none of the places.
    """

    counts: tuple[int, ...] = ()
    low: str = ""
    high: str = ""
    outside: int = 0


@dataclass(frozen=True, eq=False)
class SortedCells:
    """Cells in ascending order, none missing; (n,) of whole numbers or of finite floats no larger than 1e150."""

    cells: np.ndarray

    @cached_property
    def _starts(self) -> np.ndarray:
        """Where a run of equal cells begins."""
        changes = np.flatnonzero(self.cells[1:] != self.cells[:-1]) + 1
        return np.concatenate([[0], changes]) if len(self.cells) else changes

    @cached_property
    def _counts(self) -> np.ndarray:
        return np.diff(np.append(self._starts, len(self.cells)))

    @property
    def distinct(self) -> int:
        """Different values."""
        return len(self._starts)

    def top(self, most: int) -> list[tuple[Any, int]]:
        """The most frequent values with their cells; of equally frequent ones the smaller first."""
        return [
            (self.cells[self._starts[place]], int(self._counts[place])) for place in most_frequent(self._counts, most)
        ]

    def below(self, value: float) -> int:
        """Cells smaller than `value`."""
        return int(np.searchsorted(self.cells, value, side="left"))

    def up_to(self, value: float) -> int:
        """Cells no larger than `value`."""
        return int(np.searchsorted(self.cells, value, side="right"))

    def quantile(self, share: float) -> float:
        """Linear between neighbours, as numpy and pandas have it."""
        place = share * (len(self.cells) - 1)
        left = int(place)
        low, high = float(self.cells[left]), float(self.cells[min(left + 1, len(self.cells) - 1)])
        return low + (high - low) * (place - left)

    def bins(self) -> tuple[tuple[int, ...], float, float]:
        """Cells of each bin or value, see `ValueHistogram.counts`, and the two ends."""
        if self.distinct <= BINS:
            values = self.cells[self._starts]
            ends = (float(values[0]), float(values[-1])) if len(values) else (0.0, 0.0)
            return tuple(self._counts.tolist()), *ends
        tail = (1 - MIDDLE) / 2
        low, high = self.quantile(tail), self.quantile(1 - tail)
        if low == high:
            low, high = float(self.cells[0]), float(self.cells[-1])
        places = np.searchsorted(self.cells, np.linspace(low, high, BINS + 1)[:-1])
        return tuple(np.diff(np.append(places, self.up_to(high))).tolist()), low, high


def most_frequent(counts: np.ndarray, most: int) -> np.ndarray:
    """Places of the largest counts, the largest first; of equal ones the first."""
    if len(counts) > most:
        least = np.sort(counts)[-most]  # a third of the time of partition, which equal counts slow down
        above, equal = np.flatnonzero(counts > least), np.flatnonzero(counts == least)
        places = np.concatenate([above, equal[: most - len(above)]])
    else:
        places = np.arange(len(counts))
    ordered: np.ndarray = places[np.lexsort([places, -counts[places]])]
    return ordered
