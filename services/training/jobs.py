"""Training jobs: what they are doing, what they learned round by round, and how one is launched.

Launches through the SageMaker SDK; everything else asks SageMaker and CloudWatch Logs by boto3.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from services.algorithms import catalogue
from services.algorithms.algorithm import Algorithm
from services.aws.account import Account

CHANNELS = "InputDataConfig"  # the member that Search filters channels by
CHILD = re.compile(r"(.+)-(\d{3})-[0-9a-f]{8}")  # the training jobs of a tuning job: its name, number, a hash


class JobStatus(StrEnum):
    """The status of a training or tuning job."""

    IN_PROGRESS = "InProgress"  # starting, downloading, training or uploading
    STOPPING = "Stopping"  # told to stop; bills until it has
    COMPLETED = "Completed"  # the model is in S3
    FAILED = "Failed"  # FailureReason says why
    STOPPED = "Stopped"  # by a person or by its time limit; may have left a model

    @property
    def active(self) -> bool:
        """Whether it still runs, and bills."""
        return self in (JobStatus.IN_PROGRESS, JobStatus.STOPPING)


@dataclass(frozen=True)
class TrainingJobSummary:
    """A line of the list of training jobs."""

    name: str
    status: JobStatus
    created: datetime
    ended: datetime | None

    @property
    def tuning_job(self) -> str | None:
        """The tuning job it belongs to, read off its name, as lists do not say it; None for one of its own."""
        match = CHILD.fullmatch(self.name)
        return match[1] if match else None


@dataclass(frozen=True)
class Transition:
    """A step of a job's life: secondary status, when it began and ended, and what SageMaker says of it."""

    status: str
    started: datetime
    ended: datetime | None
    message: str


@dataclass(frozen=True)
class TrainingJob:
    """A training job in full. Times are aware; `billable_seconds` and `model_uri` are None until they are known.

    max_wait:    seconds a job on spot capacity may wait and run; None is on demand.
    checkpoints: S3 address they are kept at; None for none.
    sharded:     whether each instance learns from its own share of the training files.
    output_path: S3 address under which the job has written, in a folder of its name.
    """

    name: str
    status: JobStatus
    secondary: str
    transitions: tuple[Transition, ...]
    hyperparameters: Mapping[str, str]
    channels: Mapping[str, str]
    image: str
    instance_type: str
    instance_count: int
    max_runtime: int
    created: datetime
    started: datetime | None
    ended: datetime | None
    billable_seconds: int | None
    metrics: Mapping[str, float]
    model_uri: str | None
    failure: str | None
    tuning_job: str | None
    arn: str = ""
    training_seconds: int | None = None
    max_wait: int | None = None
    checkpoints: str | None = None
    sharded: bool = False
    volume_gb: int = 30
    output_path: str = ""

    @property
    def algorithm(self) -> Algorithm | None:
        """The built-in algorithm it trains; None for an image of another."""
        return catalogue.of_image(self.image)

    @property
    def rounds(self) -> int | None:
        """How many rounds or epochs it goes through at most."""
        try:
            return self.algorithm.rounds(self.hyperparameters) if self.algorithm else None
        except ValueError:  # it will fail of that
            return None


def summaries(account: Account, limit: int = 100) -> list[TrainingJobSummary]:
    """The latest jobs, newest first. Raises AwsError."""
    found = account.pages(
        "sagemaker",
        "list_training_jobs",
        "TrainingJobSummaries",
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=min(limit, 100),
    )
    return [summary(item) for item in islice(found, limit)]


def summary(item: Mapping[str, Any]) -> TrainingJobSummary:
    """A line of the list from an item of ListTrainingJobs."""
    return TrainingJobSummary(
        name=item["TrainingJobName"],
        status=JobStatus(item["TrainingJobStatus"]),
        created=item["CreationTime"],
        ended=item.get("TrainingEndTime"),
    )


def completed_on(account: Account, data: str) -> list[TrainingJob]:
    """Every completed job that learned from files under the address `data`, by Search. Raises AwsError."""
    train = {"Name": f"{CHANNELS}.ChannelName", "Operator": "Equals", "Value": "train"}
    completed = {"Name": "TrainingJobStatus", "Operator": "Equals", "Value": "Completed"}
    return _search(account, {"Filters": [completed], "NestedFilters": [_channels(train, _below(data))]})


def reading(account: Account, data: str) -> list[TrainingJob]:
    """Every job one of whose channels is files under the address `data`, whatever became of it. Raises AwsError.

    By Search, which may not know yet of a job that was launched a moment ago; those that run are listed, too.
    """
    found = {job.name: job for job in _search(account, {"NestedFilters": [_channels(_below(data))]})}
    for status in (JobStatus.IN_PROGRESS, JobStatus.STOPPING):
        running = account.pages("sagemaker", "list_training_jobs", "TrainingJobSummaries", StatusEquals=status.value)
        for item in running:
            job = describe(account, item["TrainingJobName"])
            if any(channel.startswith(f"{data}/") for channel in job.channels.values()):
                found[job.name] = job
    return list(found.values())


def _channels(*filters: dict[str, str]) -> dict[str, Any]:
    return {"NestedPropertyName": CHANNELS, "Filters": list(filters)}


def _below(data: str) -> dict[str, str]:
    return {"Name": f"{CHANNELS}.DataSource.S3DataSource.S3Uri", "Operator": "Contains", "Value": f"{data}/"}


def _search(account: Account, expression: dict[str, Any]) -> list[TrainingJob]:
    results = account.pages(
        "sagemaker", "search", "Results", Resource="TrainingJob", SearchExpression=expression, MaxResults=100
    )
    return [_job(result["TrainingJob"]) for result in results]


def describe(account: Account, name: str) -> TrainingJob:
    """One job. Raises AwsError."""
    return _job(account.call("sagemaker", "describe_training_job", TrainingJobName=name))


def _job(answer: Mapping[str, Any]) -> TrainingJob:
    resources, condition = answer.get("ResourceConfig", {}), answer["StoppingCondition"]
    sources = {
        channel["ChannelName"]: channel["DataSource"].get("S3DataSource", {})
        for channel in answer.get("InputDataConfig", [])
    }
    return TrainingJob(
        name=answer["TrainingJobName"],
        status=JobStatus(answer["TrainingJobStatus"]),
        secondary=answer["SecondaryStatus"],
        transitions=tuple(_transition(item) for item in answer.get("SecondaryStatusTransitions", [])),
        hyperparameters=answer.get("HyperParameters", {}),
        channels={name: source.get("S3Uri", "") for name, source in sources.items()},
        image=answer["AlgorithmSpecification"].get("TrainingImage", ""),
        instance_type=resources.get("InstanceType", ""),
        instance_count=resources.get("InstanceCount", 1),
        max_runtime=condition.get("MaxRuntimeInSeconds", 86_400),
        created=answer["CreationTime"],
        started=answer.get("TrainingStartTime"),
        ended=answer.get("TrainingEndTime"),
        billable_seconds=answer.get("BillableTimeInSeconds"),
        metrics={
            item["MetricName"]: value
            for item in answer.get("FinalMetricDataList", [])
            if (value := metric_value(item)) is not None
        },
        model_uri=answer.get("ModelArtifacts", {}).get("S3ModelArtifacts"),
        failure=answer.get("FailureReason"),
        tuning_job=answer.get("TuningJobArn", "").rpartition("/")[2] or None,
        arn=answer["TrainingJobArn"],
        training_seconds=answer.get("TrainingTimeInSeconds"),
        max_wait=condition.get("MaxWaitTimeInSeconds") if answer.get("EnableManagedSpotTraining") else None,
        checkpoints=answer.get("CheckpointConfig", {}).get("S3Uri"),
        sharded=sources.get("train", {}).get("S3DataDistributionType") == "ShardedByS3Key",
        volume_gb=resources.get("VolumeSizeInGB", 30),
        output_path=answer.get("OutputDataConfig", {}).get("S3OutputPath", ""),
    )


def metric_value(item: Mapping[str, Any]) -> float | None:
    """The value of a metric as SageMaker tells it; None for one that is missing, nan or infinite."""
    value = item.get("Value")
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _transition(item: dict[str, Any]) -> Transition:
    return Transition(item["Status"], item["StartTime"], item.get("EndTime"), item.get("StatusMessage", ""))


def stop(account: Account, name: str) -> None:
    """Ask a job to stop; it bills until it has. Raises AwsError."""
    account.call("sagemaker", "stop_training_job", TrainingJobName=name)
