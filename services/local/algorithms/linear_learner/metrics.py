"""What a model is worth on a table: its loss, the metrics the container prints at the end, and the best threshold.

The loss counts a record with label 1 by its weight; the other metrics leave weights out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from services.local.algorithms.linear_learner.settings import Settings

# How the container calls the objective of a loss in its log; the others by the loss's own name.
_OBJECTIVES = {"logistic": "binary_classification_cross_entropy", "squared_loss": "mse"}


@dataclass(frozen=True)
class Cuts:
    """The confusion of labels and predictions at every threshold worth trying, from the highest down.

    All (cuts,): `thresholds`, the records at or above each that are 1 (`hits`) and 0 (`alarms`).
    """

    thresholds: np.ndarray
    hits: np.ndarray
    alarms: np.ndarray
    positives: int
    negatives: int

    @property
    def accuracy(self) -> np.ndarray:
        """The share of records whose label is predicted."""
        return (self.hits + self.negatives - self.alarms) / max(1, self.positives + self.negatives)

    @property
    def precision(self) -> np.ndarray:
        """Of those predicted 1, the share that is; 0 where there are none."""
        return self.hits / np.maximum(1, self.hits + self.alarms)

    @property
    def recall(self) -> np.ndarray:
        """Of those that are 1, the share predicted so; 0 where there are none."""
        return self.hits / max(1, self.positives)

    def f(self, beta: float) -> np.ndarray:
        """The F score that counts recall `beta` times as much as precision."""
        missed = self.positives - self.hits
        whole = (1 + beta**2) * self.hits + beta**2 * missed + self.alarms
        return (1 + beta**2) * self.hits / np.where(whole > 0, whole, 1)


def cuts(labels: np.ndarray, scores: np.ndarray) -> Cuts:
    """The cuts above every score, between any two different ones, and below all but the lowest."""
    order = np.argsort(-scores, kind="stable")
    falling, ones = scores[order], labels[order] == 1
    last = np.flatnonzero(np.append(falling[1:] < falling[:-1], True))  # of each score
    below = np.append(falling[last[1:]], falling[-1])
    between = (falling[last] + below) / 2
    middles = np.where(between > below, between, falling[last])  # neighbouring numbers have none between them
    hits, alarms = np.cumsum(ones)[last], np.cumsum(~ones)[last]
    thresholds = np.append(np.nextafter(falling[0], np.inf), middles)
    return Cuts(thresholds, np.append(0, hits), np.append(0, alarms), int(ones.sum()), int((~ones).sum()))


def cut(labels: np.ndarray, scores: np.ndarray, threshold: float) -> Cuts:
    """The one cut at `threshold`."""
    ones, flagged = labels == 1, scores >= threshold
    hits, alarms = np.array([(flagged & ones).sum()]), np.array([(flagged & ~ones).sum()])
    return Cuts(np.array([threshold]), hits, alarms, int(ones.sum()), int((~ones).sum()))


def threshold(settings: Settings, labels: np.ndarray, scores: np.ndarray) -> float:
    """The score from which on a label is best predicted as 1, by the job's criterion."""
    if settings.chosen_by == "loss_function":
        return 0.5 if settings.loss == "logistic" else 0.0
    candidates = cuts(labels, scores)
    return float(candidates.thresholds[np.argmax(_criterion_values(settings, candidates))])


def best_criterion_value(settings: Settings, labels: np.ndarray, scores: np.ndarray) -> float:
    """The criterion at the best threshold, more being better."""
    return float(_criterion_values(settings, cuts(labels, scores)).max())


def _criterion_values(settings: Settings, candidates: Cuts) -> np.ndarray:
    if settings.chosen_by == "precision_at_target_recall":
        return np.where(candidates.recall >= settings.target_recall, candidates.precision, -1.0)
    if settings.chosen_by == "recall_at_target_precision":  # the most precise, where none is precise enough
        return np.where(
            candidates.precision >= settings.target_precision, candidates.recall, candidates.precision - 1.0
        )
    return candidates.accuracy if settings.chosen_by == "accuracy" else candidates.f(settings.beta)


def objective(settings: Settings) -> str:
    """The name of the loss in the log."""
    return f"{_OBJECTIVES.get(settings.loss, settings.loss)}_objective"


def loss(settings: Settings, labels: np.ndarray, margins: np.ndarray) -> float:
    """The mean loss; labels are 0 and 1 for a classifier."""
    losses = _LOSSES[settings.loss](settings, labels.astype(np.float64), margins)
    weights = np.where(labels == 1, settings.positive, 1.0) if settings.binary else None
    return float(np.average(losses, weights=weights))


def _huber(settings: Settings, labels: np.ndarray, margins: np.ndarray) -> np.ndarray:
    error, delta = np.abs(margins - labels), settings.delta
    return np.where(error < delta, error**2 / 2, delta * error - delta**2 / 2)


def _beyond(settings: Settings, labels: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """How much further off than the loss is insensitive to."""
    return np.maximum(0.0, np.abs(margins - labels) - settings.insensitivity)


_LOSSES: dict[str, Callable[[Settings, np.ndarray, np.ndarray], np.ndarray]] = {
    "logistic": lambda _, labels, margins: np.logaddexp(0.0, (1 - 2 * labels) * margins),
    "hinge_loss": lambda _, labels, margins: np.maximum(0.0, 1 + (1 - 2 * labels) * margins),
    "squared_loss": lambda _, labels, margins: (margins - labels) ** 2,
    "absolute_loss": lambda _, labels, margins: np.abs(margins - labels),
    "huber_loss": _huber,
    "eps_insensitive_absolute_loss": _beyond,
    "eps_insensitive_squared_loss": lambda settings, labels, margins: _beyond(settings, labels, margins) ** 2,
}


def final_metrics(
    settings: Settings, labels: np.ndarray, margins: np.ndarray, scores: np.ndarray, chosen: float | None
) -> list[tuple[str, str, float]]:
    """(name, "loss" or "score", value) of every metric the container prints at the end, in its order."""
    values = [(objective(settings), "loss", loss(settings, labels, margins))]
    if chosen is None:
        error = margins - labels.astype(np.float64)
        return [
            *values,
            ("mse", "loss", float(np.mean(error**2))),
            ("absolute_loss", "loss", float(np.abs(error).mean())),
        ]
    one = cut(labels, scores, chosen)
    values += [
        ("binary_classification_accuracy", "score", float(one.accuracy[0])),
        (f"binary_f_{settings.beta:.3f}", "score", float(one.f(settings.beta)[0])),
        ("precision", "score", float(one.precision[0])),
        ("recall", "score", float(one.recall[0])),
    ]
    if one.positives and one.negatives:  # otherwise there is no curve
        values.append(("roc_auc_score", "score", float(roc_auc_score(labels, scores))))
    return values
