"""Steps that make cells right before they are encoded: types, names, missing cells, outliers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.recipe.column_types import Encoding, cell_texts, coded_texts, date_of, number_of
from services.data.recipe.step import MISSING, Columns, RecipeStep, is_missing, mapped, number_text, text_of
from services.errors import Problem, some


class MissingValues(RecipeStep):
    """Cells that stand for no value become missing; `values` as text, 1.0 written 1."""

    kind: Literal["missing_values"] = "missing_values"
    values: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return f"Take {some(self.values)} in {self.column} for missing"

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {self.column: values.mask(np.isin(cell_texts(values).astype(str), self.values))}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        return {self.column: None if text_of(cell) in self.values else cell}


class Numbers(RecipeStep):
    """Numbers that are written as text; any other text becomes missing."""

    kind: Literal["numbers"] = "numbers"
    decimal: str = "."

    @property
    def sentence(self) -> str:
        return f"Read {self.column} as numbers, decimal {'point' if self.decimal == '.' else 'comma'}"

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {self.column: mapped(values, lambda text: number_of(text, self.decimal))}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        return {self.column: number_of(text_of(cell), self.decimal)}


class DateParts(RecipeStep):
    """Year, month, day and weekday (Monday is 0) of a date, and the hour where training rows have a time of day."""

    kind: Literal["date_parts"] = "date_parts"
    order: Encoding
    has_time: bool = False

    @property
    def sentence(self) -> str:
        return f"Replace the date {self.column} by {', '.join(self._parts[:-1])} and {self._parts[-1]}"

    @property
    def _parts(self) -> tuple[str, ...]:
        return ("year", "month", "day", "weekday", *(("hour",) * self.has_time))

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        dates = {date_of(text, self.order) for text in coded_texts(columns[self.column])[1]}
        fitted = self.model_copy(update={"has_time": any(date and (date.hour or date.minute) for date in dates)})
        return fitted, fitted.apply(columns)

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        codes, texts = coded_texts(values)
        read = [self._cell_outputs(text) for text in texts]
        return {name: np.array([parts[name] for parts in read])[codes] for name in read[0]}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        date = date_of(text_of(cell), self.order)

        def part(name: str) -> float:
            if date is None:
                return np.nan
            return float(date.weekday() if name == "weekday" else getattr(date, name))

        return {f"{self.column}_{name}": part(name) for name in self._parts}


class Drop(RecipeStep):
    """A column is left out."""

    kind: Literal["drop"] = "drop"

    @property
    def sentence(self) -> str:
        return f"Drop {self.column}"

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        return {}


class Rename(RecipeStep):
    """A column gets another name."""

    kind: Literal["rename"] = "rename"
    to: str

    @property
    def sentence(self) -> str:
        return f"Rename {self.column} to {self.to}"

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        if not self.to.strip():
            raise Problem(f"Rename {self.column}", "the new name is empty", "Enter one")
        if self.to in columns.keys() - {self.column}:
            raise Problem(f"Rename {self.column}", f"there is a column {self.to} already", "Choose another name")
        return self, self.apply(columns)

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {self.to: values}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        return {self.to: cell}


class FillWith(StrEnum):
    """What missing cells are filled with."""

    MEDIAN = "median"  # of numbers
    MEAN = "mean"  # of numbers
    MOST_FREQUENT = "most frequent value"  # the least of several
    CONSTANT = "constant"


class FillMissing(RecipeStep):
    """Missing cells get a value of the training rows, or a given one.

    value:     the constant, or what was learned; text for a column of text.
    indicator: whether a column NAME_missing says by 1 which cells were missing.
    """

    kind: Literal["fill_missing"] = "fill_missing"
    by: FillWith
    value: float | str | None = None
    indicator: bool = False

    @property
    def sentence(self) -> str:
        value = number_text(self.value) if isinstance(self.value, float) else self.value
        known = "" if value is None else f", {value}"
        how = f"with {value}" if self.by is FillWith.CONSTANT else f"with the {self.by} of the training rows{known}"
        flag = f" and mark them in {self.column}_missing" if self.indicator else ""
        return f"Fill missing cells of {self.column} {how}{flag}"

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        fitted = self.model_copy(update={"value": self._learned(columns[self.column])})
        return fitted, fitted.apply(columns)

    def _learned(self, values: pd.Series) -> float | str:
        if self.by is FillWith.CONSTANT:
            return self._constant(values)
        if not types.is_numeric_dtype(values) and self.by is FillWith.MOST_FREQUENT:
            texts, counts = np.unique(cell_texts(values).astype(str), return_counts=True)
            counts = np.where(texts == MISSING, 0, counts)
            if counts.max():
                return str(texts[counts.argmax()])
        else:
            numbers = self._numbers(values)
            present = numbers[~np.isnan(numbers)]
            if len(present):
                return _middle(present, self.by)
        raise Problem(self.where, "no training row has a value there", "Fill it with a constant, or drop the column")

    def _constant(self, values: pd.Series) -> float | str:
        text = "" if self.value is None else str(self.value).strip()
        if not text:
            raise Problem(f"Fill missing cells of {self.column}", "the constant is empty", "Enter one")
        if not types.is_numeric_dtype(values):
            return text
        number = number_of(text)
        if not np.isfinite(number):
            said = f"{text} is no number, and column {self.column} holds numbers"
            raise Problem(f"Fill missing cells of {self.column}", said, "Enter a number, such as 0")
        return number

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        if isinstance(self.value, str):
            codes, texts = coded_texts(values)
            missing = texts == MISSING
            filled: np.ndarray = np.where(missing, self.value, texts)[codes]
            empty = missing[codes]
        else:
            numbers = self._numbers(values)
            empty = np.isnan(numbers)
            filled = np.where(empty, np.nan if self.value is None else self.value, numbers)
        return {self.column: filled} | ({f"{self.column}_missing": empty.astype(np.int8)} if self.indicator else {})

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        filled: Any = text_of(cell) if isinstance(self.value, str) else self._number(cell)
        empty = filled == MISSING or is_missing(filled)
        flag = {f"{self.column}_missing": float(empty)} if self.indicator else {}
        return {self.column: self.value if empty else filled, **flag}


class Clip(RecipeStep):
    """Numbers beyond the bounds become the bounds: given ones, or quantiles of the training rows.

    lower, upper: the bounds; None for an open side, or where quantiles are not learned yet.
    quantiles:    shares of 1 below the two bounds.
    """

    kind: Literal["clip"] = "clip"
    lower: float | None = None
    upper: float | None = None
    quantiles: tuple[float, float] | None = None

    @property
    def sentence(self) -> str:
        low, high = (None if bound is None else number_text(bound) for bound in (self.lower, self.upper))
        sides = [f"from {low}"] * (low is not None) + [f"to {high}"] * (high is not None)
        if self.quantiles is None:
            return f"Clip {self.column} {' '.join(sides)}"
        below, above = (f"{share * 100:.4g} %" for share in self.quantiles)
        learned = f": {' '.join(sides)}" if sides else ""
        return f"Clip {self.column} to the {below} and {above} quantiles of the training rows{learned}"

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        fitted = self
        if self.quantiles is not None:
            numbers = self._numbers(columns[self.column])
            if not 0 <= self.quantiles[0] < self.quantiles[1] <= 1:
                raise Problem(f"Clip {self.column}", "the lower quantile is not below the upper", "Correct one of them")
            if np.isnan(numbers).all():
                raise Problem(self.where, "no training row has a value there", "Remove the step, or drop the column")
            low, high = np.nanquantile(numbers, self.quantiles)
            fitted = self.model_copy(update={"lower": float(low), "upper": float(high)})
        elif self.lower is None and self.upper is None:
            raise Problem(f"Clip {self.column}", "both bounds are empty", "Enter one")
        elif self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise Problem(f"Clip {self.column}", "the lower bound is above the upper", "Correct one of them")
        return fitted, fitted.apply(columns)

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        numbers = self._numbers(values)
        return {self.column: np.clip(numbers, self._low, self._high)}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        number = self._number(cell)
        return {self.column: number if np.isnan(number) else min(max(number, self._low), self._high)}

    @property
    def _low(self) -> float:
        return -np.inf if self.lower is None else self.lower

    @property
    def _high(self) -> float:
        return np.inf if self.upper is None else self.upper


class Negatives(StrEnum):
    """What the logarithm does with numbers below 0."""

    REFUSED = "refused"
    SIGNED = "signed"  # -log(1 - x)


class Log(RecipeStep):
    """The natural logarithm of 1 + x."""

    kind: Literal["log"] = "log"
    negatives: Negatives = Negatives.REFUSED

    @property
    def sentence(self) -> str:
        signed = "; negative numbers as -log(1 - x)" if self.negatives is Negatives.SIGNED else ""
        return f"Take the logarithm of 1 + {self.column}{signed}"

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {self.column: self._logarithms(self._numbers(values))}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        return {self.column: float(self._logarithms(np.array([self._number(cell)]))[0])}

    def _logarithms(self, numbers: np.ndarray) -> np.ndarray:
        if self.negatives is Negatives.SIGNED:
            return np.copysign(np.log1p(np.abs(numbers)), numbers)
        if below := int((numbers < 0).sum()):
            said = f"{below:,} {'cell is' if below == 1 else 'cells are'} negative"
            raise Problem(self.where, said, "Choose the signed logarithm, or clip the column from 0 before")
        logarithms: np.ndarray = np.log1p(numbers)
        return logarithms


def _middle(present: np.ndarray, by: FillWith) -> float:
    if by is FillWith.MEDIAN:
        return float(np.median(present))
    if by is FillWith.MEAN:
        return float(present.mean())
    distinct, counts = np.unique(present, return_counts=True)
    return float(distinct[counts.argmax()])
