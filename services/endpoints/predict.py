"""Rows that a person brings, put into the form a model was trained on."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from services.data.prepared_data import PreparedData
from services.data.recipe.recipe import Recipe
from services.errors import Problem, some


def features_of(frame: pd.DataFrame, data: PreparedData, recipe: Recipe | None, where: str) -> Any:
    """An Arrow table of the model's features, in its order, float64; the target and other columns are left out.

    Raw rows go through `recipe`, if there is one. Raises Problem when a column is missing or is text.
    """
    import pyarrow as pa

    if recipe:
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
    """A column of text as numbers where all of it can be: the model took 01234 for 1234."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.count() == column.count() else column
