"""Processing jobs as the API knows them: what is kept of them is described, listed and stopped.

None can be started: their containers are the user's own, and no container runs on this computer.
"""

from typing import TYPE_CHECKING, Any

from services.local.api import simulated_lifecycle
from services.local.protocol.wire import validation_error
from services.local.store.resources import ResourceType

if TYPE_CHECKING:
    from services.local.service import Service


def create_processing_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateProcessingJob; always refused."""
    raise validation_error(
        f"Processing job {request['ProcessingJobName']}: image {request['AppSpecification']['ImageUri']} cannot run on "
        "this computer, which has no containers. Prepare the data before you upload it, or run the job on AWS."
    )


def describe_processing_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeProcessingJob."""
    return service.resources.get(ResourceType.PROCESSING_JOB, request["ProcessingJobName"])


def list_processing_jobs(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListProcessingJobs."""
    documents, token = service.resources.page(ResourceType.PROCESSING_JOB, request, descending=True)
    return {"ProcessingJobSummaries": documents, "NextToken": token}


def stop_processing_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """StopProcessingJob."""
    name = request["ProcessingJobName"]
    status = service.resources.get(ResourceType.PROCESSING_JOB, name)["ProcessingJobStatus"]
    if status not in ("InProgress", "Stopping"):
        raise validation_error(f"The request was rejected because the processing job is in status {status}.")
    simulated_lifecycle.enter(service, ResourceType.PROCESSING_JOB, name, "Stopping")
    return {}


OPERATIONS = {
    "CreateProcessingJob": create_processing_job,
    "DescribeProcessingJob": describe_processing_job,
    "ListProcessingJobs": list_processing_jobs,
    "StopProcessingJob": stop_processing_job,
}
