"""Trial components as the API knows them: what was tried with which parameters, data and outcome.

A component keeps the trials it belongs to as Parents, as Search answers them, and a summary of each metric that
BatchPutMetrics was given. A training job with an ExperimentConfig has one: begun with the job, ended with it.
Source: SageMaker API reference, TrialComponent and ExperimentConfig.
"""

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from services.local import experiments
from services.local.experiments import COMPONENT, EXPERIMENT, TRIAL
from services.local.resources import Document, arn
from services.local.wire import ServiceError, invalid

if TYPE_CHECKING:
    from services.local.service import Service

MAPS = ("Parameters", "InputArtifacts", "OutputArtifacts")


def create_component(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateTrialComponent."""
    name = request["TrialComponentName"]
    service.resources.create(COMPONENT, name, _new(name, request))
    return {"TrialComponentArn": arn(COMPONENT, name)}


def describe_component(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeTrialComponent, by name or ARN."""
    return service.resources.named(COMPONENT, request["TrialComponentName"])[1]


def list_components(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListTrialComponents: all, or those of one experiment, trial or source."""
    given = [member for member in ("ExperimentName", "TrialName", "SourceArn") if request.get(member)]
    if len(given) > 1:
        raise invalid(f"Trial components are filtered by one of {' and '.join(given)}, not by both.")
    for kind in (EXPERIMENT, TRIAL):
        if request.get(f"{kind}Name"):
            service.resources.get(kind, request[f"{kind}Name"])
    documents, token = service.resources.page(COMPONENT, request, descending=True)
    summaries = [{**document, "TrialComponentSource": document.get("Source")} for document in documents]
    return {"TrialComponentSummaries": summaries, "NextToken": token}


def update_component(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """UpdateTrialComponent: parameters and artifacts are added to those there are."""
    with service.resources.changing(COMPONENT, request["TrialComponentName"]) as component:
        experiments.change(component, request, "DisplayName", "Status", "StartTime", "EndTime")
        for member in MAPS:
            gone = request.get(f"{member}ToRemove", [])
            merged = component[member] | request.get(member, {})
            component[member] = {key: value for key, value in merged.items() if key not in gone}
    return {"TrialComponentArn": component["TrialComponentArn"]}


def delete_component(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteTrialComponent; it must be disassociated from its trials first."""
    name = request["TrialComponentName"]
    with service.resources.together():
        component = service.resources.get(COMPONENT, name)
        if component["Parents"]:
            said = f"Trial component '{component['TrialComponentArn']}' belongs to trials. Disassociate it first."
            raise invalid(said)
        service.resources.delete(COMPONENT, name)
    return {"TrialComponentArn": component["TrialComponentArn"]}


def associate(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """AssociateTrialComponent; doing it twice is no error."""
    with service.resources.changing(COMPONENT, request["TrialComponentName"]) as component:
        trial = service.resources.get(TRIAL, request["TrialName"])
        parent = {"TrialName": trial["TrialName"], "ExperimentName": trial["ExperimentName"]}
        if parent not in component["Parents"]:
            component["Parents"].append(parent)
    return {"TrialComponentArn": component["TrialComponentArn"], "TrialArn": trial["TrialArn"]}


def disassociate(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DisassociateTrialComponent."""
    with service.resources.changing(COMPONENT, request["TrialComponentName"]) as component:
        trial = service.resources.get(TRIAL, request["TrialName"])
        component["Parents"] = [each for each in component["Parents"] if each["TrialName"] != trial["TrialName"]]
    return {"TrialComponentArn": component["TrialComponentArn"], "TrialArn": trial["TrialArn"]}


def put_metrics(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """BatchPutMetrics of SageMaker Metrics."""
    name, _ = service.resources.named(COMPONENT, request["TrialComponentName"])
    with service.resources.changing(COMPONENT, name) as component:
        for given in request["MetricData"]:
            _measure(component, given["MetricName"], given["Value"], given["Timestamp"])
    return {}


def begin(service: "Service", job: Document) -> None:
    """Keep a training job that was just made as the component its ExperimentConfig asks for. Raises ServiceError."""
    config, now = job["ExperimentConfig"], service.clock()
    source = {"SourceArn": job["TrainingJobArn"], "SourceType": "SageMakerTrainingJob"}
    name = _name(job)
    if not config.get("RunName"):
        own = {"Source": source, "StartTime": now, "Status": {"PrimaryStatus": "InProgress"}}
        service.resources.create(
            COMPONENT, name, {**_new(name, own), "DisplayName": config.get("TrialComponentDisplayName", name)}
        )
    with service.resources.changing(COMPONENT, name) as component:
        component.setdefault("Sources", []).append(source)
        component["Parameters"] |= _parameters(job)
        component["InputArtifacts"] |= _inputs(job)
    trial = config.get("TrialName")
    if config.get("ExperimentName") and not trial:
        trial = f"{job['TrainingJobName']}-aws-trial"
        experiments.create_trial(service, {"TrialName": trial, "ExperimentName": config["ExperimentName"]})
    if trial:
        associate(service, {"TrialComponentName": name, "TrialName": trial})


def end(service: "Service", job: Document) -> None:
    """Tell the component of a training job how that ended. One that has been deleted is left alone."""
    with suppress(ServiceError), service.resources.changing(COMPONENT, _name(job)) as component:
        for metric in job.get("FinalMetricDataList", []):
            _measure(component, metric["MetricName"], metric["Value"], metric["Timestamp"])
        if "ModelArtifacts" in job:
            component["OutputArtifacts"]["SageMaker.ModelArtifact"] = {
                "Value": job["ModelArtifacts"]["S3ModelArtifacts"]
            }
        if not job["ExperimentConfig"].get("RunName"):
            component["Status"] = {"PrimaryStatus": job["TrainingJobStatus"], "Message": job.get("FailureReason", "")}
            component["EndTime"] = job["TrainingEndTime"]


def _new(name: str, request: dict[str, Any]) -> Document:
    return {**{member: {} for member in MAPS}, "Metrics": [], "Parents": [], **experiments.new(name, request)}


def _name(job: Document) -> str:
    """The component of a training job: its run's, or one of its own."""
    name: str = job["ExperimentConfig"].get("RunName") or f"{job['TrainingJobName']}-aws-training-job"
    return name


def _parameters(job: Document) -> dict[str, Any]:
    asked = ("InstanceCount", "InstanceType", "VolumeSizeInGB")
    resources = {
        f"SageMaker.{name}": str(job["ResourceConfig"][name]) for name in asked if name in job["ResourceConfig"]
    }
    return {name: _parameter(value) for name, value in {**job["HyperParameters"], **resources}.items()}


def _parameter(text: str) -> dict[str, Any]:
    try:
        number = float(text)
    except ValueError:
        return {"StringValue": text}
    return {"NumberValue": number} if math.isfinite(number) else {"StringValue": text}


def _inputs(job: Document) -> dict[str, Any]:
    channels = {
        channel["ChannelName"]: {
            "Value": channel["DataSource"]["S3DataSource"]["S3Uri"],
            **({"MediaType": channel["ContentType"]} if channel.get("ContentType") else {}),
        }
        for channel in job.get("InputDataConfig", [])
    }
    return {"SageMaker.ImageUri": {"Value": job["AlgorithmSpecification"]["TrainingImage"]}, **channels}


def _measure(component: Document, name: str, value: float, time: float) -> None:
    """Take one more value into the summary of a metric (Welford's method, so that no value need be kept)."""
    known = next((metric for metric in component["Metrics"] if metric["MetricName"] == name), None)
    if known is None:
        known = {"MetricName": name, "Count": 0, "Avg": 0.0, "StdDev": 0.0, "Min": value, "Max": value}
        component["Metrics"].append(known)
    count, mean = known["Count"] + 1, known["Avg"] + (value - known["Avg"]) / (known["Count"] + 1)
    squares = known["StdDev"] ** 2 * known["Count"] + (value - known["Avg"]) * (value - mean)
    known |= {"Count": count, "Avg": mean, "StdDev": math.sqrt(squares / count), "Last": value, "TimeStamp": time}
    known |= {"Min": min(known["Min"], value), "Max": max(known["Max"], value)}
    known["SourceArn"] = component.get("Source", {}).get("SourceArn", component["TrialComponentArn"])


OPERATIONS = {
    "CreateTrialComponent": create_component,
    "DescribeTrialComponent": describe_component,
    "ListTrialComponents": list_components,
    "UpdateTrialComponent": update_component,
    "DeleteTrialComponent": delete_component,
    "AssociateTrialComponent": associate,
    "DisassociateTrialComponent": disassociate,
}
METRICS_OPERATIONS = {"BatchPutMetrics": put_metrics}
