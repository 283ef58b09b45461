"""What a person allows launches to cost: a limit a launch and one a day, of their own making, kept in S3.

    s3://BUCKET/sagedeck/limits.json

They bind the launch buttons of this dashboard; AWS itself knows nothing of them. A day is one of UTC.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import NonNegativeFloat

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address
from services.errors import Problem
from services.pricing.price_book import PriceBook
from services.training import jobs as training_jobs


@dataclass(frozen=True)
class LaunchBudget:
    """Dollars that one launch and all launches of a day may cost at most; None is no limit."""

    per_launch: float | None = None
    per_day: float | None = None


class LimitsDocument(Document):
    """The limits as they lie in S3."""

    per_launch: NonNegativeFloat | None
    per_day: NonNegativeFloat | None
    currency: Literal["USD"] = "USD"


def load(account: Account) -> LaunchBudget:
    """The limits that are set; none where nothing was ever saved. Raises UnreadableDocumentError, AwsError."""
    stored = documents.read(account, address(account), LimitsDocument)
    return LaunchBudget(stored.document.per_launch, stored.document.per_day) if stored else LaunchBudget()


def save(account: Account, limits: LaunchBudget) -> None:
    """Set both limits. Raises as `change` does."""
    change(account, per_launch=limits.per_launch, per_day=limits.per_day)


def change(account: Account, **limits: float | None) -> None:
    """Set `per_launch`, `per_day` or both; None is no limit. Raises Problem for negative ones, AwsError.

    Raises UnreadableDocumentError, too.
    """
    for amount in limits.values():
        if amount is not None and amount < 0:
            raise Problem(
                "Limits", f"${amount:,.2f} is negative", "Enter an amount, or leave the field empty for no limit"
            )
    none = LimitsDocument(per_launch=None, per_day=None)
    documents.update(
        account, address(account), LimitsDocument, lambda present: (present or none).model_copy(update=limits)
    )


def check(account: Account, name: str, maximum: float | None, now: datetime, book: PriceBook) -> None:
    """Refuse a launch beyond a limit. `maximum` is what it may cost, None when that is unknown; `what` names it.

    book: the prices that today's earlier jobs are counted by.
    Raises Problem, AwsError.
    """
    limits = load(account)
    if limits == LaunchBudget():
        return
    remedy = "Lower the maximum time or raise the limit in Settings"
    if maximum is None:
        raise Problem(
            f"Launch {name}",
            "its price is unknown, so your limit cannot be checked",
            "Choose an instance type with a known price, or remove the limit in Settings",
        )
    if limits.per_launch is not None and maximum > limits.per_launch:
        reason = f"it may cost up to ${maximum:,.2f} and your limit per launch is ${limits.per_launch:,.2f}"
        raise Problem(f"Launch {name}", reason, remedy)
    if limits.per_day is not None:
        spent = spent_today(account, now, book)
        if spent + maximum > limits.per_day:
            reason = (
                f"it may cost up to ${maximum:,.2f}, today's jobs have cost ${spent:,.2f}, and your limit per day is "
                f"${limits.per_day:,.2f}"
            )
            raise Problem(f"Launch {name}", reason, remedy)


def spent_today(account: Account, now: datetime, book: PriceBook) -> float:
    """Dollars of the training jobs created today, those of tuning jobs among them: billed, or running to `now`.

    Raises AwsError, and Problem for a job whose price is unknown.
    """
    with ThreadPoolExecutor(8) as pool:
        jobs = pool.map(lambda name: training_jobs.describe(account, name), _today(account, now))
        return sum(_cost(job, now, book) for job in jobs)


def _cost(job: training_jobs.TrainingJob, now: datetime, book: PriceBook) -> float:
    rate = book.usd_per_hour(job.instance_type, "Training")
    if rate is None:
        raise Problem(
            f"Today's job {job.name}",
            f"the price of {job.instance_type} is unknown, so your daily limit cannot be checked",
            "Remove the daily limit in Settings",
        )
    if job.billable_seconds is not None:
        seconds = float(job.billable_seconds)
    else:
        seconds = ((job.ended or now) - job.started).total_seconds() if job.started else 0.0
    return rate * job.instance_count * seconds / 3600


def _today(account: Account, now: datetime) -> Iterator[str]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    summaries = account.pages(
        "sagemaker", "list_training_jobs", "TrainingJobSummaries", CreationTimeAfter=midnight, MaxResults=100
    )
    return (summary["TrainingJobName"] for summary in summaries)


def address(account: Account) -> Address:
    """Where the limits lie."""
    return Address(account.default_bucket(), "sagedeck/limits.json")
