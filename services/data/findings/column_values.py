"""The cells of a column as arrays that can be ranked or counted. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.class_names import class_of
from services.data.recipe.column_types import ColumnUse, Encoding, Holds, date_of, number_of


def numbers(values: pd.Series, use: ColumnUse) -> np.ndarray | None:
    """(rows,) of float, NaN where a cell is missing; dates as seconds; None for text."""
    if types.is_datetime64_any_dtype(values):
        seconds = values.astype("int64").to_numpy(float)
        return np.where(values.isna(), np.nan, seconds)
    if types.is_bool_dtype(values) or types.is_numeric_dtype(values):
        cells = values.to_numpy(float, na_value=np.nan)
        return np.where(np.isin(cells, [number_of(word) for word in use.missing_values]), np.nan, cells)
    if use.holds not in (Holds.NUMBER_TEXT, Holds.DATE):
        return None
    codes, texts = texts_of(values)
    read = [np.nan if text in use.missing_values else _number(text, use) for text in texts]
    return np.array([*read, np.nan])[codes]


def categories(values: pd.Series, use: ColumnUse) -> np.ndarray:
    """(rows,) of int: 0 for a missing cell, another number for each text."""
    codes, texts = texts_of(values)
    places = {text: place for place, text in enumerate(dict.fromkeys(texts), start=1)}
    missing = {"", *use.missing_values}
    return np.array([*(0 if text in missing else places[text] for text in texts), 0])[codes]


def texts_of(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Of each row the place of its cell among the distinct cells, -1 for a missing one; and these as text."""
    codes, distinct = pd.factorize(values)
    return codes, [class_of(cell).strip() for cell in distinct]


def _number(text: str, use: ColumnUse) -> float:
    if use.holds is Holds.NUMBER_TEXT:
        return number_of(text, use.decimal)
    order = use.encoding if use.encoding in (Encoding.DAY_FIRST, Encoding.MONTH_FIRST) else Encoding.DATE
    date = date_of(text, order)
    return date.timestamp() if date else np.nan
