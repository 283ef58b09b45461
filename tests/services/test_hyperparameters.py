"""The hyperparameters of the built-in XGBoost, as its container accepts and refuses them."""

import re

import pytest

from services.algorithms.algorithm import HyperparameterError
from services.algorithms.xgboost import XGBOOST


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


def test_every_tunable_hyperparameter_has_a_range_to_tune_over_within_what_is_allowed() -> None:
    for hyperparameter in XGBOOST.hyperparameters.values():
        assert hyperparameter.tunable == (hyperparameter.recommended is not None)
        if hyperparameter.recommended and hyperparameter.interval:
            ends = (hyperparameter.recommended.minimum, hyperparameter.recommended.maximum)
            assert all(end is not None and end in hyperparameter.interval for end in ends)


def test_every_tuning_metric_reads_its_value_from_a_log_line() -> None:
    for metric in XGBOOST.tuning_metrics:
        line = f"[7]#011train-x:1.0#011{metric.name.replace(':', '-')}:0.25000"
        match = re.match(metric.regex, line)
        assert match is not None
        assert match[1] == "0.25000"
