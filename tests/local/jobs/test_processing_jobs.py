"""Processing jobs, by boto3: refused when they are new, and what is kept of them is listed and stopped."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.local.store.database import Database
from services.local.store.resources import Resources, ResourceType
from tests.local.factories import unique
from tests.local_service import IMAGE, ROLE, LocalService, eventually

REQUEST = {
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
    },
    "AppSpecification": {"ImageUri": IMAGE},
    "RoleArn": ROLE,
}


class StoredJobs:
    """Processing jobs that a service found in its data folder, as the demonstration leaves them: names, by status."""

    def __init__(self, folder: Path) -> None:
        resources = Resources(Database(folder / "service.sqlite"), time.time)
        self._names = {status: [unique("processing") for _ in range(10)] for status in ("InProgress", "Completed")}
        for status, names in self._names.items():
            for name in names:
                resources.create(ResourceType.PROCESSING_JOB, name, {**REQUEST, "ProcessingJobStatus": status})

    def take(self, status: str = "InProgress") -> str:
        """The name of one that no other test has taken; later ones are newer."""
        return self._names[status].pop(0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("processing")


@pytest.fixture(scope="module")
def stored_jobs(folder: Path) -> StoredJobs:
    return StoredJobs(folder)


@pytest.fixture(scope="module")
def service(folder: Path, stored_jobs: StoredJobs) -> Iterator[LocalService]:
    running = LocalService(folder)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def sagemaker(service: LocalService) -> Any:
    return service.client("sagemaker")


def test_a_new_one_is_refused_in_one_sentence(sagemaker: Any) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.create_processing_job(ProcessingJobName="prepare", **REQUEST)
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith(f"Processing job prepare: image {IMAGE} cannot run on this computer")


def test_one_is_described_as_it_was_asked_for(stored_jobs: StoredJobs, sagemaker: Any) -> None:
    document = sagemaker.describe_processing_job(ProcessingJobName=stored_jobs.take())
    assert document["ProcessingResources"] == REQUEST["ProcessingResources"]


def test_lists_are_filtered_by_status_and_name(stored_jobs: StoredJobs, sagemaker: Any) -> None:
    name = stored_jobs.take("Completed")

    def listed_names(status: str) -> list[str]:
        answer = sagemaker.list_processing_jobs(StatusEquals=status, NameContains=name)
        return [item["ProcessingJobName"] for item in answer["ProcessingJobSummaries"]]

    assert (listed_names("Completed"), listed_names("InProgress")) == ([name], [])


def test_lists_come_in_pages_newest_first(stored_jobs: StoredJobs, sagemaker: Any) -> None:
    made = [stored_jobs.take() for _ in range(3)]
    pages = sagemaker.get_paginator("list_processing_jobs").paginate(PaginationConfig={"PageSize": 2})
    names = [job["ProcessingJobName"] for page in pages for job in page["ProcessingJobSummaries"]]
    assert [name for name in names if name in made] == made[::-1]


def test_a_running_one_stops_and_keeps_when(stored_jobs: StoredJobs, sagemaker: Any) -> None:
    name = stored_jobs.take()
    sagemaker.stop_processing_job(ProcessingJobName=name)
    assert sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "Stopping"

    def look() -> Any:
        job = sagemaker.describe_processing_job(ProcessingJobName=name)
        return job if job["ProcessingJobStatus"] == "Stopped" else None

    job = eventually(look)
    assert job["ProcessingEndTime"] > job["CreationTime"]


def test_stopping_twice_stops_once(stored_jobs: StoredJobs, sagemaker: Any) -> None:
    name = stored_jobs.take()
    sagemaker.stop_processing_job(ProcessingJobName=name)
    sagemaker.stop_processing_job(ProcessingJobName=name)
    eventually(lambda: sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "Stopped")


def test_one_that_has_ended_cannot_be_stopped(stored_jobs: StoredJobs, sagemaker: Any) -> None:
    name = stored_jobs.take("Completed")
    with pytest.raises(ClientError) as refused:
        sagemaker.stop_processing_job(ProcessingJobName=name)
    error = refused.value.response["Error"]
    message = "The request was rejected because the processing job is in status Completed."
    assert (error["Code"], error["Message"]) == ("ValidationException", message)


@pytest.mark.parametrize("operation", ["describe_processing_job", "stop_processing_job"])
def test_an_unknown_one_is_not_found(sagemaker: Any, operation: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(sagemaker, operation)(ProcessingJobName="never")
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", "Requested resource not found.")


@pytest.mark.slow
def test_a_crash_while_one_stops_does_not_leave_it_there(stored_jobs: StoredJobs, service: LocalService) -> None:
    name = stored_jobs.take()
    service.client("sagemaker").stop_processing_job(ProcessingJobName=name)
    service.kill()
    service.start()
    sagemaker = service.client("sagemaker")
    eventually(lambda: sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "Stopped")
