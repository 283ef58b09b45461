"""A recipe of twenty fitted steps over scikit-learn's ColumnTransformer of the same: all rows, and one row alone.

The table is the card fraud set with six columns of text made of its numbers, since it has none.
"""

import itertools
import time
from typing import Any

import numpy as np
import pandas as pd

from services.data.recipe import recipe
from services.data.recipe.recipe import (
    AnyStep,
    Clip,
    FillMissing,
    FillWith,
    Frequency,
    Log,
    OneHot,
    Ordinal,
    TargetEncoding,
)

FILLED = ("V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8")
CLIPPED = ("V9", "V10", "V11", "V12")
LOGS = ("Time", "Amount")
STEPS: tuple[AnyStep, ...] = (
    *(FillMissing(column=name, by=FillWith.MEDIAN) for name in FILLED),
    *(Clip(column=name, lower=-2.0, upper=2.0) for name in CLIPPED),
    *(Log(column=name) for name in LOGS),
    OneHot(column="hour"),
    OneHot(column="band"),
    OneHot(column="day"),
    Ordinal(column="band2"),
    Frequency(column="hour2"),
    TargetEncoding(column="minute"),
)
GAPS = 0.05  # share of missing cells in the columns that are filled
ONE_ROW_CALLS = 200


def with_text_and_gaps(frame: pd.DataFrame) -> pd.DataFrame:
    """The card fraud table with gaps in eight columns and six columns of text; without its target."""
    random = np.random.default_rng(1)
    table = frame.drop(columns="Class")
    for name in FILLED:
        table[name] = table[name].mask(random.random(len(table)) < GAPS)
    hours = (table["Time"] // 3600 % 24).astype(int).astype(str)
    bands = pd.cut(table["Amount"], [-1, 1, 10, 50, 100, 500, np.inf], labels=list("abcdef")).astype(str)
    return table.assign(
        hour=hours,
        hour2=hours,
        band=bands,
        band2=bands,
        day=(table["Time"] // 86400).astype(int).astype(str),
        minute=(table["Time"] // 60 % 1440).astype(int).astype(str),
    )


class RecipeTime:
    """Both sides, fitted once on the same rows."""

    def __init__(self, frame: pd.DataFrame) -> None:
        assert len(STEPS) == 20
        self._table, labels = with_text_and_gaps(frame), frame["Class"].to_numpy()
        self._recipe, _ = recipe.fit(STEPS, self._table, labels, seed=1)
        self._pipeline = _column_transformer().fit(self._table, labels)
        self._rows = self._table.head(ONE_ROW_CALLS).to_dict("records")

    def ours(self) -> int:
        """All rows through the recipe; returns how many features they have."""
        return self._recipe.apply(self._table, "Rows").shape[1]

    def plain(self) -> int:
        """All rows through scikit-learn."""
        return int(self._pipeline.transform(self._table).shape[1])

    def seconds_of_a_row(self) -> float:
        """One row, as an endpoint's form sends it; the mean of many."""
        began = time.perf_counter()
        for row in self._rows:
            self._recipe.row({str(name): cell for name, cell in row.items()}, "Row")
        return (time.perf_counter() - began) / len(self._rows)


def _column_transformer() -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, TargetEncoder

    number = itertools.count()
    steps = [
        *((SimpleImputer(strategy="median"), [name]) for name in FILLED),
        *((FunctionTransformer(np.clip, kw_args={"a_min": -2.0, "a_max": 2.0}), [name]) for name in CLIPPED),
        *((FunctionTransformer(np.log1p), [name]) for name in LOGS),
        *((OneHotEncoder(handle_unknown="ignore", sparse_output=False), [name]) for name in ("hour", "band", "day")),
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["band2", "hour2"]),
        (TargetEncoder(target_type="binary"), ["minute"]),
    ]
    named = [(str(next(number)), transformer, columns) for transformer, columns in steps]
    return ColumnTransformer(named, remainder="passthrough", sparse_threshold=0.0)
