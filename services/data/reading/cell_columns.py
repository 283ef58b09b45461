"""Columns of cells with types of their own, as in workbooks and JSON: each becomes numbers, dates, flags or text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from services.data.reading.arrow_frame import EXACT
from services.data.reading.missing_cells import NUMBER_MISSING, TEXT_MISSING, WORDS
from services.errors import some

WHOLE = range(-(2**63), 2**63)  # whole numbers that a table holds exactly
NESTED = (list, dict)


@dataclass
class CellTable:
    """Columns by name, what to tell about them, and what pandas needs to know of them.

    texts:   columns of text.
    words:   those of them in which words such as NA are values.
    mixed:   those of them with cells that were no text.
    numbers: columns of numbers or dates with text beside them that means a missing value.
    seconds: columns of durations.
    blanks:  whether some cell of text means that a value is missing.
    """

    columns: dict[str, pa.Array] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    seconds: list[str] = field(default_factory=list)
    blanks: bool = False

    def add(self, name: str, cells: Sequence[Any], text_of: Callable[[Any], str]) -> None:
        """Add a column; None is a missing cell, and `text_of` makes text of a cell that stands among text."""
        present = [cell for cell in cells if cell is not None]
        texts = {cell for cell in present if isinstance(cell, str)}
        types = set(map(type, present))
        kinds = {KNOWN[kind] for kind in types} if types <= KNOWN.keys() else {_kind(cell) for cell in present}
        others = kinds - {"text"}
        if texts and texts <= NUMBER_MISSING and others and (others <= {"number", "whole"} or others == {"date"}):
            self.blanks = True
            self.numbers.append(name)
            cells = [None if isinstance(cell, str) else cell for cell in cells]
            kinds = others
        if kinds == {"number", "whole"}:
            kinds = {"number"}
        kind = kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "empty"
        if kind == "duration":
            self.seconds.append(name)
        if kind in BUILT:
            self.columns[name] = BUILT[kind](cells)
        else:
            self._add_text(name, cells, text_of, kind)

    def _add_text(self, name: str, cells: Sequence[Any], text_of: Callable[[Any], str], kind: str) -> None:
        self.texts.append(name)
        if kind != "text":
            self.mixed.append(name)
        if any(isinstance(cell, NESTED) for cell in cells):
            self.notes.append(f"Column {name} holds lists or records, shown as text.")
        elif kind == "mixed":
            self.notes.append(f"Column {name} mixes text with other values and is kept as text.")
        elif kind == "long":
            self.notes.append(f"Column {name} holds numbers too long to be exact and is kept as text.")
        written = [cell if cell is None or isinstance(cell, str) else text_of(cell) for cell in cells]
        if not {*WORDS}.isdisjoint(written):
            self.words.append(name)
        self.blanks = self.blanks or not TEXT_MISSING.isdisjoint(written)
        self.columns[name] = pa.array([None if cell in TEXT_MISSING else cell for cell in written], pa.string())

    def tell_words(self) -> None:
        """Add the sentence on columns in which words such as NA are values."""
        if self.words:
            verb = "is text, so its" if len(self.words) == 1 else "are text, so their"
            column = "Column" if len(self.words) == 1 else "Columns"
            told = f"{column} {some(self.words, most=3)} {verb} cells NA, N/A, n/a and None are values, not missing."
            self.notes.append(told)


def _kind(cell: Any) -> str:
    if isinstance(cell, bool):
        return "flag"
    if isinstance(cell, int):
        return "whole" if cell in WHOLE else "long"
    for types, kind in KINDS:
        if isinstance(cell, types):
            return kind
    return "other"


KINDS: tuple[tuple[Any, str], ...] = (
    (float, "number"),
    (str, "text"),
    (date, "date"),  # a datetime is one, too
    (time, "time"),
    (timedelta, "duration"),
    (NESTED, "nested"),
)


KNOWN: dict[type, str] = {float: "number", str: "text", bool: "flag", datetime: "date"}


def _numbers(cells: Sequence[Any]) -> pa.Array:
    """Whole numbers where all are, as a workbook has no others than numbers with a point."""
    present = [cell for cell in cells if cell is not None]
    if all(abs(cell) <= EXACT and cell == int(cell) for cell in present if cell == cell):
        return pa.array([None if cell is None or cell != cell else int(cell) for cell in cells], pa.int64())
    return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())


def _dates(cells: Sequence[Any]) -> pa.Array:
    moments = [
        datetime.combine(cell, time()) if isinstance(cell, date) and not isinstance(cell, datetime) else cell
        for cell in cells
    ]
    return pa.array(moments, pa.timestamp("us"))


BUILT: dict[str, Callable[[Sequence[Any]], pa.Array]] = {
    "number": _numbers,
    "whole": lambda cells: pa.array(cells, pa.int64()),
    "flag": lambda cells: pa.array(cells, pa.bool_()),
    "date": _dates,
    "duration": lambda cells: pa.array(cells, pa.duration("us")),
    "empty": lambda cells: pa.nulls(len(cells)),
}
