"""Training jobs: what they are doing, what they learned round by round, and how one is launched.

Launches through the SageMaker SDK; everything else asks SageMaker and CloudWatch Logs by boto3.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from services import sdk, shards, storage, tags
from services.algorithms.algorithm import HyperparameterError
from services.algorithms.xgboost import XGBOOST
from services.aws import Account, AwsError
from services.prepared import TOGETHER, PreparedData
from services.problems import Problem
from services.storage import Address

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
# The guide's settings for the card fraud set.
GUIDE: Mapping[str, str] = {
    "max_depth": "5",
    "eta": "0.2",
    "gamma": "4",
    "min_child_weight": "6",
    "subsample": "0.8",
    "objective": "binary:logistic",
    "num_round": "100",
}
CHILD = re.compile(r"(.+)-\d{3}-[0-9a-f]{8}")  # how SageMaker names the training jobs of a tuning job
LONGEST = 28 * 86_400  # seconds that SageMaker lets a training job run
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,47}")


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
    def rounds(self) -> int | None:
        """How many boosting rounds it was asked for."""
        asked = self.hyperparameters.get("num_round", "")
        return int(asked) if asked.isdigit() else None


@dataclass(frozen=True)
class LearningCurve:
    """Metric values by round, as the algorithm logs them: `values["validation:auc"][i]` belongs to `rounds[i]`."""

    rounds: tuple[int, ...]
    values: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class TrainingPlan:
    """What a person asks for. `name` starts the job's name; `max_runtime` is in seconds, `volume_gb` in GB.

    max_wait:    seconds that waiting for spot capacity and running may take together; None is on demand.
    checkpoints: S3 address to keep them at, empty for a folder of the job's own; None for none.
    sharded:     whether each of several instances learns from its own share of the training rows, or all from all.
    together:    whether it learns from train and validation rows, and so has nothing to validate on.
    """

    name: str
    data: PreparedData
    hyperparameters: Mapping[str, str]
    instance_type: str
    instance_count: int
    max_runtime: int
    volume_gb: int = 30
    tags: Mapping[str, str] = field(default_factory=dict)
    max_wait: int | None = None
    checkpoints: str | None = None
    sharded: bool = False
    together: bool = False

    @property
    def channels(self) -> dict[str, str]:
        """S3 address of each channel's data."""
        if self.together:
            return {"train": self.data.channel(TOGETHER)}
        whole = {split: self.data.channel(split) for split in ("train", "validation")}
        return {**whole, "train": f"{shards.address(self.data, self.instance_count)}/"} if self.sharded else whole


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


def describe(account: Account, name: str) -> TrainingJob:
    """One job. Raises AwsError."""
    answer = account.call("sagemaker", "describe_training_job", TrainingJobName=name)
    resources, condition = answer.get("ResourceConfig", {}), answer["StoppingCondition"]
    sources = {
        channel["ChannelName"]: channel["DataSource"].get("S3DataSource", {})
        for channel in answer.get("InputDataConfig", [])
    }
    return TrainingJob(
        name=name,
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
        metrics={item["MetricName"]: item["Value"] for item in answer.get("FinalMetricDataList", [])},
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


def _transition(item: dict[str, Any]) -> Transition:
    return Transition(item["Status"], item["StartTime"], item.get("EndTime"), item.get("StatusMessage", ""))


def log_lines(account: Account, name: str, now: datetime) -> list[str]:
    """Everything the job has logged until `now`; empty before its first line. Raises AwsError."""
    try:
        streams = account.call("logs", "describe_log_streams", logGroupName=LOG_GROUP, logStreamNamePrefix=f"{name}/")[
            "logStreams"
        ]
    except AwsError as error:
        if error.is_missing:  # the group appears with the account's first line
            return []
        raise
    return [line for stream in streams for line in _events(account, stream["logStreamName"], now)]


def _events(account: Account, stream: str, now: datetime) -> Iterable[str]:
    parameters: dict[str, Any] = {"logGroupName": LOG_GROUP, "logStreamName": stream, "startFromHead": True}
    while True:
        answer = account.call("logs", "get_log_events", **parameters)
        yield from (event["message"] for event in answer["events"])
        if answer["nextForwardToken"] == parameters.get("nextToken") or not answer["events"]:
            return
        if answer["events"][-1]["timestamp"] >= now.timestamp() * 1000:
            return  # a job that logs as fast as it is read would keep us here until it ends
        parameters["nextToken"] = answer["nextForwardToken"]


ROUND = re.compile(r".*\[(\d+)\](?:#011|\t)(.+)")
VALUE = re.compile(r"(train|validation)-([^:\s#]+):(\S+?)(?=#011|\t|$)")


def learning_curve(lines: Iterable[str]) -> LearningCurve:
    """The curve in a log. Rounds that were logged twice (cross-validation) keep their last values."""
    found: dict[int, dict[str, float]] = {}
    for line in lines:
        match = ROUND.match(line)
        if match:
            found[int(match[1])] = {
                f"{split}:{metric}": float(value) for split, metric, value in VALUE.findall(match[2])
            }
    rounds = tuple(sorted(found))
    names = [name for name in found[rounds[-1]] if all(name in found[number] for number in rounds)] if rounds else []
    return LearningCurve(rounds, {name: tuple(found[number][name] for number in rounds) for name in names})


def validate(plan: TrainingPlan) -> None:
    """Raises Problem for what SageMaker or the algorithm would refuse minutes later, and bill."""
    if not NAME.fullmatch(plan.name):
        raise Problem(
            f"Job name {plan.name!r}",
            "it may hold letters, digits and single hyphens, at most 48 characters",
            "Change the name",
        )
    if plan.instance_count < 1:
        raise Problem("Instances", "a job needs one at least", "Give 1 or more")
    if not 0 < plan.max_runtime <= LONGEST:
        raise Problem("Time limit", "SageMaker runs a job for a minute to 28 days", "Give 1 to 40,320 minutes")
    tags.checked(plan.tags)
    if plan.max_wait is not None and plan.max_wait < plan.max_runtime:
        raise Problem(
            "Spot capacity",
            "the time to wait and run is shorter than the time to run",
            f"Give it {-(-plan.max_runtime // 60)} minutes or more",
        )
    if plan.checkpoints:
        Address.parse(plan.checkpoints)
    try:
        XGBOOST.checked(plan.hyperparameters)
    except HyperparameterError as error:
        raise Problem("Hyperparameters", str(error), "Correct the value and launch again") from error


def complaints(given: Mapping[str, str]) -> dict[str, str]:
    """What the algorithm says against single values, by hyperparameter; contradictions are `validate`'s."""
    found: dict[str, str] = {}
    for name, text in given.items():
        try:
            XGBOOST.checked({"num_round": "1", name: text})
        except HyperparameterError as error:
            if str(error).startswith(f"Hyperparameter {name}:"):
                found[name] = str(error)
    return found


def launch(account: Account, plan: TrainingPlan) -> str:
    """Start the job and return its name: the plan's and the time of day. Raises Problem, AwsError."""
    validate(plan)
    _check_data(account, plan)
    if plan.sharded:
        shards.cut(account, plan.data, plan.instance_count)
    with account.speaking("sagemaker", "create_training_job"):
        trainer = sdk.trainer(account, plan, plan.hyperparameters)
        trainer.train(wait=False, logs=False)
    name: str = trainer._latest_training_job.training_job_name
    return name


def _check_data(account: Account, plan: TrainingPlan) -> None:
    """Raises Problem for data that is gone."""
    if not any(storage.keys(account, Address.parse(plan.data.channel("train")))):
        raise Problem(f"Data set {plan.data.name}", "its training files are gone", "Prepare it again on the Data page")


def stop(account: Account, name: str) -> None:
    """Ask a job to stop; it bills until it has. Raises AwsError."""
    account.call("sagemaker", "stop_training_job", TrainingJobName=name)
