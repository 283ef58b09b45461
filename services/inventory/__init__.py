"""What runs and bills right now, asked of SageMaker one kind at a time.

Each kind is asked by its own requests, so that a missing permission costs one kind and is told, never shown as
"nothing". What thinks (what a description says it costs) takes values and asks nobody. Nothing here stops anything.

Reference: SageMaker API reference; SageMaker pricing page.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.aws import Account
from services.inventory import (
    endpoints,
    jobs,
    managed,
    notebooks,
    other_jobs,
    other_services,
    shadow_tests,
    volumes,
)
from services.inventory.survey import LIMIT, Survey, inventory
from services.inventory.things import Ending, Failure, Inventory, Kind, LastUse, Running, RunningKind, Tags
from services.pricing import LISTED, Book

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
    **managed.KINDS,
    **shadow_tests.KINDS,
    **other_services.KINDS,
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
