"""The process behind a variant: several requests at a time, each with its own answer, until it is closed."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.local.algorithms.answers import InferenceAnswer
from services.local.runtime.model_servers import LANES, ModelServer
from services.local.runtime.processes import Processes
from tests.local_service import eventually

LARGE = b"x" * 3_000_001


class _Meeting:
    """A model that answers nobody until as many have asked as may ask at a time."""

    def __init__(self) -> None:
        self._together = threading.Barrier(LANES)

    def invoke(self, body: bytes, content_type: str, accept: str) -> InferenceAnswer:
        self._together.wait(timeout=20)
        return InferenceAnswer(200, accept, body)


class _Gated:
    """A model that leaves word that it is asked, and answers once its folder holds the file `open`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def invoke(self, body: bytes, content_type: str, accept: str) -> InferenceAnswer:
        (self._folder / "asked").touch()
        eventually((self._folder / "open").exists)
        return InferenceAnswer(200, accept, body)


class _Faulty:
    """A model with a fault of its own."""

    def invoke(self, body: bytes, content_type: str, accept: str) -> InferenceAnswer:
        raise MemoryError


def faulty(folder: Path) -> _Faulty:
    return _Faulty()


def meeting(folder: Path) -> _Meeting:
    return _Meeting()


def gated(folder: Path) -> _Gated:
    return _Gated(folder)


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ModelServer]:
    entry = f"{__name__}:{request.param}"
    opened = ModelServer(Processes(), entry, lambda folder: folder.mkdir(), tmp_path / "model", {})
    yield opened
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("server", ["meeting"], indirect=True)
def test_requests_are_answered_together_and_each_gets_its_own_answer(server: ModelServer) -> None:
    bodies = [LARGE + bytes([number]) for number in range(LANES * 3)]
    with ThreadPoolExecutor(len(bodies)) as pool:
        replies = list(pool.map(lambda body: server.invoke(body, "text/csv", "text/csv"), bodies))
    assert [reply.body for reply in replies] == bodies


@pytest.mark.slow
@pytest.mark.parametrize("server", ["gated"], indirect=True)
def test_all_who_wait_are_told_when_it_is_closed(server: ModelServer) -> None:
    with ThreadPoolExecutor(LANES + 2) as pool:
        waiting = [pool.submit(server.invoke, b"1", "text/csv", "") for _ in range(LANES + 2)]
        server.close()
        assert [type(each.exception(timeout=20)) for each in waiting] == [EOFError] * len(waiting)


@pytest.mark.slow
@pytest.mark.parametrize("server", ["gated"], indirect=True)
def test_one_that_retires_answers_first(server: ModelServer, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(server.invoke, b"1", "text/csv", "")
        eventually((tmp_path / "model" / "asked").exists)
        retiring = pool.submit(server.retire)
        (tmp_path / "model" / "open").touch()
        assert waiting.result(timeout=20).body == b"1"
        retiring.result(timeout=20)
    with pytest.raises(EOFError):
        server.invoke(b"2", "text/csv", "")


@pytest.mark.slow
@pytest.mark.parametrize("server", ["faulty"], indirect=True)
def test_a_fault_of_the_model_ends_the_process_and_nobody_waits(server: ModelServer) -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(EOFError):
        pool.submit(server.invoke, b"1", "text/csv", "").result(timeout=20)
