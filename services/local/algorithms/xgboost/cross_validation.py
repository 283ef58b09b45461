"""The container's cross-validation: a model a fold, the mean of their metrics, and what they say to rows held out.

As in the container, metrics are of the whole channels, rows included from which a fold learned; what is said to
rows held out is in predictions.csv. Source: aws/sagemaker-xgboost-container, June 2026.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb

from services.local.algorithms.data_files import UserError
from services.local.algorithms.xgboost.boosting import History, boost, log, print_round
from services.local.algorithms.xgboost.folds import folds


def cross_validate(
    values: dict[str, Any],
    whole: "xgb.DMatrix",
    watched: "dict[str, xgb.DMatrix]",
    stop_signals: list[int],
    predictions: Path,
) -> list["xgb.Booster"]:
    """The models of all folds of all rounds over `whole`, the rows of all channels; `predictions` is written."""
    count, rounds = values["_kfold"], values.get("_num_cv_round", 1)
    log(f"Run {rounds}-round of {count}-fold cross validation with {whole.num_row()} rows")
    if whole.num_row() < count:
        raise UserError(f"_kfold is {count} and there are {whole.num_row()} records. Give at least one record a fold.")
    classifies = values.get("objective", "").startswith(("binary:", "multi:"))
    label = whole.get_label()
    held_out_rows = _HeldOutRows(label, rounds, classifies)
    models: list[xgb.Booster] = []
    histories: list[History] = []
    split = folds(label if classifies else np.zeros(len(label)), count, rounds, values.get("seed", 0))
    for number, (learned, held_out) in enumerate(split):
        log(f"Train cross validation fold {number % count + 1}")
        histories.append({})
        models.append(boost(values, whole.slice(learned), watched, stop_signals, histories[-1]))
        if stop_signals:
            return models
        held_out_rows.record(held_out, number // count, models[-1].predict(whole.slice(held_out)))
        if len(models) % count == 0:
            log(f"The metrics of round {len(models) // count} cross validation")
            _print_mean(values["num_round"], histories[-count:])
    log(f"Storing predictions on validation set(s) in {predictions}")
    held_out_rows.save(predictions)
    if rounds > 1:
        log(f"The overall metrics of {rounds}-round cross validation")
        _print_mean(values["num_round"], histories)
    return models


def _print_mean(number: int, histories: list[History]) -> None:
    """The last values of each fold, averaged, as one line after the last round's."""
    print_round(
        number,
        {
            channel: {name: [float(np.mean([history[channel][name][-1] for history in histories]))] for name in metrics}
            for channel, metrics in histories[0].items()
        },
    )


class _HeldOutRows:
    """What was said to each row by the model that had not learned from it, in each round of cross-validation."""

    def __init__(self, label: np.ndarray, rounds: int, classifies: bool) -> None:
        self._label, self._classifies = label, classifies
        self._scores = np.zeros((len(label), rounds))
        self._classes = np.zeros((len(label), rounds), np.int64)

    def record(self, rows: np.ndarray, number: int, predictions: np.ndarray) -> None:
        """`predictions` to `rows` in a round: rows, or rows x classes, of which the best counts."""
        several = predictions.ndim > 1
        self._scores[rows, number] = predictions.max(axis=1) if several else predictions
        if (
            self._classifies
        ):  # also of multi:softmax, whose score is the class, the container asks whether it is above 0.5
            self._classes[rows, number] = predictions.argmax(axis=1) if several else predictions > 0.5

    def save(self, path: Path) -> None:
        """A line a row: label, mean score and, of a classifier, the class said most often, the lowest of equals."""
        columns = [self._label, self._scores.mean(axis=1)]
        if self._classifies:
            votes = [(self._classes == said).sum(axis=1) for said in range(int(self._classes.max()) + 1)]
            columns.append(np.argmax(votes, axis=0))
        path.parent.mkdir(exist_ok=True)
        np.savetxt(path, np.column_stack(columns), fmt="%f", delimiter=",")
