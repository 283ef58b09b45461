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
from services.inventory.resources import (
    BillableKind,
    Inventory,
    ResourceKind,
)
from services.inventory.scan import LIMIT, Scan
from services.pricing.price_book import LIST_PRICES, PriceBook

KINDS: dict[ResourceKind, BillableKind] = {
    **endpoints.KINDS,
    **jobs.KINDS,
    **notebooks.KINDS,
    **volumes.KINDS,
    **other_jobs.KINDS,
    **managed_services.KINDS,
    **shadow_tests.KINDS,
    **reviews_and_maps.KINDS,
}


def start_scan(
    accounts: Sequence[Account],
    now: datetime,
    book: Callable[[Account], PriceBook] = lambda account: LIST_PRICES,
    limit: float = LIMIT,
) -> Scan:
    """Ask every kind in the region of each account. What cannot be asked is a Failure of the answer."""
    return Scan(KINDS, accounts, now, book, limit)


def scan_now(
    account: Account, now: datetime, book: Callable[[Account], PriceBook] = lambda account: LIST_PRICES
) -> Inventory:
    """Everything that runs in the account's region; raises AwsError when nothing can be asked."""
    scan = start_scan([account], now, book)
    scan.wait()
    return scan.partial_result()
