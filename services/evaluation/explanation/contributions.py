"""How much each raw column adds to the margin of each row: XGBoost's own SHAP values, by the trees that predict.

A row's contributions and the base value add up to the margin of the row; those of features that one raw column became
(one-hot columns, date parts, indicators) are added up. All trees count, as they do in a score, and several models of
folds count by their mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.data.recipe.recipe import Recipe
from services.errors import Problem
from services.evaluation.explanation.link import Link, link_of
from services.evaluation.model_file import LoadedModel

BLOCK = 4096  # rows that are explained at once
MOST_ROWS = 50_000  # of a split that are explained; a random sample beyond
MOST_CELLS = 20_000_000  # rows x classes x columns that are kept, 4 bytes each
SEED = 1729

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


@dataclass(frozen=True, eq=False)
class Contributions:
    """The contributions of some rows.

    columns: raw columns.
    values:  (rows, classes, columns) contributions to the margin; one class for two classes and for a number.
    base:    (classes,) the margin before any column is known: the mean over the rows of training.
    link:    how margins become scores.
    models:  of folds, whose mean this is; 1 for one.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float32]
    base: NDArray[np.float64]
    link: Link
    models: int = 1

    @property
    def margins(self) -> NDArray[np.float64]:
        """(rows, classes)"""
        margins: NDArray[np.float64] = self.values.sum(axis=2, dtype=np.float64) + self.base
        return margins


def explain(
    model: LoadedModel, features: Any, origins: Mapping[str, str], progress: Progress | None = None
) -> Contributions:
    """The contributions of the rows of an Arrow table of features.

    origins: the raw column of each feature, by feature, in file order.
    Raises Problem for other columns than those of training, and for a model that has no contributions.
    """
    matrix, link = model.matrix(features), link_of(_check(model)["objective"]["name"])
    columns = tuple(dict.fromkeys(origins.values()))
    places = np.array([columns.index(origins[name]) for name in model.names or origins])
    blocks: list[NDArray[np.float32]] = []
    base = np.zeros(1)
    for start in range(0, len(matrix), BLOCK):
        found = _contributions(model, matrix[start : start + BLOCK])
        base = found[0, :, -1].astype(float)
        blocks.append(_by_column(found[:, :, :-1], places))
        if progress:
            progress(min(start + BLOCK, len(matrix)), len(matrix))
    return Contributions(columns, np.concatenate(blocks), base, link, len(model.boosters))


def origins_of(features: Sequence[str], recipe: Recipe | None) -> dict[str, str]:
    """The raw column of each feature, by feature; without a recipe each is its own."""
    return recipe.origins() if recipe else {name: name for name in features}


def gains(model: LoadedModel, origins: Mapping[str, str]) -> dict[str, float]:
    """The share of each raw column in the gain of all splits of all trees, by column; they sum to 1. Raises Problem."""
    _check(model)
    columns = origins if model.names else {f"f{place}": column for place, column in enumerate(origins.values())}
    total = dict.fromkeys(origins.values(), 0.0)
    for booster in model.boosters:
        for feature, gain in booster.get_score(importance_type="total_gain").items():
            total[columns[feature]] += float(gain)
    everything = sum(total.values()) or 1.0
    return {column: gain / everything for column, gain in total.items()}


def sample(rows: int, classes: int, columns: int) -> NDArray[np.int64] | None:
    """The rows, in their order, that stand for all; None where all of them are explained."""
    most = max(1, min(MOST_ROWS, MOST_CELLS // max(1, classes * columns)))
    if rows <= most:
        return None
    return np.sort(np.random.default_rng(SEED).choice(rows, most, replace=False))


def _check(model: LoadedModel) -> dict[str, Any]:
    """The settings of the model. Raises Problem for one without trees."""
    learner = model.learner
    if learner["gradient_booster"]["name"] == "gblinear":
        said = "it is linear (booster gblinear) and has no trees whose contributions could be explained"
        raise Problem(model.where, said, "Train with the booster gbtree or dart")
    return learner


def _contributions(model: LoadedModel, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """(rows, classes, features + 1), the last of which is the base value; the mean of several models."""
    import xgboost

    rows = xgboost.DMatrix(matrix)
    try:
        found = [booster.predict(rows, pred_contribs=True, validate_features=False) for booster in model.boosters]
    except xgboost.core.XGBoostError as error:
        said = "XGBoost explains no trees whose leaves hold a value for each class (multi_strategy multi_output_tree)"
        raise Problem(model.where, said, "Train with multi_strategy one_output_per_tree") from error
    one: NDArray[np.float32] = found[0] if len(found) == 1 else np.mean(found, axis=0, dtype=np.float32)
    return one if one.ndim == 3 else one[:, None, :]


def _by_column(features: NDArray[np.float32], places: NDArray[np.int64]) -> NDArray[np.float32]:
    """The contributions of features, (rows, classes, features), added up to those of the columns at `places`."""
    order = np.argsort(places, kind="stable")
    starts = np.flatnonzero(np.diff(places[order], prepend=-1))
    if len(starts) == len(places):
        return np.ascontiguousarray(features[:, :, order])
    summed: NDArray[np.float32] = np.add.reduceat(features[:, :, order], starts, axis=2)
    return summed
