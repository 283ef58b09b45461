"""Training jobs: what they are doing, what they learned round by round, and how one is launched.

Launches through the SageMaker SDK; everything else asks SageMaker and CloudWatch Logs by boto3.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from services.algorithms import catalogue, field_help
from services.algorithms.algorithm import Algorithm, HyperparameterError
from services.algorithms.xgboost import XGBOOST
from services.aws import s3, tags
from services.aws.account import Account, AwsError
from services.aws.s3 import Address
from services.data import shards
from services.data.prepared_data import TOGETHER, PreparedData
from services.errors import Problem
from services.training import sagemaker_sdk

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
GUIDE = field_help.form(XGBOOST).presets[0].hyperparameters  # the guide's settings for the card fraud set
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


@dataclass(frozen=True)
class LearningCurve:
    """Metric values by round, as the algorithm logs them: `values["validation:auc"][i]` belongs to `rounds[i]`.

    unit: what the algorithm calls a round.
    """

    rounds: tuple[int, ...]
    values: Mapping[str, tuple[float, ...]]
    unit: str = "round"


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
    algorithm: Algorithm = XGBOOST

    @property
    def rows(self) -> int:
        """The rows that an instance learns from, at the least."""
        rows = self.data.rows["train"] + (self.data.rows["validation"] if self.together else 0)
        return rows // self.instance_count if self.sharded else rows

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


def learning_curve(lines: Iterable[str]) -> LearningCurve:
    """The curve in a log, whichever algorithm wrote it. Rounds that were logged twice keep their last values."""
    found: dict[int, dict[str, float]] = {}
    told, unit = Counter[int](), XGBOOST.unit
    for line in lines:
        for algorithm in catalogue.ALGORITHMS:
            if measured := algorithm.measured(line):
                found.setdefault(measured[0], {}).update(measured[1])
                told[measured[0]] += 1
                unit = algorithm.unit
                break
    rounds = tuple(sorted(found))
    if len(rounds) > 1 and told[rounds[-1]] < told[rounds[-2]] and found[rounds[-1]].keys() < found[rounds[-2]].keys():
        rounds = rounds[:-1]  # of several lines, of which not all are written yet
    names = [name for name in found[rounds[-1]] if all(name in found[number] for number in rounds)] if rounds else []
    return LearningCurve(rounds, {name: tuple(found[number][name] for number in rounds) for name in names}, unit)


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
        _check_hyperparameters(plan)
    except HyperparameterError as error:
        raise Problem("Hyperparameters", str(error), "Correct the value and launch again") from error


def _check_hyperparameters(plan: TrainingPlan) -> None:
    values = plan.algorithm.checked(plan.hyperparameters)
    plan.algorithm.fitting(values, plan.rows, len(plan.data.features))


def complaints(plan: TrainingPlan) -> dict[str, str]:
    """What is to be said beside the field of a hyperparameter, by its name: a value, or how it fits the others."""
    usual = field_help.form(plan.algorithm).presets[0].hyperparameters
    needed = {name: usual[name] for name in plan.algorithm.needed}
    remaining, found = {**needed, **plan.hyperparameters}, dict[str, str]()
    while True:  # one after the other, since the algorithm stops at the first
        try:
            _check_hyperparameters(replace(plan, hyperparameters=remaining))
        except HyperparameterError as error:
            if error.name in remaining and error.name not in found:
                found[error.name] = error.brief
                del remaining[error.name]
                remaining = {**needed, **remaining}
                continue
            if error.name:
                found.setdefault(error.name, error.brief)
        return found


def launch(account: Account, plan: TrainingPlan) -> str:
    """Start the job and return its name: the plan's and the time of day. Raises Problem, AwsError."""
    validate(plan)
    _check_data(account, plan)
    if plan.sharded:
        shards.cut(account, plan.data, plan.instance_count)
    with account.speaking("sagemaker", "create_training_job"):
        trainer = sagemaker_sdk.trainer(account, plan, plan.hyperparameters)
        trainer.train(wait=False, logs=False)
    name: str = trainer._latest_training_job.training_job_name
    return name


def _check_data(account: Account, plan: TrainingPlan) -> None:
    """Raises Problem for data that is gone."""
    if not any(s3.keys(account, Address.parse(plan.data.channel("train")))):
        raise Problem(f"Data set {plan.data.name}", "its training files are gone", "Prepare it again on the Data page")


def stop(account: Account, name: str) -> None:
    """Ask a job to stop; it bills until it has. Raises AwsError."""
    account.call("sagemaker", "stop_training_job", TrainingJobName=name)
