"""Reading a file that a person hands us into a table: CSV, gzipped CSV, zipped CSV or Parquet.

What a file is, its first bytes say, not its name. Whatever is wrong with it becomes a Problem in one sentence; this
module does not know what the columns mean.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from services.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 4_000_000_000  # bytes unpacked; a table of that size no longer fits a workstation's memory twice
RATIO = 200  # unpacked over packed; CSV of real measurements stays below 20
SMALL = 100_000_000  # bytes unpacked, below which no ratio harms
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE = 65_536  # bytes read to find the header and the delimiter


@dataclass(frozen=True, eq=False)
class FileTable:
    """A table as it was read.

    frame:  one row a record, columns named by the header, all names different; at least one row.
    source: the file's name.
    notes:  what a person should know about how it was read, each a sentence.
    """

    frame: pd.DataFrame
    source: str
    notes: tuple[str, ...] = ()


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
        return FileTable(_parquet(file, name), name)
    if start == b"PK\x03\x04":
        return _zipped(file, name)
    if not start:
        raise _empty(name)
    return _csv(_Text(file, None, name), name)


def _zipped(file: BinaryIO, name: str) -> FileTable:
    try:
        with zipfile.ZipFile(file) as archive:
            member, notes = _member(archive, name)
            table = _csv(_Text(file, (archive, member), name), name)
            return FileTable(table.frame, name, (*notes, *table.notes))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Problem(name, "the zip file is damaged or of an unknown kind", "Zip the CSV file again") from error


def _member(archive: zipfile.ZipFile, name: str) -> tuple[zipfile.ZipInfo, tuple[str, ...]]:
    found = [
        member
        for member in archive.infolist()
        if member.filename.lower().endswith((".csv", ".tsv", ".txt")) and not member.filename.startswith("__MACOSX/")
    ]
    if not found:
        raise Problem(name, "there is no CSV file in the zip file", "Add the CSV file to the zip file")
    largest = max(found, key=lambda member: member.file_size)
    if largest.flag_bits & 1:
        raise Problem(name, "the zip file is encrypted", "Zip the CSV file without a password")
    _check_bomb(largest.file_size, largest.compress_size, name)
    if len(found) == 1:
        return largest, ()
    return largest, (f"{largest.filename} was read, the largest of {len(found)} CSV files in {name}.",)


def _check_bomb(unpacked: int, packed: int, name: str) -> None:
    if unpacked > LIMIT:
        said = f"it unpacks to more than {LIMIT / 1e9:.0f} GB"
        raise Problem(name, said, "Use a sample of the rows, or fewer columns")
    if unpacked > SMALL and unpacked > RATIO * packed:
        said = f"it unpacks to more than {RATIO} times its size, like a zip bomb"
        raise Problem(name, said, "Unpack it yourself if you trust it, and choose the CSV file")


@dataclass(frozen=True)
class _Text:
    """The plain bytes of a CSV file, opened as often as needed: as it is, gzipped, or a member of a zip file."""

    file: BinaryIO
    member: tuple[zipfile.ZipFile, zipfile.ZipInfo] | None
    name: str

    @contextmanager
    def opened(self) -> Iterator[Any]:
        if self.member:
            archive, info = self.member
            with archive.open(info) as unpacked:  # never yields more than the size that was checked
                yield unpacked
            return
        self.file.seek(0)
        packed = self.file.read(2) == b"\x1f\x8b"
        size = self.file.seek(0, io.SEEK_END)
        self.file.seek(0)
        if not packed:
            yield self.file
            return
        with pa.CompressedInputStream(_KeptOpen(self.file), "gzip") as unpacked:
            yield _Counted(unpacked, size, self.name)


class _KeptOpen(io.RawIOBase):
    """A file that survives its reader: Arrow closes what it has read, and we read twice."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self.file.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


class _Counted(io.RawIOBase):
    """A gzipped stream that stops at a bomb: gzip does not say beforehand how large it becomes."""

    def __init__(self, stream: pa.NativeFile, packed: int, name: str) -> None:
        self.stream, self.packed, self.label, self.done = stream, packed, name, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self.stream.read(len(buffer))
        buffer[: len(block)] = block
        self.done += len(block)
        _check_bomb(self.done, self.packed, self.label)
        return len(block)


def _csv(text: _Text, name: str) -> FileTable:
    try:
        delimiter, header = _layout(text, name)
        with text.opened() as stream:
            table = arrow_csv.read_csv(stream, **_options(delimiter, header, threads=True))
    except pa.ArrowInvalid as error:
        raise _ragged(text, name, delimiter, header, error) from error
    except OSError as error:  # Arrow's word for a damaged stream
        raise Problem(name, "the gzip file is damaged", "Compress the CSV file again") from error
    if not table.num_rows:
        raise Problem(name, "it has a header but no rows", "Choose a file with rows")
    unreadable = [field.name for field in table.schema if pa.types.is_binary(field.type)]
    if unreadable:
        raise _not_utf8(name, f" in column {unreadable[0]}")
    notes = () if delimiter == "," else (f"Columns are separated by {DELIMITERS[delimiter]}, not commas.",)
    return FileTable(_frame(table), name, notes)


def _options(delimiter: str, header: list[str], *, threads: bool) -> dict[str, Any]:
    return {
        "read_options": arrow_csv.ReadOptions(column_names=header, skip_rows=1, use_threads=threads),
        "parse_options": arrow_csv.ParseOptions(delimiter=delimiter),
        "convert_options": arrow_csv.ConvertOptions(strings_can_be_null=True),
    }


def _layout(text: _Text, name: str) -> tuple[str, list[str]]:
    """The delimiter, and the header's names."""
    with text.opened() as stream:
        sample = bytearray()
        while len(sample) < SAMPLE and (more := stream.read(SAMPLE - len(sample))):
            sample += more
    complete = sample if len(sample) < SAMPLE else sample[: sample.rfind(b"\n") + 1] or sample
    try:
        decoded = complete.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(name) from error
    lines = decoded.splitlines()
    if not any(line.strip() for line in lines):
        raise _empty(name)
    delimiter = _delimiter(lines)
    header = [title.strip() for title in next(csv.reader(lines[:1], delimiter=delimiter), [])]
    _check_header(header, name)
    return delimiter, [title or f"column_{number}" for number, title in enumerate(header, start=1)]


def _delimiter(lines: list[str]) -> str:
    """The one that cuts most of the first lines into as many columns as the header, and into the most columns."""

    def fit(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines[:50], delimiter=delimiter) if row]
        agreeing = sum(count == counts[0] for count in counts) / len(counts)
        return (agreeing if counts[0] > 1 else 0.0, counts[0])

    return max(DELIMITERS, key=fit)


def _check_header(header: list[str], name: str) -> None:
    twice = [title for title, count in Counter(header).items() if count > 1]
    if all(_is_number(title) for title in header):
        raise Problem(name, "its first row holds numbers, not column names", "Add a header row")
    if twice:
        raise _duplicates(twice, name)


def _duplicates(twice: list[str], name: str) -> Problem:
    more = f" and {len(twice) - 3} more" if len(twice) > 3 else ""
    listed = ", ".join(title or "(no name)" for title in twice[:3])
    return Problem(name, f"several columns have the same name: {listed}{more}", "Give each column its own name")


def _is_number(title: str) -> bool:
    try:
        float(title)
    except ValueError:
        return False
    return True


def _ragged(text: _Text, name: str, delimiter: str, header: list[str], error: pa.ArrowInvalid) -> Problem:
    """The same failure with the row's number, which Arrow knows only when it reads in one thread."""
    said = str(error)
    if "Expected" in said:
        try:
            with text.opened() as stream:
                arrow_csv.read_csv(stream, **_options(delimiter, header, threads=False))
        except pa.ArrowInvalid as numbered:
            said = str(numbered)
    words = said.removeprefix("CSV parse error: ").partition("\n")[0]
    words = words if len(words) <= 120 else f"{words[:120]}…"
    return Problem(name, words.replace("Row #", "row "), "Correct that row; the header is row 1")


def _parquet(file: BinaryIO, name: str) -> pd.DataFrame:
    try:
        opened = parquet.ParquetFile(file)
        groups = [opened.metadata.row_group(number) for number in range(opened.metadata.num_row_groups)]
        unpacked = max(
            sum(group.total_byte_size for group in groups), 8 * len(opened.schema_arrow) * opened.metadata.num_rows
        )
        if unpacked > LIMIT:
            _check_bomb(unpacked, unpacked, name)
        table = opened.read()
    except (pa.ArrowException, OSError) as error:
        raise Problem(name, "the Parquet file is damaged", "Write the file again") from error
    twice = [title for title, count in Counter(table.column_names).items() if count > 1]
    if twice:
        raise _duplicates(twice, name)
    if not table.num_rows or not table.num_columns:
        raise Problem(name, "it has no rows", "Choose a file with rows")
    return _frame(table)


def _frame(table: pa.Table) -> pd.DataFrame:
    """Missing cells of true/false columns stay missing; an index that pandas stored is a column like the others."""
    import pandas as pd

    booleans = {pa.bool_(): pd.BooleanDtype()}
    return table.to_pandas(types_mapper=booleans.get, ignore_metadata=True, split_blocks=True, self_destruct=True)


def _empty(name: str) -> Problem:
    return Problem(name, "the file is empty", "Choose a file with a header and rows")


def _not_utf8(name: str, where: str = "") -> Problem:
    return Problem(name, f"its text{where} is not UTF-8", "Save it again with the encoding UTF-8")
