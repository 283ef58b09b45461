"""Trial components as the API knows them: what was tried with which parameters, data and outcome.

A component keeps the trials it belongs to as Parents, as Search answers them, and a summary of each metric that
BatchPutMetrics was given. Those of training jobs are written by `jobs/experiment_tracking.py`.
Source: SageMaker API reference, TrialComponent.
"""

import math
from typing import TYPE_CHECKING, Any

from services.local.api import experiments
from services.local.api.experiments import COMPONENT, EXPERIMENT, TRIAL
from services.local.protocol.wire import validation_error
from services.local.store.resources import Document, arn

if TYPE_CHECKING:
    from services.local.service import Service

MAPS = ("Parameters", "InputArtifacts", "OutputArtifacts")


def create_component(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateTrialComponent."""
    name = request["TrialComponentName"]
    service.resources.create(COMPONENT, name, new(name, request))
    return {"TrialComponentArn": arn(COMPONENT, name)}


def describe_component(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeTrialComponent, by name or ARN."""
    return service.resources.named(COMPONENT, request["TrialComponentName"])[1]


def list_components(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListTrialComponents: all, or those of one experiment, trial or source."""
    given = [member for member in ("ExperimentName", "TrialName", "SourceArn") if request.get(member)]
    if len(given) > 1:
        raise validation_error(f"Trial components are filtered by one of {' and '.join(given)}, not by both.")
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
            message = f"Trial component '{component['TrialComponentArn']}' belongs to trials. Disassociate it first."
            raise validation_error(message)
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
        component["Parents"] = [parent for parent in component["Parents"] if parent["TrialName"] != trial["TrialName"]]
    return {"TrialComponentArn": component["TrialComponentArn"], "TrialArn": trial["TrialArn"]}


def put_metrics(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """BatchPutMetrics of SageMaker Metrics."""
    name, _ = service.resources.named(COMPONENT, request["TrialComponentName"])
    with service.resources.changing(COMPONENT, name) as component:
        for given in request["MetricData"]:
            measure(component, given["MetricName"], given["Value"], given["Timestamp"])
    return {}


def new(name: str, request: dict[str, Any]) -> Document:
    """The document of a new component."""
    return {**{member: {} for member in MAPS}, "Metrics": [], "Parents": [], **experiments.new(name, request)}


def measure(component: Document, name: str, value: float, time: float) -> None:
    """Take one more value into the summary of a metric (Welford's method, so that no value need be kept)."""
    metric = next((metric for metric in component["Metrics"] if metric["MetricName"] == name), None)
    if metric is None:
        metric = {"MetricName": name, "Count": 0, "Avg": 0.0, "StdDev": 0.0, "Min": value, "Max": value}
        component["Metrics"].append(metric)
    count, step = metric["Count"] + 1, value - metric["Avg"]
    spread = math.hypot(metric["StdDev"], step / math.sqrt(count)) * math.sqrt(metric["Count"] / count)
    mean = metric["Avg"] + step / count
    metric |= {"Count": count, "Avg": mean, "StdDev": spread, "Last": value, "TimeStamp": time}
    metric |= {"Min": min(metric["Min"], value), "Max": max(metric["Max"], value)}
    metric["SourceArn"] = component.get("Source", {}).get("SourceArn", component["TrialComponentArn"])


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
