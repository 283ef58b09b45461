"""How well a column alone predicts, equal to scikit-learn's and pandas' answers."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from services.data.findings import predictive_power
from services.data.findings.predictive_power import FOLDS, SMOOTHING

RANDOM = np.random.default_rng(3)


def cross_fitted(codes: np.ndarray, labels: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """The share of each class among the other folds' rows of a row's category, row by row."""
    folds = np.random.default_rng(seed).integers(0, FOLDS, len(codes))
    rows = []
    for code, fold in zip(codes, folds, strict=True):
        others = labels[folds != fold]
        alike = labels[(folds != fold) & (codes == code)]
        prior = np.bincount(others, minlength=classes) / len(others)
        rows.append((np.bincount(alike, minlength=classes) + SMOOTHING * prior) / (len(alike) + SMOOTHING))
    return np.array(rows)


@pytest.mark.parametrize("digits", [0, 1, 8])
def test_the_area_of_a_number_column_is_scikit_learns_with_and_without_ties(digits: int) -> None:
    labels = RANDOM.random(500) < 0.2
    numbers = (RANDOM.normal(size=500) + labels).round(digits)
    area = predictive_power.number_area(numbers, labels)
    assert area == pytest.approx(roc_auc_score(labels, numbers))


def test_a_column_that_ranks_the_other_way_round_predicts_as_well() -> None:
    labels = RANDOM.random(500) < 0.2
    numbers = RANDOM.normal(size=500) - labels
    assert predictive_power.number_area(numbers, labels) == pytest.approx(1 - roc_auc_score(labels, numbers))


@pytest.mark.parametrize("filled", [-1e9, 1e9])
def test_missing_cells_are_ranked_where_they_predict_best(filled: float) -> None:
    labels = RANDOM.random(500) < 0.3
    numbers = np.sign(filled) * (RANDOM.normal(size=500) + labels)
    numbers[labels & (RANDOM.random(500) < 0.5)] = np.nan
    expected = [roc_auc_score(labels, np.nan_to_num(numbers, nan=cell)) for cell in (-1e9, 1e9)]
    assert predictive_power.number_area(numbers, labels) == pytest.approx(
        max(*expected, *(1 - one for one in expected))
    )


def test_the_area_of_a_text_column_is_that_of_shares_of_other_rows() -> None:
    labels = (RANDOM.random(300) < 0.4).astype(int)
    codes = RANDOM.integers(0, 12, 300) + 3 * labels
    expected = roc_auc_score(labels, cross_fitted(codes, labels, 2, seed=5)[:, 1])
    assert predictive_power.category_area(codes, labels, 2, seed=5) == pytest.approx(expected)


def test_the_area_with_several_classes_is_scikit_learns_weighted_one_against_the_rest() -> None:
    labels = RANDOM.integers(0, 4, 400)
    codes = np.where(RANDOM.random(400) < 0.5, labels, RANDOM.integers(0, 8, 400))
    scores = cross_fitted(codes, labels, 4, seed=5)
    areas = [roc_auc_score(labels == label, scores[:, label]) for label in range(4)]
    expected = np.average(areas, weights=np.bincount(labels))
    assert predictive_power.category_area(codes, labels, 4, seed=5) == pytest.approx(expected)


def test_a_text_that_never_comes_twice_predicts_nothing() -> None:
    labels = RANDOM.integers(0, 2, 1000)
    assert predictive_power.category_area(np.arange(1000), labels, 2, seed=1) < 0.55


@pytest.mark.parametrize("digits", [0, 8])
def test_the_rank_correlation_is_pandas(digits: int) -> None:
    target = RANDOM.normal(size=300).round(1)
    numbers = (RANDOM.normal(size=300) - target).round(digits)
    numbers[:40] = np.nan
    expected = pd.Series(numbers[40:]).rank().corr(pd.Series(target[40:]).rank())
    assert predictive_power.rank_correlation(numbers, target) == pytest.approx(-expected)


def test_a_text_that_names_a_range_of_a_number_target_is_correlated_with_it() -> None:
    target = RANDOM.random(2000)
    codes = (target * 50).astype(int)
    assert predictive_power.category_correlation(codes, target, seed=1) > 0.99


def test_bins_of_a_number_hold_about_equally_many_rows_and_missing_cells_are_one_of_their_own() -> None:
    numbers = np.append(RANDOM.exponential(size=1000), [np.nan] * 7)
    rows = np.bincount(predictive_power.binned(numbers))
    assert (rows[0], len(rows), rows[1:].min(), rows[1:].max()) == (7, 51, 20, 20)


def test_infinite_numbers_are_ranked_as_any_other() -> None:
    labels = np.array([False, True] * 50)
    numbers = np.where(labels, np.inf, -np.inf)
    assert predictive_power.number_area(numbers, labels) == 1
    assert len(np.unique(predictive_power.binned(numbers))) == 2
