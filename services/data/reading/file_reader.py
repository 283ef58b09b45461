"""Reading a file that a person hands us into a table: CSV or JSON, gzipped and zipped too, Excel or Parquet.

What a file is, its first bytes say, not its name. Whatever is wrong with it becomes a Problem in one sentence; this
module does not know what the columns mean.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZipFile

import pyarrow as pa
from pyarrow import csv as arrow_csv

from services.data.reading import (
    archives,
    arrow_frame,
    csv_columns,
    encodings,
    json_file,
    missing_cells,
    parquet_file,
    workbook,
)
from services.data.reading import dialect as dialects
from services.data.reading.archives import Text
from services.data.reading.corrections import AS_FOUND, ReadingCorrections
from services.data.reading.csv_columns import WatchedBytes
from services.data.reading.dialect import Dialect
from services.data.reading.encodings import Readable, TextEncoding, UndecodableText
from services.data.reading.file_format import FileFormat
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
    format: how it was read; None for a table that is no file.
    """

    frame: pd.DataFrame
    source: str
    notes: tuple[str, ...] = ()
    code: ReadingCode = field(default_factory=ReadingCode)
    format: FileFormat | None = None


def read(path: Path, name: str | None = None, corrections: ReadingCorrections = AS_FOUND) -> FileTable:
    """The table in a file, called `name` on the screen. Raises Problem for whatever cannot be read."""
    name = name or path.name
    try:
        with path.open("rb") as file:
            return read_file(file, name, corrections)
    except FileNotFoundError as error:
        raise Problem(f"File {path}", "the file does not exist", "Check the path") from error
    except IsADirectoryError as error:
        raise Problem(f"File {path}", "it is a folder", "Enter the path of a file") from error
    except PermissionError as error:
        raise Problem(f"File {path}", "permission denied", "Change its permissions, or copy it elsewhere") from error


def read_file(file: BinaryIO, name: str, corrections: ReadingCorrections = AS_FOUND) -> FileTable:
    """The table in an open file that can be rewound. Raises Problem for whatever cannot be read."""
    file.seek(0)
    start = file.read(4)
    if start == b"PAR1":
        return _parquet(file, name)
    if start in archives.ZIP:
        with archives.opened_zip(file, name) as archive:
            if archives.is_workbook(archive):
                return _excel(file, archive, name, corrections)
            return _text(archives.largest_text(file, archive, name), "zip", corrections)
    if start == archives.OLD_EXCEL:
        raise archives.workbook(name)
    if not start:
        raise dialects.empty(name)
    return _text(Text(file, name), "gzip" if start.startswith(archives.GZIP) else None, corrections)


def _parquet(file: BinaryIO, name: str) -> FileTable:
    table, notes, labels = parquet_file.read(file, name)
    frame, told = arrow_frame.frame(table)
    return FileTable(frame, name, (*notes, *told), ReadingCode("parquet", labels=labels), FileFormat("Parquet"))


def _excel(file: BinaryIO, archive: ZipFile, name: str, corrections: ReadingCorrections) -> FileTable:
    sheet = workbook.read(file, archive, name, corrections)
    table = sheet.table
    frame, told = arrow_frame.frame(pa.table(table.columns))
    options: dict[str, Any] = {"engine": "calamine", "sheet_name": sheet.name, "header": None}
    options |= {"names": list(sheet.names)} | ({"skiprows": sheet.first - 1} if sheet.first > 1 else {})
    if sheet.places != tuple(range(len(sheet.places))):
        options["usecols"] = list(sheet.places)
    flags = [name for name, column in table.columns.items() if pa.types.is_boolean(column.type) and column.null_count]
    if table.texts:
        options["dtype"] = dict.fromkeys(table.texts, "str")
    code = ReadingCode(
        "excel",
        options,
        sheet.names,
        tuple(table.words),
        table.blanks,
        seconds=tuple(table.seconds),
        flags=tuple(flags),
    )
    first = sheet.first if corrections.first_row else None
    format_ = FileFormat("Excel", header=sheet.header, first=first, sheet=sheet.name, sheets=sheet.sheets)
    return FileTable(frame, name, (*sheet.notes, *table.notes, *told), code, format_)


def _json(text: Text, compression: str | None, kind: str) -> FileTable:
    table, keys = json_file.read(text, kind)
    frame, told = arrow_frame.frame(pa.table(table.columns))
    member = text.member[1].filename if text.member and not text.alone else None
    options: dict[str, Any] = {"compression": compression} if compression and not member else {}
    options |= {} if text.encoding is TextEncoding.UTF8 else {"encoding": text.encoding.value}
    options |= {"lines": True} if kind == "JSON lines" else {}
    options |= {"dtype": False, "convert_axes": False, "precise_float": True}
    names = tuple(table.columns)
    code = ReadingCode(
        "json",
        options,
        names,
        blanks=table.blanks,
        mixed=tuple(table.mixed),
        numbers=tuple(table.numbers),
        seconds=tuple(table.seconds),
        renamed=names != keys,
        member=member,
    )
    format_ = FileFormat(kind, encoding=text.encoding)
    return FileTable(frame, text.name, (*text.notes, *table.notes, *told), code, format_)


def _text(text: Text, compression: str | None, corrections: ReadingCorrections) -> FileTable:
    """The table in a text file: in the encoding that a person says or its first bytes show, or else in Windows-1252
    where that is safe to tell."""
    if corrections.encoding:
        return _table_of(replace(text, encoding=corrections.encoding), compression, corrections)
    with text.unpacked() as stream:
        encoding = encodings.of_start(stream.read(encodings.START))
    try:
        return _table_of(replace(text, encoding=encoding), compression, corrections)
    except UndecodableText as error:
        if encoding is not TextEncoding.UTF8:
            raise
        with text.unpacked() as stream:
            word = encodings.western_word(stream)
        if word is None:
            raise _undecodable(text) from error
    table = _table_of(replace(text, encoding=TextEncoding.WESTERN), compression, corrections)
    note = f"The text is not UTF-8: it was read as {TextEncoding.WESTERN.label}, for example {word}."
    return replace(table, notes=(note, *table.notes))


def _undecodable(text: Text) -> Problem:
    """What to say of a text that is neither UTF-8 nor safely Windows-1252."""
    with text.unpacked() as stream:
        for number, line in enumerate(io.BufferedReader(stream), start=1):
            if b"\0" in line:
                said = f"line {number:,} holds a zero byte, as no text does"
                return Problem(text.name, said, "Choose a CSV, Excel, JSON or Parquet file")
            try:
                line.decode()
            except UnicodeDecodeError:
                said = f"its text in line {number:,} is neither UTF-8 nor clearly {TextEncoding.WESTERN.label}"
                return Problem(text.name, said, "Correct its encoding, or save it again with the encoding UTF-8")
    return encodings.undecodable(text.name, TextEncoding.UTF8)


def _table_of(text: Text, compression: str | None, corrections: ReadingCorrections) -> FileTable:
    kind = None if corrections.delimiter else json_file.kind(text)
    return _json(text, compression, kind) if kind else _csv(text, compression, corrections)


def _csv(text: Text, compression: str | None, corrections: ReadingCorrections) -> FileTable:
    dialect = dialects.find(text, corrections)
    table, watch = _table(text, dialect)
    if not table.num_rows:
        raise Problem(text.name, "it has a header but no rows", "Choose a file with rows")
    unreadable = [field.name for field in table.schema if pa.types.is_binary(field.type)]
    if unreadable:
        raise encodings.undecodable(text.name, TextEncoding.UTF8, f" in column {unreadable[0]}")
    if watch.quotes % 2 and (fault := _fault(text, dialect)):
        raise fault

    def reread(names: Sequence[str]) -> pa.Table:
        return _table(text, dialect, as_text=names)[0]

    tidied = csv_columns.tidy(table, watch, reread, corrections.decimal)
    frame, told = arrow_frame.frame(pa.table(list(tidied.columns.values()), list(tidied.columns)))
    member = text.member[1].filename if text.member and not text.alone else None
    packed = {"compression": compression} if compression and not member else {}
    kinds = {name: column.type for name, column in tidied.columns.items()}
    dates = [name for name, kind in kinds.items() if pa.types.is_date(kind) or pa.types.is_timestamp(kind)]
    encoded = {} if text.encoding is TextEncoding.UTF8 else {"encoding": text.encoding.value}
    options = packed | encoded | _options(dialect) | tidied.options | ({"parse_dates": dates} if dates else {})
    numbers = [column for column in tidied.columns.values() if not pa.types.is_string(column.type)]
    code = ReadingCode(
        "csv",
        options,
        dialect.names,
        words=tuple(tidied.words),
        blanks=any(column.null_count for column in numbers),
        commas=tuple(tidied.commas),
        member=member,
    )
    format_ = FileFormat(
        "CSV",
        dialect.delimiter,
        tidied.decimal,
        dialect.header,
        text.encoding,
        dialect.row if corrections.first_row else None,
    )
    return FileTable(frame, text.name, (*text.notes, *dialect.notes, *tidied.notes, *told), code, format_)


def _options(dialect: Dialect) -> dict[str, Any]:
    """Of pandas.read_csv, for this dialect."""
    options: dict[str, Any] = {"sep": dialect.delimiter} if dialect.delimiter != "," else {}
    own = dialect.titles is None or dialect.row > dialect.header + 1  # rows below the header are left out
    above = dialect.row - 1 if own else dialect.header - 1
    if above:
        options["skiprows"] = above
    if own:
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
    if "invalid UTF8" in str(failed):
        raise encodings.undecodable(text.name, TextEncoding.UTF8) from failed
    words = str(failed).partition("\n")[0]
    raise _fault(text, dialect) or Problem(text.name, words, "Save it again as CSV") from failed


def _skip(stream: Readable, size: int) -> None:
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
                header = f"; the header is row {dialect.header}" if dialect.header else ""
                return Problem(text.name, said, f"Correct that row{header}")
    return None
