"""Errors of predicted numbers are scikit-learn's, beside those of always predicting the mean."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.dummy import DummyRegressor

from services.errors import Problem
from services.evaluation import wording
from services.evaluation.number_metrics import Constants, ScoredNumbers


def make_numbers(rows: int = 400, noise: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Training labels, labels and predictions."""
    random = np.random.default_rng(seed)
    known, actual = random.gamma(3, 2, 900), random.gamma(3, 2, rows)
    return known, actual, actual + random.normal(0, noise, rows)


@pytest.mark.parametrize("seed", range(5))
def test_errors_are_those_of_scikit_learn(seed: int) -> None:
    known, actual, predicted = make_numbers(seed=seed)
    found = ScoredNumbers.of(actual, predicted, Constants.of(known))
    assert found.rmse == pytest.approx(metrics.root_mean_squared_error(actual, predicted))
    assert found.mae == pytest.approx(metrics.mean_absolute_error(actual, predicted))
    assert found.median_absolute_error == pytest.approx(metrics.median_absolute_error(actual, predicted))
    assert found.r2 == pytest.approx(metrics.r2_score(actual, predicted))


def test_the_mean_and_the_median_of_the_training_rows_are_measured_as_scikit_learns_dummies() -> None:
    known, actual, predicted = make_numbers()
    found = ScoredNumbers.of(actual, predicted, Constants.of(known))
    mean, median = (
        DummyRegressor(strategy=strategy).fit(known[:, None], known).predict(actual[:, None])
        for strategy in ("mean", "median")
    )
    assert found.mean_rmse == pytest.approx(metrics.root_mean_squared_error(actual, mean))
    assert found.mean_mae == pytest.approx(metrics.mean_absolute_error(actual, mean))
    assert found.mean_median_absolute_error == pytest.approx(metrics.median_absolute_error(actual, mean))
    assert found.mean_r2 == pytest.approx(metrics.r2_score(actual, mean))
    assert found.median_mae == pytest.approx(metrics.mean_absolute_error(actual, median))


def test_the_interval_of_the_mean_error_holds_it_in_95_of_100_draws() -> None:
    held = 0
    for seed in range(200):
        _, actual, predicted = make_numbers(100, seed=seed)
        low, high = ScoredNumbers.of(actual, predicted, Constants(6, 6)).mae_interval or (0, 0)
        held += low <= np.sqrt(2 / np.pi) <= high
    assert 180 <= held <= 199


@pytest.mark.parametrize(("noise", "verdict"), [(1.0, True), (20.0, False)])
def test_predictions_are_told_better_or_worse_than_the_mean(noise: float, verdict: bool) -> None:
    known, actual, predicted = make_numbers(noise=noise)
    assert ScoredNumbers.of(actual, predicted, Constants.of(known)).is_better_than_mean is verdict


def test_few_rows_do_not_tell_predictions_from_the_mean() -> None:
    found = ScoredNumbers.of([1.0, 5.0], [2.0, 3.5], Constants(3.0, 3.0))
    assert found.is_better_than_mean is None


def test_equal_targets_have_no_r2() -> None:
    found = ScoredNumbers.of([2.0, 2.0], [2.0, 3.0], Constants(2.0, 2.0))
    assert found.r2 is None


def test_the_rows_that_are_furthest_off_come_first() -> None:
    found = ScoredNumbers.of([0.0, 0.0, 0.0, 0.0], [1.0, -5.0, 0.0, 3.0], Constants(0, 0))
    assert found.worst(2).tolist() == [1, 3]


def test_the_grid_counts_rows_by_actual_and_predicted_number() -> None:
    _, actual, predicted = make_numbers()
    grid = ScoredNumbers.of(actual, predicted, Constants(6, 6)).grid(20)
    expected, _, _ = np.histogram2d(actual, predicted, bins=(grid.edges, grid.edges))
    assert grid.rows.tolist() == expected.tolist()
    assert grid.rows.sum() + grid.outside == 400


def test_a_single_huge_error_does_not_squeeze_the_pictures_and_is_counted_beside_them() -> None:
    actual, predicted = np.linspace(0, 10, 1000), np.linspace(0, 10, 1000)
    predicted[5] = 1e6
    found = ScoredNumbers.of(actual, predicted, Constants(5, 5))
    assert found.grid().edges[-1] < 11
    assert found.grid().outside > 0
    assert found.error_histogram().edges[-1] > 1e5  # all other errors are 0: there is nothing to squeeze


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (np.zeros((2, 3)), "there are 2 rows, but 6 predictions"),
        (np.zeros(3), "there are 2 rows, but 3 predictions"),
        (np.array([1.0, np.nan]), "infinite or missing"),
    ],
)
def test_scores_of_another_model_are_refused(scores: np.ndarray, said: str) -> None:
    with pytest.raises(Problem, match=said):
        ScoredNumbers.of([1.0, 2.0], scores, Constants(0, 0))


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1.5, "1.50"), (0.04213, "0.0421"), (12345.6, "12,346"), (-3.14159, "-3.14")]
)
def test_a_number_is_written_with_three_digits(value: float, text: str) -> None:
    assert wording.number_text(value) == text


@pytest.mark.parametrize(("shift", "biased"), [(0.0, False), (1.0, True), (-1.0, True)])
def test_predictions_that_are_too_high_or_low_on_the_whole_are_told(shift: float, biased: bool) -> None:
    _, actual, predicted = make_numbers()
    found = ScoredNumbers.of(actual, predicted + shift, Constants(6, 6))
    assert found.is_biased is biased
    assert found.bias == pytest.approx(np.mean(predicted + shift - actual))


@pytest.mark.parametrize("seed", range(5))
def test_metrics_are_scikit_learns_to_the_ninth_digit(seed: int) -> None:
    _, actual, predicted = make_numbers(seed=seed)
    actual[:7] = 0
    found = ScoredNumbers.of(actual, predicted, Constants(6, 6))
    assert found.rmse == pytest.approx(metrics.root_mean_squared_error(actual, predicted), abs=1e-9)
    assert found.r2 == pytest.approx(metrics.r2_score(actual, predicted), abs=1e-9)
    expected = metrics.mean_absolute_percentage_error(actual[7:], predicted[7:])
    assert found.mape == pytest.approx(expected, abs=1e-9)
    assert found.rows_at_zero == 7


def test_a_percentage_of_nothing_but_zeros_is_undefined() -> None:
    found = ScoredNumbers.of([0.0, 0.0], [1.0, 2.0], Constants(0, 0))
    assert (found.mape, found.mape_interval, found.rows_at_zero) == (None, None, 2)


def test_the_interval_of_the_median_is_between_the_ranks_of_coin_tosses() -> None:
    found = ScoredNumbers.of(np.zeros(1000), np.arange(1, 1001), Constants(0, 0))
    low, high = found.median_absolute_error_interval or (0, 0)
    assert (low, high) == pytest.approx((469, 532), abs=1)


def test_the_interval_of_r2_is_the_jackknifes() -> None:
    _, actual, predicted = make_numbers(120)
    found = ScoredNumbers.of(actual, predicted, Constants(6, 6))
    rows = np.arange(120)
    without = [np.log(1 - metrics.r2_score(actual[rows != row], predicted[rows != row])) for row in rows]
    half = 1.959964 * np.sqrt(119 * np.var(without))
    expected = [1 - (1 - (found.r2 or 0)) * np.exp(sign * half) for sign in (1, -1)]
    assert found.r2_interval == pytest.approx(expected, abs=1e-9)


def test_where_a_few_rows_make_up_the_error_no_interval_pretends() -> None:
    _, actual, predicted = make_numbers(1000)
    predicted[:3] += 500
    found = ScoredNumbers.of(actual, predicted, Constants(6, 6))
    assert (found.rmse_interval, found.mae_interval, found.r2_interval) == (None, None, None)
    assert found.median_absolute_error_interval is not None


def test_numbers_on_both_sides_of_zero_have_no_interval_of_a_percentage() -> None:
    _, actual, predicted = make_numbers()
    assert ScoredNumbers.of(actual, predicted, Constants(6, 6)).mape_interval is not None
    assert ScoredNumbers.of(actual - 3, predicted - 3, Constants(6, 6)).mape_interval is None
