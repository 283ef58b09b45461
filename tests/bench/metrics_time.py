"""What a threshold costs: matrix, metrics and expected cost of many rows; and a bootstrap of all metrics."""

import time

import numpy as np

from services.evaluation import all_metrics
from services.evaluation.decision.expected_cost import Costs
from services.evaluation.metrics import Scored
from services.evaluation.statistics import bootstrap

THRESHOLDS = 1000
POSITIVES, ROWS = 54, 28_481  # of the card fraud set's test rows
CALLS = 100  # of scikit-learn's average precision, for the time of as many as there are resamples


def make_rows(rows: int, positives: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores that separate them as a good model's do."""
    random = np.random.default_rng(seed)
    labels = np.zeros(rows, dtype=np.int8)
    labels[random.choice(rows, positives, replace=False)] = 1
    return labels, 1 / (1 + np.exp(6 - random.normal(7 * labels, 1.5)))


class ThresholdTime:
    """Scored rows, sorted once."""

    def __init__(self, rows: int) -> None:
        self._scored = Scored.of(*make_rows(rows, rows // 500))
        self._costs = Costs(miss=100, false_alarm=5, hit_gain=1)
        all_metrics.of_ranking(self._scored)  # depends on no threshold: as the page has it after its first run

    def seconds(self, thresholds: int = THRESHOLDS) -> float:
        """Mean over random thresholds of which each is new."""
        asked = np.random.default_rng(2).random(thresholds)
        began = time.perf_counter()
        for threshold in asked:
            now = self._scored.at(float(threshold))
            rows = all_metrics.of_confusion(now) + all_metrics.of_ranking(self._scored)
            assert rows
            assert np.isfinite(self._costs.of(now))
        return (time.perf_counter() - began) / thresholds


class BootstrapTime:
    """Resamples of all metrics beside as many calls of scikit-learn's average precision."""

    def __init__(self, rows: int = ROWS, positives: int = POSITIVES) -> None:
        self._labels, self._scores = make_rows(rows, positives)

    def ours(self) -> float:
        """Seconds of all resamples."""
        began = time.perf_counter()
        assert np.isfinite(bootstrap.resampled(self._labels, [self._scores]).brier).all()
        return time.perf_counter() - began

    def plain(self) -> float:
        """Seconds of as many calls, from some of them."""
        from sklearn.metrics import average_precision_score

        began = time.perf_counter()
        for _ in range(CALLS):
            average_precision_score(self._labels, self._scores)
        return (time.perf_counter() - began) * bootstrap.ROUNDS / CALLS
