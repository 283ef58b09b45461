"""The ledger of shutdowns, on a running local service, and what it says was spared."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.aws.account import Account
from services.costs import ledger as cost_ledger
from services.costs.ledger import LedgerEntry
from tests.local.factories import unique
from tests.local_service import LocalService
from tests.services.fake_s3 import FakeS3
from tests.services.shutdown.test_protection import make_running

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def make_entry(at: datetime = NOON, name: str = "fraud", usd_per_hour: float | None = 0.24) -> LedgerEntry:
    calls = (f"DeleteEndpoint EndpointName={name}",)
    return LedgerEntry(at, "arn:aws:iam::123456789012:user/ann", "Endpoint", name, calls, usd_per_hour, "gone")


def test_what_was_written_is_read_back(local: LocalService) -> None:
    entry = make_entry(name=unique("fraud"))
    cost_ledger.append(local.account, entry, entry.name)
    assert entry in cost_ledger.load(local.account).entries


@pytest.mark.slow
def test_an_account_without_a_bucket_has_shut_nothing_down(own_local: LocalService) -> None:
    assert cost_ledger.load(own_local.account).entries == ()


@pytest.fixture
def account() -> Account:
    return FakeS3("AWS", "us-east-1")


def test_shutdowns_are_told_in_the_order_they_happened(account: Account) -> None:
    for hours in (3, 1, 2):
        cost_ledger.append(account, make_entry(NOON + timedelta(hours=hours), name=str(hours)), "a")
    assert [entry.name for entry in cost_ledger.load(account).entries] == ["1", "2", "3"]


def test_two_shutdowns_of_one_second_are_both_kept(account: Account) -> None:
    for name in "ab":
        cost_ledger.append(account, make_entry(), name)
    assert len(cost_ledger.load(account).entries) == 2


def test_a_shutdown_that_is_recorded_twice_is_in_the_ledger_once(account: Account) -> None:
    for _ in range(2):
        cost_ledger.append(account, make_entry(), "a")
    assert len(cost_ledger.load(account).entries) == 1


def test_an_endpoint_that_failed_at_creation_is_counted_apart_from_unknown_prices() -> None:
    failed = replace(make_entry(usd_per_hour=None), status_before="Failed")
    saved = cost_ledger.savings([failed, make_entry(usd_per_hour=None), make_entry()], NOON)
    assert (saved.usd_per_hour, saved.unpriced, saved.failed) == (0.24, 1, 1)


def test_what_is_spared_grows_with_the_hours_since() -> None:
    shutdowns = [make_entry(NOON, usd_per_hour=1.0), make_entry(NOON + timedelta(hours=2), usd_per_hour=0.5)]
    spared = cost_ledger.savings(shutdowns, NOON + timedelta(hours=4))
    assert (spared.usd_per_hour, spared.usd_so_far, spared.unpriced) == (1.5, 5.0, 0)


def test_an_unknown_price_is_counted_apart() -> None:
    spared = cost_ledger.savings([make_entry(usd_per_hour=None), make_entry()], NOON)
    assert (spared.usd_per_hour, spared.unpriced) == (0.24, 1)


def test_savings_over_time_begin_at_the_first_shutdown_and_end_now() -> None:
    shutdowns = [make_entry(NOON, usd_per_hour=1.0), make_entry(NOON + timedelta(hours=2), usd_per_hour=1.0)]
    assert cost_ledger.saved_over_time(shutdowns, NOON + timedelta(hours=3)) == [
        (NOON, 0.0),
        (NOON + timedelta(hours=2), 2.0),
        (NOON + timedelta(hours=3), 4.0),
    ]


def test_what_has_begun_to_bill_again_is_only_spared_until_then() -> None:
    paused = make_entry(NOON, usd_per_hour=1.0)
    again = replace(make_entry(NOON + timedelta(hours=5), usd_per_hour=1.0), since=NOON + timedelta(hours=2))
    later = NOON + timedelta(hours=8)

    spared = cost_ledger.savings([paused, again], later)

    assert (spared.usd_per_hour, spared.usd_so_far) == (1.0, 2.0 + 3.0)
    assert cost_ledger.saved_over_time([paused, again], later) == [(NOON, 0.0), (again.at, 2.0), (later, 5.0)]


def test_what_runs_again_spares_nothing_any_more() -> None:
    back = replace(make_running("fraud"), since=NOON + timedelta(hours=2))
    ended = replace(make_entry(NOON, usd_per_hour=1.0), region=back.region)

    spared = cost_ledger.savings([ended], NOON + timedelta(hours=8), [back])

    assert (spared.usd_per_hour, spared.usd_so_far) == (0.0, 2.0)
