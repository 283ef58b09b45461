"""What runs and bills right now, asked of SageMaker one kind at a time.

Each kind is asked by its own requests, so that a missing permission costs one kind and is told, never shown as
"nothing". What thinks (what a description says it costs) takes values and asks nobody. Nothing here stops anything.

Reference: SageMaker API reference; SageMaker pricing page.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.aws.account import Account
from services.inventory.kinds import (
    endpoints,
    jobs,
    managed_services,
    notebooks,
    other_jobs,
    reviews_and_maps,
    shadow_tests,
    volumes,
)
from services.inventory.resources import Ending, Failure, Inventory, Kind, LastUse, Running, RunningKind, Tags
from services.inventory.scan import LIMIT, Survey, inventory
from services.pricing.price_book import LISTED, Book

__all__ = [
    "KINDS",
    "LIMIT",
    "Ending",
    "Failure",
    "Inventory",
    "LastUse",
    "Running",
    "RunningKind",
    "Survey",
    "Tags",
    "inventory",
    "running",
    "survey",
]

KINDS: dict[RunningKind, Kind] = {
    **endpoints.KINDS,
    **jobs.KINDS,
    **notebooks.KINDS,
    **volumes.KINDS,
    **other_jobs.KINDS,
    **managed_services.KINDS,
    **shadow_tests.KINDS,
    **reviews_and_maps.KINDS,
}


def survey(
    accounts: Sequence[Account],
    now: datetime,
    book: Callable[[Account], Book] = lambda account: LISTED,
    limit: float = LIMIT,
) -> Survey:
    """Ask every kind in the region of each account. What cannot be asked is a Failure of the answer."""
    return Survey(KINDS, accounts, now, book, limit)


def running(account: Account, now: datetime, book: Callable[[Account], Book] = lambda account: LISTED) -> Inventory:
    """Everything that runs in the account's region; raises AwsError when nothing can be asked."""
    asked = survey([account], now, book)
    asked.wait()
    return asked.so_far()
