"""Tuning jobs: the search over hyperparameters, its trials, and how one is launched."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from services import sdk, training
from services.aws import Account
from services.problems import Problem
from services.training import JobStatus, TrainingPlan

NAME_LENGTH = 32  # characters, of a tuning job's name


@dataclass(frozen=True)
class Range:
    """Where a hyperparameter is looked for, ends included. `integer` ranges try whole numbers only."""

    name: str
    low: float
    high: float
    integer: bool = False


# The guide's ranges for the card fraud set.
GUIDE = (
    Range("eta", 0, 1),
    Range("min_child_weight", 0, 10),
    Range("alpha", 0, 2),
    Range("max_depth", 1, 10, integer=True),
)
OBJECTIVE = "validation:auc"
STRATEGIES: tuple[Literal["Bayesian"], Literal["Random"]] = ("Bayesian", "Random")


@dataclass(frozen=True)
class TuningPlan:
    """What a person asks for: a training plan, and how it is varied. `objective` is a metric, e.g. validation:auc."""

    training: TrainingPlan
    ranges: tuple[Range, ...]
    objective: str
    maximise: bool
    strategy: str
    max_jobs: int
    parallel: int


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
    """A training job of a tuning job; `value` is its final objective, None while it runs or when it failed."""

    name: str
    status: JobStatus
    value: float | None
    hyperparameters: Mapping[str, str]
    started: datetime | None
    ended: datetime | None
    failure: str | None


@dataclass(frozen=True)
class TuningJob:
    """A tuning job in full; `best` is the name of its best training job so far."""

    name: str
    status: JobStatus
    objective: str
    maximise: bool
    strategy: str
    ranges: tuple[Range, ...]
    max_jobs: int
    parallel: int
    launched: int
    done: int
    created: datetime
    ended: datetime | None
    instance_type: str
    instance_count: int
    best: str | None
    best_value: float | None
    failure: str | None


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
    counters, best = answer["TrainingJobStatusCounters"], answer.get("BestTrainingJob", {})
    ended = sum(counters.get(key, 0) for key in ("Completed", "Stopped", "NonRetryableError"))
    compute = definition.get("HyperParameterTuningResourceConfig") or definition.get("ResourceConfig", {})
    return TuningJob(
        name=name,
        status=JobStatus(answer["HyperParameterTuningJobStatus"]),
        objective=objective.get("MetricName", ""),
        maximise=objective.get("Type") == "Maximize",
        strategy=config["Strategy"],
        ranges=tuple(_ranges(config.get("ParameterRanges") or definition.get("HyperParameterRanges", {}))),
        max_jobs=config["ResourceLimits"].get("MaxNumberOfTrainingJobs", 0),
        parallel=config["ResourceLimits"]["MaxParallelTrainingJobs"],
        launched=ended + counters.get("InProgress", 0),
        done=ended,
        created=answer["CreationTime"],
        ended=answer.get("HyperParameterTuningEndTime"),
        instance_type=compute.get("InstanceType", ""),
        instance_count=compute.get("InstanceCount", 1),
        best=best.get("TrainingJobName"),
        best_value=best.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value"),
        failure=answer.get("FailureReason"),
    )


def _ranges(ranges: Mapping[str, Any]) -> list[Range]:
    kinds = {"ContinuousParameterRanges": False, "IntegerParameterRanges": True}
    return [
        Range(item["Name"], float(item["MinValue"]), float(item["MaxValue"]), integer)
        for kind, integer in kinds.items()
        for item in ranges.get(kind, [])
    ]


def trials(account: Account, name: str) -> list[Trial]:
    """Every training job of a tuning job, in the order they were launched. Raises AwsError."""
    found = account.pages(
        "sagemaker",
        "list_training_jobs_for_hyper_parameter_tuning_job",
        "TrainingJobSummaries",
        HyperParameterTuningJobName=name,
        SortBy="CreationTime",
        SortOrder="Ascending",
        MaxResults=100,
    )
    return [
        Trial(
            name=item["TrainingJobName"],
            status=JobStatus(item["TrainingJobStatus"]),
            value=item.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value"),
            hyperparameters=item["TunedHyperParameters"],
            started=item.get("TrainingStartTime"),
            ended=item.get("TrainingEndTime"),
            failure=item.get("FailureReason"),
        )
        for item in found
    ]


def validate(plan: TuningPlan) -> None:
    """Raises Problem for what SageMaker would refuse, or what every training job would fail of."""
    name = plan.training.name
    if len(name) > NAME_LENGTH:
        raise Problem(f"Tuning job {name}", f"its name has {len(name)} characters", f"Use {NAME_LENGTH} at most")
    if not plan.ranges:
        raise Problem(f"Tuning job {name}", "there is nothing to vary", "Give at least one range")
    for each in plan.ranges:
        if each.low > each.high:
            raise Problem(f"Range of {each.name}", "its minimum is above its maximum", "Swap the two")
    if plan.parallel > plan.max_jobs:
        raise Problem(f"Tuning job {name}", "more jobs at a time than jobs in all", "Lower the number at a time")
    for end in ("low", "high"):
        tried = {each.name: _written(each, getattr(each, end)) for each in plan.ranges}
        values = {**plan.training.hyperparameters, **tried, "_tuning_objective_metric": plan.objective}
        training.validate(TrainingPlan(**{**vars(plan.training), "hyperparameters": values}))


def _written(each: Range, value: float) -> str:
    return str(int(value)) if each.integer else str(value)


def launch(account: Account, plan: TuningPlan) -> str:
    """Start the tuning job and return its name. Raises Problem, AwsError."""
    validate(plan)
    varied = {each.name for each in plan.ranges}
    fixed = {name: value for name, value in plan.training.hyperparameters.items() if name not in varied}

    from sagemaker.core.parameter import ContinuousParameter, IntegerParameter
    from sagemaker.train.tuner import HyperparameterTuner

    with account.speaking("sagemaker", "create_hyper_parameter_tuning_job"):
        trainer = sdk.trainer(account, plan.training, fixed)
        tuner = HyperparameterTuner(
            model_trainer=trainer,
            objective_metric_name=plan.objective,
            objective_type="Maximize" if plan.maximise else "Minimize",
            hyperparameter_ranges={
                each.name: IntegerParameter(int(each.low), int(each.high))
                if each.integer
                else ContinuousParameter(each.low, each.high)
                for each in plan.ranges
            },
            strategy=plan.strategy,
            max_jobs=plan.max_jobs,
            max_parallel_jobs=plan.parallel,
        )
        tuner.tune(inputs=trainer.input_data_config, job_name=plan.training.name, wait=False)
    return plan.training.name


def stop(account: Account, name: str) -> None:
    """Ask a tuning job and its training jobs to stop; they bill until they have. Raises AwsError."""
    account.call("sagemaker", "stop_hyper_parameter_tuning_job", HyperParameterTuningJobName=name)
