"""What a training job took of the machine, as CloudWatch tells it."""

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.local.jobs import resource_usage
from tests.local.factories import put_data, train
from tests.local_service import LocalService

GIB = 2**30


def datapoints(local: LocalService, job: dict[str, Any], metric: str) -> list[float]:
    """Every datapoint of the job's host."""
    now = datetime.now(UTC)
    answer = local.client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName=metric,
        Dimensions=[{"Name": "Host", "Value": f"{job['TrainingJobName']}/algo-1"}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=60,
        Statistics=["Maximum"],
    )
    return [point["Maximum"] for point in answer["Datapoints"]]


@pytest.mark.slow
def test_a_job_tells_the_memory_it_held_in_percent_of_the_instance_it_asked_for(local: LocalService) -> None:
    job = train(local)  # on an ml.m4.xlarge of 16 GiB
    (percent,) = datapoints(local, job, "MemoryUtilization")
    assert 0.05 < percent / 100 * 16 < 1


@pytest.mark.slow
def test_a_job_tells_how_busy_it_kept_the_cores(local: LocalService) -> None:
    job = train(local, put_data(local, 5_000), num_round="300", max_depth="8")
    (percent,) = datapoints(local, job, "CPUUtilization")
    assert 0 < percent < 100 * (os.cpu_count() or 1) + 10


class Written(list[tuple[str, float]]):
    """Metrics that are kept in a list."""

    def write(self, namespace: str, dimensions: dict[str, str], values: list[tuple[str, float]]) -> None:
        self.extend(values)


def meter(instance_type: str, pid: int | None) -> tuple[resource_usage.Meter, Written]:
    """A meter of a process, and what it writes."""
    written = Written()
    job = {"TrainingJobName": "job", "ResourceConfig": {"InstanceType": instance_type}}
    return resource_usage.Meter(cast(Any, SimpleNamespace(metrics=written)), job, pid), written


@pytest.mark.slow
def test_a_long_job_tells_it_every_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_usage, "PERIOD", 0.0)
    watched, written = meter("ml.m5.large", os.getpid())
    watched.look()
    assert [name for name, _ in written] == ["MemoryUtilization", "CPUUtilization"] * 2


@pytest.mark.parametrize(
    ("instance_type", "pid"), [("ml.z9.large", os.getpid()), ("ml.m5.large", None)], ids=["unknown", "gone"]
)
def test_nothing_is_told_of_an_instance_of_unknown_memory_or_a_process_that_is_gone(
    instance_type: str, pid: int | None
) -> None:
    watched, written = meter(instance_type, pid)
    watched.close()
    assert not written
