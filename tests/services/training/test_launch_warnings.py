"""What is said before a launch that AWS would accept and that would come to nothing."""

from datetime import UTC, datetime

import pytest

from services.algorithms.linear_learner import LINEAR_LEARNER
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.training import launch_warnings
from services.training.plan import TUTORIAL_SETTINGS, TrainingPlan

BINARY = {"num_round": "100", "objective": "binary:logistic"}
RARE = {**BINARY, "eta": "0.5", "min_child_weight": "6"}


def make_plan(given: dict[str, str], positives: int = 700, rows: int = 1000) -> TrainingPlan:
    """A plan on data of three features."""
    data = PreparedData(
        name="cells",
        address=Address("mine", "sagedeck/data/cells"),
        source="cells.csv",
        target="ill",
        classes=("no", "yes"),
        features=("size", "age", "weight"),
        rows={"train": rows, "validation": 200, "test": 100},
        positives={"train": positives, "validation": 60, "test": 30},
        seed=1729,
        created=datetime(2026, 11, 24, tzinfo=UTC),
    )
    return TrainingPlan("cells", data, given, "ml.m4.xlarge", 1, 600)


def said(given: dict[str, str], positives: int = 700, rows: int = 1000) -> dict[str, str]:
    """The sentences by field, joined where a field has several."""
    found: dict[str, str] = {}
    for warning in launch_warnings.of_settings(make_plan(given, positives, rows)):
        found[warning.hyperparameter] = f"{found.get(warning.hyperparameter, '')} {warning.sentence}".strip()
    return found


@pytest.mark.parametrize(
    "given",
    [
        TUTORIAL_SETTINGS,
        {**BINARY, "eval_metric": "auc,logloss", "early_stopping_rounds": "5"},
        {**BINARY, "early_stopping_rounds": "5", "eval_metric": "error@0.7"},
        {**BINARY, "num_round": "0", "_kfold": "3"},  # refused, which is told by itself
    ],
)
def test_of_sound_settings_nothing_is_said(given: dict[str, str]) -> None:
    assert said(given) == {}


def test_of_another_algorithm_nothing_is_said() -> None:
    plan = TrainingPlan(
        "cells",
        make_plan({}).data,
        {"predictor_type": "binary_classifier"},
        "ml.m4.xlarge",
        1,
        600,
        algorithm=LINEAR_LEARNER,
    )
    assert launch_warnings.of_settings(plan) == ()


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "f1", "f1_binary", "precision_micro", "recall"])
def test_a_metric_of_classes_is_said_to_stay_the_same_with_probabilities(metric: str) -> None:
    assert said({**BINARY, "eval_metric": f"auc,{metric}"}) == {
        "eval_metric": "With binary:logistic, image 3.2-0 on AWS counts every score above 0 as class 1, so these stay "
        f"the same in every round: {metric}. Use auc, error or logloss."
    }


@pytest.mark.parametrize(
    "given",
    [
        {"objective": "binary:hinge"},
        {"objective": "binary:logitraw"},
        {"objective": "multi:softprob", "num_class": "2"},
        {"objective": "multi:softmax", "num_class": "2"},
    ],
)
def test_a_metric_of_classes_is_sound_where_scores_tell_them(given: dict[str, str]) -> None:
    assert "eval_metric" not in said({"num_round": "5", "eval_metric": "accuracy", **given})


def test_softmax_of_three_classes_takes_the_third_for_the_second() -> None:
    sentence = said({"num_round": "5", "objective": "multi:softmax", "num_class": "3", "eval_metric": "accuracy"})
    assert "above 0 as class 1, so these are wrong: accuracy." in sentence["eval_metric"]


def test_early_stopping_is_not_to_watch_a_metric_of_classes() -> None:
    found = said({**BINARY, "eval_metric": "auc,f1", "early_stopping_rounds": "5"})
    assert found["early_stopping_rounds"].startswith("It watches f1, which is counted wrongly")


def test_early_stopping_watches_the_last_metric_only() -> None:
    assert list(said({**BINARY, "eval_metric": "f1,auc", "early_stopping_rounds": "5"})) == ["eval_metric"]


def test_early_stopping_without_a_metric_is_said_to_have_no_effect() -> None:
    assert said({**BINARY, "early_stopping_rounds": "5"}) == {
        "early_stopping_rounds": "Without eval_metric it has no effect on AWS: all 100 rounds are trained. Choose what "
        "it watches."
    }


def test_a_linear_booster_that_stops_early_is_said_to_fail() -> None:
    found = said({**BINARY, "booster": "gblinear", "eval_metric": "auc", "early_stopping_rounds": "5"})
    assert found["early_stopping_rounds"].startswith("With booster gblinear the job fails at its end on AWS")


def test_early_stopping_by_a_cut_ranking_metric_is_said_to_return_the_worst_round() -> None:
    given = {"num_round": "5", "objective": "rank:ndcg", "eval_metric": "ndcg@5", "early_stopping_rounds": "5"}
    assert "it takes ndcg@5 for a loss" in said(given)["early_stopping_rounds"]


def test_the_tweedie_metric_is_said_to_fail() -> None:
    given = {"num_round": "5", "objective": "reg:tweedie", "eval_metric": "tweedie-nloglik"}
    assert said(given)["eval_metric"].startswith("tweedie-nloglik fails on AWS")


@pytest.mark.parametrize(("given", "names"), [({"eval_metric": "rmse"}, "eval_metric"), ({"_kfold": "3"}, "_kfold")])
def test_what_fails_without_an_objective_is_said_and_mended_by_one(given: dict[str, str], names: str) -> None:
    warning, *_ = launch_warnings.of_settings(make_plan({"num_round": "5", **given}))
    assert warning.sentence == f"A job with {names} and without an objective fails on AWS. Choose one."
    assert warning.remedy == {"objective": "binary:logistic"}


def test_constraints_on_interactions_are_said_to_fail() -> None:
    given = {**BINARY, "tree_method": "hist", "interaction_constraints": "[[1, 2]]"}
    assert said(given) == {
        "interaction_constraints": "The job fails on AWS: image 3.2-0 hands them to XGBoost 3 as a list, in which that "
        "looks for names of features. Leave them out."
    }


@pytest.mark.parametrize(
    ("constraints", "weights", "last"), [("[[1, 3]]", {}, 2), ("[[1, 2]]", {"csv_weights": "1"}, 1)]
)
def test_a_constraint_on_a_feature_that_is_not_there_is_said_to_be_ignored(
    constraints: str, weights: dict[str, str], last: int
) -> None:
    given = {**BINARY, **weights, "tree_method": "hist", "interaction_constraints": constraints}
    sentence = f"XGBoost ignores feature {last + 1}: they are numbered from 0 to {last}."
    assert sentence in said(given)["interaction_constraints"]


def test_metrics_of_a_cross_validation_are_said_to_be_of_rows_that_were_learned_from() -> None:
    assert "which the models of the folds have learned from" in said({**BINARY, "_kfold": "3"})["_kfold"]


@pytest.mark.parametrize(
    ("given", "sound"),
    [
        ({"objective": "binary:hinge"}, "binary:logistic"),
        ({"objective": "multi:softmax", "num_class": "2"}, "multi:softprob"),
    ],
)
def test_an_ensemble_of_classes_is_said_to_fail_at_its_endpoint(given: dict[str, str], sound: str) -> None:
    warnings = launch_warnings.of_settings(make_plan({"num_round": "5", "_kfold": "3", **given}))
    assert f"with objective {given['objective']}: its requests fail on AWS. Use {sound}." in warnings[-1].sentence
    assert warnings[-1].remedy == {"objective": sound}


def test_steps_too_large_for_a_rare_class_are_said_and_mended_by_a_limit() -> None:
    (warning,) = launch_warnings.of_settings(make_plan(RARE, positives=340, rows=200_000))
    assert warning.hyperparameter == "eta"
    assert warning.sentence == (
        "XGBoost 3 starts from the share of positives, where all positive rows together weigh 0.58. With eta 0.5 and "
        "min_child_weight 6 models may learn nothing (AUC near 0.5)."
    )
    assert launch_warnings.of_settings(make_plan({**RARE, **warning.remedy}, positives=340, rows=200_000)) == ()


@pytest.mark.parametrize(
    ("given", "positives"),
    [
        ({"base_score": "0.5"}, 340),
        ({"scale_pos_weight": "600"}, 340),
        ({"eta": "0.3"}, 340),
        ({"eta": "0.4", "min_child_weight": "10"}, 340),
        ({"eta": "0.3", "min_child_weight": "1"}, 340),
        ({"lambda": "9"}, 340),
        ({"objective": "binary:hinge"}, 340),
        ({}, 60_000),
        ({}, 0),
    ],
)
def test_steps_that_fit_the_class_are_not_warned_of(given: dict[str, str], positives: int) -> None:
    assert said({**RARE, **given}, positives=positives, rows=200_000) == {}
