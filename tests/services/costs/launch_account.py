"""An account whose S3, jobs and endpoints are dictionaries, for tests of what launches may cost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.costs import launch_budget
from services.costs.launch_budget import LaunchBudget
from tests.services.fake_s3 import FakeS3

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
TYPE, RATE = "ml.m4.xlarge", 0.24  # dollars an hour for training, hosting and transform
LISTS = {
    "list_training_jobs": ("TrainingJobSummaries", "TrainingJob"),
    "list_hyper_parameter_tuning_jobs": ("HyperParameterTuningJobSummaries", "HyperParameterTuningJob"),
    "list_transform_jobs": ("TransformJobSummaries", "TransformJob"),
    "list_endpoints": ("Endpoints", "Endpoint"),
}
DESCRIBES = {
    "describe_training_job": "TrainingJob",
    "describe_hyper_parameter_tuning_job": "HyperParameterTuningJob",
    "describe_transform_job": "TransformJob",
    "describe_endpoint": "Endpoint",
    "describe_endpoint_config": "EndpointConfig",
}


@dataclass(frozen=True)
class FakeAccount(FakeS3):
    """`resources` as SageMaker describes them, each with its name under the member that its kind has for it."""

    resources: list[dict[str, Any]] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        assert service == "sagemaker" or operation not in LISTS | DESCRIBES
        if operation in LISTS:
            key, stem = LISTS[operation]
            assert parameters["MaxResults"] in range(1, 101)  # what SageMaker takes
            return {key: [each for each in self.resources if f"{stem}Name" in each and listed(each, stem, parameters)]}
        if operation in DESCRIBES:
            member = f"{DESCRIBES[operation]}Name"
            return next(each for each in reversed(self.resources) if each.get(member) == parameters[member])
        return super().call(service, operation, **parameters)


def listed(resource: dict[str, Any], stem: str, conditions: dict[str, Any]) -> bool:
    """Whether a list with these conditions has the resource."""
    since, status = conditions.get("LastModifiedTimeAfter"), conditions.get("StatusEquals")
    times = ("LastModifiedTime", f"{stem}EndTime", "TrainingEndTime", "CreationTime")
    changed = next(resource[time] for time in times if time in resource)
    return (since is None or changed > since) and status in (None, resource[f"{stem}Status"])


def make_job(name: str, created: datetime = NOW - timedelta(hours=2), **given: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{name}",
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "AlgorithmSpecification": {},
        "ResourceConfig": {"InstanceType": TYPE, "InstanceCount": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "CreationTime": created,
        **given,
    }


def make_tuning_job(name: str, launched: int = 0, status: str = "InProgress", **limits: int) -> dict[str, Any]:
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobStatus": status,
        "HyperParameterTuningJobConfig": {
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 2, **limits}
        },
        "TrainingJobDefinition": {
            "ResourceConfig": {"InstanceType": TYPE, "InstanceCount": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
        "TrainingJobStatusCounters": {"InProgress": launched},
        "CreationTime": NOW - timedelta(hours=1),
    }


def make_transform_job(name: str, status: str = "InProgress", **given: Any) -> dict[str, Any]:
    return {
        "TransformJobName": name,
        "TransformJobStatus": status,
        "TransformResources": {"InstanceType": TYPE, "InstanceCount": 1},
        "CreationTime": NOW - timedelta(hours=1),
        **given,
    }


def make_endpoint(name: str, created: datetime = NOW) -> tuple[dict[str, Any], dict[str, Any]]:
    """An endpoint and its configuration."""
    variant = {"VariantName": "AllTraffic", "InstanceType": TYPE, "CurrentInstanceCount": 1}
    endpoint = {
        "EndpointName": name,
        "EndpointStatus": "InService",
        "EndpointConfigName": f"{name}-config",
        "ProductionVariants": [variant],
        "CreationTime": created,
    }
    return endpoint, {"EndpointConfigName": f"{name}-config", "ProductionVariants": [variant]}


def make_account(
    *resources: dict[str, Any], per_launch: float | None = None, per_day: float | None = None
) -> FakeAccount:
    account = FakeAccount("AWS", "us-east-1", resources=list(resources))
    launch_budget.save(account, LaunchBudget(per_launch, per_day))
    return account
