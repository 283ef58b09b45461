"""Scores kept in S3: found by what made them, gone on with after a failure, and never believed when damaged."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from services.aws.errors import AwsError
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.endpoints.describe import Endpoint, EndpointStatus
from services.errors import Problem
from services.evaluation import kept_scores, resumable_scoring, scoring
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.kept_scores import DamagedScoresError, KeptScores
from services.evaluation.resumable_scoring import ScoredPart
from services.evaluation.scoring import PartlyScoredError
from tests.services.evaluation.test_scoring import (
    CLASSES,
    MODEL,
    FakeAccount,
    make_account,
    make_archive,
    make_data,
    make_model,
    sums,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MODEL_HERE = EvaluatedModel("cards-1", MODEL, None)
FILE = "model file"
LIVE = Endpoint("cards-live", "arn", EndpointStatus.IN_SERVICE, "cards-live-1", (), NOW, None, modified=NOW)
ROWS = 40_000


def make_set(rows: int = 3) -> tuple[FakeAccount, PreparedData]:
    """A set with test rows, and a model of two columns."""
    account, data = make_account(), make_data(rows)
    account.objects[MODEL] = make_archive({"xgboost-model": bytes(make_model(columns=2).save_raw("ubj"))})
    text = "".join(f"{number % 2},{number}.25,1.5\n" for number in range(rows))
    account.objects[str(data.file("test"))] = text.encode()
    return account, data


def score(account: FakeAccount, data: PreparedData, endpoint: Endpoint | None = None) -> ScoredPart:
    way = f"endpoint {endpoint.name}" if endpoint else FILE
    return resumable_scoring.score(account, MODEL_HERE, data, "test", way, endpoint, NOW)


def kept(account: FakeAccount, data: PreparedData, way: str = FILE) -> KeptScores | None:
    found = resumable_scoring.find(account, MODEL_HERE, data, "test", way)
    return found[1] if found else None


@pytest.mark.parametrize("scores", [np.array([0.25, 1 / 3]), np.array([[0.25, 0.75], [1 / 3, 2 / 3]])])
def test_scores_are_read_back_equal(scores: np.ndarray) -> None:
    account, data = make_set(2)
    place = kept_scores.address(account, MODEL_HERE, data, "test", FILE)
    assert place
    kept_scores.keep(account, place, KeptScores(scores, 2, NOW, 1.5))
    found = kept_scores.find(account, place)
    assert found
    assert (found.scores == scores).all()
    assert (found.complete, found.at, found.seconds) == (True, NOW, 1.5)


def test_rows_scored_once_are_found_after_a_restart() -> None:
    account, data = make_set()
    made = score(account, data)
    found = kept(account, data)
    assert found
    assert (found.scores == made.scores).all()


def test_another_model_file_has_other_scores() -> None:
    account, data = make_set()
    score(account, data)
    account.objects[MODEL] = make_archive({"xgboost-model": bytes(make_model(9, columns=2).save_raw("ubj"))})
    assert kept(account, data) is None


def test_other_rows_have_other_scores() -> None:
    account, data = make_set()
    score(account, data)
    account.objects[str(data.file("test"))] += b"1,3.5,2\n"
    assert kept(account, data) is None


def test_an_updated_endpoint_has_other_scores() -> None:
    account, data = make_set()
    score(account, data, LIVE)
    assert kept(account, data, "endpoint cards-live")
    assert kept(account, data, "endpoint cards-live 2") is None


def test_no_damaged_byte_changes_a_score() -> None:
    account, data = make_set(50)
    scores = score(account, data).scores
    address = next(key for key in account.objects if key.endswith(".parquet"))
    sound, removed = account.objects[address], 0
    for place in range(0, len(sound), 7):
        account.objects[address] = sound[:place] + bytes([sound[place] ^ 0xFF]) + sound[place + 1 :]
        try:
            found = kept(account, data)
            assert found
            assert (found.scores == scores).all()
        except DamagedScoresError:
            removed += address not in account.objects
    assert removed > 10


def test_scores_that_cannot_be_kept_are_shown_all_the_same() -> None:
    account, data = make_set()

    class ReadOnly(FakeAccount):
        def call(self, service: str, operation: str, **parameters: object) -> dict[str, object]:
            if operation == "put_object":
                raise AwsError("Put object on Fake", "read-only mode", "Switch it off", "ReadOnlyError")
            return super().call(service, operation, **parameters)

    reading = ReadOnly("Fake", "us-east-1", bucket="bucket", objects=account.objects)
    made = score(reading, data)
    assert len(made.scores) == 3
    assert "read-only mode" in made.note


def failing_from(row: int, code: str) -> tuple[FakeAccount, PreparedData]:
    """An account whose endpoint refuses every request with the row of that number in it, or one after it."""

    def answer(body: bytes) -> bytes:
        if any(float(line.split(b",")[0]) >= row for line in body.splitlines()):
            raise AwsError("Invoke endpoint on Fake", "Unable to evaluate payload provided", "Check the rows", code)
        return sums(body)

    account, data = make_set(ROWS)
    return replace(account, answer=answer), data


def test_rows_scored_before_an_endpoint_was_deleted_are_not_sent_again() -> None:
    account, data = failing_from(30_000, "ValidationError")
    with pytest.raises(PartlyScoredError, match=r"failed after row [\d,]+ of 40,000"):
        score(account, data, LIVE)
    done = resumable_scoring.scored_before(account, MODEL_HERE, data, "test", "endpoint cards-live")
    assert 0 < done <= 30_000
    mended = make_account(account.objects)
    made = score(mended, data, LIVE)
    assert (made.scores == np.arange(ROWS) + 0.25 + 1.5).all()
    assert sum(body.count(b"\n") for body in mended.bodies) == ROWS - done


def test_the_row_that_a_model_refuses_is_named_and_those_before_it_are_kept() -> None:
    account, data = failing_from(16_999, "ModelError")
    with pytest.raises(PartlyScoredError, match="row 17,000 was refused"):
        score(account, data, LIVE)
    assert resumable_scoring.scored_before(account, MODEL_HERE, data, "test", "endpoint cards-live") == 16_999


def test_a_request_that_is_refused_once_costs_no_row() -> None:
    account, data = make_set(ROWS)
    failures = iter(["The model took too long"])

    def answer(body: bytes) -> bytes:
        if said := next(failures, None):
            raise AwsError("Invoke endpoint on Fake", said, "Check the rows", "ModelError")
        return sums(body)

    made = score(replace(account, answer=answer), data, LIVE)
    assert (made.scores == np.arange(ROWS) + 0.25 + 1.5).all()


def test_scores_that_are_no_numbers_are_refused_and_not_kept() -> None:
    account, data = make_set()
    account = make_account(account.objects, answer=lambda body: b"0.5\nnan\n0.25\n")
    with pytest.raises(Problem, match=r"1 of 3 scores that are no numbers \(NaN\)"):
        score(account, data, LIVE)
    assert not [key for key in account.objects if key.endswith(".parquet")]


def test_scores_of_a_model_file_that_are_no_numbers_name_their_first_row() -> None:
    with pytest.raises(Problem, match="1 of 3 scores are no numbers, the first that of row 2"):
        scoring.of_kind(np.array([0.5, np.nan, 0.25]), make_data(), "Model cards-1")


def test_the_scores_of_a_deleted_set_are_found_by_its_name() -> None:
    account, data = make_set()
    score(account, data)
    other = make_data(3, TargetKind.CLASSES, CLASSES)
    assert len(kept_scores.scored_on(account, data)) == 1
    assert kept_scores.scored_on(account, replace(other, name="card")) == []
