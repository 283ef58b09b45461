"""A test row as an example to predict: the cells of the raw row, as far as the prepared row tells them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.aws.account import Account
from services.data import first_rows
from services.data.prepared_data import PreparedData
from services.data.recipe.recipe import Recipe
from services.data.target_kind import TargetKind
from services.errors import Problem

STEP = 7  # rows from one example to the next, so that neighbours that are alike do not follow each other


@dataclass(frozen=True)
class ExampleRow:
    """A row of the test data: its number, what its target is, and its raw cells by column, None for a missing one."""

    row: int
    actual: str
    cells: Mapping[str, float | str | None]


def read(account: Account, data: PreparedData, recipe: Recipe | None, turn: int) -> ExampleRow:
    """Another row for every turn, from the beginning of the test split. Raises Problem, AwsError."""
    lines = first_rows.read(account, data, "test").lines
    if not lines:
        raise Problem(f"Split test of {data.name}", "it has no rows", "Fill in the fields yourself")
    place = turn * STEP % len(lines)
    label, *cells = (float(cell) if cell else np.nan for cell in lines[place].split(","))
    if len(cells) != len(data.features):
        raise Problem(f"Split test of {data.name}", "its rows are not as prepared", "Prepare the data again")
    features = dict(zip(data.features, cells, strict=True))
    actual = f"{label:,.6g}" if data.kind is TargetKind.NUMBER else data.classes[int(label)]
    raw = _raw_cells(features, recipe) if recipe else features
    return ExampleRow(place + 1, actual, {name: _cell(value) for name, value in raw.items()})


def _raw_cells(features: Mapping[str, float], recipe: Recipe) -> dict[str, float | str | None]:
    """The raw row; a cell whose features would not be those of the row is None, as it cannot be told."""
    raw = {name: _guess(name, features, recipe) for name in recipe.inputs}
    try:
        again = recipe.apply(pd.DataFrame([raw]), "Test row").iloc[0]
    except (Problem, TypeError, ValueError):
        return dict.fromkeys(recipe.inputs)
    return {name: value if _is_right(name, features, again) else None for name, value in raw.items()}


def _guess(name: str, features: Mapping[str, float], recipe: Recipe) -> float | str | None:
    for category in recipe.categories(name) or ():
        if features.get(f"{name}={category}") == 1:
            return category
    if recipe.categories(name) is not None or recipe.is_text(name):
        return None
    return features.get(name)


def _is_right(name: str, features: Mapping[str, float], again: pd.Series) -> bool:
    own = [feature for feature in features if feature == name or feature.startswith(f"{name}=")]
    return bool(own) and all(np.isclose(features[one], again.get(one, np.inf), equal_nan=True) for one in own)


def _cell(value: float | str | None) -> float | str | None:
    return None if value is None or (isinstance(value, float) and np.isnan(value)) else value
