"""Reading a channel's files into XGBoost's matrices, and refusing what cannot be learned from."""

import re
import tempfile
import warnings
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import xgboost as xgb

from services.local.algorithms import recordio, recordio_files
from services.local.algorithms.data_files import DataFile, UserError, join_tables, read_csv
from services.local.algorithms.xgboost import delimiters

_FORMATS = {
    "text/csv": "csv",
    "csv": "csv",
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
    "libsvm": "libsvm",
    "application/x-parquet": "parquet",
    "parquet": "parquet",
    "application/x-recordio-protobuf": "recordio-protobuf",
    "recordio-protobuf": "recordio-protobuf",
}

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LIBSVM_LABEL = re.compile(f"{_NUMBER}(?::{_NUMBER})?")  # and its weight


def error_text(error: "xgb.core.XGBoostError") -> str:
    """XGBoost's own sentence, without the place in its source and the stack."""
    text = str(error).partition("Stack trace:")[0].strip()
    return re.sub(r"^\[[\d:]+\] \S+: (Check failed: )?", "", text)


@dataclass(frozen=True)
class XGBoostTable:
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
    """The format of a ContentType, one of the values of _FORMATS; none means libsvm. Raises UserError."""
    name, *parameters = [part.strip() for part in (content_type or "libsvm").lower().split(";")]
    if name not in _FORMATS:
        raise UserError(f"{content_type} is not an accepted ContentType. Use one of: {', '.join(_FORMATS)}.")
    for parameter in parameters:
        if parameter.startswith("label_size") and parameter.partition("=")[2].strip() != "1":
            raise UserError(f"ContentType {content_type}: label_size can only be 1, the label being the first column.")
    return _FORMATS[name]


def read(files: list[DataFile], kind: str, weighted: bool) -> "XGBoostTable | xgb.DMatrix":
    """All files as one table, or for libsvm, which is sparse, as one matrix. Raises UserError."""
    if kind == "libsvm":
        return _read_libsvm(files)
    if kind == "recordio-protobuf":
        return XGBoostTable(recordio_files.read(files, recordio.NUMBERS, unset=np.nan), weighted=False)
    tables = _read_csv(files) if kind == "csv" else _read_parquet(files)
    return XGBoostTable(join_tables(files, tables, weighted), weighted)


def matrix(table: XGBoostTable, threads: int) -> "xgb.DMatrix":
    """`table` for XGBoost. Raises UserError. (Its QuantileDMatrix takes longer to fill than a training saves by it.)"""
    try:
        return xgb.DMatrix(table.features, label=table.label, weight=table.weight, nthread=threads)
    except xgb.core.XGBoostError as error:
        raise UserError(f"Failed to load the data: {error_text(error)} Give numbers of 32 bits.") from None


def _read_csv(files: list[DataFile]) -> list[pa.Table]:
    """With the delimiter of the first file, which the container applies to all."""
    delimiter = delimiters.of_file(files[0])
    return [read_csv(file, delimiter) for file in files]


def _read_parquet(files: list[DataFile]) -> list[pa.Table]:
    """With the columns in the order of the first file, by their names."""
    tables = [_read_parquet_file(file) for file in files]
    names = tables[0].column_names
    for file, table in zip(files, tables, strict=True):
        if sorted(table.column_names) != sorted(names):
            other = sorted(set(table.column_names) ^ set(names))
            raise UserError(
                f"{file}: its columns are not those of {files[0].path.name}: {', '.join(other[:5])}. Give every file "
                "of a channel the same columns."
            )
    return [table if table.column_names == names else table.select(names) for table in tables]


def _read_parquet_file(file: DataFile) -> pa.Table:
    """A file's columns as float32, without an index of pandas, which pandas would not count among them."""
    try:
        table = pa.parquet.read_table(file.path)
        indices = (table.schema.pandas_metadata or {}).get("index_columns", [])
        table = table.drop_columns([name for name in indices if name in table.column_names])
        return table.cast(pa.schema([(field.name, pa.float32()) for field in table.schema]), safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise UserError(
            f"{file}: {str(error).splitlines()[0]}. Give a Parquet file with columns of numbers only, the label first."
        ) from None


def _read_libsvm(files: list[DataFile]) -> "xgb.DMatrix":
    for file in files:
        _check_libsvm(file)
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
            raise UserError(f"{files[0]}: {error_text(error)} Give files in libsvm format.") from None


def _check_libsvm(file: DataFile) -> None:
    """Whether the first lines are "label index:value ...", up to the first that has more than one value."""
    with file.path.open(errors="replace") as lines:
        for line in lines:
            label, *cells = line.split(" ")
            if not _LIBSVM_LABEL.fullmatch(label.strip()) or not all(":" in cell for cell in cells):
                raise UserError(
                    f"Blankspace and colon not found in firstline '{line.rstrip()[:80]}' of file '{file.path.name}' of "
                    f"channel {file.channel}. ContentType by default is in libsvm. Please ensure the file is in libsvm "
                    "format, or give the channel its ContentType."
                )
            if len(cells) > 1:
                return
