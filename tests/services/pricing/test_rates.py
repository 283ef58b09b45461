"""From machines and hours to dollars."""

from datetime import UTC, datetime, timedelta

import pytest

from services.pricing import rates
from services.pricing.price_book import LIST_PRICES

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_every_instance_bills() -> None:
    assert rates.rate([("ml.m5.xlarge", 2)], "Training", LIST_PRICES) == pytest.approx(2 * 0.23)
    assert rates.rate([("ml.m5.xlarge", 2), ("ml.m4.xlarge", 3)], "Training", LIST_PRICES) == pytest.approx(
        2 * 0.23 + 3 * 0.24
    )


def test_nothing_bills_nothing() -> None:
    assert rates.rate([], "Training", LIST_PRICES) == 0


def test_the_rate_is_that_of_the_use() -> None:
    assert rates.rate([("ml.g5.xlarge", 2)], "Notebook", LIST_PRICES) == pytest.approx(2 * 1.41)


@pytest.mark.parametrize("machines", [[("ml.z9.xlarge", 1)], [("ml.m5.xlarge", 1), ("", 1)]])
def test_the_rate_is_unknown_as_soon_as_one_price_is(machines: rates.Machines) -> None:
    assert rates.rate(machines, "Training", LIST_PRICES) is None


def test_a_sum_is_unknown_as_soon_as_one_part_is() -> None:
    assert rates.total([1.0, 2.5, 0.0]) == 3.5
    assert rates.total([1.0, None, 2.5]) is None


def test_what_is_spent_is_the_rate_for_the_hours_since_it_began() -> None:
    end = START + timedelta(hours=1, minutes=30)
    assert rates.spent(2.0, START, end) == 3.0
    assert rates.spent(None, START, end) is None


@pytest.mark.parametrize("rate", [2.0, None])
def test_what_has_not_begun_to_bill_has_spent_nothing(rate: float | None) -> None:
    assert rates.spent(rate, None, START) == 0


def test_a_disk_costs_its_gigabytes_a_month() -> None:
    assert rates.a_month(20, 0.14) == "$2.80 a month"
    assert rates.a_month(20, None) == "price unknown"


def test_each_type_is_named_once() -> None:
    machines = [("ml.m5.xlarge", 2), ("", 1), ("ml.c5.large", 1), ("ml.m5.xlarge", 1)]
    assert rates.types(machines) == "ml.m5.xlarge + ml.c5.large"
    assert rates.types([]) == ""
