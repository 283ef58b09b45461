"""What is told of a column of text, or of anything else that is counted by its values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from services.data.class_names import class_of
from services.data.profiling.sorted_cells import BINS, ValueHistogram, most_frequent

NUMBER = r"^\s*[+-]?(\d+([.,]\d*)*|[.,]\d+)([eE][+-]?\d+)?\s*$"


@dataclass(frozen=True)
class TextStatistics:
    """Cells of text that is there.

    shortest, mean_length, longest: characters of a cell.
    blank: cells of nothing but blanks. padded: others with blanks around.
    case_variants: different values that another value equals but for upper and lower case.
    numbers: cells that are numbers.
    """

    count: int
    shortest: int
    mean_length: float
    longest: int
    blank: int
    padded: int
    case_variants: int
    numbers: int

    @property
    def is_mixed(self) -> bool:
        """Whether some cells are numbers and others are not."""
        return 0 < self.numbers < self.count - self.blank


@dataclass(frozen=True)
class TextColumn:
    """Statistics, different values, the most frequent ones, and how many cells hold each of the first BINS of them."""

    statistics: TextStatistics
    distinct: int
    top: tuple[tuple[str, int], ...]
    histogram: ValueHistogram


def text_column(values: pd.Series, most: int) -> TextColumn:
    """A column of text with its `most` most frequent values."""
    texts, counts = value_counts(values)
    order = most_frequent(counts, max(most, BINS))
    top = [(texts[int(place)].as_py(), int(counts[place])) for place in order]
    shown = tuple(count for _, count in top[:BINS])
    low, high = (top[0][0], top[len(shown) - 1][0]) if top else ("", "")
    histogram = ValueHistogram(shown, low, high, int(counts.sum()) - sum(shown))
    return TextColumn(_statistics(texts, counts), len(texts), tuple(top[:most]), histogram)


def value_counts(values: pd.Series) -> tuple[pa.Array, np.ndarray]:
    """The different texts in the order in which they come, and the cells of each."""
    counted = pc.value_counts(as_text(values).drop_null())
    return counted.field("values"), counted.field("counts").to_numpy()


def as_text(values: pd.Series) -> pa.Array | pa.ChunkedArray:
    """The cells as Arrow's text; missing ones are null."""
    if isinstance(values.dtype, pd.StringDtype):
        return pa.array(values, pa.large_string())
    return pa.array([None if cell is None else class_of(cell) for cell in _cells(values)], pa.large_string())


def _cells(values: pd.Series) -> np.ndarray:
    cells = values.astype(object).to_numpy(copy=True)
    cells[values.isna().to_numpy()] = None
    return cells


def _statistics(texts: pa.Array, counts: np.ndarray) -> TextStatistics:
    rows = int(counts.sum())
    if not rows:
        return TextStatistics(0, 0, np.nan, 0, 0, 0, 0, 0)
    trimmed = pc.utf8_trim_whitespace(texts)
    lengths = pc.utf8_length(texts).to_numpy()
    is_blank = pc.equal(pc.utf8_length(trimmed), 0).to_numpy(zero_copy_only=False)
    is_padded = pc.not_equal(trimmed, texts).to_numpy(zero_copy_only=False) & ~is_blank
    is_number = pc.match_substring_regex(texts, NUMBER).to_numpy(zero_copy_only=False)
    spellings = pc.value_counts(pc.utf8_lower(texts)).field("counts").to_numpy()
    return TextStatistics(
        rows,
        int(lengths.min()),
        float(lengths @ counts) / rows,
        int(lengths.max()),
        blank=int(counts[is_blank].sum()),
        padded=int(counts[is_padded].sum()),
        case_variants=int(spellings[spellings > 1].sum()),
        numbers=int(counts[is_number].sum()),
    )
