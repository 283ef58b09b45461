"""Tuning jobs as the API knows them: create, describe, list, stop. How one searches is in `tuning_run.py`."""

import secrets
from typing import TYPE_CHECKING, Any

from services.local.algorithms import Container, container
from services.local.algorithms.own_code import refuse_in_training, training_image
from services.local.jobs import quotas, training_requirements, tuning_ranges, tuning_run, warm_start
from services.local.jobs.training_jobs import OWN_METRICS
from services.local.jobs.tuning_run import summary
from services.local.protocol import paging
from services.local.protocol.wire import validation_error
from services.local.s3.staging import check_channels
from services.local.store.resources import Document, ResourceType, arn

if TYPE_CHECKING:
    from services.local.jobs.hyperparameter_search import HyperparameterSearch
    from services.local.service import Service


def create_tuning_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateHyperParameterTuningJob: stores the job and starts its search."""
    from services.local.jobs.hyperparameter_search import HyperparameterSearch  # Optuna takes a second to import

    name, config = request["HyperParameterTuningJobName"], request["HyperParameterTuningJobConfig"]
    if "TrainingJobDefinition" not in request:
        raise validation_error(
            "TrainingJobDefinition is required; several definitions cannot be tuned on this computer."
        )
    _check_quotas(service, config["ResourceLimits"])
    definition = request["TrainingJobDefinition"]
    training_requirements.check(definition)
    runs = container(training_image(definition["AlgorithmSpecification"]))
    refuse_in_training(
        definition["AlgorithmSpecification"],
        definition.get("StaticHyperParameters", {}),
        definition.get("Environment", {}),
    )
    check_channels(definition.get("InputDataConfig", []), definition["AlgorithmSpecification"]["TrainingInputMode"])
    if definition["AlgorithmSpecification"].get("MetricDefinitions"):
        raise validation_error(OWN_METRICS)
    objective = _objective(config, runs)
    _check_channel(objective["MetricName"], definition)
    ranges, static = tuning_ranges.of_job(request)
    config = {**config, "RandomSeed": config.get("RandomSeed", secrets.randbelow(2**31))}
    try:
        search = HyperparameterSearch(config, ranges, runs.algorithm.rounds(static))
    except ValueError as error:
        raise validation_error(f"Invalid parameter range: {error}.") from None
    _check_grid(search.combinations, config["ResourceLimits"])
    maximise = objective["Type"] == "Maximize"
    inherited = _warm_start(service, request, search)
    document: Document = {
        **request,
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": {
            **definition,
            "StaticHyperParameters": {**static, "_tuning_objective_metric": objective["MetricName"]},
        },
        "HyperParameterTuningJobStatus": "InProgress",
        "InheritedBest": tuning_run.summary(inherited) if inherited else None,
        "Searched": sum(len(items) for items in ranges.values()),
        **tuning_run.progress([], maximise, None),
    }
    service.resources.create(ResourceType.TUNING_JOB, name, document)
    service.workers.start(f"{ResourceType.TUNING_JOB}/{name}", tuning_run.run, service, name, search)
    return {"HyperParameterTuningJobArn": arn(ResourceType.TUNING_JOB, name)}


def _objective(config: Document, runs: Container) -> Document:
    """The metric to optimise and its direction. Raises ServiceError when the algorithm has no such metric."""
    objective: Document = config.get("HyperParameterTuningJobObjective") or {}
    if objective.get("MetricName") not in {metric["Name"] for metric in runs.metric_definitions()}:
        raise validation_error(f"Objective metric {objective.get('MetricName')} is not one of the algorithm's metrics.")
    return objective


def _check_channel(metric: str, definition: Document) -> None:
    """Refuse an objective that nothing measures: on AWS every training job fails of it."""
    wanted, channels = metric.partition(":")[0], [each["ChannelName"] for each in definition.get("InputDataConfig", [])]
    if wanted not in channels:
        raise validation_error(
            f"Objective metric {metric} needs the channel {wanted}, and InputDataConfig has only "
            f"{', '.join(channels) or 'none'}. Add the channel."
        )


def _warm_start(service: "Service", request: Document, search: "HyperparameterSearch") -> Document | None:
    """Teach `search` what the parents' training jobs scored; the best of them where the data is identical.

    Raises ServiceError for parents that it cannot start from.
    """
    warm, config = request.get("WarmStartConfig", {}), request["HyperParameterTuningJobConfig"]
    parents = warm.get("ParentHyperParameterTuningJobs", [])
    if not all(parent.get("HyperParameterTuningJobName") for parent in parents):
        raise validation_error("WarmStartConfig: every parent needs a HyperParameterTuningJobName.")
    names = [parent["HyperParameterTuningJobName"] for parent in parents]
    for name in names:
        warm_start.check(request, service.resources.get(ResourceType.TUNING_JOB, name))
    earlier = [child for name in names for child in service.resources.children(ResourceType.TRAINING_JOB, name)]
    quotas.require(quotas.JOBS, len(earlier), config["ResourceLimits"].get("MaxNumberOfTrainingJobs", 1))
    search.learn(
        (child["TunedHyperParameters"], value)
        for child in earlier
        if (value := tuning_run.final_objective_value(child)) is not None
    )
    maximise = config["HyperParameterTuningJobObjective"]["Type"] == "Maximize"
    return tuning_run.best_job(earlier, maximise) if warm.get("WarmStartType") == warm_start.IDENTICAL else None


def _check_quotas(service: "Service", limits: dict[str, int]) -> None:
    quotas.require(quotas.PARALLEL_JOBS, 0, limits["MaxParallelTrainingJobs"])
    at_work = service.resources.names_with_status(ResourceType.TUNING_JOB, "InProgress", "Stopping")
    quotas.require(quotas.TUNING_JOBS, len(at_work), 1)


def _check_grid(combinations: int | None, limits: dict[str, int]) -> None:
    most = limits.get("MaxNumberOfTrainingJobs")
    if combinations is not None and most not in (None, combinations):
        raise validation_error(
            f"A Grid search of these ranges has {combinations} combinations. Set MaxNumberOfTrainingJobs to that, or "
            "leave it out."
        )


def describe_tuning_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeHyperParameterTuningJob."""
    return service.resources.get(ResourceType.TUNING_JOB, request["HyperParameterTuningJobName"])


def list_tuning_jobs(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListHyperParameterTuningJobs."""
    documents, token = service.resources.page(ResourceType.TUNING_JOB, request, descending=True)
    summaries = [
        {
            **document,
            "Strategy": document["HyperParameterTuningJobConfig"]["Strategy"],
            "ResourceLimits": document["HyperParameterTuningJobConfig"]["ResourceLimits"],
        }
        for document in documents
    ]
    return {"HyperParameterTuningJobSummaries": summaries, "NextToken": token}


def stop_tuning_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """StopHyperParameterTuningJob: its training jobs are stopped, each as StopTrainingJob would."""
    name = request["HyperParameterTuningJobName"]
    with service.resources.changing(ResourceType.TUNING_JOB, name) as job:
        status = job["HyperParameterTuningJobStatus"]
        if status not in ("InProgress", "Stopping"):
            raise validation_error(f"The request was rejected because the tuning job is in status {status}.")
        job["HyperParameterTuningJobStatus"] = "Stopping"
    service.workers.stop(f"{ResourceType.TUNING_JOB}/{name}")
    return {}


def list_training_jobs_of_tuning_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListTrainingJobsForHyperParameterTuningJob."""
    service.resources.get(ResourceType.TUNING_JOB, request["HyperParameterTuningJobName"])
    if request.get("SortBy") == "FinalObjectiveMetricValue":
        return _by_objective(service, request)
    documents, token = service.resources.page(
        ResourceType.TRAINING_JOB, {"SortBy": "Name", **request}, descending=False
    )
    return {"TrainingJobSummaries": [summary(child) for child in documents], "NextToken": token}


def _by_objective(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """A page by what was scored; jobs without a value are left out, as botocore's model says."""
    wanted = request.get("StatusEquals")
    scored = [
        item
        for child in service.resources.children(ResourceType.TRAINING_JOB, request["HyperParameterTuningJobName"])
        if wanted in (None, child["TrainingJobStatus"])
        and "FinalHyperParameterTuningJobObjectiveMetric" in (item := summary(child))
    ]
    scored.sort(
        key=lambda item: item["FinalHyperParameterTuningJobObjectiveMetric"]["Value"],
        reverse=request.get("SortOrder") == "Descending",
    )
    start = paging.number(request["NextToken"]) if request.get("NextToken") else 0
    size = request.get("MaxResults", 10)
    more = {"NextToken": paging.token(start + size)} if len(scored) > start + size else {}
    return {"TrainingJobSummaries": scored[start : start + size], **more}


OPERATIONS = {
    "CreateHyperParameterTuningJob": create_tuning_job,
    "DescribeHyperParameterTuningJob": describe_tuning_job,
    "ListHyperParameterTuningJobs": list_tuning_jobs,
    "StopHyperParameterTuningJob": stop_tuning_job,
    "ListTrainingJobsForHyperParameterTuningJob": list_training_jobs_of_tuning_job,
}
