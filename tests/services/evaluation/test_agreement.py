"""Every metric of two classes equals scikit-learn's on all kinds of rows: ties, one class, equal or extreme scores."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from sklearn import metrics

from services.evaluation.metrics import Scored

EQUAL = 1e-9


def made_rows() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Labels and scores of 60 sets: 1 to 300 rows, of one class at times, with few, equal or only extreme scores."""
    random = np.random.default_rng(0)
    for number in range(60):
        rows = int(random.integers(1, 300)) if number % 5 else int(random.integers(1, 6))
        labels = (random.random(rows) < random.choice([0.0, 0.02, 0.3, 0.5, 0.9, 1.0])).astype(np.int8)
        scores = 1 / (1 + np.exp(-random.normal(random.choice([-1, 0, 3]) * labels, 2)))
        steps = int(random.choice([1, 2, 10, 0]))
        yield labels, np.round(scores * steps) / steps if steps else scores


SETS = list(made_rows())
THRESHOLDS = (0.0, 0.3, 0.5, 1.0, 1.1)


def test_ranking_metrics_are_scikit_learns_where_they_are_defined() -> None:
    for labels, scores in SETS:
        scored = Scored.of(labels, scores)
        expected = metrics.average_precision_score(labels, scores) if labels.any() else None
        assert scored.average_precision == pytest.approx(expected, abs=EQUAL)
        both = labels.any() and not labels.all()
        assert scored.roc_auc == pytest.approx(metrics.roc_auc_score(labels, scores) if both else None, abs=EQUAL)


def test_the_brier_score_and_the_log_loss_are_scikit_learns() -> None:
    for labels, scores in SETS:
        scored = Scored.of(labels, scores)
        assert scored.brier == pytest.approx(metrics.brier_score_loss(labels, scores, labels=[0, 1]), abs=EQUAL)
        assert scored.log_loss == pytest.approx(metrics.log_loss(labels, scores, labels=[0, 1]), abs=EQUAL)


def test_a_model_that_answers_the_share_of_positives_is_measured_as_scikit_learn_does() -> None:
    for labels, scores in SETS:
        scored, shares = Scored.of(labels, scores), np.full(len(labels), labels.mean())
        assert scored.brier_of_share == pytest.approx(
            metrics.brier_score_loss(labels, shares, labels=[0, 1]), abs=EQUAL
        )
        assert scored.log_loss_of_share == pytest.approx(metrics.log_loss(labels, shares, labels=[0, 1]), abs=EQUAL)


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_metrics_at_a_threshold_are_scikit_learns_and_undefined_where_its_are_only_a_convention(
    threshold: float,
) -> None:
    for labels, scores in SETS:
        now, flags = Scored.of(labels, scores).at(threshold), (scores >= threshold).astype(np.int8)
        undefined = np.nan
        expected = {
            "precision": metrics.precision_score(labels, flags, zero_division=undefined),
            "recall": metrics.recall_score(labels, flags, zero_division=undefined),
            "specificity": metrics.recall_score(labels, flags, pos_label=0, zero_division=undefined),
            "f1": metrics.f1_score(labels, flags, zero_division=undefined),
            "accuracy": metrics.accuracy_score(labels, flags),
        }
        for name, value in expected.items():
            assert getattr(now, name) == (None if np.isnan(value) else pytest.approx(value, abs=EQUAL)), name
        for beta in (0.5, 2.0):
            value = metrics.fbeta_score(labels, flags, beta=beta, zero_division=undefined)
            assert now.f_beta(beta) == (None if np.isnan(value) else pytest.approx(value, abs=EQUAL))


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_metrics_of_both_classes_are_scikit_learns(threshold: float) -> None:
    for labels, scores in SETS:
        now, flags = Scored.of(labels, scores).at(threshold), scores >= threshold
        if not labels.any() or labels.all():
            assert (now.balanced_accuracy, now.mcc) == (None, None)
            continue
        assert now.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(labels, flags), abs=EQUAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert (now.mcc or 0.0) == pytest.approx(metrics.matthews_corrcoef(labels, flags), abs=EQUAL)
        assert (now.mcc is None) == (len(set(flags)) == 1)


def test_every_interval_holds_the_metric_it_is_of() -> None:
    names = ("precision", "recall", "specificity", "accuracy", "f1", "balanced_accuracy", "mcc")
    for labels, scores in SETS:
        scored = Scored.of(labels, scores)
        now = scored.at(0.5)
        pairs = [(getattr(now, name), getattr(now, f"{name}_interval")) for name in names]
        pairs += [(now.f_beta(beta), now.f_beta_interval(beta)) for beta in (0.5, 2.0)]
        pairs += [
            (getattr(scored, name), getattr(scored, f"{name}_interval"))
            for name in ("average_precision", "roc_auc", "brier", "log_loss")
        ]
        for value, interval in pairs:
            assert interval is None or (value is not None and interval[0] - EQUAL <= value <= interval[1] + EQUAL)
