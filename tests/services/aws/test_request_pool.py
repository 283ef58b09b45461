"""The pool of threads that all scans share: bounded, never stuck, and quick for what somebody looks at."""

import threading

import pytest

from services.aws import request_pool
from services.aws.request_pool import RequestPool
from tests.local_service import eventually


class Pool(RequestPool):
    """One whose threads are told from those of other tests."""

    def alive(self) -> int:
        return self._alive


@pytest.fixture
def silence() -> threading.Event:
    return threading.Event()


def test_tasks_that_make_many_requests_never_use_up_all_threads() -> None:
    lane = Pool(threads=2).lane(looked_at=True)

    def whole(start: int) -> int:
        return sum(lane.map(lambda number: number, range(start, start + 50)))

    futures = lane.submit(*(lambda start=start: whole(start) for start in range(20)))
    assert [future.result(60) for future in futures] == [sum(range(start, start + 50)) for start in range(20)]


def test_requests_are_answered_in_the_order_they_were_given_and_nothing_is_nothing() -> None:
    lane = Pool().lane(looked_at=False)
    assert list(lane.map(str, range(100))) == [str(number) for number in range(100)]
    assert list(lane.map(str, [])) == []


def test_there_are_never_more_threads_than_the_bound_and_none_once_all_is_done(
    silence: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_pool, "IDLE", 0.05)
    pool = Pool()
    lanes = [pool.lane(looked_at=number == 0) for number in range(17)]
    futures = [future for lane in lanes for future in lane.submit(*[lambda: silence.wait(60)] * 40)]
    assert request_pool.LOOKED_AT <= pool.alive() <= request_pool.THREADS
    silence.set()
    assert all(future.result(60) for future in futures)
    assert eventually(lambda: pool.alive() == 0)


def test_silent_regions_leave_threads_to_the_one_somebody_looks_at(silence: threading.Event) -> None:
    pool = Pool()
    for _ in range(16):
        pool.lane(looked_at=False).submit(*[lambda: silence.wait(60)] * 40)
    assert pool.lane(looked_at=True).submit(lambda: "here")[0].result(60) == "here"
    assert not silence.is_set()
    silence.set()


def test_a_fault_is_told_to_whoever_waits_and_the_thread_goes_on() -> None:
    lane = Pool(threads=1).lane(looked_at=True)
    failed, done = lane.submit(lambda: int("gone"), lambda: "done")
    assert isinstance(failed.exception(5), ValueError)
    assert done.result(60) == "done"
