"""Rows that a person brings, put into the form a model was trained on."""

from collections.abc import Mapping
from math import isnan, nan
from typing import Any

import pandas as pd

from services.data.prepared_data import PreparedData
from services.data.recipe.column_types import MISSING_WORDS, cell_texts, number_of
from services.data.recipe.recipe import Recipe
from services.errors import Problem, some


def features_of(frame: pd.DataFrame, data: PreparedData, recipe: Recipe | None, where: str) -> Any:
    """An Arrow table of the model's features, in its order, float64; the target and other columns are left out.

    Raw rows go through `recipe`, if there is one. Numbers that a file has as text ("1,5") are read as numbers. Raises
    Problem when a column is missing or is text.
    """
    import pyarrow as pa

    if recipe:
        numbers = [name for name in recipe.inputs if recipe.categories(name) is None and not recipe.is_text(name)]
        read = {name: _number(frame[name]) for name in numbers if name in frame.columns}
        frame = frame.assign(**read)
        return pa.Table.from_pandas(recipe.apply(frame, where).astype("float64"), preserve_index=False)
    missing = [name for name in data.features if name not in frame.columns]
    if missing:
        raise Problem(
            where,
            f"{len(missing)} of the model's {len(data.features)} columns are missing: {some(missing)}",
            "Use a file with a header that names the training columns",
        )
    wanted = frame[list(data.features)].apply(_number)
    texts = [name for name in data.features if not pd.api.types.is_numeric_dtype(wanted[name])]
    if texts:
        raise Problem(where, f"these columns are not numbers: {some(texts)}", "Correct the file and upload it again")
    return pa.Table.from_pandas(wanted.astype("float64"), preserve_index=False)


def features_of_row(cells: Mapping[str, Any], data: PreparedData, recipe: Recipe | None, where: str) -> Any:
    """What `features_of` makes of a table of one row, its cells by column, without the time a table takes."""
    import pyarrow as pa

    if recipe is None:
        return features_of(pd.DataFrame([dict(cells)]), data, None, where)
    values = recipe.row(cells, where)
    cell_arrays = [pa.array([value], pa.float64(), from_pandas=True) for value in values]  # NaN is a missing cell
    return pa.Table.from_arrays(cell_arrays, list(recipe.features))


def _number(column: pd.Series) -> pd.Series:
    """A column of text as numbers where all of it can be: with either decimal sign, and 01234 as the model took it."""
    if not (pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)):
        return column
    texts = cell_texts(column)
    distinct = {text for text in {*texts} if text.lower() not in MISSING_WORDS | {""}}
    for decimal in (".", ","):
        numbers = {text: number_of(text, decimal) for text in distinct}
        if not any(map(isnan, numbers.values())):
            return pd.Series([numbers.get(text, nan) for text in texts], column.index, float, column.name)
    return column
