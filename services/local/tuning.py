"""Tuning jobs as the API knows them: create, describe, list, stop. How one searches is in `tuning_run.py`."""

import secrets
from typing import TYPE_CHECKING, Any

from services.local import tuning_run
from services.local.algorithms import container
from services.local.resources import Document, Kind, arn
from services.local.tuning_run import summary
from services.local.wire import invalid

if TYPE_CHECKING:
    from services.local.service import Service

UNSUPPORTED = {
    "TrainingJobDefinitions": "several training job definitions",
    "WarmStartConfig": "warm start",
    "Autotune": "Autotune",
}


def create_tuning_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateHyperParameterTuningJob: stores the job and starts its search."""
    from services.local.search import STRATEGIES, Search  # Optuna takes a second to import

    name, config = request["HyperParameterTuningJobName"], request["HyperParameterTuningJobConfig"]
    _refuse_unsupported(request, STRATEGIES)
    definition, objective = request["TrainingJobDefinition"], config["HyperParameterTuningJobObjective"]
    ranges = config.get("ParameterRanges") or definition.get("HyperParameterRanges") or {}
    if not any(ranges.values()):
        raise invalid("At least one hyperparameter range is needed.")
    known = {metric["Name"] for metric in container(_image(definition)).metric_definitions()}
    if objective["MetricName"] not in known:
        raise invalid(f"Objective metric {objective['MetricName']} is not one of the algorithm's metrics.")
    seed = config.get("RandomSeed", secrets.randbelow(2**31))
    try:
        search = Search(config["Strategy"], ranges, objective["Type"] == "Maximize", seed)
    except ValueError as error:
        raise invalid(f"Invalid parameter range: {error}.") from None
    static = {**definition.get("StaticHyperParameters", {}), "_tuning_objective_metric": objective["MetricName"]}
    document: Document = {
        **request,
        "HyperParameterTuningJobConfig": {**config, "RandomSeed": seed},
        "TrainingJobDefinition": {**definition, "StaticHyperParameters": static},
        "HyperParameterTuningJobStatus": "InProgress",
        **tuning_run.progress([], objective["Type"] == "Maximize"),
    }
    service.resources.create(Kind.TUNING_JOB, name, document)
    service.workers.start(f"{Kind.TUNING_JOB}/{name}", tuning_run.run, service, name, search)
    return {"HyperParameterTuningJobArn": arn(Kind.TUNING_JOB, name)}


def _refuse_unsupported(request: dict[str, Any], strategies: tuple[str, ...]) -> None:
    config = request["HyperParameterTuningJobConfig"]
    asked = [words for member, words in UNSUPPORTED.items() if request.get(member)]
    if config["Strategy"] not in strategies:
        asked.append(f"strategy {config['Strategy']}")
    if config.get("TrainingJobEarlyStoppingType") == "Auto":
        asked.append("early stopping of training jobs")
    if config.get("TuningJobCompletionCriteria"):
        asked.append("completion criteria")
    if asked:
        raise invalid(f"On this computer tuning cannot do this: {', '.join(asked)}.")
    if "TrainingJobDefinition" not in request:
        raise invalid("TrainingJobDefinition is needed.")


def _image(definition: dict[str, Any]) -> str:
    image: str = definition["AlgorithmSpecification"].get("TrainingImage", "")
    return image


def describe_tuning_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeHyperParameterTuningJob."""
    return service.resources.get(Kind.TUNING_JOB, request["HyperParameterTuningJobName"])


def list_tuning_jobs(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListHyperParameterTuningJobs."""
    documents, token = service.resources.page(Kind.TUNING_JOB, request, descending=True)
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
    with service.resources.changing(Kind.TUNING_JOB, name) as job:
        status = job["HyperParameterTuningJobStatus"]
        if status not in ("InProgress", "Stopping"):
            raise invalid(f"The request was rejected because the tuning job is in status {status}.")
        job["HyperParameterTuningJobStatus"] = "Stopping"
    service.workers.stop(f"{Kind.TUNING_JOB}/{name}")
    return {}


ORDERS = {"Name": "TrainingJobName", "CreationTime": "CreationTime", "Status": "TrainingJobStatus"}


def list_training_jobs_of_tuning_job(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListTrainingJobsForHyperParameterTuningJob; jobs without an objective value come last, whatever the order."""
    name = request["HyperParameterTuningJobName"]
    service.resources.get(Kind.TUNING_JOB, name)
    wanted = request.get("StatusEquals")
    found = [
        summary(child)
        for child in service.resources.children(Kind.TRAINING_JOB, name)
        if wanted in (None, child["TrainingJobStatus"])
    ]
    descending = request.get("SortOrder") == "Descending"
    if request.get("SortBy") == "FinalObjectiveMetricValue":
        scored = [item for item in found if "FinalHyperParameterTuningJobObjectiveMetric" in item]
        scored.sort(key=lambda item: item["FinalHyperParameterTuningJobObjectiveMetric"]["Value"], reverse=descending)
        found = scored + [item for item in found if "FinalHyperParameterTuningJobObjectiveMetric" not in item]
    else:
        found.sort(key=lambda item: item[ORDERS[request.get("SortBy", "Name")]], reverse=descending)
    token = request.get("NextToken", "0")
    if not token.isdigit():
        raise invalid("The NextToken is not valid.")
    start, size = int(token), request.get("MaxResults", 10)
    more = {"NextToken": str(start + size)} if len(found) > start + size else {}
    return {"TrainingJobSummaries": found[start : start + size], **more}


OPERATIONS = {
    "CreateHyperParameterTuningJob": create_tuning_job,
    "DescribeHyperParameterTuningJob": describe_tuning_job,
    "ListHyperParameterTuningJobs": list_tuning_jobs,
    "StopHyperParameterTuningJob": stop_tuning_job,
    "ListTrainingJobsForHyperParameterTuningJob": list_training_jobs_of_tuning_job,
}
