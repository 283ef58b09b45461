"""Jobs beside each other."""

from dataclasses import replace

import pytest

from services.pricing.price_book import LIST_PRICES
from services.training import job_comparison
from tests.services.training.test_estimates import make_job


def test_only_settings_that_differ_are_told() -> None:
    one = replace(make_job("one"), hyperparameters={"eta": "0.2", "max_depth": "5"})
    two = replace(make_job("two"), hyperparameters={"eta": "0.2", "max_depth": "3", "alpha": "1"}, max_runtime=600)
    assert job_comparison.differing_settings([one, two]) == {
        "max_depth": ["5", "3"],
        "alpha": ["", "1"],
        "time limit (minutes)": ["60", "10"],
    }


def test_the_same_asked_twice_differs_in_nothing() -> None:
    assert job_comparison.differing_settings([make_job("one"), make_job("two", seconds=9)]) == {}


def test_final_metrics_stand_side_by_side_and_validations_first() -> None:
    one = replace(make_job("one"), metrics={"train:auc": 0.9, "validation:auc": 0.8, "ObjectiveMetric": 0.8})
    two = replace(make_job("two"), metrics={"validation:auc": 0.7})
    found = job_comparison.metrics([one, two])
    assert list(found.items()) == [("validation:auc", [0.8, 0.7]), ("train:auc", [0.9, None])]


def test_an_ended_job_has_a_cost_and_one_of_unknown_price_or_end_has_none() -> None:
    assert job_comparison.cost(make_job("one", seconds=1800), LIST_PRICES) == pytest.approx(0.12)
    assert job_comparison.cost(make_job("one", seconds=None), LIST_PRICES) is None
    assert job_comparison.cost(replace(make_job("one"), instance_type="ml.new.huge"), LIST_PRICES) is None
