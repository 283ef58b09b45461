"""What a person allows launches to cost: a limit a launch and one a day, of their own making, kept in S3.

    s3://BUCKET/sagedeck/limits.json

They bind the launch buttons of this dashboard; AWS itself knows nothing of them. A day is one of UTC. What a launch
may cost is reserved (`reservations.py`), beside what SageMaker tells of the day (`commitments.py`).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import NonNegativeFloat

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address
from services.costs import reservations
from services.costs.commitments import Day
from services.errors import Problem
from services.inventory.resources import ResourceKind
from services.pricing.price_book import PriceBook

TIMED = (ResourceKind.TRAINING_JOB, ResourceKind.TUNING_JOB)  # have a time limit


@dataclass(frozen=True)
class LaunchBudget:
    """Dollars that one launch and all launches of a day may cost at most; None is no limit."""

    per_launch: float | None = None
    per_day: float | None = None


@dataclass(frozen=True)
class Launch:
    """What is to be launched, and the dollars it may cost at most; None when its price is unknown."""

    kind: ResourceKind
    name: str
    maximum: float | None

    @property
    def remedy(self) -> str:
        """What to do when it passes a limit."""
        cheaper = "Lower the maximum time" if self.kind in TIMED else "Choose a cheaper instance"
        return f"{cheaper} or raise the limit in Settings"


@dataclass(frozen=True)
class DayBudget:
    """Dollars of the daily limit, and what is spent or reserved of it."""

    limit: float
    taken: float

    @property
    def left(self) -> float:
        """What may still be launched today."""
        return max(0.0, self.limit - self.taken)


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


def launch(account: Account, what: Launch, now: datetime, book: PriceBook, start: Callable[[], str]) -> str:
    """Launch by calling `start`, which returns the new resource's name, unless a limit forbids it; that name.

    Under a daily limit the maximum is reserved before and released when `start` raises, so that of two launches for
    the last dollar one is refused. Raises Problem, UnreadableDocumentError, AwsError, and whatever `start` raises.
    """
    limits = load(account)
    if limits == LaunchBudget():
        return start()
    maximum = _within_launch_limit(what, limits)
    if limits.per_day is None:
        return start()
    per_day, day = limits.per_day, Day(now, book)

    def check(taken: float) -> None:
        if taken + maximum > per_day:
            reason = (
                f"it may cost up to ${maximum:,.2f}, today's launches have spent or reserved ${taken:,.2f}, and your "
                f"limit per day is ${per_day:,.2f}"
            )
            raise Problem(f"Launch {what.name}", reason, what.remedy)

    reservation = reservations.add(account, what.kind, what.name, maximum, day, check)
    name = None
    try:
        name = start()
    finally:
        # Should S3 fail now, the reservation ends by itself; what was launched is in SageMaker's lists.
        with suppress(Problem):
            if name is None:
                reservations.release(account, reservation)
            else:
                reservations.confirm(account, reservation, name)
    return name


def today(account: Account, now: datetime, book: PriceBook) -> DayBudget | None:
    """The daily limit and what is spent or reserved of it; None without a limit. Raises as `launch` does."""
    per_day = load(account).per_day
    return None if per_day is None else DayBudget(per_day, reservations.taken(account, Day(now, book)))


def _within_launch_limit(what: Launch, limits: LaunchBudget) -> float:
    """The maximum cost of a launch. Raises Problem when it is unknown or beyond the limit per launch."""
    if what.maximum is None:
        raise Problem(
            f"Launch {what.name}",
            "its price is unknown, so your limit cannot be checked",
            "Choose an instance type with a known price, or remove the limit in Settings",
        )
    if limits.per_launch is not None and what.maximum > limits.per_launch:
        reason = f"it may cost up to ${what.maximum:,.2f} and your limit per launch is ${limits.per_launch:,.2f}"
        raise Problem(f"Launch {what.name}", reason, what.remedy)
    return what.maximum


def address(account: Account) -> Address:
    """Where the limits lie."""
    return Address(account.default_bucket(), "sagedeck/limits.json")
