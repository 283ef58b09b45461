"""What is called idle, and what stopping it would save."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.costs.idleness import Saving, Thresholds, Use, idle, saving, use
from services.inventory.resources import BillableResource, LastUse, ResourceKind

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
USUAL = Thresholds()


def make_running(
    kind: ResourceKind = ResourceKind.ENDPOINT, last_use: LastUse = LastUse.SEEN, hours: float = 10, **more: Any
) -> BillableResource:
    """A thing that began `hours` ago."""
    given = {"name": "x", "status": "InService", "instance_type": "ml.m5.xlarge", "instance_count": 1}
    rest = {"usd_per_hour": 0.5, "since": NOW - timedelta(hours=hours), "cost_so_far": 1.0, "identity": (("N", "x"),)}
    return BillableResource(kind=kind, last_use=last_use, **{**given, **rest, **more})


@pytest.mark.parametrize(
    ("kind", "threshold"),
    [
        (ResourceKind.ENDPOINT, USUAL.endpoint),
        (ResourceKind.STUDIO_APP, USUAL.app),
        (ResourceKind.WARM_POOL, USUAL.warm_pool),
    ],
)
def test_a_thing_is_idle_from_the_threshold_of_its_kind_on(kind: ResourceKind, threshold: float) -> None:
    assert use(make_running(kind, idle_hours=threshold), USUAL, NOW) is Use.IDLE
    assert use(make_running(kind, idle_hours=threshold - 0.1), USUAL, NOW) is Use.IN_USE


@pytest.mark.parametrize("last_use", [LastUse.NEVER, LastUse.NOT_LATELY])
def test_an_endpoint_that_nobody_called_is_idle_once_it_is_old_enough(last_use: LastUse) -> None:
    assert use(make_running(last_use=last_use, idle_hours=30), USUAL, NOW) is Use.IDLE


def test_a_threshold_that_is_set_counts() -> None:
    assert use(make_running(idle_hours=2), Thresholds(endpoint=1), NOW) is Use.IDLE


def test_of_a_notebook_instance_nothing_is_claimed() -> None:
    notebook = make_running(ResourceKind.NOTEBOOK_INSTANCE, LastUse.UNKNOWN, hours=1000)

    assert use(notebook, USUAL, NOW) is Use.UNKNOWN


@pytest.mark.parametrize(("hours", "expected"), [(8.9, Use.IN_USE), (9, Use.IDLE), (9.1, Use.IDLE)])
def test_a_job_is_judged_by_how_much_of_its_maximum_is_gone(hours: float, expected: Use) -> None:
    job = make_running(ResourceKind.TRAINING_JOB, LastUse.WORKING, hours, max_hours=10)

    assert use(job, USUAL, NOW) is expected


def test_a_job_without_a_maximum_is_in_use_for_as_long_as_it_runs() -> None:
    job = make_running(ResourceKind.TRANSFORM_JOB, LastUse.WORKING, hours=1000)

    assert use(job, USUAL, NOW) is Use.IN_USE


def test_what_costs_nothing_while_it_waits_is_not_among_the_idle_but_an_unknown_price_is() -> None:
    resources = [make_running(idle_hours=100, usd_per_hour=rate, name=str(rate)) for rate in (0.0, None, 0.5)]

    assert [resource.name for resource in idle(resources, USUAL, NOW)] == ["None", "0.5"]


def test_stopping_saves_what_it_bills_a_day_and_a_month_and_unknown_prices_are_counted() -> None:
    resources = [make_running(usd_per_hour=0.5), make_running(usd_per_hour=1.0), make_running(usd_per_hour=None)]

    assert saving(resources, NOW) == Saving(per_hour=1.5, per_day=36.0, per_month=1095.0, unpriced=1)


def test_stopping_a_job_saves_no_more_than_it_may_still_run() -> None:
    job = make_running(ResourceKind.TRAINING_JOB, LastUse.WORKING, hours=8, max_hours=10, usd_per_hour=2.0)

    assert saving([job], NOW) == Saving(per_hour=2.0, per_day=4.0, per_month=4.0, unpriced=0)


def test_a_job_at_its_end_is_among_the_idle_and_stopping_it_saves_nothing() -> None:
    job = make_running(ResourceKind.TRAINING_JOB, LastUse.WORKING, hours=11, max_hours=10)

    assert idle([job], USUAL, NOW) == [job]
    assert saving([job], NOW) == Saving(per_hour=0.5, per_day=0.0, per_month=0.0, unpriced=0)
