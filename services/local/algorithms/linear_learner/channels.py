"""Reading a channel's files into a table of labels and features, and refusing what cannot be learned from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.local.algorithms import data_files, recordio_files
from services.local.algorithms.data_files import DataFile, UserError
from services.local.algorithms.recordio_files import RECORDIO

CSV = "text/csv"
TENSORS = ("Float32",)


@dataclass(frozen=True)
class LinearLearnerTable:
    """A channel's records: `values` (rows x columns, float32), label first. All are numbers, none is missing."""

    values: np.ndarray

    @property
    def label(self) -> np.ndarray:
        return self.values[:, 0]

    @property
    def features(self) -> np.ndarray:
        return self.values[:, 1:]


@dataclass(frozen=True)
class Source:
    """What a channel is read from: its files, all in the form `form`, which is CSV or RECORDIO."""

    form: str
    files: list[DataFile]

    @property
    def identity(self) -> str:
        """The same for the same data."""
        return self.form + data_files.identity(self.files)


def source(channel: str, folder: Path, content_type: str | None) -> Source:
    """The files of a channel; RecordIO when it has no ContentType. Raises UserError."""
    return Source(_form(channel, content_type), data_files.files(channel, folder))


def read(source: Source) -> LinearLearnerTable:
    """The records of a channel. Raises UserError."""
    values = _read_csv(source.files) if source.form == CSV else recordio_files.read(source.files, TENSORS, unset=0.0)
    _check_finite(source.files[0].channel, values)
    return LinearLearnerTable(values)


def _form(channel: str, content_type: str | None) -> str:
    name, *parameters = [part.strip() for part in (content_type or RECORDIO).lower().split(";")]
    if name not in (CSV, RECORDIO):
        raise UserError(f"Channel {channel}: content type {content_type} is not supported. Use {CSV} or {RECORDIO}.")
    for parameter in parameters:
        if parameter.startswith("label_size") and parameter.partition("=")[2].strip() != "1":
            raise UserError(
                f"Channel {channel}: in {content_type} label_size can only be 1, the label being the first column."
            )
    return name


def _read_csv(files: list[DataFile]) -> np.ndarray:
    return data_files.join_tables(files, [data_files.read_csv(file) for file in files], weighted=False)


def _check_finite(channel: str, values: np.ndarray) -> None:
    if np.isfinite(values).all():
        return
    row, column = np.argwhere(~np.isfinite(values))[0]
    missing = "missing (NaN)" if np.isnan(values[row, column]) else "infinite floating point"
    raise UserError(
        f"Unable to read data channel '{channel}'. Found {missing} values. Please remove any {missing} values in the "
        f"input data. (record {row + 1}, column {column + 1})"
    )
