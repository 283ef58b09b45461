"""Experiments and their trials as the API knows them; what a trial is made of is in `trial_components.py`.

Source: SageMaker API reference; the SDK's `Run` makes one of each, and loads those that are there already.
"""

from typing import TYPE_CHECKING, Any

from services.local.protocol.wire import validation_error
from services.local.store.resources import Document, ResourceType, arn

if TYPE_CHECKING:
    from services.local.service import Service

EXPERIMENT, TRIAL, COMPONENT = ResourceType.EXPERIMENT, ResourceType.TRIAL, ResourceType.TRIAL_COMPONENT


def create_experiment(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateExperiment."""
    name = request["ExperimentName"]
    service.resources.create(EXPERIMENT, name, new(name, request))
    return {"ExperimentArn": arn(EXPERIMENT, name)}


def describe_experiment(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeExperiment."""
    return service.resources.get(EXPERIMENT, request["ExperimentName"])


def list_experiments(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListExperiments."""
    documents, token = service.resources.page(EXPERIMENT, request, descending=True)
    return {"ExperimentSummaries": documents, "NextToken": token}


def update_experiment(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """UpdateExperiment; an empty description removes it."""
    with service.resources.changing(EXPERIMENT, request["ExperimentName"]) as experiment:
        change(experiment, request, "DisplayName", "Description")
    return {"ExperimentArn": experiment["ExperimentArn"]}


def delete_experiment(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteExperiment; its trials must be deleted first."""
    name = request["ExperimentName"]
    with service.resources.together():
        experiment = service.resources.get(EXPERIMENT, name)
        if service.resources.children(TRIAL, name):
            raise validation_error(f"Experiment '{experiment['ExperimentArn']}' has trials. Delete those first.")
        service.resources.delete(EXPERIMENT, name)
    return {"ExperimentArn": experiment["ExperimentArn"]}


def create_trial(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateTrial, of an experiment that exists."""
    name, experiment = request["TrialName"], request["ExperimentName"]
    with service.resources.together():
        service.resources.get(EXPERIMENT, experiment)
        service.resources.create(TRIAL, name, new(name, request), experiment)
    return {"TrialArn": arn(TRIAL, name)}


def describe_trial(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeTrial."""
    return service.resources.get(TRIAL, request["TrialName"])


def list_trials(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListTrials: all, or those of an experiment, of a trial component, or of both."""
    for kind in (EXPERIMENT, COMPONENT):
        if request.get(f"{kind}Name"):
            service.resources.get(kind, request[f"{kind}Name"])
    documents, token = service.resources.page(TRIAL, request, descending=True)
    return {"TrialSummaries": documents, "NextToken": token}


def update_trial(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """UpdateTrial."""
    with service.resources.changing(TRIAL, request["TrialName"]) as trial:
        change(trial, request, "DisplayName")
    return {"TrialArn": trial["TrialArn"]}


def delete_trial(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteTrial; its components must be disassociated first."""
    name = request["TrialName"]
    with service.resources.together():
        trial = service.resources.get(TRIAL, name)
        if service.resources.page(COMPONENT, {"TrialName": name, "MaxResults": 1}, descending=True)[0]:
            raise validation_error(f"Trial '{trial['TrialArn']}' has trial components. Disassociate those first.")
        service.resources.delete(TRIAL, name)
    return {"TrialArn": trial["TrialArn"]}


def new(name: str, request: dict[str, Any]) -> Document:
    """The document of a new experiment, trial or component, which is displayed by its name unless told otherwise."""
    return {"DisplayName": name, "CreatedBy": {}, "LastModifiedBy": {}, **request}


def change(document: Document, request: dict[str, Any], *members: str) -> None:
    """Take over those of `members` that a request names."""
    document |= {member: request[member] for member in members if request.get(member) is not None}


OPERATIONS = {
    "CreateExperiment": create_experiment,
    "DescribeExperiment": describe_experiment,
    "ListExperiments": list_experiments,
    "UpdateExperiment": update_experiment,
    "DeleteExperiment": delete_experiment,
    "CreateTrial": create_trial,
    "DescribeTrial": describe_trial,
    "ListTrials": list_trials,
    "UpdateTrial": update_trial,
    "DeleteTrial": delete_trial,
}
