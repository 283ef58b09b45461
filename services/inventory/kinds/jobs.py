"""Training, tuning, processing and transform jobs in progress, and what their instances cost."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.aws.errors import AwsError
from services.inventory.collect import CollectContext, arn
from services.inventory.resources import BillableKind, BillableResource, LastUse, ResourceKind, Shutdown
from services.pricing import rates as pricing_rates
from services.pricing.price_book import Component

Description = Mapping[str, Any]

ACTIVE = ("InProgress", "Stopping")


def training_jobs(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Training jobs in progress, without those of a tuning job, which are counted there."""

    def running(job: Description) -> BillableResource | None:
        spot = "Managed spot: maximum price" if job.get("EnableManagedSpotTraining") else ""
        resources = job.get("ResourceConfig") or {}
        return (
            None if job.get("TuningJobArn") else job_resource(ResourceKind.TRAINING_JOB, job, resources, context, spot)
        )

    names = _active(context, "list_training_jobs", "TrainingJobSummaries", "TrainingJobName")
    yield from context.describe_each("training_job", names, running)


def warm_pools(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Instances that training jobs left warm. A pool that is in use bills as the job that uses it."""
    summaries = context.summaries("list_training_jobs", "TrainingJobSummaries", WarmPoolStatusEquals="Available")
    names = [{"TrainingJobName": summary["TrainingJobName"]} for summary in summaries]
    yield from context.describe_each("training_job", names, lambda job: warm_pool_resource(job, context))


def warm_pool_resource(job: Description, context: CollectContext) -> BillableResource | None:
    """A warm pool from DescribeTrainingJob, which bills from the end of the job on; None where there is none."""
    if "WarmPoolStatus" not in job:
        return None
    resources, since = job.get("ResourceConfig") or {}, job["TrainingEndTime"]
    machines, keep_alive_seconds = machines_of(resources), resources.get("KeepAlivePeriodInSeconds")
    rate, identity = (
        pricing_rates.rate(machines, "Training", context.book),
        (("TrainingJobName", job["TrainingJobName"]),),
    )
    return BillableResource(
        kind=ResourceKind.WARM_POOL,
        name=job["TrainingJobName"],
        status=job["WarmPoolStatus"]["Status"],
        instance_type=pricing_rates.types(machines),
        instance_count=sum(count for _, count in machines),
        usd_per_hour=rate,
        since=since,
        cost_so_far=pricing_rates.spent(rate, since, context.now),
        identity=identity,
        last_use=LastUse.SEEN,
        idle_hours=pricing_rates.hours(since, context.now),
        max_hours=keep_alive_seconds / 3600 if keep_alive_seconds else None,
        detail="Kept for the next job",
        arn=arn(job, identity),
    )


def processing_jobs(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Processing jobs in progress."""

    def running(job: Description) -> BillableResource:
        return job_resource(ResourceKind.PROCESSING_JOB, job, job["ProcessingResources"]["ClusterConfig"], context)

    names = _active(context, "list_processing_jobs", "ProcessingJobSummaries", "ProcessingJobName")
    yield from context.describe_each("processing_job", names, running)


def transform_jobs(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Batch transform jobs in progress."""

    def running(job: Description) -> BillableResource:
        return job_resource(ResourceKind.TRANSFORM_JOB, job, job["TransformResources"], context)

    names = _active(context, "list_transform_jobs", "TransformJobSummaries", "TransformJobName")
    yield from context.describe_each("transform_job", names, running)


def tuning_jobs(context: CollectContext) -> Iterator[BillableResource | AwsError]:
    """Tuning jobs in progress, each with all its training jobs."""
    operation = "list_training_jobs_for_hyper_parameter_tuning_job"
    summaries, key = "HyperParameterTuningJobSummaries", "HyperParameterTuningJobName"

    def running(job: Description) -> BillableResource:
        children = context.summaries(operation, "TrainingJobSummaries", **{key: job[key]})
        return tuning_job_resource(job, list(children), context)

    names = _active(context, "list_hyper_parameter_tuning_jobs", summaries, key)
    yield from context.describe_each("hyper_parameter_tuning_job", names, running)


# The word that SageMaker puts before Name, Status and StartTime, and what the instances are priced as.
_WORDS: dict[ResourceKind, tuple[str, Component]] = {
    ResourceKind.TRAINING_JOB: ("Training", "Training"),
    ResourceKind.PROCESSING_JOB: ("Processing", "Processing"),
    ResourceKind.TRANSFORM_JOB: ("Transform", "Transform"),
}


def job_resource(
    kind: ResourceKind, job: Description, resources: Description, context: CollectContext, detail: str = ""
) -> BillableResource:
    """A job from its description. It bills from its start time on: not while it waits for instances."""
    word, component = _WORDS[kind]
    start, machines = job.get(f"{word}StartTime"), machines_of(resources)
    rate, identity = pricing_rates.rate(machines, component, context.book), ((f"{word}JobName", job[f"{word}JobName"]),)
    return BillableResource(
        kind=kind,
        name=job[f"{word}JobName"],
        status=job[f"{word}JobStatus"],
        instance_type=pricing_rates.types(machines),
        instance_count=sum(count for _, count in machines),
        usd_per_hour=rate,
        since=start or job["CreationTime"],
        cost_so_far=pricing_rates.spent(rate, start, context.now),
        identity=identity,
        max_hours=_max_hours(job.get("StoppingCondition")) if start else None,
        detail=detail if start else "Starting: billing begins once its instances run",
        arn=arn(job, identity),
    )


def tuning_job_resource(job: Description, children: list[dict[str, Any]], context: CollectContext) -> BillableResource:
    """A tuning job from DescribeHyperParameterTuningJob and its training jobs; those that run make its rate."""
    machines = _machines_by_definition(job)
    default_machines = next(iter(machines.values()))
    machines_by_child = [machines.get(child.get("TrainingJobDefinitionName"), default_machines) for child in children]
    rates = [pricing_rates.rate(group, "Training", context.book) for group in machines_by_child]
    live = [child["TrainingJobStatus"] in ACTIVE for child in children]
    spent = [
        pricing_rates.spent(rate, child.get("TrainingStartTime"), child.get("TrainingEndTime") or context.now)
        for child, rate in zip(children, rates, strict=True)
    ]
    return BillableResource(
        kind=ResourceKind.TUNING_JOB,
        name=job["HyperParameterTuningJobName"],
        status=job["HyperParameterTuningJobStatus"],
        instance_type=pricing_rates.types([machine for group in machines.values() for machine in group]),
        instance_count=sum(
            count for group, runs in zip(machines_by_child, live, strict=True) if runs for _, count in group
        ),
        usd_per_hour=pricing_rates.total(rate for rate, runs in zip(rates, live, strict=True) if runs),
        since=job["CreationTime"],
        cost_so_far=pricing_rates.total(spent),
        identity=(("HyperParameterTuningJobName", job["HyperParameterTuningJobName"]),),
        max_hours=_max_hours(job.get("HyperParameterTuningJobConfig", {}).get("ResourceLimits")),
        detail=f"{sum(live)} of {len(children)} trials running",
        arn=job.get("HyperParameterTuningJobArn", ""),
    )


def _machines_by_definition(job: Description) -> dict[str | None, pricing_rates.Machines]:
    definitions = job.get("TrainingJobDefinitions") or [job.get("TrainingJobDefinition") or {}]
    return {
        definition.get("DefinitionName"): machines_of(
            definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig") or {}
        )
        for definition in definitions
    }


def machines_of(resources: Description) -> pricing_rates.Machines:
    """Types and counts of a ResourceConfig, ClusterConfig or TransformResources; no type when it does not tell."""
    preferred = (resources.get("InstanceConfigs") or [])[:1]  # of a tuning job; the others are for when it is sold out
    groups = resources.get("InstanceGroups") or preferred or [resources]
    return [(group.get("InstanceType", ""), group.get("InstanceCount", 1)) for group in groups]


def _max_hours(limits: Description | None) -> float | None:
    """The most it may run, by a StoppingCondition or ResourceLimits; transform jobs have none."""
    seconds = (limits or {}).get("MaxRuntimeInSeconds")
    return seconds / 3600 if seconds else None


def _active(context: CollectContext, operation: str, key: str, name: str) -> Iterator[dict[str, str]]:
    for status in ACTIVE:
        for summary in context.summaries(operation, key, StatusEquals=status):
            yield {name: summary[name]}


ENDED_STATUSES = ("Stopped", "Completed", "Failed")
KINDS = {
    ResourceKind.TRAINING_JOB: BillableKind(
        training_jobs,
        Shutdown(
            "stop_training_job",
            "The remaining rounds. The model so far is kept only if the algorithm saves it within two minutes.",
            "describe_training_job",
            "TrainingJobStatus",
            ENDED_STATUSES,
        ),
    ),
    ResourceKind.TUNING_JOB: BillableKind(
        tuning_jobs,
        Shutdown(
            "stop_hyper_parameter_tuning_job",
            "The remaining trials; running ones are stopped. Completed trials and their models stay.",
            "describe_hyper_parameter_tuning_job",
            "HyperParameterTuningJobStatus",
            ENDED_STATUSES,
        ),
    ),
    ResourceKind.PROCESSING_JOB: BillableKind(
        processing_jobs,
        Shutdown(
            "stop_processing_job",
            "Output that is not yet written to S3.",
            "describe_processing_job",
            "ProcessingJobStatus",
            ENDED_STATUSES,
        ),
    ),
    ResourceKind.TRANSFORM_JOB: BillableKind(
        transform_jobs,
        Shutdown(
            "stop_transform_job",
            "The whole output: a stopped transform job writes none.",
            "describe_transform_job",
            "TransformJobStatus",
            ENDED_STATUSES,
        ),
    ),
    ResourceKind.WARM_POOL: BillableKind(
        warm_pools,
        Shutdown(
            "update_training_job",
            "The faster start of the next job.",
            "describe_training_job",
            "WarmPoolStatus.Status",
            ("Terminated", "Reused"),
            extra_parameters=(("ResourceConfig", {"KeepAlivePeriodInSeconds": 0}),),
        ),
    ),
}
