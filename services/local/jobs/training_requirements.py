"""What a training job must say of itself that botocore's model leaves open, as its members exclude each other.

Functions of documents alone. Source: SageMaker API reference, CreateTrainingJob (ResourceConfig, StoppingCondition),
HyperParameterTrainingJobDefinition; the words on MaxWaitTimeInSeconds are AWS's.
"""

from collections.abc import Mapping
from typing import Any

from services.local.protocol.wire import validation_error

SEVERAL = ("InstanceGroups", "InstancePreferences", "InstanceConfigs")  # lists of machines, in place of one type
WAIT = "Invalid MaxWaitTimeInSeconds. It"


def check(job: Mapping[str, Any]) -> None:
    """Refuse a request, or the definition of a tuning job, that AWS would not start either. Raises ServiceError."""
    if job.get("ServerlessJobConfig"):
        raise validation_error("ServerlessJobConfig: serverless training cannot run on this computer.")
    if not job.get("AlgorithmSpecification"):
        raise validation_error("AlgorithmSpecification is required.")
    tuned = "HyperParameterTuningResourceConfig"
    _check_machines(tuned if job.get(tuned) else "ResourceConfig", job)
    _check_wait(job.get("StoppingCondition", {}), job.get("EnableManagedSpotTraining", False))
    names = [channel["ChannelName"] for channel in job.get("InputDataConfig", [])]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise validation_error(f"InputDataConfig: channel names must be unique, and {twice[0]} is used twice.")


def _check_machines(member: str, job: Mapping[str, Any]) -> None:
    resources = job.get(member, {})
    lists = [name for name in SEVERAL if resources.get(name)]
    if lists and resources.get("InstanceType"):
        raise validation_error(f"{member}: InstanceType and {lists[0]} exclude each other. Give one of the two.")
    if not lists and not (resources.get("InstanceType") and resources.get("InstanceCount")):
        raise validation_error(f"{member} needs an InstanceType and an InstanceCount.")


def _check_wait(condition: Mapping[str, Any], spot: bool) -> None:
    wait = condition.get("MaxWaitTimeInSeconds")
    if not spot and wait:
        raise validation_error(f"{WAIT} is only supported when EnableManagedSpotTraining is set to true")
    if spot and not (wait and wait >= condition.get("MaxRuntimeInSeconds", 0)):
        raise validation_error(f"{WAIT} must be present and be greater than or equal to MaxRuntimeInSeconds")
