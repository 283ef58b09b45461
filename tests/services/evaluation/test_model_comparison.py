"""Two models on the same rows: the measures agree with scikit-learn, the interval with what was built in."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from services.evaluation import model_comparison
from services.evaluation.model_comparison import MetricDifference, ModelComparison


def made(rows: int, gain: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, and scores of two models of which the second separates the classes by `gain` more; with ties."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < 0.1).astype(int)
    noise = random.normal(size=rows)
    logits = (labels * 1.5 + noise, labels * (1.5 + gain) + noise + 0.05 * random.normal(size=rows))
    before, after = (np.round(1 / (1 + np.exp(-each)), 3) for each in logits)
    return labels, before, after


def compared(rows: int, gain: float, seed: int = 1) -> ModelComparison:
    found = model_comparison.compare_models(*made(rows, gain, seed), rounds=300)
    assert found is not None
    return found


def test_the_measures_are_those_of_scikit_learn() -> None:
    labels, before, after = made(2000, 0.5)
    found = compared(2000, 0.5)
    assert found.average_precision.before == pytest.approx(average_precision_score(labels, before))
    assert found.average_precision.after == pytest.approx(average_precision_score(labels, after))
    assert found.roc_auc.after == pytest.approx(roc_auc_score(labels, after))
    assert (found.rows, found.positives) == (2000, labels.sum())


@pytest.mark.parametrize("seed", range(3))
def test_the_interval_is_that_of_the_same_draws_of_rows_for_both_models_without_draws_of_one_class(seed: int) -> None:
    """Few rows and few scores, so that scores tie and many draws lack a class."""
    random = np.random.default_rng(seed)
    labels = np.array([0, 1, 0, 0, 1, 0, 0])
    before, after = random.integers(0, 4, (2, 7)) / 4
    draws = [rows for rows in np.random.default_rng(9).integers(0, 7, (60, 7)) if len(set(labels[rows])) == 2]
    assert len(draws) < 60
    found = model_comparison.compare_models(labels, before, after, rounds=60, seed=9)
    assert found is not None
    for metric, difference in (
        (average_precision_score, found.average_precision),
        (roc_auc_score, found.roc_auc),
    ):
        gains = [metric(labels[rows], after[rows]) - metric(labels[rows], before[rows]) for rows in draws]
        assert (difference.low, difference.high) == pytest.approx(np.quantile(gains, (0.025, 0.975)))


def test_answers_of_yes_or_no_compare_as_scores_of_1_and_0() -> None:
    labels, answers = np.array([0, 1, 0, 1]), np.array([0, 1, 0, 1], np.uint8)
    found = model_comparison.compare_models(labels, 1 - answers, answers, rounds=50)
    assert found is not None
    assert (found.roc_auc.before, found.roc_auc.after, found.roc_auc.high) == (0, 1, 1)
    assert found.average_precision.before == average_precision_score(labels, 1 - answers)


def test_a_single_row_whose_class_no_draw_finds_compares_nothing() -> None:
    labels = np.array([1] + [0] * 50)
    scores = np.linspace(0, 1, 51)
    assert all(0 not in rows for rows in np.random.default_rng(1).integers(0, 51, (1, 51)))
    assert model_comparison.compare_models(labels, scores, scores, rounds=1, seed=1) is None


def test_a_gain_that_was_built_in_is_told_from_noise() -> None:
    gained = compared(3000, 0.8).average_precision
    assert gained.is_significant
    assert 0 < gained.low < gained.gain < gained.high


def test_a_loss_is_told_from_noise_too() -> None:
    lost = compared(3000, -0.8).average_precision
    assert lost.is_significant
    assert lost.high < 0


@pytest.mark.parametrize("seed", range(4))
def test_two_models_that_are_alike_cannot_be_told_apart(seed: int) -> None:
    assert not compared(1000, 0.0, seed).average_precision.is_significant


def test_a_model_gains_nothing_over_itself() -> None:
    labels, scores, _ = made(500, 0)
    found = model_comparison.compare_models(labels, scores, scores, rounds=50)
    assert found is not None
    assert (found.average_precision.low, found.average_precision.high) == (0, 0)
    assert not found.average_precision.is_significant


def test_a_model_whose_scores_are_only_lower_is_no_other_by_measures_without_a_threshold() -> None:
    labels, scores, _ = made(500, 0)
    found = model_comparison.compare_models(labels, scores, scores / 10, rounds=50)
    assert found is not None
    assert (found.average_precision.gain, found.roc_auc.gain) == (0, 0)


def test_the_same_rows_always_get_the_same_interval() -> None:
    assert compared(500, 0.3) == compared(500, 0.3)


@pytest.mark.parametrize("labels", [[0] * 20, [1] * 20, [1], []])
def test_rows_of_one_class_and_no_rows_compare_nothing(labels: list[int]) -> None:
    scores = np.linspace(0, 1, len(labels))
    assert model_comparison.compare_models(labels, scores, scores) is None


@pytest.mark.parametrize(("rows", "positives", "few"), [(60, 30, False), (60, 29, True), (60, 31, True)])
def test_fewer_than_30_rows_of_the_rarer_class_are_told(rows: int, positives: int, few: bool) -> None:
    same = MetricDifference(0.5, 0.5, 0.0, 0.0)
    assert ModelComparison(same, same, rows, positives).few is few


def test_the_interval_of_a_measure_of_each_row_is_that_of_a_bootstrap() -> None:
    random = np.random.default_rng(3)
    before = random.exponential(size=5000)
    after = before + random.normal(-0.05, 0.5, 5000)
    found = model_comparison.paired_difference(before, after)
    assert found
    random_means = [random.choice(after - before, 5000).mean() for _ in range(2000)]
    low, high = np.quantile(random_means, (0.025, 0.975))
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-3)
    assert (found.before, found.after) == pytest.approx((before.mean(), after.mean()))


def test_few_rows_compare_nothing() -> None:
    assert model_comparison.paired_difference([1.0] * 29, [2.0] * 29) is None
