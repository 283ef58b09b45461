"""What runs and bills, in the account's region and in all others, and the policy for shutting it down."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from pages.components.queries.account import other_regions
from pages.components.queries.prices import book, kept_book, price_list
from services.aws.account import Account
from services.aws.errors import AwsError
from services.inventory import all_kinds
from services.inventory import scan as inventory_scan
from services.inventory.cached_scan import CachedScan
from services.inventory.resources import BillableResource, Failure, Inventory
from services.inventory.scan import Scan
from services.shutdown import execute as shutdown_execution
from services.shutdown import policy

PATIENCE = 2.0  # seconds that a page waits for all of what runs, before it shows what has come in


@st.cache_resource(ttl="1h", show_spinner=False)
def region_scan(account: Account) -> CachedScan:
    """The scan of the account's region; a result is fresh for ten seconds."""

    def begin(now: datetime) -> Scan:
        prices = book(account)
        return all_kinds.start_scan([account], now, lambda _: prices)

    return CachedScan(begin, fresh_for=10)


@st.cache_resource(ttl="1h", show_spinner=False)
def other_regions_scan(account: Account) -> CachedScan:
    """The scan of the other regions; a result is fresh for five minutes. Raises AwsError."""
    accounts = other_regions(account).accounts
    return CachedScan(lambda now: all_kinds.start_scan(accounts, now, kept_book, background=True), fresh_for=300)


def inventory(account: Account) -> Inventory:
    """What runs in the account's region. Raises AwsError when it refuses everything."""
    return region_scan(account).look(inventory_scan.LIMIT)


def all_regions(account: Account, wait: float | None = None) -> Inventory:
    """What runs in all regions, as far as it has come in after `wait` seconds (None: as long as a page waits).

    Raises AwsError when this region refuses everything.
    """
    local = region_scan(account).look(PATIENCE if wait is None else wait)
    failures = list(local.failures)
    try:
        others = other_regions_scan(account).look(0)
        failures += others.failures
        if refusal := other_regions(account).refusal:
            failures.append(Failure("Opt-in regions", str(refusal)))
    except AwsError as error:
        others = Inventory(local.at, (), ())
        failures.append(Failure("Other regions", str(error)))
    for region in {resource.region for resource in others.resources}:
        price_list(account.at(region))  # loaded by the next scan; not where nothing runs
    return inventory_scan.inventory(
        local.at, (*local.resources, *others.resources), failures, (*local.waiting, *others.waiting)
    )


@st.cache_data(ttl=60, show_spinner=False)
def shutdown_policy(account: Account) -> policy.ShutdownPolicy:
    """The shutdown policy. Raises AwsError."""
    return policy.load(account)


@st.cache_data(ttl=10, show_spinner=False)
def with_current_tags(
    account: Account, keys: tuple[tuple[str, ...], ...], _resources: Sequence[BillableResource]
) -> list[BillableResource]:
    """The resources, by their `keys`, with their current tags."""
    return shutdown_execution.with_current_tags(account, _resources)
