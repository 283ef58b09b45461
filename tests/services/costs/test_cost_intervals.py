"""What was spent and will be, from starts and ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.costs import cost_intervals
from services.costs.cost_intervals import CostInterval
from services.costs.ledger import LedgerEntry
from services.inventory.resources import BillableResource, ResourceKind

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_span(
    hours_ago: float, hours_long: float | None = None, rate: float | None = 2.0, kind: str = "Endpoint"
) -> CostInterval:
    start = NOW - hours_ago * HOUR
    end = start + hours_long * HOUR if hours_long else None
    return CostInterval("Endpoint", "x", "us-east-1", start, end, rate)


def make_running(rate: float | None, kind: ResourceKind = ResourceKind.ENDPOINT, owner: str = "") -> BillableResource:
    return BillableResource(
        kind=kind,
        name="x",
        status="InService",
        instance_type="ml.m5.xlarge",
        instance_count=1,
        usd_per_hour=rate,
        since=NOW - 10 * HOUR,
        cost_so_far=None,
        identity=(("EndpointName", "x"),),
        owner=owner,
        region="us-east-1",
    )


@pytest.mark.parametrize(
    ("span", "dollars"),
    [
        (make_span(3), 4.0),  # since before, and on
        (make_span(1), 2.0),  # since within, and on
        (make_span(5, 4), 2.0),  # over within
        (make_span(5, 1), 0.0),  # over before
        (make_span(3, rate=None), 0.0),
    ],
)
def test_a_span_costs_what_lies_between_two_times(span: CostInterval, dollars: float) -> None:
    assert cost_intervals.cost([span], NOW - 2 * HOUR, NOW) == pytest.approx(dollars)


def test_hours_are_those_of_the_clock_and_the_present_one_is_as_long_as_it_has_been() -> None:
    by_hour = cost_intervals.by_hour([make_span(1.75)], NOW, hours=3)

    assert by_hour == {"Endpoint": [pytest.approx(0.5), pytest.approx(2.0), pytest.approx(1.0)]}


def test_the_kind_that_costs_most_comes_first() -> None:
    cheap, dear = make_span(3, rate=1.0), replace(make_span(3), kind="Studio app")

    assert list(cost_intervals.by_hour([cheap, dear], NOW)) == ["Studio app", "Endpoint"]


def test_kinds_that_cost_nothing_are_not_drawn() -> None:
    assert cost_intervals.by_hour([make_span(30, 1), make_span(3, rate=None)], NOW) == {}


def test_a_month_begins_and_ends_at_midnight_utc() -> None:
    now = NOW.replace(second=59, microsecond=999_999)
    assert cost_intervals.month(now) == (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


def test_the_last_24_hours_of_the_clock_are_told_to_the_second() -> None:
    now = NOW.replace(second=36, microsecond=500_000)
    spent = cost_intervals.by_hour([make_span(30, rate=3600.0)], now)["Endpoint"]

    assert len(spent) == 24
    assert spent == pytest.approx([3600.0] * 23 + [30 * 60 + 36.5], abs=1e-4)


def test_jobs_that_are_listed_one_by_one_are_not_counted_twice() -> None:
    resources = [make_running(1.0, kind) for kind in (ResourceKind.TUNING_JOB, ResourceKind.ENDPOINT)]

    assert [span.kind for span in cost_intervals.intervals_of_resources(resources, ["us-east-1"])] == ["Endpoint"]
    assert [span.kind for span in cost_intervals.intervals_of_resources(resources, [])] == ["Tuning job", "Endpoint"]


def test_what_runs_has_billed_since_it_began_and_still_does() -> None:
    resource = make_running(2.0)

    assert cost_intervals.intervals_of_resources([resource], ["us-east-1"]) == [
        CostInterval("Endpoint", "x", "us-east-1", NOW - 10 * HOUR, None, 2.0)
    ]


def test_what_was_ended_from_here_billed_until_then() -> None:
    entry = LedgerEntry(NOW, "arn:me", "Endpoint", "x", (), 2.0, "gone", "us-east-1", NOW - 3 * HOUR)
    of_old = LedgerEntry(NOW, "arn:me", "Endpoint", "y", (), 2.0, "gone")

    assert cost_intervals.intervals_of_ledger([entry, of_old]) == [
        CostInterval("Endpoint", "x", "us-east-1", NOW - 3 * HOUR, NOW, 2.0)
    ]


def test_rates_are_summed_by_owner_and_what_is_not_told_is_named() -> None:
    resources = [make_running(1.0, owner="ada"), make_running(0.5, owner="ada"), make_running(2.0), make_running(None)]

    assert cost_intervals.rates(resources, "owner") == {"unknown": 2.0, "ada": 1.5}


def test_the_highest_rate_comes_first() -> None:
    resources = [make_running(rate, owner=owner) for owner, rate in (("ada", 1.0), ("zoe", 3.0), ("bob", 2.0))]

    assert list(cost_intervals.rates(resources, "owner")) == ["zoe", "bob", "ada"]
