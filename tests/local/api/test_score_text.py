"""The text of scores by image version: what docs/local-service.md says is what a model server answers."""

import json

import numpy as np
import pytest

from services.algorithms.xgboost import XGBOOST
from services.local.algorithms.answers import PayloadError
from services.local.algorithms.xgboost.inference_answers import answer_form
from tests.local import factories
from tests.local_service import PROJECT, LocalService

TEXT = (PROJECT / "docs" / "local-service.md").read_text().partition("#### Text of scores\n")[2].partition("\n### ")[0]
ROWS = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in TEXT.splitlines() if line.startswith("| ")]
PREDICTIONS = {
    "binary:logistic": np.array([0.5114308, 0.25], np.float32),
    "multi:softmax": np.array([1, 2], np.float32),
    "multi:softprob": np.array([[0.25, 0.75], [0.5, 0.5]], np.float32),
}
USES = {"MultiModel": {"SAGEMAKER_MULTI_MODEL": "true"}, "batch transform": {"SAGEMAKER_BATCH": "true"}}
CELLS = [
    (row[0], objective, cell.replace("\\n", "\n"))
    for row in ROWS[1:]
    for objective, cell in zip(PREDICTIONS, row[1:], strict=True)
]


def test_the_table_has_a_row_for_every_form() -> None:
    assert {"1", "latest", "1.2-1", "1.2-2", "3.2-0", *USES} <= {row[0] for row in ROWS}


@pytest.mark.parametrize(("served", "objective", "text"), CELLS)
def test_the_text_is_the_tables(served: str, objective: str, text: str) -> None:
    form, write = answer_form(USES.get(served, {"IMAGE_TAG": served}))("text/csv")
    assert (form, write(PREDICTIONS[objective]).decode()) == ("text/csv", text)


@pytest.mark.parametrize(
    ("environment", "accept", "form", "text"),
    [
        ({}, "", "application/json", "[0.5114307999610901, 0.25]"),
        ({}, "*/*", "application/json", "[0.5114307999610901, 0.25]"),
        ({}, "application/json", "application/json", "[0.5114307999610901, 0.25]"),
        ({}, "text/csv", "text/csv", "0.5114307999610901,0.25"),
        ({"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}, "", "text/csv", "0.5114307999610901,0.25"),
    ],
)
def test_one_of_many_models_answers_a_plain_list_unless_csv_is_asked_for(
    environment: dict[str, str], accept: str, form: str, text: str
) -> None:
    media_type, write = answer_form({**USES["MultiModel"], **environment})(accept)
    assert (media_type, write(PREDICTIONS["binary:logistic"]).decode()) == (form, text)


def test_one_of_many_models_answers_a_list_of_lists_of_probabilities() -> None:
    _, write = answer_form(USES["MultiModel"])("application/json")
    assert write(PREDICTIONS["multi:softprob"]) == b"[[0.25, 0.75], [0.5, 0.5]]"


def test_one_of_many_models_knows_no_other_form() -> None:
    with pytest.raises(PayloadError, match=r"application/jsonlines is not an accepted Accept type") as refused:
        answer_form(USES["MultiModel"])("application/jsonlines")
    assert refused.value.status == 415


@pytest.mark.parametrize(("objective", "text"), sorted({(objective, text) for _, objective, text in CELLS}))
def test_our_own_readers_read_every_form(objective: str, text: str) -> None:
    wanted = PREDICTIONS[objective].astype(float)
    by_script = eval(XGBOOST.answers.code, {"json": json, "text": text})
    assert np.array(XGBOOST.answers.read(text.encode())) == pytest.approx(wanted, abs=0)
    assert by_script == XGBOOST.answers.read(text.encode())


@pytest.mark.slow
def test_an_endpoint_answers_as_its_image_does(local: LocalService) -> None:
    job, body = factories.train(local), factories.as_csv(factories.rows(3)[:, 1:])
    answers = {}
    for image in ("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest", factories.IMAGE):
        answer = local.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=factories.deploy(local, job, image), ContentType="text/csv", Body=body
        )
        answers[image[-6:]] = answer["Body"].read().decode()
    old, new = answers["latest"], answers[factories.IMAGE[-6:]]
    assert old.count(",") == 2
    assert "\n" not in old
    assert new.split("\n")[:-1] == old.split(",")
    assert all(float(np.float32(score)) == float(score) for score in old.split(","))
