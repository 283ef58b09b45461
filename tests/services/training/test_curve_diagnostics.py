"""What constructed learning curves teach."""

import pytest

from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST
from services.training.curve_diagnostics import CurveShape, diagnose, downsample, maximised
from services.training.learning_curves import LearningCurve


def make_curve(train: list[float], validation: list[float], metric: str = "logloss") -> LearningCurve:
    rounds = tuple(range(len(train)))
    return LearningCurve(rounds, {f"train:{metric}": tuple(train), f"validation:{metric}": tuple(validation)})


FALLING = [0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05]


def test_overfitting_is_told_from_the_round_it_began() -> None:
    found = diagnose(make_curve(FALLING, [0.6, 0.5, 0.42, 0.4, 0.41, 0.43, 0.46, 0.5, 0.54, 0.6]), "logloss", XGBOOST)
    assert found
    assert (found.shape, found.round) == (CurveShape.OVERFITTING, 3)
    assert found.sentence.startswith(
        "Overfitting from round 3: validation logloss was best there (0.40000) and worsened to 0.60000 at round 9, "
        "while train improved from 0.30000 to 0.05000."
    )


def test_of_a_metric_to_raise_a_fall_is_overfitting() -> None:
    train = [0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97]
    found = diagnose(make_curve(train, [0.6, 0.7, 0.75, 0.72, 0.7, 0.68, 0.66], "auc"), "auc", XGBOOST)
    assert found
    assert (found.shape, found.round) == (CurveShape.OVERFITTING, 2)


def test_noise_after_the_best_round_is_not_overfitting() -> None:
    found = diagnose(
        make_curve(FALLING, [0.6, 0.5, 0.42, 0.4, 0.402, 0.401, 0.403, 0.401, 0.402, 0.402]), "logloss", XGBOOST
    )
    assert found
    assert (found.shape, found.round) == (CurveShape.LEVEL, 3)


@pytest.mark.parametrize(
    ("metric", "validation"),
    [
        ("auc", [0.980, 0.9805, 0.981, 0.9808, 0.9803, 0.9801, 0.9800]),  # 0.1 % lower, all that was gained
        ("auc", [0.90, 0.92, 0.930, 0.928, 0.927, 0.926, 0.925]),  # 0.5 % lower, a sixth of what was gained
        ("rmse", [20.0, 19.9, 19.85, 19.86, 19.87, 19.88, 19.9]),  # 0.3 % higher
        ("logloss", [0.0060, 0.0050, 0.0045, 0.0046, 0.0047, 0.0049, 0.0052]),  # 16 % higher, by 0.0007
        ("logloss", [30.0, 10.0, 0.500, 0.505, 0.510, 0.515, 0.530]),  # 6 % higher, a thousandth of what was gained
    ],
)
def test_a_gap_that_does_not_matter_is_not_overfitting(metric: str, validation: list[float]) -> None:
    sign = 1 if maximised(metric) else -1
    train = [0.5 + sign * step / 20 for step in range(len(validation))]
    found = diagnose(make_curve(train, validation, metric), metric, XGBOOST)
    assert found
    assert (found.shape, found.round) == (CurveShape.LEVEL, 2)


@pytest.mark.parametrize(
    ("metric", "validation"),
    [
        ("auc", [0.90, 0.92, 0.930, 0.925, 0.922, 0.919, 0.915]),
        ("logloss", [0.0060, 0.0050, 0.0045, 0.0047, 0.0050, 0.0055, 0.0060]),
    ],
)
def test_a_gap_that_matters_is_overfitting(metric: str, validation: list[float]) -> None:
    sign = 1 if maximised(metric) else -1
    train = [0.5 + sign * step / 20 for step in range(len(validation))]
    found = diagnose(make_curve(train, validation, metric), metric, XGBOOST)
    assert found
    assert found.shape is CurveShape.OVERFITTING


def test_a_validation_that_gets_worse_with_train_is_not_overfitting() -> None:
    train = [0.6, 0.4, 0.2, 0.3, 0.4, 0.5, 0.6]
    found = diagnose(make_curve(train, [0.7, 0.5, 0.3, 0.4, 0.5, 0.6, 0.7]), "logloss", XGBOOST)
    assert found
    assert found.shape is CurveShape.LEVEL


def test_a_curve_that_still_falls_says_that_more_rounds_may_help() -> None:
    found = diagnose(make_curve(FALLING, FALLING), "logloss", XGBOOST)
    assert found
    assert (found.shape, found.round) == (CurveShape.LEARNING, 9)
    assert "more rounds may help" in found.sentence


def test_one_round_worse_at_the_end_is_too_little_to_speak_of() -> None:
    found = diagnose(make_curve(FALLING, [*FALLING[:-1], 0.9]), "logloss", XGBOOST)
    assert found
    assert found.shape is CurveShape.LEARNING


def test_of_epochs_is_spoken_where_the_algorithm_has_no_rounds() -> None:
    known = make_curve(FALLING, [0.6, 0.5, 0.42, 0.4, 0.41, 0.43, 0.46, 0.5, 0.54, 0.6], "objective_loss")
    found = diagnose(LearningCurve(known.rounds, known.values, "epoch"), "objective_loss", LINEAR_LEARNER)
    assert found
    assert found.sentence.startswith("Overfitting from epoch 3: validation objective_loss was best there")
    assert found.sentence.endswith("Raise wd or l1, or leave early stopping on.")


@pytest.mark.parametrize("curve", [make_curve([0.5] * 4, [0.5] * 4), LearningCurve((0, 1), {"train:logloss": (1, 0)})])
def test_too_few_rounds_or_no_validation_teach_nothing(curve: LearningCurve) -> None:
    assert diagnose(curve, "logloss", XGBOOST) is None


def test_which_way_a_metric_is_better() -> None:
    better_high = {name: maximised(name) for name in ("auc", "aucpr", "f1", "ndcg@5", "logloss", "error@0.7", "mine")}
    assert better_high == {
        **dict.fromkeys(("auc", "aucpr", "f1", "ndcg@5"), True),
        **dict.fromkeys(("logloss", "error@0.7", "mine"), False),
    }


def test_a_long_curve_is_thinned_evenly_and_keeps_its_ends() -> None:
    long = LearningCurve(tuple(range(1001)), {"train:auc": tuple(number / 1000 for number in range(1001))})
    short = downsample(long, 100)
    assert len(short.rounds) <= 101
    assert (short.rounds[0], short.rounds[-1], short.values["train:auc"][-1]) == (0, 1000, 1.0)
    assert all(value == number / 1000 for number, value in zip(short.rounds, short.values["train:auc"], strict=True))
    assert downsample(short, 101) is short


NAN = float("nan")


def test_a_metric_that_is_no_number_is_told_as_missing_and_never_as_best() -> None:
    found = diagnose(make_curve([0.9] * 6, [NAN] * 6, "auc"), "auc", XGBOOST)
    assert found
    assert found.shape is CurveShape.MISSING
    assert found.sentence == (
        "Validation auc is missing: it is no number (nan or infinite) in all 6 rounds. Check that "
        "the validation rows hold both classes, or watch another metric."
    )


def test_a_metric_that_becomes_no_number_is_told_with_its_first_such_round() -> None:
    found = diagnose(make_curve([*FALLING[:5], NAN, NAN], FALLING[:7]), "logloss", XGBOOST)
    assert found
    assert (found.shape, found.round) == (CurveShape.MISSING, 5)
    assert "no number (nan or infinite) in 2 of 7 rounds" in found.sentence
