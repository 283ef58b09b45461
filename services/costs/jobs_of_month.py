"""The training jobs of this month in many regions at once, also those that have ended; answers come in as they do.

Deleted resources (an endpoint, a notebook) are in no list; those shut down with SageDeck are in the ledger.
Reference: SageMaker API, Search (a page of 100 whole training jobs, those of tuning jobs among them).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.aws.account import Account
from services.aws.errors import AwsError
from services.costs.cost_intervals import CostInterval, month
from services.inventory.kinds.jobs import machines_of
from services.inventory.resources import Failure, ResourceKind
from services.pricing import rates as pricing_rates
from services.pricing.price_book import LIST_PRICES, PriceBook

AT_ONCE = 16  # regions
WHAT = "Training jobs of this month"


@dataclass(frozen=True)
class JobsResult:
    """What has come in: intervals, the regions they are complete for, regions still loading, and failures."""

    intervals: tuple[CostInterval, ...]
    regions: tuple[str, ...]
    waiting: tuple[str, ...]
    failures: tuple[Failure, ...]


class JobsOfMonth:
    """Starts its requests when it is made."""

    def __init__(
        self,
        accounts: Sequence[Account],
        now: datetime,
        book: Callable[[Account], PriceBook] = lambda account: LIST_PRICES,
    ) -> None:
        def ask(account: Account) -> list[CostInterval]:
            return list(jobs(account, now, book(account)))

        pool = ThreadPoolExecutor(AT_ONCE)
        self._asked = {account.region: pool.submit(ask, account) for account in accounts}
        pool.shutdown(wait=False)

    def wait(self, seconds: float) -> None:
        """Until every region has answered, or `seconds` have passed."""
        wait(self._asked.values(), seconds)

    def partial_result(self) -> JobsResult:
        """What has come in by now."""
        done = {region: future for region, future in self._asked.items() if future.done()}
        intervals, regions, failures = list[CostInterval](), list[str](), list[Failure]()
        for region, future in done.items():
            try:
                intervals += future.result()
                regions.append(region)
            except AwsError as error:
                failures.append(Failure(WHAT, str(error), region))
        waiting = tuple(region for region in self._asked if region not in done)
        return JobsResult(tuple(intervals), tuple(regions), waiting, tuple(failures))


def jobs(account: Account, now: datetime, book: PriceBook) -> Iterator[CostInterval]:
    """Every training job of this month that has begun to bill. Raises AwsError."""
    since = f"{month(now)[0]:%Y-%m-%dT%H:%M:%SZ}"
    changed = {"Name": "LastModifiedTime", "Operator": "GreaterThanOrEqualTo", "Value": since}
    results = account.pages(
        "sagemaker",
        "search",
        "Results",
        Resource="TrainingJob",
        SearchExpression={"Filters": [changed]},
        MaxResults=100,
    )
    for result in results:
        if "TrainingStartTime" in result["TrainingJob"]:
            yield job_interval(result["TrainingJob"], account.region, book)


def job_interval(job: Mapping[str, Any], region: str, book: PriceBook) -> CostInterval:
    """A training job from Search; of spot capacity only the billed share of its time counts."""
    rate = pricing_rates.rate(machines_of(job.get("ResourceConfig") or {}), "Training", book)
    trained, billed = job.get("TrainingTimeInSeconds"), job.get("BillableTimeInSeconds")
    if rate is not None and trained and billed is not None:
        rate *= billed / trained
    return CostInterval(
        ResourceKind.TRAINING_JOB,
        job["TrainingJobName"],
        region,
        job["TrainingStartTime"],
        job.get("TrainingEndTime"),
        rate,
    )
