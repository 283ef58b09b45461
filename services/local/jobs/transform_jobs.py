"""Batch transform jobs as the API knows them: create, describe, list, stop. What one does is in `transform_run.py`."""

from typing import TYPE_CHECKING, Any

from services.local.api import model_data
from services.local.api.loaded_models import primary_container
from services.local.jobs import transform_run
from services.local.jobs.transform_records import data_processing
from services.local.protocol.wire import validation_error
from services.local.s3.staging import check_source
from services.local.store.resources import ResourceType, arn

if TYPE_CHECKING:
    from services.local.service import Service

MOST_MEGABYTES = 100  # of MaxPayloadInMB times MaxConcurrentTransforms
DEFAULTS = {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 6, "BatchStrategy": "MultiRecord"}
SPLITS = ("None", "Line")


def create_transform_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateTransformJob: stores the job and starts it at once."""
    name, given = request["TransformJobName"], request["TransformInput"]
    model = service.resources.get(ResourceType.MODEL, request["ModelName"])
    model_data.require_archive_url(primary_container(model), "batch transform")
    check_source("TransformInput", given["DataSource"])
    if given.get("SplitType", "None") not in SPLITS:
        raise validation_error(f"SplitType {given['SplitType']} cannot be split on this computer. Use Line or None.")
    if request.get("BatchStrategy") == "MultiRecord" and given.get("SplitType", "None") == "None":
        raise validation_error("BatchStrategy MultiRecord needs a SplitType. Set TransformInput.SplitType to Line.")
    try:
        data_processing(request.get("DataProcessing", {}), given.get("ContentType", ""))
    except ValueError as error:
        raise validation_error(f"{error}.") from None
    job = {**DEFAULTS, **request, "TransformJobStatus": "InProgress"}
    _check_payload(job["MaxPayloadInMB"], job["MaxConcurrentTransforms"])
    service.resources.create(ResourceType.TRANSFORM_JOB, name, job)
    service.workers.start(f"{ResourceType.TRANSFORM_JOB}/{name}", transform_run.run, service, name)
    return {"TransformJobArn": arn(ResourceType.TRANSFORM_JOB, name)}


def _check_payload(megabytes: int, concurrent: int) -> None:
    """Source: API reference, CreateTransformJob. Chunked transfer (0) is nothing that built-in algorithms take."""
    if not megabytes:
        raise validation_error("MaxPayloadInMB 0 is not supported by built-in algorithms. Set it to at least 1.")
    if megabytes * max(concurrent, 1) > MOST_MEGABYTES:
        raise validation_error(
            f"MaxPayloadInMB {megabytes} times MaxConcurrentTransforms {concurrent} exceeds {MOST_MEGABYTES}. "
            "Lower one of them."
        )


def describe_transform_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeTransformJob."""
    return service.resources.get(ResourceType.TRANSFORM_JOB, request["TransformJobName"])


def list_transform_jobs(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListTransformJobs."""
    documents, token = service.resources.page(ResourceType.TRANSFORM_JOB, request, descending=True)
    return {"TransformJobSummaries": documents, "NextToken": token}


def stop_transform_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """StopTransformJob; what it has scored is not kept."""
    name = request["TransformJobName"]
    with service.resources.changing(ResourceType.TRANSFORM_JOB, name) as job:
        if job["TransformJobStatus"] not in ("InProgress", "Stopping"):
            raise validation_error(
                f"The request was rejected because the transform job is in status {job['TransformJobStatus']}."
            )
        job["TransformJobStatus"] = "Stopping"
    service.workers.stop(f"{ResourceType.TRANSFORM_JOB}/{name}")
    return {}


OPERATIONS = {
    "CreateTransformJob": create_transform_job,
    "DescribeTransformJob": describe_transform_job,
    "ListTransformJobs": list_transform_jobs,
    "StopTransformJob": stop_transform_job,
}
