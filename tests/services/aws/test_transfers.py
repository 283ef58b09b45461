"""Several transfers at once, told as one, in the caller's own thread."""

import threading

import pytest

from services.aws import transfers
from services.aws.s3 import Progress
from services.errors import Problem


def test_progress_is_told_in_the_callers_thread() -> None:
    threads: list[str] = []
    told = threading.Event()

    def progress(done: int, total: int) -> None:
        threads.append(threading.current_thread().name)
        told.set()

    def transfer(report: Progress) -> None:
        report(1, 2)
        assert told.wait(60)

    transfers.run([transfer], progress, interval=0.01)
    assert set(threads) == {threading.current_thread().name}


def test_progress_is_the_sum_of_all() -> None:
    told: list[tuple[int, int]] = []
    transfers.run(
        [lambda report: report(3, 3), lambda report: report(4, 4)], lambda done, total: told.append((done, total))
    )
    assert told[-1] == (7, 7)


def test_a_failed_transfer_fails_the_whole() -> None:
    def fails(report: Progress) -> None:
        raise Problem("Upload", "the disk is full", "Free some space")

    with pytest.raises(Problem, match="the disk is full"):
        transfers.run([fails, lambda report: report(1, 1)], lambda done, total: None)
