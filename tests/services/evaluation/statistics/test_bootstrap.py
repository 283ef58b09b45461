"""Metrics of rows drawn again are scikit-learn's of the same draws, for every model on the same rows."""

import numpy as np
import pytest
from sklearn import metrics

from services.evaluation.metrics import Scored
from services.evaluation.statistics import bootstrap

ROUNDS, SEED = 40, 9


def make_models(rows: int = 60, share: float = 0.3, steps: int = 8) -> tuple[np.ndarray, list[np.ndarray]]:
    """Labels and the scores of two models, with ties."""
    random = np.random.default_rng(2)
    labels = (random.random(rows) < share).astype(int)
    return labels, [np.round(np.clip(random.normal(0.3 + 0.3 * labels, 0.25), 0, 1) * steps) / steps for _ in range(2)]


@pytest.mark.parametrize("steps", [2, 8, 1000])
def test_every_metric_of_a_draw_is_scikit_learns_of_the_same_rows(steps: int) -> None:
    labels, models = make_models(steps=steps)
    found = bootstrap.resampled(labels, models, (0.5, 0.25), ROUNDS, SEED)
    places = np.random.default_rng(SEED).integers(0, len(labels), (ROUNDS, len(labels)))
    for model, (scores, threshold) in enumerate(zip(models, (0.5, 0.25), strict=True)):
        for number, rows in enumerate(places):
            truth, drawn = labels[rows], scores[rows]
            flags = drawn >= threshold
            expected = {
                "average_precision": metrics.average_precision_score(truth, drawn),
                "roc_auc": metrics.roc_auc_score(truth, drawn),
                "brier": metrics.brier_score_loss(truth, drawn),
                "log_loss": metrics.log_loss(truth, drawn),
            }
            for name, value in expected.items():
                assert getattr(found, name)[model, number] == pytest.approx(value, abs=1e-9), name
            assert found.matrices[:, model, number].tolist() == [
                np.sum(flags & (truth == 1)),
                np.sum(flags & (truth == 0)),
                np.sum(~flags & (truth == 1)),
                np.sum(~flags & (truth == 0)),
            ]


def test_ratios_of_a_draw_are_those_of_its_matrix() -> None:
    labels, models = make_models()
    found = bootstrap.resampled(labels, models[:1], rounds=ROUNDS)
    places = np.random.default_rng(bootstrap.SEED).integers(0, len(labels), (ROUNDS, len(labels)))
    for name in bootstrap.RATIOS:
        expected = [getattr(Scored.of(labels[rows], models[0][rows]).at(0.5), name) for rows in places]
        assert found.ratio(name)[0] == pytest.approx(expected, nan_ok=True), name


def test_a_draw_without_a_class_leaves_metrics_undefined_and_out_of_the_interval() -> None:
    found = bootstrap.resampled([1, 0, 0, 0], [[0.9, 0.1, 0.2, 0.3]], rounds=200)
    lacking = found.matrices[[0, 2], 0].sum(axis=0) == 0
    assert lacking.any()
    assert np.isnan(found.average_precision[0]).tolist() == lacking.tolist()
    assert bootstrap.interval(found.average_precision[0]) == (1.0, 1.0)
    assert bootstrap.interval(np.array([np.nan])) is None


def test_large_sets_are_drawn_in_batches_of_the_same_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, models = make_models()
    whole = bootstrap.resampled(labels, models, rounds=ROUNDS)
    monkeypatch.setattr(bootstrap, "BATCH", 7 * len(labels))
    assert bootstrap.resampled(labels, models, rounds=ROUNDS).roc_auc == pytest.approx(whole.roc_auc)


@pytest.mark.parametrize("label", [0, 1])
def test_rows_of_one_class_have_no_areas_and_still_a_brier_score(label: int) -> None:
    found = bootstrap.resampled([label] * 5, [[0.1, 0.2, 0.3, 0.4, 0.5]], rounds=3)
    assert np.isnan(found.roc_auc).all()
    assert np.isfinite(found.brier).all()
