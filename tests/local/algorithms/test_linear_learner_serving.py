"""The inference side of the Linear Learner container, asked as an endpoint asks it."""

import json
from pathlib import Path

import numpy as np
import pytest

from services.local.algorithms.linear_learner.model import FILE, LinearModel
from services.local.algorithms.linear_learner.serve import LinearLearnerServer, load
from tests.local.algorithms import protobuf_records

ROWS, COLUMNS = 50, 5
VALUES = np.random.default_rng(3).normal(size=(ROWS, COLUMNS)).astype(np.float32)
VALUES[VALUES < -1] = 0
WEIGHTS, BIAS, THRESHOLD = np.array([1.0, -2.0, 0.5, 0.0, 3.0]), -0.25, 0.7
MARGINS = VALUES @ WEIGHTS + BIAS
SCORES = 1 / (1 + np.exp(-MARGINS))
LABELS = (SCORES >= THRESHOLD).astype(int)
CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
RECORDIO = "application/x-recordio-protobuf"


def instance(row: np.ndarray) -> dict[str, object]:
    return {"features": row.tolist()}


def nested(row: np.ndarray) -> dict[str, object]:
    return {"data": {"features": {"values": row.tolist()}}}


def sparse(row: np.ndarray) -> dict[str, object]:
    keys = np.flatnonzero(row)
    return {"data": {"features": {"keys": keys.tolist(), "shape": [len(row)], "values": row[keys].tolist()}}}


AS_CSV = "\n".join(",".join(map(repr, row.tolist())) for row in VALUES).encode()
REQUESTS = {
    "csv": (CSV, AS_CSV),
    "csv without label": ("text/csv;label_size=0", AS_CSV + b"\n"),
    "recordio": (RECORDIO, protobuf_records.dense(VALUES)),
    "sparse recordio": (RECORDIO, protobuf_records.sparse(VALUES)),
    **{
        f"json of {made.__name__}": (JSON, json.dumps({"instances": [made(row) for row in VALUES]}).encode())
        for made in (instance, nested, sparse)
    },
    **{
        f"json lines of {made.__name__}": (JSON_LINES, "\n".join(json.dumps(made(row)) for row in VALUES).encode())
        for made in (instance, nested, sparse)
    },
}


@pytest.fixture
def classifier(tmp_path: Path) -> LinearLearnerServer:
    LinearModel(WEIGHTS, BIAS, True, THRESHOLD).save(tmp_path / FILE)
    return load(tmp_path)


@pytest.fixture
def regressor(tmp_path: Path) -> LinearLearnerServer:
    LinearModel(WEIGHTS, BIAS, False, None).save(tmp_path / FILE)
    return load(tmp_path)


@pytest.mark.parametrize("request_name", REQUESTS)
def test_every_form_of_request_is_answered_alike(classifier: LinearLearnerServer, request_name: str) -> None:
    content_type, body = REQUESTS[request_name]
    answer = classifier.invoke(body, content_type, "")
    assert (answer.status, answer.content_type) == (200, JSON)
    predictions = json.loads(answer.body)["predictions"]
    assert [prediction["score"] for prediction in predictions] == pytest.approx(SCORES.tolist(), abs=1e-6)
    assert [prediction["predicted_label"] for prediction in predictions] == LABELS.tolist()


def test_json_of_a_classifier_is_as_the_developer_guide_shows_it(classifier: LinearLearnerServer) -> None:
    answer = classifier.invoke(b"0,0,0,0,0", CSV, JSON).body.decode()
    assert answer == '{"predictions": [{"score": 0.43782350420951843, "predicted_label": 0}]}'


def test_json_of_a_regressor_has_scores_only(regressor: LinearLearnerServer) -> None:
    answer = regressor.invoke(AS_CSV, CSV, JSON)
    assert json.loads(answer.body)["predictions"] == [{"score": pytest.approx(margin, abs=1e-5)} for margin in MARGINS]


def test_json_lines_hold_a_prediction_each(classifier: LinearLearnerServer) -> None:
    answer = classifier.invoke(AS_CSV, CSV, JSON_LINES)
    predictions = [json.loads(line) for line in answer.body.decode().splitlines()]
    assert answer.content_type == JSON_LINES
    assert [prediction["predicted_label"] for prediction in predictions] == LABELS.tolist()


def test_csv_holds_score_and_label_a_line(classifier: LinearLearnerServer) -> None:
    lines = classifier.invoke(AS_CSV, CSV, CSV).body.decode().split("\n")
    assert [float(line.split(",")[0]) for line in lines] == pytest.approx(SCORES.tolist(), abs=1e-6)
    assert [int(line.split(",")[1]) for line in lines] == LABELS.tolist()


def test_csv_of_a_regressor_holds_a_score_a_line(regressor: LinearLearnerServer) -> None:
    lines = regressor.invoke(AS_CSV, CSV, CSV).body.decode().split("\n")
    assert [float(line) for line in lines] == pytest.approx(MARGINS.tolist(), abs=1e-5)


def test_recordio_is_answered_with_labels_of_records(classifier: LinearLearnerServer) -> None:
    answer = classifier.invoke(AS_CSV, CSV, RECORDIO)
    predictions = [record.label for record in protobuf_records.read(answer.body)]
    assert answer.content_type == RECORDIO
    assert [prediction["score"].float32_tensor.values[0] for prediction in predictions] == pytest.approx(
        SCORES.tolist(), abs=1e-6
    )
    assert [prediction["predicted_label"].float32_tensor.values[0] for prediction in predictions] == LABELS.tolist()


def test_extreme_scores_do_not_overflow(classifier: LinearLearnerServer) -> None:
    answer = classifier.invoke(b"1e30,0,0,0,0\n-1e30,0,0,0,0", CSV, JSON)
    assert [prediction["score"] for prediction in json.loads(answer.body)["predictions"]] == [1.0, 0.0]


@pytest.mark.parametrize("accept", ["", "*/*", "image/png, application/json", "application/*;q=0.5"])
def test_json_is_the_answer_unless_another_is_asked_for(classifier: LinearLearnerServer, accept: str) -> None:
    assert classifier.invoke(b"1,2,3,4,5", CSV, accept).content_type == JSON


@pytest.mark.parametrize("body", [b"", b"\n", b"  \r\n"])
def test_no_records_are_answered_with_no_content(classifier: LinearLearnerServer, body: bytes) -> None:
    answer = classifier.invoke(body, CSV, CSV)
    assert (answer.status, answer.body) == (204, b"")


REFUSED = "Unable to evaluate payload provided: "


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        (b"1,2,3", CSV, 400, f"{REFUSED}records have 3 features where 5 are expected."),
        (b"1,2,3,4,5\n1,2,red,4,5", CSV, 400, f"{REFUSED}it is not CSV of numbers ("),
        (b"1,2,3,4,5\n1,,3,4,5", CSV, 400, f"{REFUSED}record 2 has a missing or infinite value."),
        (b'{"instances":', JSON, 400, f"{REFUSED}it is not JSON."),
        (b'{"rows": []}', JSON, 400, f'{REFUSED}the JSON has no list of "instances".'),
        (b'{"instances": [[1, 2]]}', JSON, 400, f'{REFUSED}record 1 has no "features" that are a list of numbers.'),
        (b'{"instances": [{"features": ["a"]}]}', JSON, 400, f'{REFUSED}record 1 has no "features"'),
        (b'{"features": [1, 2]}', JSON_LINES, 400, f"{REFUSED}record 1 has 2 features where 5 are expected."),
        (
            b'{"data": {"features": {"keys": [5], "values": [1], "shape": [6]}}}',
            JSON_LINES,
            400,
            f"{REFUSED}record 1 has 6 features where 5 are expected.",
        ),
        (
            b'{"data": {"features": {"keys": [9], "values": [1], "shape": [5]}}}',
            JSON_LINES,
            400,
            f"{REFUSED}record 1 has 10 features where 5 are expected.",
        ),
        (
            b'{"data": {"features": {"keys": [1, 2], "values": [1], "shape": [5]}}}',
            JSON_LINES,
            400,
            f"{REFUSED}record 1 has 2 keys for 1 values.",
        ),
        (b'{"data": {"features": {"keys": [-1], "values": [1]}}}', JSON_LINES, 400, f"{REFUSED}record 1 has no"),
        (b"1,2,3,4,5", RECORDIO, 400, f"{REFUSED}it is not in RecordIO format."),
        (protobuf_records.dense(VALUES[:, :2]), RECORDIO, 400, f"{REFUSED}record 1 has 2 features where 5 are"),
        (protobuf_records.framed([protobuf_records.Record(uid="x")]), RECORDIO, 400, f"{REFUSED}record 1 has no"),
        (b"1,2,3,4,5", "image/png", 415, "Content type image/png is not supported. Use one of: text/csv, "),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(
    classifier: LinearLearnerServer, body: bytes, content_type: str, status: int, message: str
) -> None:
    answer = classifier.invoke(body, content_type, JSON)
    assert (answer.status, answer.body.decode()[: len(message)]) == (status, message)


def test_an_answer_that_cannot_be_written_is_refused(classifier: LinearLearnerServer) -> None:
    answer = classifier.invoke(b"1,2,3,4,5", CSV, "image/png")
    assert (answer.status, answer.body.decode()[:41]) == (406, "Accept type image/png is not supported. P")


@pytest.mark.parametrize("damage", range(1, 60, 7))
def test_damaged_records_are_refused_and_never_break_the_server(classifier: LinearLearnerServer, damage: int) -> None:
    whole = bytearray(protobuf_records.sparse(VALUES[:1]))
    whole[-damage] ^= 0xFF
    assert classifier.invoke(bytes(whole), RECORDIO, JSON).status in (200, 400)


@pytest.mark.parametrize(
    "content",
    [
        "\x80\x04\x95",
        "{}",
        "[1, 2]",
        '{"format": "linear-learner-1"}',
        '{"format": "other", "weights": [1], "bias": 0, "logistic": true, "threshold": 0.5}',
        '{"format": "linear-learner-1", "weights": [[1]], "bias": 0, "logistic": true, "threshold": 0.5}',
    ],
)
def test_only_a_model_of_our_own_is_loaded(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(ValueError, match=f"^{FILE} (is not a model|does not have)"):
        load(tmp_path)


def test_an_archive_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"The model archive does not hold {FILE}"):
        load(tmp_path)
