"""One column of a table: what it holds, what is missing, its values, and what is odd about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.data.class_names import share_text
from services.data.profiling.number_column import NumberStatistics, number_column
from services.data.profiling.profile import kind
from services.data.profiling.sorted_cells import SortedCells, ValueHistogram
from services.data.profiling.text_column import TextStatistics, text_column

TOP = 10  # most frequent values that are kept
ALMOST = 0.99  # share of the present cells of one value, from which on a column is almost constant
LONGEST = 60  # characters of a value that a note quotes


@dataclass(frozen=True)
class ColumnProfile:
    """A column of a table.

    kind:      see `profile.kind`.
    distinct:  different values; missing cells are none.
    top:       the most frequent values as text, each with its cells.
    numbers, texts: their statistics; None for another kind.
    first, last: the earliest and the latest date, "" for another kind.
    """

    name: str
    kind: str
    rows: int
    missing: int
    distinct: int
    top: tuple[tuple[str, int], ...]
    histogram: ValueHistogram
    numbers: NumberStatistics | None = None
    texts: TextStatistics | None = None
    first: str = ""
    last: str = ""

    @property
    def missing_share(self) -> float:
        """Missing cells, of 1; 0 of a table without rows."""
        return self.missing / self.rows if self.rows else 0.0

    @property
    def is_constant(self) -> bool:
        """Whether all cells that are there are equal, and there are several."""
        return self.distinct == 1 and self.rows - self.missing > 1

    @property
    def is_almost_constant(self) -> bool:
        """Whether nearly all cells that are there are equal."""
        present = self.rows - self.missing
        return self.distinct > 1 and bool(self.top) and self.top[0][1] >= ALMOST * present

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about the column, with its numbers."""
        found = []
        if self.kind == "empty" and self.rows:
            found.append("Empty")
        if self.is_constant:
            found.append(f"Constant: {_quoted(self.top[0][0])}")
        if self.is_almost_constant:
            share = share_text(self.top[0][1] / (self.rows - self.missing))
            found.append(f"Almost constant: {_quoted(self.top[0][0])} in {share}")
        if self.numbers and self.numbers.infinite:
            found.append(f"{_cells(self.numbers.infinite)} infinite")
        return (*found, *(_text_notes(self.texts) if self.texts else ()))


def column_profile(name: object, values: pd.Series) -> ColumnProfile:
    """The profile of a column called `name`."""
    holds, rows = kind(values), len(values)
    missing = rows - int(values.count())
    if holds == "empty":
        return ColumnProfile(str(name), holds, rows, missing, 0, (), ValueHistogram())
    if holds == "number":
        number = number_column(values, TOP)
        return ColumnProfile(
            str(name), holds, rows, missing, number.distinct, number.top, number.histogram, number.statistics
        )
    if holds == "date":
        return _dates(str(name), values, missing)
    text = text_column(values, TOP)
    statistics = text.statistics if holds == "text" else None
    return ColumnProfile(str(name), holds, rows, missing, text.distinct, text.top, text.histogram, texts=statistics)


def _dates(name: str, values: pd.Series, missing: int) -> ColumnProfile:
    cells = np.sort(values.dropna().dt.tz_localize(None).to_numpy())
    ordered = SortedCells(cells.view("int64"))
    counts, low, high = ordered.bins()

    def text(moment: float) -> str:
        return date_text(np.int64(moment).view(cells.dtype))

    return ColumnProfile(
        name,
        "date",
        len(values),
        missing,
        ordered.distinct,
        tuple((text(int(cell)), count) for cell, count in ordered.top(TOP)),
        ValueHistogram(counts, text(low), text(high), len(cells) - sum(counts)),
        first=date_text(cells[0]),
        last=date_text(cells[-1]),
    )


def date_text(moment: np.datetime64) -> str:
    """ "2026-01-31", with a time of day "2026-01-31 08:15:00"."""
    return pd.Timestamp(moment).isoformat(sep=" ").removesuffix(" 00:00:00")


def _text_notes(texts: TextStatistics) -> list[str]:
    notes = []
    if texts.is_mixed:
        notes.append(f"Mixed: {_cells(texts.numbers)} numbers, {texts.count - texts.numbers:,} not")
    if texts.blank:
        notes.append(f"{_cells(texts.blank)} of blanks only")
    if texts.padded:
        notes.append(f"{_cells(texts.padded)} with blanks around")
    if texts.case_variants:
        notes.append(f"{texts.case_variants:,} values differ only in upper and lower case")
    return notes


def _cells(count: int) -> str:
    return f"{count:,} {'cell' if count == 1 else 'cells'}"


def _quoted(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
