"""Processing jobs, by boto3: refused when they are new, and what is kept of them is listed and stopped."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.local.database import Database
from services.local.resources import Kind, Resources
from tests.local.making import unique
from tests.running import IMAGE, ROLE, LocalService, eventually

ASKED = {
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
    },
    "AppSpecification": {"ImageUri": IMAGE},
    "RoleArn": ROLE,
}


@pytest.fixture(scope="module")
def sagemaker(local: LocalService) -> Any:
    return local.client("sagemaker")


def keep(local: LocalService, status: str = "InProgress") -> str:
    """A processing job among what the service keeps, as the demonstration account has them; its name."""
    name = unique("processing")
    resources = Resources(Database(local.folder / "service.sqlite"), time.time)
    resources.create(Kind.PROCESSING_JOB, name, {**ASKED, "ProcessingJobStatus": status})
    return name


def test_a_new_one_is_refused_in_one_sentence(sagemaker: Any) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.create_processing_job(ProcessingJobName="prepare", **ASKED)
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith(f"Processing job prepare: image {IMAGE} cannot run on this computer")


def test_one_is_described_as_it_was_asked_for(local: LocalService, sagemaker: Any) -> None:
    told = sagemaker.describe_processing_job(ProcessingJobName=keep(local))
    assert told["ProcessingResources"] == ASKED["ProcessingResources"]


def test_lists_are_filtered_by_status_and_name(local: LocalService, sagemaker: Any) -> None:
    name = keep(local, "Completed")

    def found(status: str) -> list[str]:
        answer = sagemaker.list_processing_jobs(StatusEquals=status, NameContains=name)
        return [item["ProcessingJobName"] for item in answer["ProcessingJobSummaries"]]

    assert (found("Completed"), found("InProgress")) == ([name], [])


def test_lists_come_in_pages_newest_first(local: LocalService, sagemaker: Any) -> None:
    made = [keep(local) for _ in range(3)]
    pages = sagemaker.get_paginator("list_processing_jobs").paginate(PaginationConfig={"PageSize": 2})
    names = [job["ProcessingJobName"] for page in pages for job in page["ProcessingJobSummaries"]]
    assert [name for name in names if name in made] == made[::-1]


def test_a_running_one_stops_and_keeps_when(local: LocalService, sagemaker: Any) -> None:
    name = keep(local)
    sagemaker.stop_processing_job(ProcessingJobName=name)
    assert sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "Stopping"

    def look() -> Any:
        job = sagemaker.describe_processing_job(ProcessingJobName=name)
        return job if job["ProcessingJobStatus"] == "Stopped" else None

    job = eventually(look)
    assert job["ProcessingEndTime"] > job["CreationTime"]


def test_stopping_twice_stops_once(local: LocalService, sagemaker: Any) -> None:
    name = keep(local)
    sagemaker.stop_processing_job(ProcessingJobName=name)
    sagemaker.stop_processing_job(ProcessingJobName=name)
    eventually(lambda: sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "Stopped")


def test_one_that_has_ended_cannot_be_stopped(local: LocalService, sagemaker: Any) -> None:
    name = keep(local, "Completed")
    with pytest.raises(ClientError) as refused:
        sagemaker.stop_processing_job(ProcessingJobName=name)
    error = refused.value.response["Error"]
    said = "The request was rejected because the processing job is in status Completed."
    assert (error["Code"], error["Message"]) == ("ValidationException", said)


@pytest.mark.parametrize("operation", ["describe_processing_job", "stop_processing_job"])
def test_an_unknown_one_is_not_found(sagemaker: Any, operation: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(sagemaker, operation)(ProcessingJobName="never")
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", "Requested resource not found.")


@pytest.mark.slow
def test_a_crash_while_one_stops_does_not_leave_it_there(own_local: LocalService) -> None:
    name = keep(own_local)
    own_local.client("sagemaker").stop_processing_job(ProcessingJobName=name)
    own_local.kill()
    own_local.start()
    sagemaker = own_local.client("sagemaker")
    eventually(lambda: sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "Stopped")
