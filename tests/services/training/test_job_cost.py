"""What a training job has cost."""

from dataclasses import replace

import pytest

from services.pricing.price_book import LIST_PRICES
from services.training import job_cost
from tests.services.training.test_estimates import make_job


def test_an_ended_job_has_a_cost_and_one_of_unknown_price_or_end_has_none() -> None:
    assert job_cost.cost(make_job("one", seconds=1800), LIST_PRICES) == pytest.approx(0.12)
    assert job_cost.cost(make_job("one", seconds=None), LIST_PRICES) is None
    assert job_cost.cost(replace(make_job("one"), instance_type="ml.new.huge"), LIST_PRICES) is None
