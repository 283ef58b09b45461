"""Training jobs as the API knows them: create, describe, list, stop. What a job does is in `training_run.py`."""

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from services.local.algorithms import container
from services.local.algorithms.own_code import refuse_in_training, training_image
from services.local.jobs import experiment_tracking, quotas, training_requirements, training_run
from services.local.protocol.wire import ServiceError, validation_error
from services.local.runtime.prefork_server import PreforkServer
from services.local.s3.staging import check_channels
from services.local.store.resources import Document, ResourceType, arn

if TYPE_CHECKING:
    from services.local.service import Service

# What DescribeTrainingJob answers for what was not asked; the SDK 2 counts on it, and on an empty KmsKeyId.
SWITCHES = {
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
}
OWN_METRICS = (  # AWS's own words
    "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request without "
    "specifying metric definitions."
)
DEFAULT_RUNTIME = 86_400  # seconds: SageMaker's own default for MaxRuntimeInSeconds
ACTIVE = ("InProgress", "Stopping")


def create_training_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateTrainingJob: stores the job and starts it at once."""
    training_requirements.check(request)
    name = request["TrainingJobName"]
    at_work = service.resources.with_status(ResourceType.TRAINING_JOB, *ACTIVE)
    used = sum(_instances(job["ResourceConfig"]) for job in at_work)
    quotas.require(quotas.TRAINING_INSTANCES, used, _instances(request["ResourceConfig"]))
    launch(service, name, request)
    return {"TrainingJobArn": arn(ResourceType.TRAINING_JOB, name)}


def _instances(resources: dict[str, Any]) -> int:
    groups = resources.get("InstanceGroups") or [resources]
    return sum(group.get("InstanceCount", 1) for group in groups)


def launch(
    service: "Service",
    name: str,
    request: dict[str, Any],
    parent: str | None = None,
    cpus: int | None = None,
    prefork: PreforkServer | None = None,
) -> "Future[None]":
    """Store and start a job; the future ends when the job has. `cpus` None means all there are.

    Jobs of one `prefork` read their data once.
    """
    store(service, name, request, parent)
    return _start(service, name, cpus, prefork)


def restore(service: "Service") -> None:
    """After a restart: jobs that had not begun begin now; those that had are for `training_run.interrupt`."""
    for job in service.resources.with_status(ResourceType.TRAINING_JOB, "InProgress"):
        _start(service, job["TrainingJobName"], None, None)


def _start(service: "Service", name: str, cpus: int | None, prefork: PreforkServer | None) -> "Future[None]":
    return service.workers.start(f"{ResourceType.TRAINING_JOB}/{name}", training_run.run, service, name, cpus, prefork)


def store(service: "Service", name: str, request: dict[str, Any], parent: str | None = None) -> None:
    """Store a job that is to start."""
    specification = request["AlgorithmSpecification"]
    image = training_image(specification)
    refuse_in_training(specification, request.get("HyperParameters", {}), request.get("Environment", {}))
    check_channels(request.get("InputDataConfig", []), specification["TrainingInputMode"])
    if specification.get("MetricDefinitions"):
        raise validation_error(OWN_METRICS)
    algorithm, now = container(image), service.clock()
    document: Document = {
        **SWITCHES,
        **request,
        "OutputDataConfig": {"KmsKeyId": "", **request["OutputDataConfig"]},
        "AlgorithmSpecification": {
            **specification,
            "MetricDefinitions": algorithm.metric_definitions(),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": DEFAULT_RUNTIME, **request.get("StoppingCondition", {})},
        "HyperParameters": request.get("HyperParameters", {}),
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "SecondaryStatusTransitions": [
            {"Status": "Starting", "StartTime": now, "StatusMessage": "Starting the training job"}
        ],
    }
    with service.resources.together():
        stored = service.resources.create(ResourceType.TRAINING_JOB, name, document, parent)
        if stored.get("ExperimentConfig"):
            experiment_tracking.begin(service, stored)


def describe_training_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeTrainingJob."""
    return service.resources.get(ResourceType.TRAINING_JOB, request["TrainingJobName"])


def list_training_jobs(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListTrainingJobs. A page is cut first, and then filtered by status: it may be empty although more follow.

    So says botocore's model. Nothing here has a warm pool, so asking for one's status finds no job.
    """
    if request.get("WarmPoolStatusEquals"):
        return {"TrainingJobSummaries": []}
    status = request.get("StatusEquals")
    whole = {**request, "StatusEquals": None}
    documents, token = service.resources.page(ResourceType.TRAINING_JOB, whole, descending=True)
    found = [job for job in documents if status in (None, job["TrainingJobStatus"])]
    return {"TrainingJobSummaries": found, "NextToken": token}


def stop_training_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """StopTrainingJob: SIGTERM now, SIGKILL 120 s later; what is saved by then is uploaded."""
    name = request["TrainingJobName"]
    with service.resources.changing(ResourceType.TRAINING_JOB, name) as job:
        if job["TrainingJobStatus"] not in ACTIVE:
            raise validation_error(
                f"The request was rejected because the training job is in status {job['TrainingJobStatus']}."
            )
        job["TrainingJobStatus"] = "Stopping"
        training_run.enter(job, "Stopping", "Stopping the training job", service.clock())
    service.workers.stop(f"{ResourceType.TRAINING_JOB}/{name}")
    return {}


def delete_training_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteTrainingJob: of one that has ended, and of whose search too; the name is free then.

    Its log, metrics and model stay. Source: botocore's model (terminal states; ResourceNotFound, ResourceInUse).
    """
    name = request["TrainingJobName"]
    with service.resources.together():
        if not service.resources.has(ResourceType.TRAINING_JOB, name):
            raise ServiceError("ResourceNotFound", "Requested resource not found.")
        service.resources.delete(ResourceType.TRAINING_JOB, name, lambda job: _refuse_active(service, job))
    return {}


def _refuse_active(service: "Service", job: Document) -> None:
    name, status = job["TrainingJobName"], job["TrainingJobStatus"]
    if status in ACTIVE:
        raise ServiceError("ResourceInUse", f"Training job {name} is in status {status}. Delete it once it has ended.")
    search = job.get("TuningJobArn")
    if search and service.resources.with_arn(search)[1]["HyperParameterTuningJobStatus"] in ACTIVE:
        raise ServiceError("ResourceInUse", f"Training job {name} belongs to {search}. Delete it once that has ended.")


OPERATIONS = {
    "CreateTrainingJob": create_training_job,
    "DeleteTrainingJob": delete_training_job,
    "DescribeTrainingJob": describe_training_job,
    "ListTrainingJobs": list_training_jobs,
    "StopTrainingJob": stop_training_job,
}
