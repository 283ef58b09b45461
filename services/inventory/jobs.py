"""Training, tuning, processing and transform jobs in progress, and what their instances cost."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services import pricing
from services.aws import Account
from services.inventory import money
from services.inventory.asking import described
from services.inventory.things import Ending, Kind, LastUse, Running, RunningKind

Description = Mapping[str, Any]

ACTIVE = ("InProgress", "Stopping")


def training_jobs(account: Account, now: datetime) -> Iterator[Running]:
    """Training jobs in progress, without those of a tuning job, which are counted there."""
    for name in _active(account, "list_training_jobs", "TrainingJobSummaries", "TrainingJobName"):
        job = described(account, "training_job", TrainingJobName=name)
        if job and not job.get("TuningJobArn"):
            spot = "Managed spot: its price here is the most it can be" if job.get("EnableManagedSpotTraining") else ""
            yield job_running(RunningKind.TRAINING_JOB, job, job.get("ResourceConfig") or {}, now, spot)


def warm_pools(account: Account, now: datetime) -> Iterator[Running]:
    """Instances that training jobs left warm. A pool that is in use bills as the job that uses it."""
    found = account.pages(
        "sagemaker", "list_training_jobs", "TrainingJobSummaries", WarmPoolStatusEquals="Available", MaxResults=100
    )
    for name in [item["TrainingJobName"] for item in found]:
        if job := described(account, "training_job", TrainingJobName=name):
            yield warm_pool_running(job, now)


def warm_pool_running(job: Description, now: datetime) -> Running:
    """A warm pool from DescribeTrainingJob; it bills from the end of the job on."""
    machines, since = _machines(job.get("ResourceConfig") or {}), job["TrainingEndTime"]
    rate = money.rate(machines, "Training")
    return Running(
        kind=RunningKind.WARM_POOL,
        name=job["TrainingJobName"],
        status=job["WarmPoolStatus"]["Status"],
        instance_type=money.types(machines),
        instance_count=sum(count for _, count in machines),
        usd_per_hour=rate,
        since=since,
        cost_so_far=money.spent(rate, since, now),
        identity=(("TrainingJobName", job["TrainingJobName"]),),
        last_use=LastUse.SEEN,
        idle_hours=money.hours(since, now),
        detail="Kept warm for the next job",
    )


def processing_jobs(account: Account, now: datetime) -> Iterator[Running]:
    """Processing jobs in progress."""
    for name in _active(account, "list_processing_jobs", "ProcessingJobSummaries", "ProcessingJobName"):
        if job := described(account, "processing_job", ProcessingJobName=name):
            yield job_running(RunningKind.PROCESSING_JOB, job, job["ProcessingResources"]["ClusterConfig"], now)


def transform_jobs(account: Account, now: datetime) -> Iterator[Running]:
    """Batch transform jobs in progress."""
    for name in _active(account, "list_transform_jobs", "TransformJobSummaries", "TransformJobName"):
        if job := described(account, "transform_job", TransformJobName=name):
            yield job_running(RunningKind.TRANSFORM_JOB, job, job["TransformResources"], now)


def tuning_jobs(account: Account, now: datetime) -> Iterator[Running]:
    """Tuning jobs in progress, each with all its training jobs."""
    operation = "list_training_jobs_for_hyper_parameter_tuning_job"
    summaries, key = "HyperParameterTuningJobSummaries", "HyperParameterTuningJobName"
    for name in _active(account, "list_hyper_parameter_tuning_jobs", summaries, key):
        if job := described(account, "hyper_parameter_tuning_job", HyperParameterTuningJobName=name):
            children = account.pages("sagemaker", operation, "TrainingJobSummaries", **{key: name, "MaxResults": 100})
            yield tuning_job_running(job, list(children), now)


# The word that SageMaker puts before Name, Status and StartTime, and what the instances are priced as.
_WORDS: dict[RunningKind, tuple[str, pricing.Component]] = {
    RunningKind.TRAINING_JOB: ("Training", "Training"),
    RunningKind.PROCESSING_JOB: ("Processing", "Processing"),
    RunningKind.TRANSFORM_JOB: ("Transform", "Transform"),
}


def job_running(
    kind: RunningKind, job: Description, resources: Description, now: datetime, detail: str = ""
) -> Running:
    """A job from its description. It bills from its start time on: not while it waits for instances."""
    word, component = _WORDS[kind]
    start, machines = job.get(f"{word}StartTime"), _machines(resources)
    rate = money.rate(machines, component)
    return Running(
        kind=kind,
        name=job[f"{word}JobName"],
        status=job[f"{word}JobStatus"],
        instance_type=money.types(machines),
        instance_count=sum(count for _, count in machines),
        usd_per_hour=rate,
        since=start or job["CreationTime"],
        cost_so_far=money.spent(rate, start, now),
        identity=((f"{word}JobName", job[f"{word}JobName"]),),
        detail=detail if start else "Starting: it bills once its instances are up",
    )


def tuning_job_running(job: Description, children: list[dict[str, Any]], now: datetime) -> Running:
    """A tuning job from DescribeHyperParameterTuningJob and its training jobs; those that run make its rate."""
    machines = _machines_by_definition(job)
    one = next(iter(machines.values()))
    used = [machines.get(child.get("TrainingJobDefinitionName"), one) for child in children]
    rates = [money.rate(of, "Training") for of in used]
    live = [child["TrainingJobStatus"] in ACTIVE for child in children]
    spent = [
        money.spent(rate, child.get("TrainingStartTime"), child.get("TrainingEndTime") or now)
        for child, rate in zip(children, rates, strict=True)
    ]
    return Running(
        kind=RunningKind.TUNING_JOB,
        name=job["HyperParameterTuningJobName"],
        status=job["HyperParameterTuningJobStatus"],
        instance_type=money.types([machine for of in machines.values() for machine in of]),
        instance_count=sum(count for of, runs in zip(used, live, strict=True) if runs for _, count in of),
        usd_per_hour=money.total(rate for rate, runs in zip(rates, live, strict=True) if runs),
        since=job["CreationTime"],
        cost_so_far=money.total(spent),
        identity=(("HyperParameterTuningJobName", job["HyperParameterTuningJobName"]),),
        detail=f"{sum(live)} of its {len(children)} training jobs are running",
    )


def _machines_by_definition(job: Description) -> dict[str | None, money.Machines]:
    definitions = job.get("TrainingJobDefinitions") or [job.get("TrainingJobDefinition") or {}]
    return {
        definition.get("DefinitionName"): _machines(
            definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig") or {}
        )
        for definition in definitions
    }


def _machines(resources: Description) -> money.Machines:
    """Types and counts of a ResourceConfig, ClusterConfig or TransformResources; no type when it does not tell."""
    preferred = (resources.get("InstanceConfigs") or [])[:1]  # of a tuning job; the others are for when it is sold out
    groups = resources.get("InstanceGroups") or preferred or [resources]
    return [(group.get("InstanceType", ""), group.get("InstanceCount", 1)) for group in groups]


def _active(account: Account, operation: str, key: str, name: str) -> Iterator[str]:
    for status in ACTIVE:
        for item in account.pages("sagemaker", operation, key, StatusEquals=status, MaxResults=100):
            yield item[name]


OVER = ("Stopped", "Completed", "Failed")
KINDS = {
    RunningKind.TRAINING_JOB: Kind(
        training_jobs,
        Ending(
            "stop_training_job",
            "The rounds still to come. The model so far is kept only if the algorithm saves it within two minutes.",
            "describe_training_job",
            "TrainingJobStatus",
            OVER,
        ),
    ),
    RunningKind.TUNING_JOB: Kind(
        tuning_jobs,
        Ending(
            "stop_hyper_parameter_tuning_job",
            "The trials still to come; those that run are stopped. Completed trials and their models stay.",
            "describe_hyper_parameter_tuning_job",
            "HyperParameterTuningJobStatus",
            OVER,
        ),
    ),
    RunningKind.PROCESSING_JOB: Kind(
        processing_jobs,
        Ending(
            "stop_processing_job",
            "What it has not yet written to S3.",
            "describe_processing_job",
            "ProcessingJobStatus",
            OVER,
        ),
    ),
    RunningKind.TRANSFORM_JOB: Kind(
        transform_jobs,
        Ending(
            "stop_transform_job",
            "All of it: a stopped transform job writes no output.",
            "describe_transform_job",
            "TransformJobStatus",
            OVER,
        ),
    ),
    RunningKind.WARM_POOL: Kind(
        warm_pools,
        Ending(
            "update_training_job",
            "The head start of the next job, whose instances start cold.",
            "describe_training_job",
            "WarmPoolStatus.Status",
            ("Terminated", "Reused"),
            more=(("ResourceConfig", {"KeepAlivePeriodInSeconds": 0}),),
        ),
    ),
}
