"""How a number that is to be predicted is spread: for a sentence and a histogram. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.data.class_names import number_text

BINS = 60
MIDDLE = (0.005, 0.995)  # quantiles that the histogram covers where the ends lie far beyond


@dataclass(frozen=True)
class TargetNumbers:
    """The numbers of a target; `missing` cells and infinite ones are left out.

    edges:   of the bins, one more than `counts`, rows by bin.
    outside: rows beyond the bins.
    """

    name: str
    rows: int
    missing: int
    mean: float
    median: float
    low: float
    high: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    outside: int

    @property
    def sentence(self) -> str:
        """ "rings: 1 to 29, mean 9.934, median 9, in 4,177 rows." """
        spread = f"{number_text(self.low)} to {number_text(self.high)}"
        middle = f"mean {number_text(self.mean)}, median {number_text(self.median)}"
        return f"{self.name}: {spread}, {middle}, in {self.rows:,} {'row' if self.rows == 1 else 'rows'}."


def target_numbers(numbers: pd.Series) -> TargetNumbers | None:
    """The spread of a target of numbers; None where no cell is a finite number."""
    cells = numbers.to_numpy(float, na_value=np.nan)
    known = cells[np.isfinite(cells)]
    if not len(known):
        return None
    edges = _edges(known)
    counts = np.histogram(known, bins=edges)[0]
    return TargetNumbers(
        str(numbers.name),
        len(known),
        int(np.isnan(cells).sum()),
        float(known.mean()),
        float(np.median(known)),
        float(known.min()),
        float(known.max()),
        tuple(edges.tolist()),
        tuple(counts.tolist()),
        len(known) - int(counts.sum()),
    )


def _edges(known: np.ndarray) -> np.ndarray:
    """Bins over all numbers, or over the middle 99 % where the rest would flatten the picture; one a whole number."""
    low, high = float(known.min()), float(known.max())
    inner = np.quantile(known, MIDDLE)
    if high - low > 2 * (inner[1] - inner[0]) > 0:
        low, high = map(float, inner)
    if (known == np.round(known)).all() and high - low < BINS:
        return np.arange(np.floor(low), np.ceil(high) + 2) - 0.5
    edges: np.ndarray = np.histogram_bin_edges([], bins=BINS, range=(low, high))
    return edges
