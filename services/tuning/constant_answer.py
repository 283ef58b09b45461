"""What an objective is for a model that answers every row alike: what a model has to beat to have learned anything.

Pure. The constant is the best one that the train rows can tell; its objective is that of the validation rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.evaluation.number_metrics import Constants

Floats = NDArray[np.float64]
RANKED = ("auc", "roc_auc_score")  # objectives of which every constant has 0.5
CERTAIN = 1.645  # standard errors above 0.5 that one of twenty models without any knowledge reaches
TINY = 1e-16  # the least probability of a class, as XGBoost counts it in mlogloss
WEIGHTS = ("scale_pos_weight", "positive_example_weight_mult", "balance_multiclass_weights")  # hyperparameters
LEAST = 0.01  # of the way from a constant answer to a perfect one: who came less far has learned nothing


@dataclass(frozen=True)
class ConstantAnswer:
    """An objective's `value` for a constant answer, and the one from which on something was learned (`learned`).

    maximised: whether a higher objective is better.
    """

    value: float
    learned: float
    maximised: bool

    def is_beaten_by(self, value: float) -> bool:
        """Whether a model with that objective has learned anything."""
        return value > self.learned if self.maximised else value < self.learned


def of_ranking(metric: str) -> ConstantAnswer | None:
    """Of a metric such as "auc", where nothing is known of the rows; None where that takes them."""
    return ConstantAnswer(0.5, 0.5, True) if metric in RANKED else None


def of_classes(metric: str, data: PreparedData, weighted: bool = False) -> ConstantAnswer | None:
    """Of a metric such as "auc"; None where its constant answer is not known, or a split has too few rows to tell.

    weighted: whether a class counts more than its rows: then only the order of the scores tells what was learned.
    """
    if weighted and metric not in (*RANKED, "aucpr"):
        return None
    train, validation = (_class_rows(data, split) for split in ("train", "validation"))
    if not sum(train) or not sum(validation):
        return None
    if metric in RANKED:
        return _ranked(validation)
    expected, seen = np.array(train) / sum(train), np.array(validation) / sum(validation)
    return _of_labels(metric, expected, seen) or (_of_scores(metric, *expected, *seen) if len(seen) == 2 else None)


def of_numbers(metric: str, train: Constants, validation: ArrayLike) -> ConstantAnswer | None:
    """Of a metric such as "rmse", for the targets of (rows,) validation rows, at least one; None for other metrics."""
    actual = np.asarray(validation, dtype=np.float64)
    squared = float(np.mean((actual - train.mean) ** 2))
    absolute = float(np.mean(np.abs(actual - train.median)))
    if metric == "r2":
        return _towards(1.0, 1 - squared / float(actual.var())) if np.ptp(actual) else None
    values = {"rmse": sqrt(squared), "mse": squared, "mae": absolute, "absolute_loss": absolute}
    return _towards(0.0, values[metric]) if metric in values else None


def _class_rows(data: PreparedData, split: str) -> Sequence[int]:
    if data.kind is TargetKind.TWO_CLASSES:
        positives = data.positives[split]
        return data.rows[split] - positives, positives
    return data.class_rows.get(split, ())


def _ranked(rows: Sequence[int]) -> ConstantAnswer | None:
    """0.5, and what chance adds to it (Mann & Whitney 1947)."""
    negatives, positives = rows
    if not negatives or not positives:
        return None
    error = sqrt((negatives + positives + 1) / (12.0 * negatives * positives))
    return ConstantAnswer(0.5, 0.5 + CERTAIN * error, True)


def _of_labels(metric: str, expected: Floats, seen: Floats) -> ConstantAnswer | None:
    """Of one class for every row, or the same probability of each; `expected` and `seen` are shares of the classes."""
    right = float(seen[int(expected.argmax())])
    if metric in ("accuracy", "binary_classification_accuracy"):
        return _towards(1.0, right)
    if metric == "balanced_accuracy":
        return _towards(1.0, 1 / len(seen))
    if metric in ("error", "merror"):
        return _towards(0.0, 1 - right)
    if metric in ("logloss", "mlogloss"):
        return _towards(0.0, -float(seen @ np.log(np.maximum(expected, TINY))))
    return None


def _of_scores(metric: str, _: float, told: float, negatives: float, positives: float) -> ConstantAnswer | None:
    """Of the score `told` for every row; `negatives` and `positives` are shares of the validation rows."""
    if metric == "aucpr":
        return _towards(1.0, positives)
    squared = positives * (1 - told) ** 2 + negatives * told**2
    values = {"rmse": sqrt(squared), "mse": squared, "mae": positives * (1 - told) + negatives * told}
    return _towards(0.0, values[metric]) if metric in values else None


def _towards(perfect: float, value: float) -> ConstantAnswer:
    return ConstantAnswer(value, value + LEAST * (perfect - value), perfect > 0)
