"""Tuning jobs: the search over hyperparameters and its trials, as SageMaker tells of them.

How one is launched is in `plan.py`, what its trials teach in `chart_data.py`, `importance.py` and `summary.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from services.algorithms import catalogue
from services.algorithms.algorithm import Algorithm
from services.aws.account import Account
from services.training.jobs import CHILD, JobStatus, metric_value
from services.tuning.search_space import SearchedParameter, from_documents

BASELINE = "sagedeck:baseline"  # tag of a tuning job: the training job that it is measured against


@dataclass(frozen=True)
class TuningJobSummary:
    """A line of the list of tuning jobs."""

    name: str
    status: JobStatus
    created: datetime
    ended: datetime | None
    strategy: str
    completed: int
    max_jobs: int


@dataclass(frozen=True)
class Trial:
    """A training job of a tuning job; `value` is its final objective, None where it has none (yet)."""

    name: str
    status: JobStatus
    value: float | None
    hyperparameters: Mapping[str, str]
    started: datetime | None
    ended: datetime | None
    failure: str | None


@dataclass(frozen=True)
class TuningJob:
    """A tuning job in full; `best` is the name of its best training job so far.

    `overall_best` counts the trials of a warm start's `parents` too; `fixed` are the hyperparameters that all trials
    share, `train_channel` is the S3 address they learn from, `max_runtime` in seconds is of the search as a whole.
    """

    name: str
    arn: str
    status: JobStatus
    objective: str
    maximise: bool
    strategy: str
    ranges: tuple[SearchedParameter, ...]
    fixed: Mapping[str, str]
    train_channel: str
    max_jobs: int
    parallel: int
    max_runtime: int | None
    parents: tuple[str, ...]
    launched: int
    done: int
    created: datetime
    ended: datetime | None
    instance_type: str
    instance_count: int
    best: str | None
    best_value: float | None
    overall_best: str | None
    overall_value: float | None
    failure: str | None
    image: str = ""

    @property
    def algorithm(self) -> Algorithm:
        """The built-in algorithm of its trials; XGBoost, the usual one, for an image of another."""
        return catalogue.of_image(self.image) or catalogue.ALGORITHMS[0]


def summaries(account: Account, limit: int = 100) -> list[TuningJobSummary]:
    """The latest tuning jobs, newest first. Raises AwsError."""
    found = account.pages(
        "sagemaker",
        "list_hyper_parameter_tuning_jobs",
        "HyperParameterTuningJobSummaries",
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    return [
        TuningJobSummary(
            name=item["HyperParameterTuningJobName"],
            status=JobStatus(item["HyperParameterTuningJobStatus"]),
            created=item["CreationTime"],
            ended=item.get("HyperParameterTuningEndTime"),
            strategy=item["Strategy"],
            completed=item["TrainingJobStatusCounters"].get("Completed", 0),
            max_jobs=item.get("ResourceLimits", {}).get("MaxNumberOfTrainingJobs", 0),
        )
        for item in islice(found, limit)
    ]


def describe(account: Account, name: str) -> TuningJob:
    """One tuning job. Raises AwsError."""
    answer = account.call("sagemaker", "describe_hyper_parameter_tuning_job", HyperParameterTuningJobName=name)
    config, definition = answer["HyperParameterTuningJobConfig"], answer.get("TrainingJobDefinition", {})
    objective = config.get("HyperParameterTuningJobObjective") or definition.get("TuningObjective", {})
    counters, limits = answer["TrainingJobStatusCounters"], config["ResourceLimits"]
    ended = sum(counters.get(key, 0) for key in ("Completed", "Stopped", "NonRetryableError"))
    compute = definition.get("HyperParameterTuningResourceConfig") or definition.get("ResourceConfig", {})
    best, overall = _best(answer, "BestTrainingJob"), _best(answer, "OverallBestTrainingJob")
    parents = answer.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    return TuningJob(
        name=name,
        arn=answer["HyperParameterTuningJobArn"],
        status=JobStatus(answer["HyperParameterTuningJobStatus"]),
        objective=objective.get("MetricName", ""),
        maximise=objective.get("Type") == "Maximize",
        strategy=config["Strategy"],
        ranges=from_documents(config.get("ParameterRanges") or definition.get("HyperParameterRanges", {})),
        fixed=_fixed(definition),
        train_channel=_train_channel(definition),
        max_jobs=limits.get("MaxNumberOfTrainingJobs", 0),
        parallel=limits["MaxParallelTrainingJobs"],
        max_runtime=limits.get("MaxRuntimeInSeconds"),
        parents=tuple(parent["HyperParameterTuningJobName"] for parent in parents),
        launched=ended + counters.get("InProgress", 0),
        done=ended,
        created=answer["CreationTime"],
        ended=answer.get("HyperParameterTuningEndTime"),
        instance_type=compute.get("InstanceType", ""),
        instance_count=compute.get("InstanceCount", 1),
        best=best[0],
        best_value=best[1],
        overall_best=overall[0],
        overall_value=overall[1],
        failure=answer.get("FailureReason"),
        image=definition.get("AlgorithmSpecification", {}).get("TrainingImage", ""),
    )


def _fixed(definition: Mapping[str, Any]) -> dict[str, str]:
    """The hyperparameters that every trial shares, without those that the tuning itself sets."""
    static = definition.get("StaticHyperParameters", {})
    return {name: value for name, value in static.items() if not name.startswith("_tuning")}


def _train_channel(definition: Mapping[str, Any]) -> str:
    channels = {each["ChannelName"]: each["DataSource"] for each in definition.get("InputDataConfig", [])}
    address: str = channels.get("train", {}).get("S3DataSource", {}).get("S3Uri", "")
    return address


def _best(answer: Mapping[str, Any], member: str) -> tuple[str | None, float | None]:
    found = answer.get(member, {})
    return found.get("TrainingJobName"), metric_value(found.get("FinalHyperParameterTuningJobObjectiveMetric", {}))


def trials(account: Account, name: str, known: Sequence[Trial] = ()) -> tuple[Trial, ...]:
    """Every training job of a tuning job by its number, which is in its name, or else as launched. Raises AwsError.

    `known` is an earlier answer: what had ended then is not read again, so that a long search is followed cheaply.
    """
    ended = {trial.name for trial in known if not trial.status.active}
    awaited = {trial.name for trial in known} - ended
    read: dict[str, Trial] = {}
    for item in account.pages(
        "sagemaker",
        "list_training_jobs_for_hyper_parameter_tuning_job",
        "TrainingJobSummaries",
        HyperParameterTuningJobName=name,
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=100,
    ):
        trial = _trial(item)
        if trial.name in ended and not awaited:
            break  # older ones are known, and ended
        read[trial.name] = trial
        awaited.discard(trial.name)
    found = [*(trial for trial in known if trial.name not in read), *reversed(read.values())]
    return tuple(sorted(found, key=_number))  # of those created in the same second a list keeps no order


def _number(trial: Trial) -> int:
    match = CHILD.fullmatch(trial.name)
    return int(match[2]) if match else 0


def _trial(item: Mapping[str, Any]) -> Trial:
    return Trial(
        name=item["TrainingJobName"],
        status=JobStatus(item["TrainingJobStatus"]),
        value=metric_value(item.get("FinalHyperParameterTuningJobObjectiveMetric", {})),
        hyperparameters=item["TunedHyperParameters"],
        started=item.get("TrainingStartTime"),
        ended=item.get("TrainingEndTime"),
        failure=item.get("FailureReason"),
    )


def stop(account: Account, name: str) -> None:
    """Ask a tuning job and its training jobs to stop; they bill until they have. Raises AwsError."""
    account.call("sagemaker", "stop_hyper_parameter_tuning_job", HyperParameterTuningJobName=name)


def baseline(account: Account, job: TuningJob) -> str | None:
    """The training job that a tuning job is measured against, as its launch noted it. Raises AwsError."""
    tags = account.pages("sagemaker", "list_tags", "Tags", ResourceArn=job.arn)
    return next((tag["Value"] for tag in tags if tag["Key"] == BASELINE), None)


def set_baseline(account: Account, job: TuningJob, training_job: str) -> None:
    """Note the training job that a tuning job is measured against. Raises AwsError."""
    account.call("sagemaker", "add_tags", ResourceArn=job.arn, Tags=[{"Key": BASELINE, "Value": training_job}])
