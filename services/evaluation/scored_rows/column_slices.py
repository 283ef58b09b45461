"""The rows of a table in slices by the cells of one column: its values, or a fifth of its numbers each. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.data.class_names import class_of, number_text
from services.errors import Problem

MOST_VALUES = 10  # different values that are a slice each; of more numbers, there are BINS
BINS = 5
REPEATED = 0.5  # different texts over rows, above which a column tells rows apart rather than groups them
MISSING = "(missing)"


@dataclass(frozen=True, eq=False)
class ColumnSlices:
    """A column's slices: `names`, at least two, and (rows,) the place of each row's slice among them."""

    column: str
    names: tuple[str, ...]
    codes: NDArray[np.int16]


def cut(column: str, cells: pa.ChunkedArray) -> ColumnSlices | None:
    """The slices of a column; None for one that has no two groups of rows, such as a constant or an identifier.

    Missing cells are a slice of their own, and so are the rarer of many texts together.
    """
    if pa.types.is_boolean(cells.type):
        cells = pc.if_else(cells, "True", "False")
    if pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type):
        numbers = cells.cast(pa.float64(), safe=False).to_numpy()
        found = _values(numbers) or _bins(numbers, number_text)
    elif pa.types.is_temporal(cells.type):
        found = _bins(_seconds(cells), _date_text)
    else:
        found = _texts(cells)
    if found is None:
        return None
    names, codes = found
    used = np.flatnonzero(np.bincount(codes, minlength=len(names)))
    if len(used) < 2:
        return None
    place = np.zeros(len(names), dtype=np.int16)
    place[used] = np.arange(len(used))
    return ColumnSlices(column, _distinct([names[number] for number in used]), place[codes])


def _distinct(names: list[str]) -> tuple[str, ...]:
    """The names; those that would be equal, such as of edges that differ in the fifth digit, with a number."""
    seen = Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)


def _values(numbers: NDArray[np.float64]) -> tuple[list[str], NDArray[np.int64]] | None:
    """A slice for each of few different numbers; None for more."""
    distinct = np.unique(numbers[~np.isnan(numbers)])
    if len(distinct) > MOST_VALUES:
        return None
    codes = np.where(np.isnan(numbers), len(distinct), np.searchsorted(distinct, numbers))
    return [*map(class_of, distinct), MISSING], codes


def _bins(numbers: NDArray[np.float64], text: Callable[[float], str]) -> tuple[list[str], NDArray[np.int64]] | None:
    """As many rows in each slice as equal numbers allow; None where there is no number."""
    present = numbers[~np.isnan(numbers)]
    if not len(present):
        return None
    cuts = np.unique(np.quantile(present, np.arange(1, BINS) / BINS, method="lower"))
    codes = np.where(np.isnan(numbers), len(cuts) + 1, np.searchsorted(cuts, numbers))
    shown = [text(edge) for edge in cuts]
    between = [f"over {low} to {high}" for low, high in pairwise(shown)]
    return [f"up to {shown[0]}", *between, f"over {shown[-1]}", MISSING], codes


def _texts(cells: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]] | None:
    """The most frequent texts, the others together; numbers and dates that are written as text as such."""
    encoded = cells.cast(pa.large_string()).combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    places = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    if len(values) > MOST_VALUES:
        for read, text in ((_numbers, number_text), (_moments, _date_text)):
            numbers = read(values)
            if numbers is not None:
                return _bins(np.append(numbers, np.nan)[places], text)
        if len(values) > REPEATED * len(cells):
            return None
    counts = np.bincount(places, minlength=len(values) + 1)[: len(values)]
    top = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    code = np.full(len(values) + 1, len(top))
    code[top] = np.arange(len(top))
    code[-1] = len(top) + 1
    return [*(values[place] for place in top), f"other values ({len(values) - len(top):,})", MISSING], code[places]


def _numbers(texts: list[str]) -> NDArray[np.float64] | None:
    """Different texts as numbers; None where they are none."""
    import pandas as pd

    from services.data.target import as_numbers

    numbers = as_numbers(pd.Series(texts))
    return None if numbers is None else numbers.to_numpy(float)


def _moments(texts: list[str]) -> NDArray[np.float64] | None:
    """Different texts as seconds since 1970; None where they are no dates."""
    import pandas as pd

    from services.data.division.row_times import row_times

    try:
        return row_times(pd.Series(texts)) / 1e6
    except Problem:
        return None


def _seconds(cells: pa.ChunkedArray) -> NDArray[np.float64]:
    """Dates and times as seconds since 1970; missing ones as NaN."""
    return cells.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).cast(pa.float64()).to_numpy() / 1e6


def _date_text(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
