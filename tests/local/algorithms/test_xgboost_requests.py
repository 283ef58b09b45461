"""What the XGBoost container reads of a request's body: the table of docs/local-service.md."""

import numpy as np
import pytest

from services.local.algorithms.answers import PayloadError
from services.local.algorithms.xgboost.inference_requests import features
from tests.local.algorithms import documented_tables, protobuf_records

COLUMNS = 3


def read(body: bytes, content_type: str) -> str:
    """The records as the table writes them, or the status of a refusal."""
    try:
        values = features(body, content_type, COLUMNS)
    except PayloadError as refusal:
        return str(refusal.status)
    assert values.dtype == np.float32
    return ", ".join(" ".join("-" if np.isnan(cell) else f"{cell:g}" for cell in row) for row in values)


@pytest.mark.parametrize(("body", "content_type", "record"), documented_tables.rows("Requests"))
def test_a_body_is_read_as_the_table_says(body: str, content_type: str, record: str) -> None:
    assert read(body.encode(), "" if content_type == "none" else content_type) == record


@pytest.mark.parametrize("body", [b"\xff,1,2", b"'1'\xc2\xa7'2'\xc2\xa7'3'"])
def test_a_body_that_is_no_text_of_numbers_is_refused(body: bytes) -> None:
    assert read(body, "text/csv") == "415"


def test_a_refusal_names_the_cell() -> None:
    with pytest.raises(PayloadError, match=r"please ensure data is in csv format: .*'red'"):
        features(b"1,red,3", "text/csv", COLUMNS)


def test_an_index_beyond_all_memory_is_refused_like_any_beyond_the_model() -> None:
    assert read(b"0:1 99999999999999999999:1", "text/libsvm") == "400"


def test_a_large_body_is_read_alike() -> None:
    body = b"\n".join([b"1;2;3"] * 500_000)
    assert (features(body, "text/csv", COLUMNS) == [1, 2, 3]).all()


RECORDIO = "application/x-recordio-protobuf"
ROWS = np.array([[1, 0, -3], [4, 5, 6]], np.float32)


@pytest.mark.parametrize("tensor", ["float32_tensor", "float64_tensor", "int32_tensor"])
def test_dense_records_are_read_whatever_their_numbers(tensor: str) -> None:
    values = ROWS.astype(int) if tensor == "int32_tensor" else ROWS
    assert read(protobuf_records.dense(values, tensor=tensor), RECORDIO) == "1 0 -3, 4 5 6"


def test_what_a_sparse_record_leaves_out_is_missing() -> None:
    assert read(protobuf_records.sparse(ROWS), "recordio-protobuf") == "1 - -3, 4 5 6"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"1,2,3", "415"),
        (protobuf_records.framed([protobuf_records.Record(uid="no features")]), "415"),
        (protobuf_records.dense(np.array([[1e39, 2, 3]]), tensor="float64_tensor"), "415"),
        (protobuf_records.dense(np.ones((1, 4))), "400"),
    ],
)
def test_records_that_cannot_be_scored_are_refused(body: bytes, status: str) -> None:
    assert read(body, RECORDIO) == status
