"""What the queries keep of finished work: of one edition of an endpoint, for all sessions, and not without end."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from pages.components.queries import table_cache
from pages.components.queries.evaluation import evaluations
from pages.components.queries.evaluation.evaluations import FILE, Choice
from services.aws.account import Account
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.endpoints.describe import Endpoint, EndpointStatus
from services.evaluation import scoring
from tests.services.training_factory import WHEN

ACCOUNT = Account("AWS", "us-east-1")
DATA = PreparedData(
    name="cells",
    address=Address("mine", "sagedeck/data/cells"),
    source="cells.csv",
    target="ill",
    classes=("no", "yes"),
    features=("size",),
    rows={"train": 7, "validation": 2, "test": 2},
    positives={"train": 1, "validation": 1, "test": 1},
    seed=1729,
    created=WHEN,
)
EVALUATION = evaluations.new_evaluation(DATA, np.array([0, 1], np.int8), np.array([0.1, 0.9]))


class Upload(io.BytesIO):
    """A file as a browser sends it."""

    name = "rows.csv"
    file_id = "file-1"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    evaluations.clear()
    yield
    evaluations.clear()


def test_an_evaluation_through_an_endpoint_is_not_found_after_its_update() -> None:
    before = Choice(ACCOUNT, "cells-1", "live", DATA.name, "test", edition="created, changed at 10:00")
    evaluations.save(before, EVALUATION)
    assert evaluations.find(before) is EVALUATION
    after = Choice(ACCOUNT, "cells-1", "live", DATA.name, "test", edition="created, changed at 11:00")
    assert evaluations.find(after) is None


def test_a_file_is_scored_again_after_the_endpoint_was_updated(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter((np.array([0.25]), np.array([0.75])))
    monkeypatch.setattr(scoring, "through_endpoint", lambda *given: next(scores))
    endpoint = Endpoint("live", "arn", EndpointStatus.IN_SERVICE, "live-1", (), WHEN, None)
    updated = replace(endpoint, modified=WHEN)

    def score(of: Endpoint) -> float:
        return float(table_cache.scored(ACCOUNT, of, Upload(b"size\n3\n"), DATA, None, None)["score"].iloc[0])

    assert [score(endpoint), score(endpoint), score(updated)] == [0.25, 0.25, 0.75]


class LongCompared(Account):
    """An account that lets other threads run while it is compared with another."""

    def __eq__(self, other: object) -> bool:
        time.sleep(0.0001)
        return isinstance(other, LongCompared)

    __hash__ = Account.__hash__


def test_sessions_save_and_look_at_evaluations_at_the_same_time_and_the_number_stays_bounded() -> None:
    def work(session: int) -> None:
        account = LongCompared("AWS", "us-east-1")
        for number in range(30):
            evaluations.save(Choice(account, f"cells-{session}-{number}", FILE, DATA.name, "test"), EVALUATION)
            evaluations.latest(account, "cells-0-0")
            evaluations.newest(account)

    with ThreadPoolExecutor(8) as sessions:
        list(sessions.map(work, range(8)))
    names = [f"cells-{session}-{number}" for session in range(8) for number in range(30)]
    account = LongCompared("AWS", "us-east-1")
    found = [name for name in names if evaluations.find(Choice(account, name, FILE, DATA.name, "test"))]
    assert len(found) == evaluations.LIMIT
