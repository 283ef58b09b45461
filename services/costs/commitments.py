"""What this UTC day's launches have cost and may still cost at most, as SageMaker tells of what runs and has run.

An active job commits its time limit, a tuning job all its trials, an endpoint and a transform job (which has no time
limit) their rate until midnight; what has ended commits what it was billed. On-demand prices, of spot capacity too.
Raises Problem for a resource of unknown price: then nobody can say what the day may cost.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.aws.account import Account
from services.aws.errors import AwsError
from services.costs import ledger
from services.errors import Problem
from services.inventory.kinds import endpoints
from services.inventory.resources import ResourceKind
from services.pricing import rates as pricing_rates
from services.pricing.price_book import Component, PriceBook
from services.training import jobs as training_jobs
from services.training.jobs import JobStatus, TrainingJob

READERS = 8  # resources that are described at a time
BILLING_NOTHING = ("Deleting", "Failed")  # statuses of endpoints


@dataclass(frozen=True)
class Commitment:
    """Dollars that one resource has cost since midnight and may still cost at most; a trial's are its tuning job's."""

    kind: ResourceKind
    name: str
    usd: float


@dataclass(frozen=True)
class Day:
    """The UTC day of `now`, and the prices it is counted by."""

    now: datetime
    book: PriceBook

    @property
    def start(self) -> datetime:
        """Midnight before `now`."""
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def end(self) -> datetime:
        """Midnight after `now`."""
        return self.start + timedelta(days=1)

    def hours(self, start: datetime, end: datetime) -> float:
        """Hours of an interval that lie after the midnight before `now`."""
        return max(0.0, pricing_rates.hours(max(start, self.start), end))

    def rate(self, where: str, instance_type: str, count: int, use: Component) -> float:
        """Dollars an hour. Raises Problem when the price is unknown."""
        usd = self.book.usd_per_hour(instance_type, use)
        if usd is None:
            raise unknown_price(where, f"the price of {instance_type or 'its instances'} is unknown")
        return usd * count


def read(account: Account, day: Day) -> list[Commitment]:
    """Everything that this day pays for. Raises Problem, UnreadableDocumentError, AwsError."""
    readers = (_training_and_tuning, _transform, _endpoints, _deleted_endpoints)
    with ThreadPoolExecutor(len(readers)) as pool:
        return [each for found in pool.map(lambda reader: reader(account, day), readers) for each in found]


def rest_of_day(usd_per_hour: float | None, now: datetime) -> float | None:
    """Dollars until midnight at that rate; None when it is unknown."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return None if usd_per_hour is None else usd_per_hour * pricing_rates.hours(now, midnight)


def unknown_price(where: str, said: str) -> Problem:
    """Something of today whose price nobody knows."""
    return Problem(
        f"Today's {where}",
        f"{said}, so your daily limit cannot be checked",
        "Remove the daily limit in Settings",
    )


def _summaries(account: Account, operation: str, key: str, name: str, day: Day) -> dict[str, dict[str, Any]]:
    """The jobs that changed today and those that still run, by name."""
    found: dict[str, dict[str, Any]] = {}
    for condition in ({"LastModifiedTimeAfter": day.start}, {"StatusEquals": "InProgress"}):
        listed = account.pages("sagemaker", operation, key, MaxResults=100, **condition)
        found |= {summary[name]: summary for summary in listed}
    return found


def _described(names: Sequence[str], describe: Callable[[str], Any]) -> list[Any]:
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(describe, names))


def _training_and_tuning(account: Account, day: Day) -> list[Commitment]:
    names = [*_summaries(account, "list_training_jobs", "TrainingJobSummaries", "TrainingJobName", day)]
    jobs: list[TrainingJob] = _described(names, lambda name: training_jobs.describe(account, name))
    listed = _summaries(
        account,
        "list_hyper_parameter_tuning_jobs",
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJobName",
        day,
    )
    searches = {name: item["HyperParameterTuningJobStatus"] == JobStatus.IN_PROGRESS for name, item in listed.items()}
    own = [job for job in jobs if not searches.get(job.tuning_job or "")]
    return [
        *(Commitment(ResourceKind.TRAINING_JOB, job.name, _most(job, day)) for job in own),
        *(
            Commitment(ResourceKind.TUNING_JOB, name, _search(account, name, jobs, day) if active else 0.0)
            for name, active in searches.items()
        ),
    ]


def _spent(job: TrainingJob, day: Day) -> float:
    """What a job has been billed since midnight."""
    rate = day.rate(f"job {job.name}", job.instance_type, job.instance_count, "Training")
    if job.started is None:
        return rate * (job.billable_seconds or 0) / 3600
    hours, ended = pricing_rates.hours(job.started, job.ended or day.now), job.ended or day.now
    billed = hours if job.billable_seconds is None else job.billable_seconds / 3600
    share = day.hours(job.started, ended) / hours if hours > 0 else float(ended >= day.start)
    return rate * billed * share


def _most(job: TrainingJob, day: Day) -> float:
    """What a job has been billed since midnight, or may be if it still runs."""
    if not job.status.active:
        return _spent(job, day)
    start = job.started or day.now
    rate = day.rate(f"job {job.name}", job.instance_type, job.instance_count, "Training")
    return rate * day.hours(start, start + timedelta(seconds=job.max_runtime))


def _search(account: Account, name: str, jobs: Sequence[TrainingJob], day: Day) -> float:
    """An active tuning job's trials: those that were launched, and those that may still be."""
    answer = account.call("sagemaker", "describe_hyper_parameter_tuning_job", HyperParameterTuningJobName=name)
    limits, trials = (
        answer["HyperParameterTuningJobConfig"]["ResourceLimits"],
        [job for job in jobs if job.tuning_job == name],
    )
    definitions = answer.get("TrainingJobDefinitions") or [answer["TrainingJobDefinition"]]
    rates, costs = list[float](), list[float]()
    for definition in definitions:
        resources = definition.get("ResourceConfig", {})
        machines = resources.get("InstanceType", ""), resources.get("InstanceCount", 1)
        rates.append(day.rate(f"tuning job {name}", *machines, "Training"))
        costs.append(rates[-1] * definition["StoppingCondition"]["MaxRuntimeInSeconds"] / 3600)
    left = max(0, limits["MaxNumberOfTrainingJobs"] - sum(answer["TrainingJobStatusCounters"].values()))
    most = sum(_most(trial, day) for trial in trials) + left * max(costs)
    if not limits.get("MaxRuntimeInSeconds"):
        return most
    end = answer["CreationTime"] + timedelta(seconds=limits["MaxRuntimeInSeconds"])
    in_time = max(rates) * limits["MaxParallelTrainingJobs"] * day.hours(day.now, end)
    return min(most, sum(_spent(trial, day) for trial in trials) + in_time)


def _transform(account: Account, day: Day) -> list[Commitment]:
    names = [*_summaries(account, "list_transform_jobs", "TransformJobSummaries", "TransformJobName", day)]

    def one(name: str) -> Commitment:
        job = account.call("sagemaker", "describe_transform_job", TransformJobName=name)
        resources = job["TransformResources"]
        rate = day.rate(f"transform job {name}", resources["InstanceType"], resources["InstanceCount"], "Transform")
        start = job.get("TransformStartTime")
        if JobStatus(job["TransformJobStatus"]).active:
            hours = day.hours(start or job["CreationTime"], day.end)
        else:
            hours = day.hours(start, job["TransformEndTime"]) if start and "TransformEndTime" in job else 0.0
        return Commitment(ResourceKind.TRANSFORM_JOB, name, rate * hours)

    return _described(names, one)


def _endpoints(account: Account, day: Day) -> list[Commitment]:
    listed = account.pages("sagemaker", "list_endpoints", "Endpoints", MaxResults=100)
    names = [item["EndpointName"] for item in listed if item["EndpointStatus"] not in BILLING_NOTHING]
    return [
        commitment
        for found in _described(names, lambda name: list(_endpoint(account, name, day)))
        for commitment in found
    ]


def _endpoint(account: Account, name: str, day: Day) -> Iterator[Commitment]:
    """One endpoint; nothing when it was deleted in the meantime."""
    try:
        endpoint = account.call("sagemaker", "describe_endpoint", EndpointName=name)
        config = account.call(
            "sagemaker", "describe_endpoint_config", EndpointConfigName=endpoint["EndpointConfigName"]
        )
    except AwsError as error:
        if error.is_missing:
            return
        raise
    rate, _ = endpoints.rate_and_machines(endpoint, config, day.book)
    if rate is None:
        raise unknown_price(f"endpoint {name}", "its price is unknown")
    yield Commitment(ResourceKind.ENDPOINT, name, rate * day.hours(endpoint["CreationTime"], day.end))


def _deleted_endpoints(account: Account, day: Day) -> list[Commitment]:
    """The endpoints that SageDeck has deleted today, by the ledger."""
    return [
        Commitment(ResourceKind.ENDPOINT, entry.name, (entry.usd_per_hour or 0.0) * day.hours(entry.since, entry.at))
        for entry in ledger.of_day(account, day.now)
        if entry.kind == ResourceKind.ENDPOINT and entry.region in ("", account.region) and entry.since
    ]
