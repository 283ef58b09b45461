"""The trial component of a training job with an ExperimentConfig: begun with the job, ended with it.

Source: SageMaker API reference, ExperimentConfig; names of parameters and artifacts are AWS's.
"""

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from services.local.api import experiments, trial_components
from services.local.api.experiments import COMPONENT, TRIAL
from services.local.protocol.wire import ServiceError
from services.local.store.resources import Document

if TYPE_CHECKING:
    from services.local.service import Service


def begin(service: "Service", job: Document) -> None:
    """Keep a training job that was just made as the component its ExperimentConfig asks for. Raises ServiceError."""
    config, name = job["ExperimentConfig"], _name(job)
    source = {"SourceArn": job["TrainingJobArn"], "SourceType": "SageMakerTrainingJob"}
    if not config.get("RunName"):
        own = {
            "DisplayName": config.get("TrialComponentDisplayName", name),
            "Source": source,
            "StartTime": service.clock(),
            "Status": {"PrimaryStatus": "InProgress"},
        }
        if _source(service, name) == source:  # an earlier job's of the name, which has been deleted
            service.resources.delete(COMPONENT, name)
        service.resources.create(COMPONENT, name, trial_components.new(name, own))
    with service.resources.changing(COMPONENT, name) as component:
        component.setdefault("Sources", []).append(source)
        component["Parameters"] |= _parameters(job)
        component["InputArtifacts"] |= _inputs(job)
    trial = config.get("TrialName")
    if config.get("ExperimentName") and not trial:
        trial = f"{job['TrainingJobName']}-aws-trial"
        if _experiment(service, trial) != config["ExperimentName"]:
            experiments.create_trial(service, {"TrialName": trial, "ExperimentName": config["ExperimentName"]})
    if trial:
        trial_components.associate(service, {"TrialComponentName": name, "TrialName": trial})


def end(service: "Service", job: Document) -> None:
    """Tell the component of a training job how that ended. One that has been deleted is left alone."""
    with suppress(ServiceError), service.resources.changing(COMPONENT, _name(job)) as component:
        for metric in job.get("FinalMetricDataList", []):
            trial_components.measure(component, metric["MetricName"], metric["Value"], metric["Timestamp"])
        if "ModelArtifacts" in job:
            component["OutputArtifacts"]["SageMaker.ModelArtifact"] = {
                "Value": job["ModelArtifacts"]["S3ModelArtifacts"]
            }
        if not job["ExperimentConfig"].get("RunName"):
            component["Status"] = {"PrimaryStatus": job["TrainingJobStatus"], "Message": job.get("FailureReason", "")}
            component["EndTime"] = job["TrainingEndTime"]


def _source(service: "Service", component: str) -> dict[str, str] | None:
    """What a component came of; None for one that came of nothing, or is not there."""
    if not service.resources.has(COMPONENT, component):
        return None
    source: dict[str, str] | None = service.resources.get(COMPONENT, component).get("Source")
    return source


def _experiment(service: "Service", trial: str) -> str | None:
    """The experiment of a trial; None for a trial that is not there."""
    if not service.resources.has(TRIAL, trial):
        return None
    experiment: str = service.resources.get(TRIAL, trial)["ExperimentName"]
    return experiment


def _name(job: Document) -> str:
    """The component of a training job: its run's, or one of its own."""
    name: str = job["ExperimentConfig"].get("RunName") or f"{job['TrainingJobName']}-aws-training-job"
    return name


def _parameters(job: Document) -> dict[str, Any]:
    members = ("InstanceCount", "InstanceType", "VolumeSizeInGB")
    resources = {
        f"SageMaker.{name}": str(job["ResourceConfig"][name]) for name in members if name in job["ResourceConfig"]
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
        if "S3DataSource" in channel["DataSource"]
    }
    return {"SageMaker.ImageUri": {"Value": job["AlgorithmSpecification"]["TrainingImage"]}, **channels}
