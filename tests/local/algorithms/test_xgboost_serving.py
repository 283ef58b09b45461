"""The inference side of the XGBoost container, asked as an endpoint asks it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from services.local.algorithms.xgboost.serve import load

ROWS, COLUMNS = 300, 5
VALUES = np.random.default_rng(3).normal(size=(ROWS, COLUMNS)).astype(np.float32)
LABEL = (VALUES[:, 0] > 0.3).astype(np.float32)
CSV = "\n".join(",".join(map(repr, row.tolist())) for row in VALUES).encode()
BINARY = {"objective": "binary:logistic"}
Archive = Callable[..., Path]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """A factory of unpacked model archives: one model a set of parameters."""

    def make(*parameters: dict[str, Any], rounds: int = 4) -> Path:
        for number, given in enumerate(parameters):
            labels = np.digitize(VALUES[:, 0], [-0.5, 0.5]) if "num_class" in given else LABEL
            name = "xgboost-model" if len(parameters) == 1 else f"xgboost-model-{number}"
            trained = xgb.train({"seed": number} | given, xgb.DMatrix(VALUES, labels), rounds)
            (tmp_path / name).write_bytes(trained.save_raw("ubj"))
        return tmp_path

    return make


def expected(folder: Path, name: str = "xgboost-model") -> np.ndarray:
    booster = xgb.Booster()
    booster.load_model(bytearray((folder / name).read_bytes()))
    predictions: np.ndarray = booster.predict(xgb.DMatrix(VALUES))
    return predictions


def lines(body: bytes) -> np.ndarray:
    return np.array([[np.float32(cell) for cell in line.strip("[]").split(",")] for line in rows(body)]).squeeze()


def rows(body: bytes) -> list[str]:
    """The lines of an answer, each of which has an end."""
    *whole, rest = body.decode().split("\n")
    assert not rest
    return whole


@pytest.mark.parametrize("parameters", [BINARY, {"booster": "gblinear"}, {"booster": "dart"}])
def test_csv_is_answered_a_line_a_record(archive: Archive, parameters: dict[str, Any]) -> None:
    folder = archive(parameters)
    answer = load(folder).invoke(CSV, "text/csv", "text/csv")
    assert (answer.status, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert lines(answer.body) == pytest.approx(expected(folder), abs=1e-6)


def test_predictions_lose_nothing_as_text(archive: Archive) -> None:
    folder = archive(BINARY)
    assert lines(load(folder).invoke(CSV, "text/csv", "").body).tolist() == expected(folder).tolist()


def test_a_trailing_newline_is_no_record(archive: Archive) -> None:
    model = load(archive(BINARY))
    assert model.invoke(CSV + b"\n", "text/csv", "") == model.invoke(CSV, "text/csv", "")


def test_probabilities_of_classes_share_a_line(archive: Archive) -> None:
    folder = archive({"objective": "multi:softprob", "num_class": 3})
    assert lines(load(folder).invoke(CSV, "text/csv", "").body) == pytest.approx(expected(folder))


def test_json_holds_a_score_a_record(archive: Archive) -> None:
    folder = archive(BINARY)
    answer = load(folder).invoke(CSV, "text/csv", "application/json")
    scores = [prediction["score"] for prediction in json.loads(answer.body)["predictions"]]
    assert answer.content_type == "application/json"
    assert scores == pytest.approx(expected(folder).tolist())


def test_json_lines_hold_a_score_each(archive: Archive) -> None:
    folder = archive({"objective": "multi:softprob", "num_class": 3})
    answer = load(folder).invoke(CSV, "text/csv", "application/jsonlines")
    scores = [json.loads(line)["score"] for line in answer.body.splitlines()]
    assert np.array(scores) == pytest.approx(expected(folder))


@pytest.mark.parametrize("label", ["", "1 "])
def test_libsvm_is_answered_with_or_without_labels(archive: Archive, label: str) -> None:
    folder = archive(BINARY)
    body = "\n".join(label + " ".join(f"{at}:{cell!r}" for at, cell in enumerate(row.tolist())) for row in VALUES)
    assert lines(load(folder).invoke(body.encode(), "text/libsvm", "").body).tolist() == expected(folder).tolist()


def test_a_missing_cell_is_a_missing_value(archive: Archive) -> None:
    model = load(archive(BINARY))
    assert model.invoke(b",1,2,3,4", "text/csv", "") == model.invoke(b"nan,1,2,3,4", "text/csv", "")


def test_models_of_folds_answer_their_mean(archive: Archive) -> None:
    folder = archive(BINARY, {**BINARY, "max_depth": 1}, {**BINARY, "max_depth": 2})
    mean = np.mean([expected(folder, f"xgboost-model-{number}") for number in range(3)], axis=0)
    assert lines(load(folder).invoke(CSV, "text/csv", "").body) == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize(
    "parameters",
    [{"objective": "multi:softmax", "num_class": 3}, {"objective": "binary:hinge"}],
    ids=lambda p: p["objective"],
)
def test_models_of_folds_cannot_answer_classes(archive: Archive, parameters: dict[str, Any]) -> None:
    answer = load(archive(parameters, {**parameters, "max_depth": 1})).invoke(CSV, "text/csv", "")
    assert answer.status == 500
    assert b"Set SAGEMAKER_INFERENCE_ENSEMBLE to false" in answer.body


def test_the_first_model_answers_alone_when_the_environment_says_so(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = archive(BINARY, {**BINARY, "max_depth": 1})
    monkeypatch.setenv("SAGEMAKER_INFERENCE_ENSEMBLE", "false")
    assert lines(load(folder).invoke(CSV, "text/csv", "").body).tolist() == expected(folder, "xgboost-model-0").tolist()


def test_what_was_asked_of_a_model_is_answered_of_its_classes(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = archive({"objective": "multi:softprob", "num_class": 3})
    monkeypatch.setenv("SAGEMAKER_INFERENCE_OUTPUT", "labels")
    assert load(folder).invoke(b"1,2,3,4,5", "text/csv", "").body == b'"[0, 1, 2]"'


def test_every_tree_answers_whatever_best_round_a_model_carries(tmp_path: Path) -> None:
    matrix = xgb.DMatrix(VALUES, LABEL)
    trained = xgb.train(BINARY, matrix, 10)
    trained.set_attr(best_iteration="2")
    (tmp_path / "xgboost-model").write_bytes(trained.save_raw("ubj"))
    answered = lines(load(tmp_path).invoke(CSV, "text/csv", "").body)
    assert answered.tolist() == trained.predict(matrix).tolist()


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "message"),
    [
        (
            b"1,2,3,4,5,6",
            "text/csv",
            "",
            400,
            "Unable to evaluate payload provided: Number of columns (6) does not match number of features in booster",
        ),
        (b"1,2,red,4,5", "text/csv", "", 415, "Loading csv data failed with Exception, please ensure data is in csv"),
        (b"1,2,3,4,5\n1,2", "text/csv", "", 415, "Loading csv data failed with Exception, please ensure data is"),
        (b"1 2 3", "text/libsvm", "", 415, "Loading libsvm data failed with Exception, please ensure data is"),
        (b"-1:2", "text/libsvm", "", 415, "Loading libsvm data failed with Exception, please ensure data is"),
        (b"1,2,3,4,5", "image/png", "", 415, "image/png is not an accepted ContentType."),
        (b"1,2,3,4,5", "parquet", "", 415, "Content-type parquet is not supported."),
        (b"1,2,3,4,5", "text/csv", "image/png", 406, "Accept type image/png is not supported."),
    ],
)
def test_what_cannot_be_answered_is_refused_in_the_containers_words(
    archive: Archive, body: bytes, content_type: str, accept: str, status: int, message: str
) -> None:
    answer = load(archive(BINARY)).invoke(body, content_type, accept)
    assert (answer.status, answer.body.decode()[: len(message)]) == (status, message)


def test_no_records_are_answered_with_no_content(archive: Archive) -> None:
    answer = load(archive(BINARY)).invoke(b"", "text/csv", "text/csv")
    assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize("accept", ["", "*/*", "text/csv, application/json", "image/png;q=0.5, text/*"])
def test_csv_is_the_answer_unless_another_is_asked_for(archive: Archive, accept: str) -> None:
    answer = load(archive(BINARY)).invoke(b"1,2,3,4,5", "text/csv", accept)
    assert answer.content_type == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x80\x04\x95", "xgboost-model is a pickled model; only XGBoost's own format is loaded here"),
        (b"binf\0\0", "xgboost-model is not in XGBoost's own format"),
        (b"{}", "xgboost-model is not in XGBoost's own format"),
        (b"", "xgboost-model is empty"),
    ],
)
def test_only_xgboosts_own_format_is_loaded(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "xgboost-model").write_bytes(content)
    with pytest.raises(ValueError, match=f"^{reason}"):
        load(tmp_path)


def test_an_archive_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="The model archive holds no file"):
        load(tmp_path)


@pytest.mark.slow
def test_a_full_request_is_answered_within_a_second(archive: Archive) -> None:
    body = b"\n".join([CSV] * 100)  # 30,000 records
    model = load(archive(BINARY, rounds=100))
    began = time.process_time()
    answer = model.invoke(body, "text/csv", "text/csv")
    assert answer.body.count(b"\n") == 30_000
    assert time.process_time() - began < 1
