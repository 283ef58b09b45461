"""The files of a job's channel, and reading CSV from them: what every algorithm's container does alike.

CSV goes from text to 32-bit numbers in Arrow and from there straight into a matrix: no data frame in between.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

SMALL = 1 << 20  # bytes of CSV below which threads cost more than they bring


class UserError(Exception):
    """What the owner of the job can put right; becomes a "ClientError" of the job."""


@dataclass(frozen=True)
class DataFile:
    """One file of a channel; as text, how messages name it."""

    channel: str
    path: Path

    def __str__(self) -> str:
        return f"Channel {self.channel}, file {self.path.name}"


def files(channel: str, folder: Path) -> list[DataFile]:
    """The data files of a channel, in name order. Raises UserError when there are none."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "_")))
    filled = [DataFile(channel, path) for path in paths if path.stat().st_size]
    if not filled:
        raise UserError(
            f"Channel {channel} holds no data. Put at least one file there whose name starts with neither . nor _."
        )
    return filled


def identity(files: list[DataFile]) -> str:
    """The same for the same data: a job's files are links to objects, and an object's file never changes."""
    stats = [file.path.stat() for file in files]
    return repr([(stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats])


def join_tables(files: list[DataFile], tables: list[pa.Table], weighted: bool) -> np.ndarray:
    """The rows of all files, label first and then the weight if there is one; NaN for null. Raises UserError."""
    labels = 2 if weighted else 1
    for file, table in zip(files, tables, strict=True):
        if table.num_columns <= labels:
            first = "label and weight" if weighted else "label"
            raise UserError(f"{file}: there is no feature column after the {first}. Put {first} first.")
        if table.num_columns != tables[0].num_columns:
            raise UserError(
                f"{file}: {table.num_columns} columns where {files[0].path.name} has {tables[0].num_columns}. "
                "Give every file of a channel the same columns."
            )
    values, begin = dense(tables), 0
    for file, table in zip(files, tables, strict=True):
        _check_labels(file, values[begin : begin + table.num_rows, :labels])
        begin += table.num_rows
    return values


def dense(tables: list[pa.Table]) -> np.ndarray:
    """The rows of all `tables`, which have the same float32 columns, one after another; NaN for null."""
    values = np.empty((sum(table.num_rows for table in tables), tables[0].num_columns), np.float32)
    begin = 0
    for table in tables:
        for batch in table.to_batches():  # a batch's rows stay in the processor's cache while its columns are laid out
            for column, array in enumerate(batch.columns):
                filled = array.fill_null(np.nan) if array.null_count else array
                values[begin : begin + batch.num_rows, column] = np.from_dlpack(filled)  # to_numpy imports pandas
            begin += batch.num_rows
    return values


def _check_labels(file: DataFile, labels: np.ndarray) -> None:
    bad = ~np.isfinite(labels)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        what = "weight" if column else "label"
        raise UserError(f"{file}: row {row + 1} has no {what}. Give every record a number there.")


def read_csv(file: DataFile, delimiter: str = ",") -> pa.Table:
    """A file's columns as float32. Raises UserError."""
    first = first_line(file.path)
    cells = first.split(delimiter)
    if not any(_is_number(cell.strip('"')) for cell in cells):
        raise UserError(
            f"{file}: the first line is not data ({first[:80]}). Remove the header: the columns are known by "
            "their order, the label first. Separate the cells by commas."
        )
    parse = pa.csv.ParseOptions(delimiter=delimiter)
    try:
        return _arrow_csv(file.path, len(cells), True, parse)
    except pa.ArrowInvalid:
        pass  # with threads, Arrow does not know the row
    try:
        return _arrow_csv(file.path, len(cells), False, parse)
    except pa.ArrowInvalid as error:
        raise UserError(
            f"{file}: {str(error).splitlines()[0]}. Give every line the same number of cells, all of them numbers."
        ) from None


def read_csv_body(body: bytes) -> np.ndarray:
    """The records of a request that has some: rows x columns, float32. Raises pa.ArrowInvalid."""
    first = next(line for line in BytesIO(body) if not line.isspace())
    return dense([_arrow_csv(pa.py_buffer(body), first.count(b",") + 1, len(body) > SMALL)])


def first_line_of(body: bytes) -> bytes:
    """The first line, without copying the others."""
    return BytesIO(body).readline().rstrip(b"\n")


def read_strict_csv(body: bytes, delimiter: str) -> np.ndarray:
    """The records of a request that has some: every cell a number or nothing, without quotes; no line is blank.

    Raises ValueError.
    """
    columns = first_line_of(body).count(delimiter.encode()) + 1
    parse = pa.csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False)
    values = dense([_arrow_csv(pa.py_buffer(body), columns, len(body) > SMALL, parse, missing=[""])])
    may_be_blank = columns > 1 and np.isnan(values[:, 0]).any()  # Arrow takes a blank line for a row of missing values
    if may_be_blank and (b"\n\n" in body or b"\n\r\n" in body):
        raise ValueError("a line is blank")
    return values


def _arrow_csv(
    source: "Path | pa.Buffer",
    columns: int,
    threads: bool,
    parse: "pa.csv.ParseOptions | None" = None,
    missing: list[str] | None = None,
) -> pa.Table:
    names = [str(number) for number in range(columns)]
    return pa.csv.read_csv(
        source,
        pa.csv.ReadOptions(column_names=names, use_threads=threads),
        parse,
        pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float32()), null_values=missing),
    )


def first_line(path: Path) -> str:
    """The first line that is not blank."""
    with path.open(errors="replace") as lines:
        return next((line.rstrip("\r\n") for line in lines if line.strip()), "")


def _is_number(cell: str) -> bool:
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return True
