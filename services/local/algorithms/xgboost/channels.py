"""Reading a channel's files into XGBoost's matrices, and refusing what cannot be learned from."""

import re
import tempfile
import warnings
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import xgboost as xgb

from services.local.algorithms.data_files import DataFile, UserError, first_line, read_csv, read_tables

_FORMATS = {
    "text/csv": "csv",
    "csv": "csv",
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
    "libsvm": "libsvm",
    "application/x-parquet": "parquet",
    "parquet": "parquet",
}


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
    """The format of a ContentType: "csv", "libsvm" or "parquet"; none means libsvm. Raises UserError."""
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
    return XGBoostTable(read_tables(files, read_csv if kind == "csv" else _read_parquet, weighted), weighted)


def matrix(table: XGBoostTable, threads: int) -> "xgb.DMatrix":
    """`table` for XGBoost. (Its QuantileDMatrix takes longer to fill than a training saves by it.)"""
    return xgb.DMatrix(table.features, label=table.label, weight=table.weight, nthread=threads)


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
        first = first_line(file.path)
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
            raise UserError(f"{files[0]}: {error_text(error)} Give files in libsvm format.") from None
