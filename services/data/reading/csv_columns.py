"""What Arrow alone makes wrong of the columns of a CSV file: codes, decimal commas, words that mean missing.

Most columns are settled by what Arrow made of them; only those in doubt are read a second time, as text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.data.reading.arrow_frame import EXACT
from services.data.reading.encodings import Readable
from services.data.reading.missing_cells import NUMBER_MISSING, TEXT_MISSING, WORDS
from services.errors import some

CACHED = 1 << 17  # bytes that are looked at together: arrays of that size stay in the processor's cache
LOOK = 1000  # cells that decide whether a column of text is worth a conversion
CODE = r"^\s*[+-]?0[0-9xX]"
LONG = r"^\s*([+-]?\d{16,}|\+\d{7,})\s*$"  # whole numbers too long for a number, and telephone numbers
PHONE = re.compile(rb"\+\d{7}")
SHORTEST_PHONE = 1e6
COMMA_NUMBER = r"^\s*[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?([eE][+-]?\d+)?\s*$"
ENGLISH_THOUSANDS = r"^\s*[+-]?\d{1,3}(,\d{3})+\s*$"
THOUSANDS = r"^\s*[+-]?(0|[1-9]\d{0,2}(\.\d{3})*)\s*$"
Columns = dict[str, pa.ChunkedArray]


class WatchedBytes(io.RawIOBase):
    """Bytes on their way to Arrow, watched for what Arrow does not tell.

    codes:  whether some cell begins with 0 and another digit or an x.
    phones: whether some cell may be a telephone number, such as +4915112345678.
    quotes: number of quotation marks.
    """

    def __init__(self, stream: Readable, delimiter: str) -> None:
        self.stream, self.delimiter = stream, ord(delimiter)
        self.codes, self.phones, self.quotes = False, False, 0
        self._before = b"\n\n"

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; none at the end."""
        block = self.stream.read(size)
        self.quotes += block.count(b'"')
        self.phones = self.phones or PHONE.search(block) is not None
        if not self.codes and block:
            seen = self._before + block
            self.codes, self._before = self._has_code(seen), seen[-3:]
        return block

    def _has_code(self, block: bytes) -> bool:
        letters = np.frombuffer(block, np.uint8)
        return any(self._code_in(letters[start : start + CACHED + 3]) for start in range(0, len(letters), CACHED))

    def _code_in(self, letters: np.ndarray) -> bool:
        before, after = letters[1:-2], letters[3:]
        zeros = letters[2:-1] == ord("0")
        zeros &= (after - ord("0") < 10) | (after | 32 == ord("x"))
        begins = before <= ord(",")  # line ends, spaces, quotes and commas
        zeros &= begins if self.delimiter <= ord(",") else begins | (before == self.delimiter)
        places = np.flatnonzero(zeros)
        before, earlier = letters[places + 1], letters[places]
        # Neither 1e+05 nor a time after its date.
        return bool(((before != ord("+")) & ((before != ord(" ")) | (earlier == self.delimiter))).any())


@dataclass
class Tidied:
    """The columns as they should be, what to tell about them, and how pandas.read_csv reads them alike.

    options: of pandas.read_csv; words: columns of text in which words such as NA are values.
    commas:  columns whose decimal commas pandas reads after the file.
    decimal: the decimal sign where there are decimal commas; None elsewhere.
    """

    columns: Columns
    notes: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    commas: list[str] = field(default_factory=list)
    decimal: str | None = None


def tidy(
    table: pa.Table,
    watch: WatchedBytes,
    reread: Callable[[Sequence[str]], pa.Table],
    decimal: str | None = None,
) -> Tidied:
    """Columns of the file with codes as text, decimal commas as numbers and missing cells missing.

    watch: what was seen of the file; reread: its columns of these names again, as text.
    decimal: the decimal sign, where a person says which.
    """
    tidied = Tidied(dict(zip(table.column_names, table.columns, strict=True)))
    times = [name for name, column in tidied.columns.items() if pa.types.is_time(column.type)]
    if times:  # as they are written
        tidied.columns |= dict(zip(times, reread(times).columns, strict=True))
    _keep_codes(tidied, watch, reread)
    if decimal != ".":
        _read_decimal_commas(tidied, reread, chr(watch.delimiter), decimal == ",")
    for name, column in tidied.columns.items():
        if pa.types.is_string(column.type):
            tidied.columns[name] = _text(name, column, tidied)
    if tidied.words:
        verb = "is text, so its" if len(tidied.words) == 1 else "are text, so their"
        told = f"{_listed(tidied.words)} {verb} cells NA, N/A, n/a and None are values, not missing."
        tidied.notes.append(told)
    return tidied


def _keep_codes(tidied: Tidied, watch: WatchedBytes, reread: Callable[[Sequence[str]], pa.Table]) -> None:
    doubtful = [name for name, column in tidied.columns.items() if _doubtful(column, watch)]
    if not doubtful:
        return
    example, kept = "", []
    for name, column in zip(doubtful, reread(doubtful).columns, strict=True):
        floating = pa.types.is_floating(tidied.columns[name].type)
        found = column.filter(pc.match_substring_regex(column, LONG if floating else CODE))
        if len(found):
            tidied.columns[name] = column
            kept.append(name)
            example = example or found[0].as_py().strip()
    if kept:
        are = "holds codes and is" if len(kept) == 1 else "hold codes and are"
        tidied.notes.append(f"{_listed(kept)} {are} kept as text: a number would change {example}.")
        tidied.options["dtype"] = dict.fromkeys(kept, "str")


def _doubtful(column: pa.ChunkedArray, watch: WatchedBytes) -> bool:
    """Whether a column of numbers may have been codes: whole numbers where there are codes, or too long ones."""
    if pa.types.is_integer(column.type):
        return watch.codes
    if not pa.types.is_floating(column.type):
        return False
    largest = pc.max(pc.abs(column)).as_py()
    if largest is None or not (SHORTEST_PHONE if watch.phones else EXACT) <= largest < 1e30:
        return False
    return bool(pc.all(pc.equal(column, pc.round(column))).as_py())


def _read_decimal_commas(
    tidied: Tidied, reread: Callable[[Sequence[str]], pa.Table], delimiter: str, is_said: bool
) -> None:
    """Make numbers of the columns with decimal commas. `is_said`: a person says that there are such."""
    columns, kept = tidied.columns, tidied.options.get("dtype", {})
    texts = {name: _present(column) for name, column in columns.items() if pa.types.is_string(column.type)}
    texts = {name: cells for name, cells in texts.items() if name not in kept and _all(cells, COMMA_NUMBER)}
    if not is_said and not any(_holds(cells, ",") for cells in texts.values()):
        return
    floating = [name for name, column in columns.items() if pa.types.is_floating(column.type)]
    doubtful = [name for name in floating if _may_be_grouped(columns[name])] if delimiter != "," or is_said else []
    again = zip(doubtful, map(_present, reread(doubtful).columns), strict=True) if doubtful else ()
    grouped = {name: cells for name, cells in again if _all(cells, THOUSANDS)}
    has_points = len(grouped) < len(floating)
    if not is_said:
        _leave_thousands(tidied, texts, delimiter, has_points)
    texts |= grouped
    dotted = [cells for cells in texts.values() if _holds(cells, ".")]
    commas = [cells for cells in texts.values() if _holds(cells, ",")]
    if not (commas or (is_said and dotted)):
        return
    columns |= {name: _number(cells) for name, cells in texts.items()}
    example = _example(dotted[0], ".") if dotted else _example(commas[0], ",")
    value = float(example.replace(".", "").replace(",", "."))
    tidied.notes.append(f"Decimal commas in {_listed(list(texts), 'column')}: {example} is read as {value:.15g}.")
    tidied.decimal = ","
    if has_points or delimiter == ",":
        tidied.commas += texts
        tidied.options["dtype"] = kept | dict.fromkeys(texts, "str")
    else:
        tidied.options |= {"decimal": ","} | ({"thousands": "."} if dotted else {})


def _leave_thousands(tidied: Tidied, texts: Columns, delimiter: str, has_points: bool) -> None:
    """Take out of `texts` the columns whose commas may separate thousands.

    Beside numbers with a decimal point they may; in a file of commas they do where no other column says otherwise.
    """
    thousands = [name for name, cells in texts.items() if _all(cells, ENGLISH_THOUSANDS)]
    others = [name for name, cells in texts.items() if name not in thousands and _holds(cells, ",")]
    if not has_points and (delimiter != "," or others):
        return
    for name in thousands:
        del texts[name]
        if delimiter != ",":
            tidied.notes.append(f"Column {name} is kept as text: its commas may separate thousands or decimals.")


def _holds(cells: pa.ChunkedArray, mark: str) -> bool:
    return bool(pc.any(pc.match_substring(cells, mark)).as_py())


def _may_be_grouped(column: pa.ChunkedArray) -> bool:
    """Whether every number may be one of 1.000 to 999.999 that was written with a point between the thousands."""
    thousands = pc.multiply(column, 1000.0)
    near = pc.less(pc.abs(pc.subtract(thousands, pc.round(thousands))), 1e-6)
    return bool(pc.all(pc.and_(near, pc.less(pc.abs(column), 1000.0))).as_py())


def _present(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells without spaces around them; those that mean missing are null. Only a look where they are words."""
    head = pc.utf8_trim_whitespace(column.slice(0, LOOK))
    head = head.filter(pc.invert(pc.is_in(head, pa.array(sorted(NUMBER_MISSING)))))
    if pc.all(pc.match_substring_regex(head, COMMA_NUMBER)).as_py() is False:
        return column
    cells = pc.utf8_trim_whitespace(column)
    missing = pc.is_in(cells, pa.array(sorted(NUMBER_MISSING)))
    return pc.if_else(missing, pa.scalar(None, cells.type), cells)


def _all(cells: pa.ChunkedArray, pattern: str) -> bool:
    """Whether there are cells and all of them fit a pattern; a few are tried before all."""
    parts = (cells.slice(0, LOOK), cells)
    if any(pc.all(pc.match_substring_regex(part, pattern)).as_py() is False for part in parts):
        return False
    return cells.null_count < len(cells)


def _number(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = pc.replace_substring(pc.replace_substring(cells, ".", ""), ",", ".")
    whole = not pc.any(pc.match_substring_regex(plain, r"[.eE]")).as_py()
    floats = pc.cast(plain, pa.float64())
    return pc.cast(plain, pa.int64()) if whole and pc.max(pc.abs(floats)).as_py() < 1e18 else floats


def _example(cells: pa.ChunkedArray, mark: str) -> str:
    return str(cells.filter(pc.match_substring(cells, mark))[0].as_py())


def _text(name: str, column: pa.ChunkedArray, tidied: Tidied) -> pa.ChunkedArray:
    """A column of text: blank cells and words that can mean nothing else are missing."""
    clear = sorted(TEXT_MISSING)
    place = pc.index_in(column, pa.array([*clear, *WORDS]))
    if pc.any(pc.greater_equal(place, len(clear))).as_py():
        tidied.words.append(name)
    if place.null_count == len(place):
        return column
    missing = pc.fill_null(pc.less(place, len(clear)), False)
    return pc.if_else(missing, pa.scalar(None, column.type), column)


def _listed(names: Sequence[str], noun: str = "Column") -> str:
    return f"{noun}{'s' if len(names) > 1 else ''} {some(names, most=3)}"
