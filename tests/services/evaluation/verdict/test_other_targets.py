"""The verdict on models of several classes and of numbers."""

import numpy as np
import pytest

from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.number_metrics import Constants, ScoredNumbers
from services.evaluation.verdict import numbers, several_classes
from services.evaluation.verdict.statement import EvaluatedRows, Statement, Suspect, VerdictLevel

NAMES = ("cat", "dog", "eel")
TEST = EvaluatedRows("test")


def of_classes(labels: np.ndarray, predicted: np.ndarray) -> ScoredClasses:
    return ScoredClasses.of(labels, np.eye(3)[predicted], 3)


def claims(statements: tuple[Statement, ...]) -> list[str]:
    return [one.claim for one in statements]


def make_numbers(noise: float, rows: int = 400, seed: int = 0) -> ScoredNumbers:
    random = np.random.default_rng(seed)
    actual = random.normal(10, 5, rows)
    return ScoredNumbers.of(actual, actual + noise * random.normal(size=rows), Constants(10.0, 10.0))


def test_right_rows_are_told_beside_the_majority_rule() -> None:
    labels = np.repeat([0, 1, 2], [45, 30, 35])
    predicted = labels.copy()
    predicted[:14] = 1
    found = several_classes.verdict(of_classes(labels, predicted), NAMES, TEST)
    assert [one.sentence for one in found] == [
        "Better than the majority rule: 96 of 110 test rows right (87 %), against 41 % for always answering cat."
    ]


@pytest.mark.parametrize(
    ("right", "claim", "level"),
    [
        (42, "Not told apart from the majority rule", VerdictLevel.CAUTION),
        (5, "Worse than the majority rule", VerdictLevel.BAD),
    ],
)
def test_a_model_that_guesses_is_told_as_that(right: int, claim: str, level: VerdictLevel) -> None:
    labels = np.repeat([0, 1, 2], [40, 35, 35])
    predicted = np.where(np.arange(110) < right, labels, (labels + 1) % 3)
    first = several_classes.verdict(of_classes(labels, predicted), NAMES, TEST)[0]
    assert (first.claim, first.level) == (claim, level)


def test_classes_with_few_rows_are_named_with_their_rows() -> None:
    labels = np.repeat([0, 1, 2], [100, 80, 3])
    found = several_classes.verdict(of_classes(labels, labels), NAMES, TEST)
    assert "Too few rows to say much of eel (3 rows)" in claims(found)


def test_few_rows_of_all_classes_make_the_interval_the_headline() -> None:
    labels = np.repeat([0, 1, 2], [5, 4, 6])
    first = several_classes.verdict(of_classes(labels, labels), NAMES, TEST)[0]
    assert first.sentence.startswith("Too few rows to say: 15 test rows of 3 classes. Accuracy is anywhere from 0.79")


def test_a_class_that_is_never_predicted_is_named() -> None:
    labels = np.repeat([0, 1, 2], [50, 40, 30])
    found = several_classes.verdict(of_classes(labels, np.where(labels == 2, 1, labels)), NAMES, TEST)
    assert "Never predicted: eel (30 rows)." in [one.sentence for one in found]


def test_probabilities_that_fit_worse_than_the_classes_shares_are_told() -> None:
    labels = np.repeat([0, 1, 2], [60, 50, 40])
    scores = np.full((150, 3), 0.01)
    chosen = np.where(np.arange(150) % 3 == 0, (labels + 1) % 3, labels)
    scores[np.arange(150), chosen] = 0.98
    gains = several_classes.loss_gains(labels, scores)
    found = several_classes.verdict(ScoredClasses.of(labels, scores, 3), NAMES, TEST, losses=gains)
    assert "Its probabilities fit worse than answering each class's share for every row" in claims(found)


def test_classes_without_an_error_name_the_column_that_tells_them() -> None:
    labels = np.repeat([0, 1, 2], [200, 200, 200])
    suspects = (Suspect("grade", 1.0),)
    first = several_classes.verdict(of_classes(labels, labels), NAMES, TEST, suspects=suspects)[0]
    assert first.level is VerdictLevel.BAD
    assert "The likely leak is grade" in first.sentence


def test_errors_of_a_number_are_told_beside_the_mean_of_the_training_rows() -> None:
    first = numbers.verdict(make_numbers(1.0), TEST)[0]
    assert first.level is VerdictLevel.GOOD
    assert first.sentence.startswith(
        "Better than always predicting the mean of the training rows: off by 0.807 on average"
    )
    assert first.sentence.endswith("; R² 0.96; 400 test rows.")


def test_a_model_that_is_further_off_than_the_mean_is_bad() -> None:
    first = numbers.verdict(make_numbers(20.0), TEST)[0]
    assert (first.level, first.claim) == (
        VerdictLevel.BAD,
        "Worse than always predicting the mean of the training rows",
    )


def test_a_model_that_beats_the_mean_but_not_the_median_is_told_so() -> None:
    actual = np.concatenate([np.full(300, 1.0), np.full(100, 101.0)])
    scored = ScoredNumbers.of(actual, np.full(400, 1.0), Constants(26.0, 1.0))
    assert "But no better than always predicting the median" in claims(numbers.verdict(scored, TEST))


def test_few_large_errors_behind_a_small_average_are_told() -> None:
    random = np.random.default_rng(2)
    actual = random.normal(10, 5, 1000)
    predicted = actual.copy()
    predicted[::20] += random.choice([-40, 40], 50)
    found = numbers.verdict(ScoredNumbers.of(actual, predicted, Constants(10, 10)), TEST)
    assert "A few errors are large" in claims(found)


def test_few_rows_of_a_number_are_too_few_to_say() -> None:
    first = numbers.verdict(ScoredNumbers.of([1.0, 5.0], [2.0, 3.5], Constants(3.0, 3.0)), TEST)[0]
    assert first.sentence == "Too few rows to say: 2 test rows."


def test_equal_targets_are_told_without_r2() -> None:
    found = numbers.verdict(ScoredNumbers.of([2.0, 2.0], [2.0, 3.0], Constants(2.0, 2.0)), TEST)
    assert not any("R²" in one.sentence for one in found)


def test_a_number_that_a_column_tells_is_suspicious() -> None:
    scored = make_numbers(0.01)
    assert numbers.is_suspicious(scored)
    first = numbers.verdict(scored, TEST, suspects=(Suspect("total", 0.9999),))[0]
    assert "The likely leak is total: alone it reaches rank correlation 0.999" in first.sentence


def test_larger_errors_on_test_rows_than_on_validation_rows_are_told() -> None:
    found = numbers.verdict(make_numbers(3.0), TEST, validation=make_numbers(1.0, seed=1))
    assert "Worse on test rows than on validation rows, beyond noise" in claims(found)
