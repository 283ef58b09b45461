"""Splitting, filtering and joining of records, with values worked by hand from AWS's documentation."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from services.local.jobs.json_path import JsonPath
from services.local.jobs.transform_records import batches, data_processing, split


@pytest.mark.parametrize(
    ("path", "record", "selected"),
    [
        ("$", ["5", "a"], ["5", "a"]),
        ("$[1:]", ["id", "1", "2"], ["1", "2"]),
        ("$[:-1]", ["1", "2", "0.4"], ["1", "2"]),
        ("$[-1]", ["1", "2", "0.4"], "0.4"),
        ("$[0,2]", ["1", "2", "0.4"], ["1", "0.4"]),
        ("$[0,2:]", ["id", "1", "2", "0.4"], ["id", "2", "0.4"]),
        ("$[1:3, -1, 0]", ["id", "1", "2", "0.4"], ["1", "2", "0.4", "id"]),
        ("$.features", {"id": 7, "features": [1, 2]}, [1, 2]),
        ("$.a.b[0]", {"a": {"b": [3]}}, 3),
        ("$['id','SageMakerOutput']", {"id": 7, "x": 1, "SageMakerOutput": 0.4}, {"id": 7, "SageMakerOutput": 0.4}),
        ('$["odd name"]', {"odd name": 1}, 1),
    ],
)
def test_a_path_selects(path: str, record: Any, selected: Any) -> None:
    assert JsonPath(path)(record) == selected


@pytest.mark.parametrize("path", ["", "features", "$..a", "$[", "$[?(@.a)]", "$[1:2:3]", "$[0,]", "$[-:]"])
def test_a_path_that_is_not_understood_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is not a supported JSONPath"):
        JsonPath(path)


@pytest.mark.parametrize(("path", "record"), [("$.b", {"a": 1}), ("$[9]", [1]), ("$.a", [1])])
def test_a_path_to_nothing_is_told(path: str, record: Any) -> None:
    with pytest.raises(ValueError, match="selects nothing"):
        JsonPath(path)(record)


def test_an_id_is_kept_from_the_model_and_joined_to_its_score() -> None:
    steps = data_processing({"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}, "text/csv")
    record = b'"7, a",1,2'
    assert (steps.model_input(record), steps.output(record, b"0.4")) == (b"1,2", b'"7, a",0.4')


@pytest.mark.parametrize(
    ("record", "joined"),
    [
        (b'{"id": 7}', b'{"id": 7, "SageMakerOutput": {"score": 0.4}}'),
        (b"[1, 2]", b'{"SageMakerInput": [1, 2], "SageMakerOutput": {"score": 0.4}}'),
    ],
)
def test_json_records_are_joined_by_name(record: bytes, joined: bytes) -> None:
    steps = data_processing({"JoinSource": "Input"}, "application/jsonlines")
    assert steps.output(record, b'{"score": 0.4}') == joined


def test_an_answer_that_nothing_is_done_to_stays_as_it_is_whatever_its_form() -> None:
    steps, answer = data_processing({"InputFilter": "$[1:]"}, "text/csv"), b'{"score": 0.4, "predicted_label": 0}'
    assert (steps.model_input(b"1,2,3"), steps.output(b"1,2,3", answer)) == (b"2,3", answer)


@pytest.mark.parametrize("record", [b'1,5" pipe,2', b'1,"a"b,2', b'1,"a'])
def test_a_bare_quote_in_a_cell_is_told(record: bytes) -> None:
    steps = data_processing({"JoinSource": "Input"}, "text/csv")
    with pytest.raises(ValueError, match="it has a quote inside a cell that is not quoted: 1,"):
        steps.output(record, b"0.4")


def test_quoted_cells_keep_their_quotes_and_commas() -> None:
    steps, record = data_processing({"JoinSource": "Input"}, "text/csv"), b'"5"" pipe","a, b",'
    assert steps.output(record, b'0,"[0.4, 0.6]"') == b'"5"" pipe","a, b",,0,"[0.4, 0.6]"'


def test_filters_need_records_they_can_read() -> None:
    with pytest.raises(ValueError, match="DataProcessing needs the ContentType text/csv"):
        data_processing({"InputFilter": "$[1:]"}, "text/libsvm")


def test_lines_are_records_whatever_ends_them(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"1,2\r\n3,4\n\n5,6"))
    assert list(split(path, gzipped=True, by_line=True)) == [b"1,2", b"3,4", b"5,6"]


def test_a_broken_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"1,2\n" * 1000)[:-20])
    with pytest.raises(ValueError, match="it cannot be read"):
        list(split(path, gzipped=True, by_line=True))


def test_requests_are_filled_but_not_beyond_their_size() -> None:
    records = [(bytes([65 + number]) * 3, b"xxx") for number in range(5)]
    assert [len(batch) for batch in batches(iter(records), most=None, size=8)] == [2, 2, 1]
    assert [len(batch) for batch in batches(iter(records), most=1, size=100)] == [1] * 5


def test_a_record_that_fits_no_request_is_told() -> None:
    with pytest.raises(ValueError, match="exceeds MaxPayloadInMB"):
        list(batches(iter([(b"x", b"x" * 9)]), most=None, size=8))
