"""The rows of a prepared set as a table: its files have no header, and classes stand in them by their place."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data import first_rows
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

REMEDY = "Prepare the table again"


def read(account: Account, data: PreparedData, split: str) -> pd.DataFrame:
    """Every row of a split: the target, with the names of its classes, and the features as numbers.

    Raises Problem for a file that is gone, empty or not as the manifest says, AwsError.
    """
    try:
        body = s3.read_bytes(account, data.file(split))
    except AwsError as error:
        if error.is_missing:
            raise Problem(f"Data set {data.display_name}", f"its {split} rows were deleted", REMEDY) from error
        raise
    return _table(body, data, split)


def preview(account: Account, data: PreparedData, split: str) -> pd.DataFrame:
    """The first rows of a split, of a few kilobytes of its file; the same columns. Raises Problem, AwsError."""
    rows = first_rows.read(account, data, split)
    return _table("\n".join(rows.lines).encode(), data, split)


def _table(body: bytes, data: PreparedData, split: str) -> pd.DataFrame:
    where, names = f"{split.capitalize()} rows of {data.display_name}", [data.target, *data.features]
    if not body:
        raise Problem(where, "there are none", REMEDY)
    try:
        table = csv.read_csv(
            io.BytesIO(body),
            csv.ReadOptions(column_names=names),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float64())),
        )
    except pa.ArrowInvalid as error:
        raise Problem(where, str(error).splitlines()[0], REMEDY) from error
    frame: pd.DataFrame = table.to_pandas()
    if data.kind is not TargetKind.NUMBER:
        frame[data.target] = frame[data.target].map(dict(enumerate(data.classes))).astype("str")
    return frame
