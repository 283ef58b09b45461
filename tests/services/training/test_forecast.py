"""What a job will take with all its rows, told from a sample of them."""

from dataclasses import replace

import pytest

from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.pricing.price_book import LIST_PRICES
from services.training.forecast import PROGRAM, RehearsalForecast, forecast
from services.training.plan import TrainingPlan
from tests.services.training_factory import WHEN

DATA = PreparedData(
    name="cards",
    address=Address("bucket", "sagedeck/data/cards"),
    source="a test",
    target="ill",
    classes=("no", "yes"),
    features=("size",),
    rows={"train": 700_000, "validation": 200_000, "test": 100_000},
    positives={"train": 700, "validation": 200, "test": 100},
    seed=1,
    created=WHEN,
)
PLAN = TrainingPlan("cards", DATA, {}, "ml.m5.large", 1, 3600)
SAMPLED = {"train": 7_000, "validation": 2_000}


def test_time_and_cost_grow_as_the_rows_do() -> None:
    told = forecast(PLAN, SAMPLED, 6.0, None, LIST_PRICES)
    assert (told.rows, told.seconds) == (900_000, 600.0)
    assert told.cost == pytest.approx(0.115 * 600 / 3600)


def test_the_program_itself_takes_no_more_memory_with_more_rows() -> None:
    told = forecast(PLAN, SAMPLED, 6.0, PROGRAM + 0.02, LIST_PRICES)
    assert told.memory == pytest.approx(PROGRAM + 2.0)
    assert (told.room, told.too_large) == (8, False)


def test_what_will_not_fit_is_too_large() -> None:
    assert forecast(PLAN, SAMPLED, 6.0, PROGRAM + 0.08, LIST_PRICES).too_large


def test_instances_that_share_the_training_rows_each_take_their_share_and_bill_each() -> None:
    told = forecast(replace(PLAN, instance_count=2, sharded=True), SAMPLED, 6.0, None, LIST_PRICES)
    assert told.rows == 550_000
    assert told.cost == pytest.approx(2 * 0.115 * told.seconds / 3600)


def test_two_instances_that_do_not_share_rows_each_read_all_of_them_and_bill_each() -> None:
    told = forecast(replace(PLAN, instance_count=2), SAMPLED, 6.0, None, LIST_PRICES)
    assert told.rows == 900_000
    assert told.cost == pytest.approx(2 * 0.115 * 600 / 3600)


def test_the_time_limit_ends_what_it_costs() -> None:
    told = forecast(replace(PLAN, max_runtime=60), SAMPLED, 6.0, None, LIST_PRICES)
    assert told.cost == pytest.approx(0.115 * 60 / 3600)


def test_what_is_unknown_stays_unknown() -> None:
    unknown = forecast(replace(PLAN, instance_type="ml.z9.large"), SAMPLED, 6.0, None, LIST_PRICES)
    assert unknown == RehearsalForecast(900_000, 600.0, None, None, None)
    assert not unknown.too_large
