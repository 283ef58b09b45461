"""All metrics of two classes on rows that are drawn again: a paired bootstrap (Efron & Tibshirani 1993).

Arithmetic only. The scores of each model are sorted once; a draw is a weight of each row, and its metrics are running
sums of weights. All models are evaluated on the same draws: what is hard for all of them cancels out in a difference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from services.evaluation.confusion import RATIOS
from services.evaluation.metrics import log_losses
from services.evaluation.statistics.intervals import Counts, Floats, Interval

ROUNDS = 1000
SEED = 1729
BATCH = 1 << 16  # rows drawn at a time: what fits a processor's cache


@dataclass(frozen=True)
class Resampled:
    """Metrics of each model in each draw, arrays of (models, rounds); nan where a draw leaves a metric undefined.

    matrices: (4, models, rounds) of true and false positives, false and true negatives at the models' thresholds.
    """

    average_precision: Floats
    roc_auc: Floats
    brier: Floats
    log_loss: Floats
    matrices: Floats

    def ratio(self, name: str) -> Floats:
        """One of `confusion.RATIOS`, e.g. "precision", at the models' thresholds."""
        return _divided(*RATIOS[name](*self.matrices))


def resampled(
    labels: ArrayLike,
    scores: Sequence[ArrayLike],
    thresholds: Sequence[float] | None = None,
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> Resampled:
    """From (rows,) labels, each 0 or 1, and for each model (rows,) probabilities and a threshold, 0.5 by default."""
    truth = np.asarray(labels).astype(np.int64)
    values = [np.asarray(of_model, dtype=np.float64) for of_model in scores]
    cuts = [0.5] * len(values) if thresholds is None else thresholds
    models = [_Ranked.of(truth, *model) for model in zip(values, cuts, strict=True)]
    batches = [
        np.stack([model.measure(drawn) for model in models], axis=1) for drawn in draws(len(truth), rounds, seed)
    ]
    average_precision, roc_auc, brier, log_loss, *matrices = np.concatenate(batches, axis=2)
    return Resampled(average_precision, roc_auc, brier, log_loss, np.stack(matrices))


def draws(rows: int, rounds: int = ROUNDS, seed: int = SEED) -> Iterator[Floats]:
    """Batches of (some rounds, rows): how often each row is drawn when as many are drawn as there are."""
    random, batch = np.random.default_rng(seed), max(1, BATCH // rows)
    for first in range(0, rounds, batch):
        count = min(batch, rounds - first)
        places = random.integers(0, rows, (count, rows))
        places += np.arange(count)[:, None] * rows
        yield np.bincount(places.ravel(), minlength=count * rows).reshape(count, rows).astype(np.float64)


def interval(values: Floats) -> Interval | None:
    """95 % percentile interval of (rounds,) values, without those that are undefined; None when all are."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


@dataclass(frozen=True)
class _Ranked:
    """The rows of one model by falling score. A tie is the rows of one distinct score; here those that hold a positive.

    starts, ends: how many rows lie above a tie, and how many including it.
    flagged:      how many rows are flagged.
    losses:       (rows, 2) squared errors and log losses.
    """

    order: Counts
    positives: Counts
    tie_of: Counts
    starts: Counts
    ends: Counts
    flagged: int
    losses: Floats

    @classmethod
    def of(cls, truth: Counts, scores: Floats, threshold: float) -> "_Ranked":
        order = np.argsort(-scores)
        ranked, positive = scores[order], truth[order] == 1
        starts = np.flatnonzero(np.diff(ranked, prepend=np.nan))
        ends = np.append(starts[1:], len(ranked))
        places = np.flatnonzero(positive)
        ties, tie_of = np.unique(np.searchsorted(ends, places, side="right"), return_index=True)
        losses = np.column_stack([(ranked - positive) ** 2, log_losses(np.where(positive, ranked, 1 - ranked))])
        flagged = int(np.count_nonzero(scores >= threshold))
        return cls(order, places, tie_of, starts[ties], ends[ties], flagged, losses)

    def measure(self, drawn: Floats) -> Floats:
        """(8, rounds) average precision, ROC AUC, Brier score, log loss and the four counts of (rounds, rows) draws."""
        weights = np.take(drawn, self.order, axis=1)
        sums = np.zeros((len(weights), weights.shape[1] + 1))
        np.cumsum(weights, axis=1, out=sums[:, 1:])
        of_positives = weights[:, self.positives]
        gained = np.add.reduceat(of_positives, self.tie_of, axis=1) if len(self.tie_of) else of_positives
        found = np.cumsum(gained, axis=1)
        rows, positives = float(weights.shape[1]), gained.sum(axis=1)
        negatives = rows - positives
        above, through = sums[:, self.starts] - found + gained, sums[:, self.ends] - found  # negatives
        precision = found / np.maximum(found + through, 1)
        ranks_below = negatives[:, None] - (above + through) / 2
        tp = of_positives[:, : int(np.searchsorted(self.positives, self.flagged))].sum(axis=1)
        fp = sums[:, self.flagged] - tp
        areas = (
            _divided(np.sum(gained * precision, axis=1), positives),
            _divided(np.sum(gained * ranks_below, axis=1), positives * negatives),
        )
        return np.stack([*areas, *(weights @ self.losses / rows).T, tp, fp, positives - tp, negatives - fp])


def _divided(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
