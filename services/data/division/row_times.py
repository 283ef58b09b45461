"""The moments of a table's rows by a column of dates or numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.recipe.column_types import Encoding, Holds, cell_texts, column_uses
from services.errors import Problem

ZONE = r"(?:Z|[-+]\d{2}:?\d{2})$"  # of a date as text; the time counts as it is written, as in date parts
FORMATS: dict[Encoding, dict[str, object]] = {
    Encoding.DATE: {"format": "ISO8601"},
    Encoding.DAY_FIRST: {"format": "mixed", "dayfirst": True},
    Encoding.MONTH_FIRST: {"format": "mixed"},
}


@dataclass(frozen=True)
class TimeReading:
    """How the cells of a column become moments.

    order:   of dates that are written as text; None for cells that are dates or numbers.
    missing: numbers that stand for no value, such as -999.
    """

    order: Encoding | None = None
    missing: tuple[float, ...] = ()


def time_reading(values: pd.Series) -> TimeReading:
    """How a column is read. Raises Problem for one that holds neither dates nor numbers."""
    (use,) = column_uses(values.to_frame())
    if types.is_datetime64_any_dtype(values):
        return TimeReading()
    if types.is_numeric_dtype(values) and not types.is_bool_dtype(values):
        return TimeReading(missing=tuple(float(code) for code in use.missing_values))
    if use.holds is Holds.DATE:
        return TimeReading(order=use.encoding)
    raise Problem(f"Column {values.name}", "it holds neither dates nor numbers", "Split by another column")


def row_times(values: pd.Series) -> np.ndarray:
    """(rows,) numbers that grow with time; NaN for a row without one. Raises Problem, see `time_reading`."""
    reading = time_reading(values)
    if reading.order:
        texts = pd.Series(cell_texts(values).astype(str)).str.replace(ZONE, "", regex=True)
        codes, distinct = pd.factorize(texts)
        dates = pd.to_datetime(pd.Series(distinct), errors="coerce", **FORMATS[reading.order])  # type: ignore[call-overload]
        return _numbers_of_dates(dates)[codes]
    if types.is_datetime64_any_dtype(values):
        return _numbers_of_dates(values)
    numbers: np.ndarray = values.to_numpy(float, na_value=np.nan)
    return np.where(np.isin(numbers, reading.missing), np.nan, numbers)


def _numbers_of_dates(dates: pd.Series) -> np.ndarray:
    if getattr(dates.dtype, "tz", None) is not None:
        dates = dates.dt.tz_convert(None)
    moments = dates.to_numpy("datetime64[us]")
    return np.where(np.isnat(moments), np.nan, moments.astype("int64").astype(float))
