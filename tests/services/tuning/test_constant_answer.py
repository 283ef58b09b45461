"""What a model has to beat to have learned anything, against scikit-learn on the constant itself."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)

from services.data.target_kind import TargetKind
from services.evaluation.number_metrics import Constants
from services.tuning import constant_answer
from services.tuning.constant_answer import ConstantAnswer
from tests.services.training.test_launch_warnings import make_plan

DATA = replace(make_plan({}).data, rows={"train": 1000, "validation": 200}, positives={"train": 100, "validation": 30})
THREE = replace(
    DATA,
    kind=TargetKind.CLASSES,
    classes=("a", "b", "c"),
    positives={},
    class_rows={"train": (500, 300, 200), "validation": (90, 70, 40)},
)
LABELS, TOLD = np.repeat([0, 1], [170, 30]), np.full(200, 0.1)
CLASSES, SHARES = np.repeat([0, 1, 2], [90, 70, 40]), np.tile([0.5, 0.3, 0.2], (200, 1))


def known(answer: ConstantAnswer | None) -> ConstantAnswer:
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("auc", roc_auc_score(LABELS, TOLD)),
        ("aucpr", average_precision_score(LABELS, TOLD)),
        ("logloss", log_loss(LABELS, TOLD)),
        ("error", 1 - accuracy_score(LABELS, TOLD >= 0.5)),
        ("accuracy", accuracy_score(LABELS, TOLD >= 0.5)),
        ("rmse", sqrt(mean_squared_error(LABELS, TOLD))),
        ("mae", mean_absolute_error(LABELS, TOLD)),
    ],
)
def test_of_two_classes_it_is_what_scikit_learn_gives_the_share_of_positives(metric: str, expected: float) -> None:
    assert known(constant_answer.of_classes(metric, DATA)).value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("mlogloss", log_loss(CLASSES, SHARES)),
        ("merror", 1 - accuracy_score(CLASSES, SHARES.argmax(axis=1))),
        ("balanced_accuracy", 1 / 3),
    ],
)
def test_of_several_classes_it_is_what_scikit_learn_gives_their_shares(metric: str, expected: float) -> None:
    assert known(constant_answer.of_classes(metric, THREE)).value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("metric", ["rmse", "mse", "mae", "r2"])
def test_of_a_number_it_is_what_scikit_learn_gives_mean_or_median(metric: str) -> None:
    random = np.random.default_rng(3)
    train, validation = random.exponential(3, 500), random.exponential(3, 200)
    mean, median = np.full(200, train.mean()), np.full(200, np.median(train))
    expected = {
        "rmse": sqrt(mean_squared_error(validation, mean)),
        "mse": mean_squared_error(validation, mean),
        "mae": mean_absolute_error(validation, median),
        "r2": r2_score(validation, mean),
    }
    found = known(constant_answer.of_numbers(metric, Constants.of(train), validation))
    assert found.value == pytest.approx(expected[metric], abs=1e-9)


@pytest.mark.parametrize(("metric", "learned", "nothing"), [("auc", 0.62, 0.55), ("logloss", 0.41, 0.432)])
def test_a_model_has_learned_when_it_is_better_by_more_than_chance_or_a_hundredth(
    metric: str, learned: float, nothing: float
) -> None:
    answer = known(constant_answer.of_classes(metric, DATA))
    assert answer.is_beaten_by(learned)
    assert not answer.is_beaten_by(nothing)


@pytest.mark.parametrize("metric", ["logloss", "error", "rmse"])
def test_of_weighted_classes_only_the_order_of_scores_tells(metric: str) -> None:
    assert constant_answer.of_classes(metric, DATA, weighted=True) is None
    assert constant_answer.of_classes("aucpr", DATA, weighted=True) == constant_answer.of_classes("aucpr", DATA)


@pytest.mark.parametrize("metric", ["f1", "precision", "objective_loss", "ndcg"])
def test_of_a_metric_without_a_known_constant_nothing_is_said(metric: str) -> None:
    assert constant_answer.of_classes(metric, DATA) is None
    assert constant_answer.of_numbers(metric, Constants(1, 1), [1.0, 2.0]) is None


def test_rows_of_one_class_or_counts_that_are_unknown_tell_nothing() -> None:
    one = replace(DATA, positives={"train": 100, "validation": 0})
    assert constant_answer.of_classes("auc", one) is None
    assert constant_answer.of_classes("mlogloss", replace(THREE, class_rows={})) is None
