"""The hyperparameters of the built-in algorithms, as their containers accept and refuse them."""

import re

import pytest

from services.algorithms.algorithm import Algorithm, HyperparameterError
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST

ALGORITHMS = [pytest.param(each, id=each.facts.stem) for each in (XGBOOST, LINEAR_LEARNER)]
COMPLETE = {"xgboost": {"num_round": "1"}, "linear_learner": {"predictor_type": "binary_classifier"}}


def test_text_becomes_values_of_each_type() -> None:
    assert XGBOOST.checked(
        {
            "num_round": "100",
            "eta": "0.3",
            "objective": "binary:logistic",
            "eval_metric": "auc,logloss,error@0.7",
            "tree_method": "hist",
            "monotone_constraints": "(1, 0, -1)",
            "interaction_constraints": "[[1, 2], [3, 4]]",
        }
    ) == {
        "num_round": 100,
        "eta": 0.3,
        "objective": "binary:logistic",
        "eval_metric": ["auc", "logloss", "error@0.7"],
        "tree_method": "hist",
        "monotone_constraints": (1, 0, -1),
        "interaction_constraints": [[1, 2], [3, 4]],
    }


def test_xgboosts_own_names_are_taken_for_the_containers() -> None:
    assert XGBOOST.checked({"num_round": "1", "learning_rate": "0.1", "reg_lambda": "2"}) == {
        "num_round": 1,
        "eta": 0.1,
        "lambda": 2.0,
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Missing required hyperparameter: num_round"),
        ({"silent": "0"}, "Extraneous hyperparameter found: silent"),
        ({"num_round": "many"}, "Hyperparameter num_round: could not parse value 'many'"),
        ({"num_round": "1.5"}, "Hyperparameter num_round: could not parse value '1.5'"),
        ({"num_round": "0"}, "Hyperparameter num_round: 0 is not in [1, +inf)"),
        ({"eta": "2"}, "Hyperparameter eta: 2.0 is not in [0, 1]"),
        ({"eta": "nan"}, "Hyperparameter eta: could not parse value 'nan'"),
        ({"subsample": "0"}, "Hyperparameter subsample: 0.0 is not in (0, 1]"),
        ({"booster": "forest"}, "Hyperparameter booster: forest is not in ['gbtree', 'gblinear', 'dart']"),
        ({"objective": "multi:softmax"}, "Require input for parameter 'num_class' for multi-classification"),
        (
            {"objective": "binary:logistic", "num_class": "2"},
            "Do not need to setup parameter 'num_class' for learning task other than multi-classification.",
        ),
        (
            {"objective": "reg:squarederror", "eval_metric": "auc"},
            "Metric 'auc' can only be applied for classification and ranking problems.",
        ),
        ({"eval_metric": "aft-nloglik"}, "Metric 'aft-nloglik' can only be applied for 'survival:aft' objective."),
        ({"eval_metric": "error@half"}, "Threshold value 't' in 'error@t' expects float input."),
        (
            {"monotone_constraints": "(1,)"},
            "monotone_constraints can be used only when the tree_method parameter is set to either 'exact' or 'hist'.",
        ),
        (
            {"booster": "gblinear", "updater": "prune"},
            "Linear updater should be one of these options: 'shotgun', 'coord_descent'.",
        ),
        (
            {"process_type": "update", "updater": "grow_colmaker"},
            "process_type 'update' can only be used with updater 'refresh' and 'prune'",
        ),
    ],
)
def test_a_refusal_is_in_the_containers_words(given: dict[str, str], message: str) -> None:
    complete = given if message.startswith("Missing") else {"num_round": "1"} | given
    with pytest.raises(HyperparameterError, match=f"^{re.escape(message)}$"):
        XGBOOST.checked(complete)


@pytest.mark.parametrize(
    "given",
    [
        {"eval_metric": "auc,applause"},
        {"eval_metric": "rmse@2"},
        {"updater": "grow_trees"},
        {"tree_method": "exact", "monotone_constraints": "(2, 0)"},
        {"tree_method": "exact", "interaction_constraints": "[[0, 1]]"},
        {"tree_method": "exact", "interaction_constraints": "[1, 2]"},
        {"tree_method": "exact", "interaction_constraints": "[[[1]]]"},
        {"tree_method": "exact", "monotone_constraints": "__import__('os').abort()"},
        {"updater": "grow_colmaker,grow_histmaker"},
        {"updater": "shotgun"},
    ],
)
def test_lists_are_checked_item_by_item(given: dict[str, str]) -> None:
    with pytest.raises(HyperparameterError):
        XGBOOST.checked({"num_round": "1"} | given)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_tunable_hyperparameter_has_something_to_tune_over_within_what_is_allowed(algorithm: Algorithm) -> None:
    for hyperparameter in algorithm.hyperparameters.values():
        assert hyperparameter.tunable or hyperparameter.recommended is None
        assert not hyperparameter.tunable or hyperparameter.recommended or hyperparameter.choices
        if hyperparameter.recommended and hyperparameter.interval:
            ends = (hyperparameter.recommended.minimum, hyperparameter.recommended.maximum)
            assert all(end is not None and end in hyperparameter.interval for end in ends)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_tuned_unless_told_otherwise_can_be_tuned(algorithm: Algorithm) -> None:
    assert all(algorithm.hyperparameters[name].tunable for name in algorithm.autotuned)
    assert algorithm.rounds({}) > 0


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_default_and_every_tuning_metric_is_taken(algorithm: Algorithm) -> None:
    given = {known.name: known.default for known in algorithm.hyperparameters.values() if known.default is not None}
    for metric in algorithm.tuning_metrics:
        algorithm.checked({**COMPLETE[algorithm.facts.stem], **given, "_tuning_objective_metric": metric.name})


def test_every_tuning_metric_reads_its_value_from_a_log_line() -> None:
    for metric in XGBOOST.tuning_metrics:
        line = f"[7]#011train-x:1.0#011{metric.name.replace(':', '-')}:0.25000"
        match = re.match(metric.regex, line)
        assert match is not None
        assert match[1] == "0.25000"


def test_linear_learners_values_may_be_words_and_its_booleans_of_any_case() -> None:
    assert LINEAR_LEARNER.checked(
        {
            "predictor_type": "regressor",
            "feature_dim": "auto",
            "l1": "1e-3",
            "use_bias": "True",
            "normalize_data": "auto",
            "positive_example_weight_mult": "balanced",
        }
    ) == {
        "predictor_type": "regressor",
        "feature_dim": "auto",
        "l1": 0.001,
        "use_bias": True,
        "normalize_data": "auto",
        "positive_example_weight_mult": "balanced",
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"use_bias": "auto"}, "The value 'auto' is not valid for the 'use_bias' hyperparameter which accepts one of"),
        ({"epochs": "0"}, "The value '0' is not valid for the 'epochs' hyperparameter which accepts one of the"),
        ({"wd": "balanced"}, "The value 'balanced' is not valid for the 'wd' hyperparameter which accepts one of the"),
        ({"loss": "huber_loss"}, "The loss 'huber_loss' is not valid for predictor_type 'binary_classifier'"),
        ({"predictor_type": "multiclass_classifier"}, "predictor_type 'multiclass_classifier' needs num_classes"),
        ({"silent": "0"}, "Additional hyperparameters are not allowed ('silent' was unexpected)"),
    ],
)
def test_linear_learner_refuses_in_its_own_words(given: dict[str, str], message: str) -> None:
    with pytest.raises(HyperparameterError, match=f"^{re.escape(message)}"):
        LINEAR_LEARNER.checked({"predictor_type": "binary_classifier"} | given)
