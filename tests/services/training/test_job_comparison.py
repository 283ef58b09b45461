"""Jobs beside each other."""

from dataclasses import replace

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


def test_what_was_counted_at_thresholds_that_differ_is_not_compared() -> None:
    measured = {"validation:precision": 0.9, "validation:objective_loss": 0.2, "validation:roc_auc_score": 0.8}
    linear = replace(make_job("linear"), image="1.dkr/linear-learner:1", metrics=measured)
    other = replace(linear, name="other", metrics={**measured, "validation:precision": 0.7})
    assert job_comparison.different_thresholds([linear, other]) == ["validation:precision"]
    assert list(job_comparison.metrics([linear, other])) == ["validation:objective_loss", "validation:roc_auc_score"]


def test_xgboost_counts_at_one_threshold_so_that_its_jobs_are_compared() -> None:
    one = replace(make_job("one"), metrics={"validation:f1": 0.9, "validation:error@0.7": 0.1})
    two = replace(one, name="two", metrics={"validation:f1": 0.8, "validation:error@0.7": 0.2})
    assert job_comparison.different_thresholds([one, two]) == []
    assert job_comparison.metrics([one, two])["validation:f1"] == [0.9, 0.8]
    linear = replace(two, image="1.dkr/linear-learner:1")
    assert job_comparison.different_thresholds([one, linear]) == ["validation:f1"]
