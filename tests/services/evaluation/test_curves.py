"""The curves of a model of two classes, held against scikit-learn's independent figures."""

import numpy as np
import pytest
from sklearn import calibration as sklearn_calibration
from sklearn import metrics

from services.evaluation import curves
from services.evaluation.metrics import Scored
from services.evaluation.statistics.intervals import wilson
from tests.services.evaluation.test_metrics import make_rows

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_gains_say_what_share_of_the_positives_is_among_the_rows_that_score_highest(seed: int) -> None:
    labels, scores = make_rows(seed, distinct=10_000)
    gains = curves.gains(Scored.of(labels, scores))
    ranked = labels[np.argsort(-scores, kind="stable")]
    for share in (0.05, 0.1, 0.5):
        at = int(np.flatnonzero(np.isclose(gains.x, share))[0])
        assert gains.y[at] == pytest.approx(ranked[: round(share * len(ranked))].sum() / labels.sum(), abs=0.02)
    assert (gains.y[0], gains.y[-1]) == (0, 1)


def test_rows_with_one_score_gain_in_a_straight_line() -> None:
    gains = curves.gains(Scored.of([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5]))
    assert gains.y == pytest.approx(gains.x)


def test_without_positives_there_is_no_gain() -> None:
    assert not len(curves.gains(Scored.of([0, 0], [0.1, 0.2])).x)


@pytest.mark.parametrize("seed", SEEDS)
def test_calibration_is_that_of_scikit_learn_beside_its_counts(seed: int) -> None:
    labels, scores = make_rows(seed, distinct=9_999)  # none lies on an edge of a step
    found = curves.calibration(Scored.of(labels, scores))
    actual, predicted = sklearn_calibration.calibration_curve(labels, scores, n_bins=10)
    assert found.actual == pytest.approx(actual)
    assert found.predicted == pytest.approx(predicted)
    assert found.rows.sum() == len(labels)


def test_calibration_has_the_interval_of_each_share() -> None:
    found = curves.calibration(Scored.of([0, 1, 1], [0.05, 0.95, 0.91]))
    assert (found.low[1], found.high[1]) == wilson(2, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_metrics_over_the_threshold_are_those_of_scikit_learn(seed: int) -> None:
    labels, scores = make_rows(seed)
    found = curves.by_threshold(Scored.of(labels, scores))
    for at in (0, 50, 101, 150):
        flags = scores >= found.thresholds[at]
        assert found.recall[at] == pytest.approx(metrics.recall_score(labels, flags))
        assert found.f1[at] == pytest.approx(metrics.f1_score(labels, flags))
        assert found.specificity[at] == pytest.approx(metrics.recall_score(1 - labels, ~flags))
        if flags.any():
            assert found.precision[at] == pytest.approx(metrics.precision_score(labels, flags))
