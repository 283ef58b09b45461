"""A clock that is set back or forward while jobs run: what is told of them stays in order."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn

from services.local.protocol.identity import keys
from services.local.server import application
from services.local.service import open_service
from tests.local import factories
from tests.local_service import eventually

pytestmark = pytest.mark.slow
JUMP = 600.0  # seconds: less than a signature may be off


class Clock:
    """The time, and by how much it is wrong."""

    def __init__(self) -> None:
        self.off = 0.0

    def __call__(self) -> float:
        return time.time() + self.off


class Served:
    """A service in this process, under a clock that can be set."""

    def __init__(self, folder: Path, port: int) -> None:
        self.clock = Clock()
        self.service = open_service(folder, self.clock)
        self._keys, self._port = keys(folder), port

    def client(self, name: str) -> Any:
        return boto3.client(
            name,
            endpoint_url=f"http://127.0.0.1:{self._port}",
            region_name="us-east-1",
            aws_access_key_id=self._keys.access,
            aws_secret_access_key=self._keys.secret,
        )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        instance = Served(tmp_path, listening.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(application(instance.service), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield instance
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("jump", [-JUMP, JUMP], ids=["back", "forward"])
def test_a_job_has_no_negative_duration_and_its_steps_are_in_order(served: Served, jump: float) -> None:
    name, sagemaker = factories.unique("job"), served.client("sagemaker")
    data = factories.put_data(served)  # type: ignore[arg-type]
    sagemaker.create_training_job(**factories.training_request(name, data, num_round="100000"))
    factories.first_round(served, name)  # type: ignore[arg-type]
    served.clock.off = jump
    sagemaker.stop_training_job(TrainingJobName=name)
    job = factories.ended(served, name)  # type: ignore[arg-type]
    times = [at for step in job["SecondaryStatusTransitions"] for at in (step["StartTime"], step["EndTime"])]
    assert times == sorted(times)
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"] <= job["LastModifiedTime"]
    assert 0 <= job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"]


def test_a_tuning_job_ends_no_earlier_than_it_began(served: Served) -> None:
    sagemaker = served.client("sagemaker")
    served.clock.off = JUMP
    sagemaker.create_hyper_parameter_tuning_job(
        **factories.tuning_request("set-back", factories.put_data(served), jobs=1, num_round="100000")  # type: ignore[arg-type]
    )
    factories.first_round(served, "set-back-001")  # type: ignore[arg-type]
    served.clock.off = 0.0
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="set-back")

    def look() -> dict[str, Any] | None:
        job: dict[str, Any] = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="set-back")
        return job if job["HyperParameterTuningJobStatus"] == "Stopped" else None

    job = eventually(look)
    assert job["CreationTime"] <= job["HyperParameterTuningEndTime"] <= job["LastModifiedTime"]
    assert job["ConsumedResources"]["RuntimeInSeconds"] >= 0
