"""One row's way from the base value to its score, column by column. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.data.recipe.recipe import Recipe
from services.errors import Problem
from services.evaluation.explanation.contributions import Contributions

MOST = 10  # columns by themselves; the others together


@dataclass(frozen=True)
class ColumnStep:
    """What a column adds to the margin, and by how much the score changes with it, after the steps before."""

    column: str
    contribution: float
    change: float


@dataclass(frozen=True)
class RowExplanation:
    """Steps from the base value to the margin of one class, the largest first.

    others: what all other columns add together, as the last step; None where there are none, `other_columns` of them.
    base_score, score: what the base value and the margin are as scores.
    """

    base: float
    base_score: float
    steps: tuple[ColumnStep, ...]
    others: ColumnStep | None
    other_columns: int
    margin: float
    score: float


def explain_row(contributions: Contributions, row: int, class_place: int = 0, most: int = MOST) -> RowExplanation:
    """The explanation of one of the rows of `contributions`, for one of the classes of the model.

    The change of a score depends on the order of the steps where the link is curved; it always adds up.
    """
    values = contributions.values[row].astype(float)  # (classes, columns)
    order = np.argsort(-np.abs(values[class_place]), kind="stable")
    shown, rest = order[:most], order[most:]
    moves = [values[:, place] for place in shown] + [values[:, rest].sum(axis=1)] * bool(len(rest))
    path = np.cumsum([contributions.base, *moves], axis=0)  # (steps + 1, classes)
    scores = contributions.link.scores(path)[:, class_place]
    names = [*(contributions.columns[place] for place in shown), f"{len(rest)} other columns"]
    steps = [
        ColumnStep(name, float(move[class_place]), float(change))
        for name, move, change in zip(names, moves, np.diff(scores), strict=False)
    ]
    return RowExplanation(
        base=float(path[0, class_place]),
        base_score=float(scores[0]),
        steps=tuple(steps[: len(shown)]),
        others=steps[-1] if len(rest) else None,
        other_columns=len(rest),
        margin=float(path[-1, class_place]),
        score=float(scores[-1]),
    )


def changed_features(
    features: Any, changes: Mapping[str, float | str | None], recipe: Recipe | None, where: str
) -> Any:
    """An Arrow table of one row of features, after its raw cells in `changes` became others.

    The features of every other column stay exactly as they were, whatever the recipe lost of their raw cells.
    Raises Problem for a cell that the recipe cannot take.
    """
    import pyarrow as pa

    made: dict[str, float | None] = {}
    if recipe is None:
        for column, cell in changes.items():
            if isinstance(cell, str):
                raise Problem(where, f"column {column} is not a number", "Enter one")
            made[column] = cell
    elif changes:
        row = recipe.row({**dict.fromkeys(recipe.inputs), **changes}, where)
        origins = recipe.origins()
        made = {name: value for name, value in zip(recipe.features, row, strict=True) if origins[name] in changes}
    arrays = [
        pa.array([made[name]], pa.float64(), from_pandas=True) if name in made else features.column(name)
        for name in features.column_names
    ]
    return pa.table(arrays, names=features.column_names)


def number_of_row(row: int, rows: int) -> int:
    """The place of a row by its number from 1. Raises Problem beyond the last one."""
    if not 1 <= row <= rows:
        raise Problem("Row", f"there is no row {row:,}", f"Enter a number from 1 to {rows:,}")
    return row - 1
