"""What the XGBoost container reads of a channel's files: the table of docs/local-service.md, and Parquet."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.local.algorithms.data_files import UserError, files
from services.local.algorithms.xgboost import channels
from services.local.algorithms.xgboost.channels import XGBoostTable
from tests.local.algorithms import documented_tables, protobuf_records

PARQUET = "application/x-parquet"


def read(folder: Path, content_type: str | None) -> np.ndarray:
    """Label and features of the files in a folder, rows x columns; NaN where a value is missing."""
    content = channels.read(files("train", folder), channels.data_format(content_type), weighted=False)
    if isinstance(content, XGBoostTable):
        return content.values
    values = np.full((content.num_row(), content.num_col() + 1), np.nan)
    present = content.get_data().tocoo()
    values[present.row, present.col + 1] = present.data
    values[:, 0] = content.get_label()
    return values


def refusal(folder: Path, content_type: str) -> str:
    with pytest.raises(UserError) as refused:
        read(folder, content_type)
    return str(refused.value)


def write_parquet(folder: Path, *parts: dict[str, Any], index: list[int] | None = None) -> Path:
    for number, part in enumerate(parts):
        pd.DataFrame(part, index=index).to_parquet(folder / f"{number}.parquet")
    return folder


@pytest.mark.parametrize(("lines", "content_type", "records"), documented_tables.rows("Training files"))
def test_lines_are_read_as_the_table_says(tmp_path: Path, lines: str, content_type: str, records: str) -> None:
    (tmp_path / "part").write_text(lines)
    values = read(tmp_path, None if content_type == "none" else content_type)
    assert ", ".join(" ".join("-" if np.isnan(cell) else f"{cell:g}" for cell in row) for row in values) == records


def test_all_files_are_read_with_the_delimiter_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1;2;3\n")
    (tmp_path / "b").write_text("0,4,5\n")
    assert refusal(tmp_path, "text/csv").startswith("Channel train, file b: the first line is not data (0,4,5).")


@pytest.mark.parametrize("line", ["1;2,5;3", "111|2|3"])
def test_a_line_the_delimiter_of_which_is_taken_wrongly_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "part").write_text(f"{line}\n")
    assert refusal(tmp_path, "text/csv").endswith("Separate the cells by commas.")


def test_a_line_without_a_delimiter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "part").write_text("'a'§'b'\n")
    assert refusal(tmp_path, "text/csv").startswith("Channel train, file part: the delimiter cannot be told")


@pytest.mark.parametrize("line", ["1,2,3", "", "red 0:1", "1 2", "1\n0 1"])
def test_what_is_no_libsvm_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "part").write_text(f"{line}\n")
    assert refusal(tmp_path, "text/libsvm").startswith("Blankspace and colon not found in firstline")


def test_files_of_parquet_are_joined_by_the_names_of_their_columns(tmp_path: Path) -> None:
    write_parquet(tmp_path, {"label": [1], "a": [2], "b": [3]}, {"b": [6], "label": [0], "a": [5]})
    assert read(tmp_path, PARQUET).tolist() == [[1, 2, 3], [0, 5, 6]]


def test_files_of_parquet_with_other_columns_are_refused(tmp_path: Path) -> None:
    write_parquet(tmp_path, {"label": [1], "a": [2]}, {"label": [0], "b": [5]})
    assert refusal(tmp_path, PARQUET).startswith(
        "Channel train, file 1.parquet: its columns are not those of 0.parquet: a, b."
    )


def test_an_index_that_pandas_stored_is_no_feature(tmp_path: Path) -> None:
    write_parquet(tmp_path, {"label": [1, 0], "a": [2, 3]}, index=[7, 4])
    assert read(tmp_path, PARQUET).tolist() == [[1, 2], [0, 3]]


def test_files_of_recordio_are_read_one_after_the_other(tmp_path: Path) -> None:
    features = np.array([[1, 0], [2, 3]], np.float32)
    (tmp_path / "a").write_bytes(protobuf_records.dense(features, np.array([1, 0])))
    (tmp_path / "b").write_bytes(protobuf_records.sparse(features[1:], np.array([1])))
    assert read(tmp_path, "application/x-recordio-protobuf").tolist() == [[1, 1, 0], [0, 2, 3], [1, 2, 3]]


def test_what_a_sparse_record_leaves_out_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(protobuf_records.sparse(np.array([[0, 2]], np.float32), np.array([1])))
    assert np.array_equal(read(tmp_path, "recordio-protobuf"), [[1, np.nan, 2]], equal_nan=True)


def test_records_without_labels_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(protobuf_records.dense(np.ones((1, 2), np.float32)))
    assert refusal(tmp_path, "recordio-protobuf").startswith("Channel train: record 1 has no label.")
