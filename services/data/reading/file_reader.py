"""Reading a file that a person hands us into a table: CSV, gzipped CSV, zipped CSV or Parquet.

What a file is, its first bytes say, not its name. Whatever is wrong with it becomes a Problem in one sentence; this
module does not know what the columns mean.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
from pyarrow import csv as arrow_csv

from services.data.reading import archives, arrow_frame, csv_columns, missing_cells, parquet_file
from services.data.reading import dialect as dialects
from services.data.reading.archives import Stream, Text
from services.data.reading.csv_columns import WatchedBytes
from services.data.reading.dialect import Dialect
from services.data.reading.reading_code import ReadingCode
from services.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

# How Arrow reads, tried in this order: bytes of a block, and whether a cell may hold line ends, which takes longer.
ATTEMPTS = ((1 << 20, False), (1 << 20, True), (1 << 26, True), (1 << 30, True))
LONGEST = 120  # characters of a row that a sentence quotes


@dataclass(frozen=True, eq=False)
class FileTable:
    """A table as it was read.

    frame:  one row a record, columns named by the header, all names different; at least one row.
    source: the file's name.
    notes:  what a person should know about how it was read, each a sentence.
    code:   how pandas reads the same file alike.
    """

    frame: pd.DataFrame
    source: str
    notes: tuple[str, ...] = ()
    code: ReadingCode = field(default_factory=ReadingCode)


def read(path: Path, name: str | None = None) -> FileTable:
    """The table in a file, called `name` on the screen. Raises Problem for whatever cannot be read."""
    name = name or path.name
    try:
        with path.open("rb") as file:
            return read_file(file, name)
    except FileNotFoundError as error:
        raise Problem(f"File {path}", "the file does not exist", "Check the path") from error
    except IsADirectoryError as error:
        raise Problem(f"File {path}", "it is a folder", "Enter the path of a file") from error
    except PermissionError as error:
        raise Problem(f"File {path}", "permission denied", "Change its permissions, or copy it elsewhere") from error


def read_file(file: BinaryIO, name: str) -> FileTable:
    """The table in an open file that can be rewound. Raises Problem for whatever cannot be read."""
    file.seek(0)
    start = file.read(4)
    if start == b"PAR1":
        return _parquet(file, name)
    if start in archives.ZIP:
        with archives.unzipped(file, name) as text:
            return _csv(text, "zip")
    if start == archives.OLD_EXCEL:
        raise archives.workbook(name)
    if not start:
        raise dialects.empty(name)
    return _csv(Text(file, name), "gzip" if start.startswith(archives.GZIP) else None)


def _parquet(file: BinaryIO, name: str) -> FileTable:
    table, notes, labels = parquet_file.read(file, name)
    frame, told = arrow_frame.frame(table)
    return FileTable(frame, name, (*notes, *told), ReadingCode("parquet", labels=labels))


def _csv(text: Text, compression: str | None) -> FileTable:
    dialect = dialects.find(text)
    table, watch = _table(text, dialect)
    if not table.num_rows:
        raise Problem(text.name, "it has a header but no rows", "Choose a file with rows")
    unreadable = [field.name for field in table.schema if pa.types.is_binary(field.type)]
    if unreadable:
        raise dialects.not_utf8(text.name, f" in column {unreadable[0]}")
    if watch.quotes % 2 and (fault := _fault(text, dialect)):
        raise fault

    def reread(names: Sequence[str]) -> pa.Table:
        return _table(text, dialect, as_text=names)[0]

    tidied = csv_columns.tidy(table, dialect.delimiter, watch.codes, reread)
    frame, told = arrow_frame.frame(pa.table(list(tidied.columns.values()), list(tidied.columns)))
    member = text.member[1].filename if text.member and not text.alone else None
    packed = {"compression": compression} if compression and not member else {}
    kinds = {name: column.type for name, column in tidied.columns.items()}
    dates = [name for name, kind in kinds.items() if pa.types.is_date(kind) or pa.types.is_timestamp(kind)]
    options = packed | _options(dialect) | tidied.options | ({"parse_dates": dates} if dates else {})
    numbers = [column for column in tidied.columns.values() if not pa.types.is_string(column.type)]
    blanks = any(column.null_count for column in numbers)
    code = ReadingCode("csv", options, dialect.names, tuple(tidied.words), blanks, member)
    return FileTable(frame, text.name, (*text.notes, *dialect.notes, *tidied.notes, *told), code)


def _options(dialect: Dialect) -> dict[str, Any]:
    """Of pandas.read_csv, for this dialect."""
    options: dict[str, Any] = {"sep": dialect.delimiter} if dialect.delimiter != "," else {}
    if dialect.above:
        options["skiprows"] = dialect.above
    if dialect.titles is None:
        options |= {"header": None, "names": list(dialect.names)}
    elif dialect.titles != dialect.names:
        options |= {"header": 0, "names": list(dialect.names)}
    return options


def _table(text: Text, dialect: Dialect, as_text: Sequence[str] = ()) -> tuple[pa.Table, WatchedBytes]:
    """The file's columns as Arrow types them, or those named in `as_text` as text; and what was seen on the way."""
    for block, line_ends in ATTEMPTS:
        with text.opened() as stream:
            _skip(stream, dialect.start)
            watch = WatchedBytes(stream, dialect.delimiter)
            try:
                return arrow_csv.read_csv(watch, **_arrow(dialect, block, line_ends, as_text)), watch
            except pa.ArrowInvalid as error:
                if str(error) == "Empty CSV file":
                    return pa.table({name: [] for name in dialect.names}), watch
                failed = error
    words = str(failed).partition("\n")[0]
    raise _fault(text, dialect) or Problem(text.name, words, "Save it again as CSV") from failed


def _skip(stream: Stream, size: int) -> None:
    while size and (block := stream.read(size)):
        size -= len(block)


def _arrow(dialect: Dialect, block: int, line_ends: bool, as_text: Sequence[str]) -> dict[str, Any]:
    """Arrow's options; a row that holds nothing but spaces is no row."""
    types = dict.fromkeys(as_text, pa.string())
    return {
        "read_options": arrow_csv.ReadOptions(column_names=dialect.names, block_size=block),
        "parse_options": arrow_csv.ParseOptions(
            delimiter=dialect.delimiter,
            newlines_in_values=line_ends,
            invalid_row_handler=lambda row: "error" if row.text.strip() else "skip",
        ),
        "convert_options": arrow_csv.ConvertOptions(
            null_values=missing_cells.of_arrow(),
            strings_can_be_null=False,
            include_columns=list(as_text),
            column_types=types,
        ),
    }


def _fault(text: Text, dialect: Dialect) -> Problem | None:
    """The first row that has too many or too few cells, or whose quotation mark is never closed."""
    end = "\0"
    with text.opened() as stream:
        _skip(stream, dialect.start)
        lines = io.TextIOWrapper(io.BufferedReader(stream), "utf-8", errors="replace", newline="")
        rows = csv.reader(chain(lines, [end]), delimiter=dialect.delimiter)
        for number, cells in enumerate(rows, start=dialect.row):
            if cells == [end]:
                return None
            where = f"row {number:,}"
            if cells and cells[-1].endswith(end):
                return Problem(text.name, f"{where}: a quotation mark is not closed", "Close it, or remove it")
            if len(cells) != len(dialect.names) and any(cell.strip() for cell in cells):
                row = dialect.delimiter.join(cells).partition("\n")[0].strip()
                shown = row if len(row) <= LONGEST else f"{row[:LONGEST]}…"
                said = f"{where}: Expected {len(dialect.names)} columns, got {len(cells)}: {shown}"
                header = f"; the header is row {dialect.row - 1}" if dialect.titles else ""
                return Problem(text.name, said, f"Correct that row{header}")
    return None
