"""What runs and bills right now, read from SageMaker one kind at a time.

Each kind has its own requests, so that a missing permission hides one kind, with an error, and is never shown as
"nothing". Pricing a description is pure. Nothing here stops anything.

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
    background: bool = False,
) -> Scan:
    """Start listing every kind in the region of each account. What cannot be listed is a Failure of the result.

    The first region's answers come first, unless the scan runs in the background of what somebody looks at.
    """
    return Scan(KINDS, accounts, now, book, limit, background)


def scan_now(
    account: Account, now: datetime, book: Callable[[Account], PriceBook] = lambda account: LIST_PRICES
) -> Inventory:
    """Everything that runs in the account's region; raises AwsError when every request is refused."""
    scan = start_scan([account], now, book)
    scan.wait()
    return scan.partial_result()
