"""What a training job must say of itself, and may not say together; of a tuning job's definition the same holds."""

from typing import Any

import pytest

from services.local.jobs.training_requirements import check
from services.local.protocol.wire import ServiceError
from tests.local import factories

SPOT = "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
MACHINES = "ResourceConfig needs an InstanceType and an InstanceCount."
GROUP = {"InstanceGroupName": "one", "InstanceType": "ml.m5.large", "InstanceCount": 1}


def training_request(**changes: Any) -> dict[str, Any]:
    """A request that is taken, with members that are others or, None, left out."""
    whole = {**factories.training_request("job", "s3://bucket/data"), **changes}
    return {name: value for name, value in whole.items() if value is not None}


def refusal(changes: dict[str, Any]) -> str | None:
    """What is said to a request with those members; None when it is taken."""
    try:
        check(training_request(**changes))
    except ServiceError as refused:
        return refused.message
    return None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"AlgorithmSpecification": None}, "AlgorithmSpecification is required."),
        ({"ResourceConfig": None}, MACHINES),
        ({"ResourceConfig": {"InstanceType": "ml.m5.large", "VolumeSizeInGB": 5}}, MACHINES),
        ({"ResourceConfig": {"InstanceCount": 1, "VolumeSizeInGB": 5}}, MACHINES),
        (
            {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroups": [GROUP]}},
            "ResourceConfig: InstanceType and InstanceGroups exclude each other. Give one of the two.",
        ),
        (
            {"HyperParameterTuningResourceConfig": {"InstanceCount": 1}},
            "HyperParameterTuningResourceConfig needs an InstanceType and an InstanceCount.",
        ),
        ({"ServerlessJobConfig": {"JobType": "FineTuning"}}, "ServerlessJobConfig: serverless training cannot run on "),
        ({"EnableManagedSpotTraining": True, "StoppingCondition": {"MaxRuntimeInSeconds": 60}}, SPOT),
        ({"EnableManagedSpotTraining": True, "StoppingCondition": None}, SPOT),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
            },
            SPOT,
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}},
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true",
        ),
        (
            {"InputDataConfig": factories.channels("s3://bucket/a") + factories.channels("s3://bucket/b")},
            "InputDataConfig: channel names must be unique, and train is used twice.",
        ),
    ],
)
def test_what_aws_would_not_start_is_refused(changes: dict[str, Any], message: str) -> None:
    assert (refusal(changes) or "").startswith(message)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ResourceConfig": {"VolumeSizeInGB": 5, "InstanceGroups": [GROUP]}},
        {"ResourceConfig": None, "HyperParameterTuningResourceConfig": {"InstanceConfigs": [GROUP]}},
        {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
        },
    ],
)
def test_what_aws_starts_is_taken(changes: dict[str, Any]) -> None:
    assert refusal(changes) is None
