"""Two models at one operating point: what is compared, and that the interval tells a real difference from none."""

import numpy as np
import pytest

from services.errors import Problem
from services.evaluation.operating_points import OperatingPoint, PointKind, compare_at

RECALL_80 = OperatingPoint(PointKind.RECALL, 0.8)


def make_models(seed: int, better: float, rows: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, and the scores of a model and of one whose positives score `better` by as much."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < 0.1).astype(int)
    noise = random.normal(size=(2, rows))
    first, second = (1 / (1 + np.exp(-(labels * (1 + gain) + noise[at]))) for at, gain in enumerate((0.0, better)))
    return labels, first, second


def test_at_the_same_recall_both_find_as_many_positives() -> None:
    labels, first, second = make_models(1, 1.0)
    found = compare_at(RECALL_80, labels, first, second, rounds=50)
    assert {matrix.tp for matrix in found.matrices} == {int(np.ceil(0.8 * labels.sum()))}
    for matrix, threshold, scores in zip(found.matrices, found.thresholds, (first, second), strict=True):
        assert matrix.flagged == (scores >= threshold).sum()


def test_with_as_many_flagged_rows_both_flag_no_more_than_that() -> None:
    labels, first, second = make_models(2, 1.0)
    found = compare_at(OperatingPoint(PointKind.FLAGGED, 100), labels, first, second, rounds=50)
    assert [matrix.flagged for matrix in found.matrices] == [100, 100]


def test_ties_never_flag_more_rows_than_wanted() -> None:
    found = compare_at(OperatingPoint(PointKind.FLAGGED, 2), [1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1], [0.9] * 4, rounds=5)
    assert [matrix.flagged for matrix in found.matrices] == [1, 0]


def test_the_least_cost_is_the_least_of_all_thresholds() -> None:
    labels, first, second = make_models(3, 1.0)
    point = OperatingPoint(PointKind.COST, miss=10, alarm=1)
    found = compare_at(point, labels, first, second, rounds=5)
    for matrix, scores in zip(found.matrices, (first, second), strict=True):
        costs = [
            10 * ((scores < threshold) & (labels == 1)).sum() + ((scores >= threshold) & (labels == 0)).sum()
            for threshold in [*np.unique(scores), np.inf]
        ]
        assert point.cost(matrix) == min(costs)


def test_a_better_model_is_told_by_an_interval_without_zero() -> None:
    alarms = compare_at(RECALL_80, *make_models(4, 1.5), rounds=200).differences["false alarms"]
    assert alarms.high < 0
    assert alarms.gain == alarms.after - alarms.before


def test_models_that_are_alike_are_told_apart_in_few_of_many_sets() -> None:
    wrong = sum(
        compare_at(RECALL_80, *make_models(seed, 0.0, 400), rounds=100, seed=seed)
        .differences["precision"]
        .is_significant
        for seed in range(40)
    )
    assert wrong <= 6


@pytest.mark.parametrize(
    ("point", "labels", "said"),
    [
        (RECALL_80, [1, 1], "the rows are all of one class"),
        (OperatingPoint(PointKind.RECALL, 1.5), [0, 1], "a recall of 1.5 is not between 0 and 1"),
        (OperatingPoint(PointKind.FLAGGED, 0), [0, 1], "0 flagged rows are not between 1 and 2"),
        (OperatingPoint(PointKind.COST, miss=-1), [0, 1], "costs are not below 0"),
    ],
)
def test_what_cannot_be_compared_is_said(point: OperatingPoint, labels: list[int], said: str) -> None:
    with pytest.raises(Problem, match=said):
        compare_at(point, labels, [0.1, 0.2], [0.3, 0.4])
