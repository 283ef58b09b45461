"""Training jobs of one tuning job read their data once, and learn from it as if each had read it itself."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from services.local.algorithms.xgboost.train import share, train
from tests.local import factories
from tests.local.algorithms.xgboost_jobs import BINARY, booster, make_job, two_channels
from tests.local.jobs.test_tuning_jobs import tuned, tuning_request
from tests.local_service import LocalService, eventually


def model(root: Path) -> bytearray:
    return booster(root).save_raw("json")


def spoil(path: Path) -> None:
    """Other bytes in the same file, which nothing tells from outside."""
    was = path.stat()
    path.write_bytes(b"x" * was.st_size)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def test_a_model_is_the_same_whether_its_data_is_shared_or_not(tmp_path: Path) -> None:
    alone, shared = (make_job(tmp_path / name, BINARY | {"subsample": "0.5"}, **two_channels()) for name in "ab")
    assert train(alone) == 0
    share(shared)
    assert train(shared) == 0
    assert model(alone) == model(shared)


def test_shared_data_is_not_read_again(tmp_path: Path) -> None:
    root = make_job(tmp_path, BINARY, **two_channels())
    share(root)
    for path in (root / "input" / "data").rglob("*.csv"):
        spoil(path)
    assert train(root) == 0


def test_other_data_is_read_by_the_job_itself(tmp_path: Path) -> None:
    first, other = (make_job(tmp_path / name, BINARY, **two_channels()) for name in "ab")
    share(first)
    spoil(next((other / "input" / "data" / "train").glob("*.csv")))
    assert train(other) == 1


def test_what_is_wrong_with_shared_data_is_told_by_the_job(tmp_path: Path) -> None:
    root = make_job(tmp_path, BINARY, train="1,two\n")
    share(root)
    assert train(root) == 1
    assert "Channel train, file part.csv" in (root / "output" / "failure").read_text()


def below(pid: int) -> list[int]:
    """The processes that a process has started."""
    stats = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended since it was listed
            stats.append(path.read_text())
    return [int(stat.split()[0]) for stat in stats if int(stat.rpartition(")")[2].split()[1]) == pid]


@pytest.mark.slow
def test_a_search_goes_on_when_the_process_that_shares_its_data_is_killed(own_local: LocalService) -> None:
    service = own_local.process
    assert service
    request = tuning_request(factories.unique("tune"), factories.put_data(own_local), jobs=4, strategy="Random")
    request["TrainingJobDefinition"]["StaticHyperParameters"]["num_round"] = "2000"
    own_local.client("sagemaker").create_hyper_parameter_tuning_job(**request)

    def sharing() -> list[int]:
        """The processes with jobs below them: service, fork server, the one that shares, jobs."""
        return [pid for server in below(service.pid) for pid in below(server) if below(pid)]

    for pid in eventually(sharing):
        os.kill(pid, signal.SIGKILL)
    job = tuned(own_local, request["HyperParameterTuningJobName"])
    assert (job["HyperParameterTuningJobStatus"], job["TrainingJobStatusCounters"]["Completed"]) == ("Completed", 4)
