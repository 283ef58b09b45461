"""The raw rows behind the validation and test rows of a prepared set: every column of the table it was made of.

    s3://BUCKET/sagedeck/data/NAME/raw/validation.parquet    row by row as in validation/data.csv
    s3://BUCKET/sagedeck/data/NAME/raw/test.parquet

Columns that no model learned from, such as an identifier, are among them. Train rows are not kept: a model is evaluated
on rows it has not seen, resampling makes train rows that no table had, and they would be most of the bytes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike
from pyarrow import csv, parquet

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.data.prepared_data import PreparedData
from services.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

KEPT = ("validation", "test")
BATCH = 50_000  # rows that are in memory at a time
REMEDY = "Prepare the table again"


@dataclass(frozen=True, eq=False)
class PartRows:
    """The rows of a part in the order of its `data.csv`. Their cells lie in a file until they are looked at.

    is_raw: whether these are the raw rows; the features, as numbers, of a part of which no raw rows are kept.
    """

    batches: tuple[pa.RecordBatch, ...]
    schema: pa.Schema
    is_raw: bool

    @property
    def rows(self) -> int:
        return sum(batch.num_rows for batch in self.batches)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the table."""
        return tuple(self.schema.names)

    def column(self, name: str) -> pa.ChunkedArray:
        """All cells of a column."""
        return pa.chunked_array([batch.column(name) for batch in self.batches], self.schema.field(name).type)

    def take(self, places: ArrayLike) -> pa.Table:
        """The rows at some places, in the order of these. Reads only the pages of the file that hold them."""
        wanted = np.asarray(places, dtype=np.int64)
        order = np.argsort(wanted, kind="stable")
        starts = np.cumsum([0, *(batch.num_rows for batch in self.batches)])
        cuts = np.searchsorted(wanted[order], starts)
        found = [
            batch.take(pa.array(wanted[order[first:last]] - start))
            for batch, start, first, last in zip(self.batches, starts, cuts, cuts[1:], strict=False)
            if last > first
        ]
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return pa.Table.from_batches(found, self.schema).combine_chunks().take(pa.array(back))


def write(frame: pd.DataFrame, index: pd.Index, file: Path | BinaryIO) -> None:
    """The rows of `frame` that `index` names, in its order, as a Parquet file."""
    places = frame.index.get_indexer(index)
    schema = pa.schema([(str(name), _cells(frame[name].iloc[:0]).type) for name in frame.columns])
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    with parquet.ParquetWriter(file, schema, compression="zstd", compression_level=1, use_dictionary=texts) as writer:
        for start in range(0, len(places), BATCH):
            part = frame.take(places[start : start + BATCH])
            writer.write_batch(pa.record_batch([_cells(part[name]) for name in part.columns], schema=schema))


def read(account: Account, data: PreparedData, split: str) -> PartRows:
    """The raw rows of a part, or its features where no raw rows are kept.

    Raises Problem for a file that is gone, damaged or of another number of rows, AwsError.
    """
    is_raw = split in data.raw_rows
    where = f"{'Raw ' if is_raw else ''}{split} rows of {data.display_name}"
    with tempfile.TemporaryDirectory(prefix="sagedeck-") as folder:
        stored, mapped = Path(folder) / "stored", Path(folder) / "mapped"
        try:
            s3.download(account, data.raw_file(split) if is_raw else data.file(split), stored)
            schema, batches = _parquet(stored) if is_raw else _features(stored, data)
            with pa.OSFile(str(mapped), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        except AwsError as error:
            if error.is_missing:
                raise Problem(where, "their file was deleted", REMEDY) from error
            raise
        except pa.ArrowInvalid as error:
            raise Problem(where, str(error).splitlines()[0], REMEDY) from error
        found = _mapped(mapped, is_raw)
    if found.rows != data.rows[split]:
        said = f"their file has {found.rows:,} rows, and the set has {data.rows[split]:,}"
        raise Problem(where, said, REMEDY)
    return found


def _cells(values: pd.Series) -> pa.Array:
    """The cells of a column; those that may be of several types as text."""
    if values.dtype == object or str(values.dtype) == "category":
        return pa.array(values.map(str, na_action="ignore"), pa.string(), from_pandas=True)
    return pa.array(values, from_pandas=True)


def _parquet(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    file = parquet.ParquetFile(path)
    return file.schema_arrow, file.iter_batches(BATCH)


def _features(path: Path, data: PreparedData) -> tuple[pa.Schema, Any]:
    """The columns of a part's CSV file, apart from the target."""
    names = [data.target, *data.features]
    reader = csv.open_csv(
        path,
        csv.ReadOptions(column_names=names),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.float64()), include_columns=list(data.features)
        ),
    )
    return reader.schema, reader


def _mapped(path: Path, is_raw: bool) -> PartRows:
    """The batches of an Arrow file in memory that the system can take back; the file may be deleted meanwhile."""
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    batches = (reader.get_batch(number) for number in range(reader.num_record_batches))
    return PartRows(tuple(batches), reader.schema, is_raw)
