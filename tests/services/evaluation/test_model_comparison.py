"""Two models on the same rows: the measures agree with scikit-learn, the interval with what was built in."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from services.evaluation import model_comparison
from services.evaluation.model_comparison import ModelComparison


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


def test_a_draw_is_judged_as_scikit_learn_judges_its_rows() -> None:
    labels, scores, _ = made(500, 0)
    drawn = np.bincount(np.random.default_rng(3).integers(0, 500, 500), minlength=500)
    rows = np.repeat(np.arange(500), drawn)
    precision, auc = model_comparison._measures(labels, scores)(drawn)
    assert precision == pytest.approx(average_precision_score(labels[rows], scores[rows]))
    assert auc == pytest.approx(roc_auc_score(labels[rows], scores[rows]))


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


@pytest.mark.parametrize("label", [0, 1])
def test_rows_of_one_class_compare_nothing(label: int) -> None:
    scores = np.linspace(0, 1, 20)
    assert model_comparison.compare_models(np.full(20, label), scores, scores) is None


def test_few_rows_of_the_rarer_class_are_told() -> None:
    assert compared(100, 0.5).few
    assert not compared(2000, 0.5).few
