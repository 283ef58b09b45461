"""A channel's RecordIO files as one table: what every algorithm's container does alike."""

import itertools
from collections.abc import Collection

import numpy as np

from services.local.algorithms import recordio
from services.local.algorithms.data_files import DataFile, UserError
from services.local.algorithms.recordio import Record, RecordError
from services.local.algorithms.vectors import Vector, VectorError, dense

RECORDIO = "application/x-recordio-protobuf"


def read(files: list[DataFile], tensors: Collection[str], unset: float) -> np.ndarray:
    """The records of all files, label first: rows x columns, float32. Raises UserError.

    tensors: the types of numbers that are read. unset: what a feature is that a sparse record does not set.
    """
    channel = files[0].channel
    records = list(itertools.chain.from_iterable(_records(file, tensors) for file in files))
    labels = np.array([_label(channel, row, record) for row, record in enumerate(records)], np.float32)
    vectors = [_features(channel, row, record) for row, record in enumerate(records)]
    try:
        features = dense(vectors, max((vector.columns for vector in vectors), default=0), unset)
    except VectorError as error:
        raise UserError(
            f"Channel {channel}: {error}. Give every record the same features, and a sparse one its shape."
        ) from None
    return np.column_stack([labels, features])


def _records(file: DataFile, tensors: Collection[str]) -> list[Record]:
    try:
        return list(recordio.read(file.path.read_bytes(), tensors))
    except RecordError as error:
        raise UserError(
            f"Unable to read data channel '{file.channel}'. Requested content-type is '{RECORDIO}'. Please verify the "
            f"data matches the requested content-type. ({file}: {error})"
        ) from None


def _label(channel: str, row: int, record: Record) -> float:
    label = record.label.get("values")
    if label is None or len(label.values) != 1:
        raise UserError(f"Channel {channel}: record {row + 1} has no label. Give every record a label named 'values'.")
    return float(label.values[0])


def _features(channel: str, row: int, record: Record) -> Vector:
    if "values" not in record.features:
        raise UserError(
            f"Channel {channel}: record {row + 1} has no features. Give every record features named 'values'."
        )
    return record.features["values"]
