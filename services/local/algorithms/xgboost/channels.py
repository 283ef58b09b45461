"""Reading a channel's files into XGBoost's matrices, and refusing what cannot be learned from.

CSV goes from text to 32-bit numbers in Arrow and from there straight into XGBoost: no data frame in between.
"""

import re
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import xgboost as xgb

_FORMATS = {
    "text/csv": "csv",
    "csv": "csv",
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
    "libsvm": "libsvm",
    "application/x-parquet": "parquet",
    "parquet": "parquet",
}


class UserError(Exception):
    """What the owner of the job can put right; becomes a "ClientError" of the job."""


def said(error: "xgb.core.XGBoostError") -> str:
    """XGBoost's own sentence, without the place in its source and the stack."""
    text = str(error).partition("Stack trace:")[0].strip()
    return re.sub(r"^\[[\d:]+\] \S+: (Check failed: )?", "", text)


@dataclass(frozen=True)
class DataFile:
    """One file of a channel; as text, how messages name it."""

    channel: str
    path: Path

    def __str__(self) -> str:
        return f"Channel {self.channel}, file {self.path.name}"


@dataclass(frozen=True)
class Table:
    """Dense records: `values` (rows x columns, float32, NaN where a cell is missing), label first."""

    values: np.ndarray
    weighted: bool  # the second column is the weight

    @property
    def label(self) -> np.ndarray:
        return self.values[:, 0]

    @property
    def weight(self) -> np.ndarray | None:
        return self.values[:, 1] if self.weighted else None

    @property
    def features(self) -> np.ndarray:
        return self.values[:, 2 if self.weighted else 1 :]


def data_format(content_type: str | None) -> str:
    """The format of a ContentType: "csv", "libsvm" or "parquet"; none means libsvm. Raises UserError."""
    name, *parameters = [part.strip() for part in (content_type or "libsvm").lower().split(";")]
    if name not in _FORMATS:
        raise UserError(f"{content_type} is not an accepted ContentType. Use one of: {', '.join(_FORMATS)}.")
    for parameter in parameters:
        if parameter.startswith("label_size") and parameter.partition("=")[2].strip() != "1":
            raise UserError(f"ContentType {content_type}: label_size can only be 1, the label being the first column.")
    return _FORMATS[name]


def files(channel: str, folder: Path) -> list[DataFile]:
    """The data files of a channel, in name order. Raises UserError when there are none."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "_")))
    filled = [DataFile(channel, path) for path in found if path.stat().st_size]
    if not filled:
        raise UserError(
            f"Channel {channel} holds no data. Put at least one file there whose name starts with neither . nor _."
        )
    return filled


def read(files: list[DataFile], kind: str, weighted: bool) -> "Table | xgb.DMatrix":
    """All files as one table, or for libsvm, which is sparse, as one matrix. Raises UserError."""
    if kind == "libsvm":
        return _read_libsvm(files)
    return _read_table(files, _read_csv if kind == "csv" else _read_parquet, weighted)


def matrix(table: Table, threads: int) -> "xgb.DMatrix":
    """`table` for XGBoost. (Its QuantileDMatrix takes longer to fill than a training saves by it.)"""
    return xgb.DMatrix(table.features, label=table.label, weight=table.weight, nthread=threads)


def _read_table(files: list[DataFile], reader: Callable[[DataFile], pa.Table], weighted: bool) -> Table:
    tables = [reader(file) for file in files]
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
    return Table(values, weighted)


def dense(tables: list[pa.Table]) -> np.ndarray:
    """The rows of all `tables`, which have the same float32 columns, one after another; NaN for null."""
    values = np.empty((sum(table.num_rows for table in tables), tables[0].num_columns), np.float32)
    begin = 0
    for table in tables:
        for batch in table.to_batches():  # a batch's rows stay in the processor's cache while its columns are laid out
            for column, array in enumerate(batch.columns):
                values[begin : begin + batch.num_rows, column] = array.to_numpy(zero_copy_only=False)
            begin += batch.num_rows
    return values


def _check_labels(file: DataFile, labels: np.ndarray) -> None:
    bad = ~np.isfinite(labels)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        what = "weight" if column else "label"
        raise UserError(f"{file}: row {row + 1} has no {what}. Give every record a number there.")


def _read_csv(file: DataFile) -> pa.Table:
    first = _first_line(file.path)
    cells = first.split(",")
    if not any(_is_number(cell.strip('"')) for cell in cells):
        raise UserError(
            f"{file}: the first line is not data ({first[:80]}). Remove the header: the columns are known by "
            "their order, the label first."
        )
    try:
        return _arrow_csv(file.path, len(cells), threads=True)
    except pa.ArrowInvalid:
        pass  # with threads, Arrow does not know the row
    try:
        return _arrow_csv(file.path, len(cells), threads=False)
    except pa.ArrowInvalid as error:
        raise UserError(
            f"{file}: {str(error).splitlines()[0]}. Give every line the same number of cells, all of them numbers."
        ) from None


def _arrow_csv(path: Path, columns: int, threads: bool) -> pa.Table:
    names = [str(number) for number in range(columns)]
    return pa.csv.read_csv(
        path,
        pa.csv.ReadOptions(column_names=names, use_threads=threads),
        convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float32())),
    )


def _first_line(path: Path) -> str:
    with path.open(errors="replace") as lines:
        return next((line.rstrip("\r\n") for line in lines if line.strip()), "")


def _is_number(cell: str) -> bool:
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return True


def _read_parquet(file: DataFile) -> pa.Table:
    try:
        table = pa.parquet.read_table(file.path)
        return table.cast(pa.schema([(field.name, pa.float32()) for field in table.schema]), safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise UserError(
            f"{file}: {str(error).splitlines()[0]}. Give a Parquet file with columns of numbers only, the label first."
        ) from None


def _read_libsvm(files: list[DataFile]) -> "xgb.DMatrix":
    for file in files:
        first = _first_line(file.path)
        if " " not in first or ":" not in first:
            raise UserError(
                f"Blankspace and colon not found in firstline '{first[:80]}' of file '{file.path.name}' of channel "
                f"{file.channel}. ContentType by default is in libsvm. Please ensure the file is in libsvm format, "
                "or give the channel its ContentType."
            )
    # XGBoost's reader takes "?" and "#" in a path for its own, so it gets a path of ours.
    with tempfile.NamedTemporaryFile(suffix=".libsvm") as joined, warnings.catch_warnings():
        for file in files:
            content = file.path.read_bytes()
            joined.write(content if content.endswith(b"\n") else content + b"\n")
        joined.flush()
        warnings.filterwarnings("ignore", message=".*Text file input has been deprecated", category=UserWarning)
        try:
            return xgb.DMatrix(f"{joined.name}?format=libsvm")
        except xgb.core.XGBoostError as error:
            raise UserError(f"{files[0]}: {said(error)} Give files in libsvm format.") from None
