"""Answers selected by a model's environment: the table of docs/local-service.md, the other forms, and an endpoint."""

import json
from typing import Any

import numpy as np
import pytest

from services.local.algorithms.answers import PayloadError
from services.local.algorithms.xgboost.selectable_inference import OUTPUT, answer_form
from tests.local import factories
from tests.local.algorithms import documented_tables, protobuf_records
from tests.local_service import IMAGE, ROLE, LocalService

CLASSES = 3
PROBABILITIES = np.array([0.75, 0.25], np.float32)
RECORDS = [
    {"predicted_label": 1, "probabilities": [0.25, 0.75]},
    {"predicted_label": 0, "probabilities": [0.75, 0.25]},
]


def answer(asked: str, accept: str, **environment: str) -> tuple[str, bytes]:
    """The form and the text of what is answered to two records of 0.75 and 0.25."""
    form, write = answer_form({OUTPUT: asked, **environment}, "binary:logistic", 0)(accept)
    return form, write(PROBABILITIES)


@pytest.mark.parametrize(("asked", "objective", "scores", "text"), documented_tables.rows("Selected answers"))
def test_a_record_is_answered_as_the_table_says(asked: str, objective: str, scores: str, text: str) -> None:
    values = np.array([[float(score) for score in scores.split()]], np.float32)
    _, write = answer_form({OUTPUT: asked}, objective, CLASSES)("text/csv")
    try:
        answered = write(values if values.shape[1] > 1 else values[0]).decode()
    except PayloadError as refusal:
        answered = str(refusal.status)
    assert answered == text


def test_records_are_lines_the_last_without_an_end() -> None:
    assert answer("predicted_label", "text/csv") == ("text/csv", b"1\n0")


def test_a_transform_job_ends_the_last_line() -> None:
    assert answer("predicted_label", "", SAGEMAKER_BATCH="true") == ("text/csv", b"1\n0\n")


def test_json_holds_what_was_asked_by_name() -> None:
    form, text = answer("predicted_label,probabilities", "application/json")
    assert (form, json.loads(text)) == ("application/json", {"predictions": RECORDS})


def test_json_lines_hold_a_record_each() -> None:
    _, text = answer("probabilities,predicted_label", "application/jsonlines")
    assert [json.loads(line) for line in text.splitlines()] == RECORDS


def test_recordio_holds_what_was_asked_as_labels() -> None:
    _, content = answer("predicted_label,probabilities", "application/x-recordio-protobuf")
    records = protobuf_records.read(content)
    labels = [record.label["probabilities"].float32_tensor.values[:] for record in records]
    assert labels == [[0.25, 0.75], [0.75, 0.25]]


def test_recordio_holds_the_scores_of_many_classes() -> None:
    scores = np.linspace(0, 1, 100, dtype=np.float32)
    _, write = answer_form({OUTPUT: "raw_scores"}, "multi:softprob", 100)("application/x-recordio-protobuf")
    [record] = protobuf_records.read(write(scores[None]))
    assert record.label["raw_scores"].float32_tensor.values[:] == scores.tolist()


def test_the_environment_chooses_the_form_when_any_will_do() -> None:
    assert answer("labels", "*/*", SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT="application/jsonlines") == (
        "application/jsonlines",
        b'{"labels": [0, 1]}\n' * 2,
    )


@pytest.mark.slow
def test_a_models_environment_decides_what_its_endpoint_answers(local: LocalService) -> None:
    job, name = factories.train(local), factories.unique("model")
    primary: dict[str, Any] = {"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
    primary["Environment"] = {OUTPUT: "predicted_label", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "application/json"}
    local.client("sagemaker").create_model(ModelName=name, PrimaryContainer=primary, ExecutionRoleArn=ROLE)
    reply = local.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=factories.serve(local, name), ContentType="text/csv", Body="9,9,9,9\n-9,-9,-9,-9\n"
    )
    labels = [record["predicted_label"] for record in json.loads(reply["Body"].read())["predictions"]]
    assert labels == [1, 0]
