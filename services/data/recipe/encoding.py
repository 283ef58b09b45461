"""Steps that make numbers of categories without looking at the target."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from services.data.recipe.column_types import coded_texts
from services.data.recipe.step import MISSING, Columns, RecipeStep, mapped, text_of

UNKNOWN_CODE, MISSING_CODE = -1, -2  # ordinal codes of a text that no training row has, and of a missing cell


class OneHot(RecipeStep):
    """A column of 0 and 1 for each category of the training rows, missing cells being one; another text is in none."""

    kind: Literal["one_hot"] = "one_hot"
    categories: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        learned = f": {len(self.categories)} columns of 0 and 1" if self.categories else ""
        return f"One-hot encode {self.column}{learned}"

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        fitted = OneHot(column=self.column, categories=_categories(columns[self.column]))
        return fitted, fitted.apply(columns)

    @cached_property
    def names(self) -> dict[str, str]:
        """The column of each category."""
        return {category: f"{self.column}={category or '(missing)'}" for category in self.categories}

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        codes, texts = coded_texts(values)
        return {name: (texts == category).astype(np.int8)[codes] for category, name in self.names.items()}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        text = text_of(cell)
        return {name: 1.0 if category == text else 0.0 for category, name in self.names.items()}


class Ordinal(RecipeStep):
    """The place of a category among those of the training rows, in the order of their texts, from 0.

    A text that no training row has becomes UNKNOWN_CODE, a missing cell MISSING_CODE.
    """

    kind: Literal["ordinal"] = "ordinal"
    categories: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        known = f", 0 to {len(self.categories) - 1}" if self.categories else ""
        others = f"unknown {UNKNOWN_CODE}, missing {MISSING_CODE}"
        return f"Encode {self.column} by the alphabetical place of its value{known}; {others}"

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        found = tuple(text for text in _categories(columns[self.column]) if text != MISSING)
        fitted = Ordinal(column=self.column, categories=found)
        return fitted, fitted.apply(columns)

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {MISSING: MISSING_CODE, **{text: place for place, text in enumerate(self.categories)}}

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {self.column: mapped(values, lambda text: self._codes.get(text, UNKNOWN_CODE), MISSING)}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        return {self.column: float(self._codes.get(text_of(cell), UNKNOWN_CODE))}


class Frequency(RecipeStep):
    """A category as the share of the training rows that have it, missing cells being one; another text is 0."""

    kind: Literal["frequency"] = "frequency"
    shares: dict[str, float] = Field(default_factory=dict)

    @property
    def sentence(self) -> str:
        known = f", {len(self.shares):,} values" if self.shares else ""
        return f"Encode {self.column} by the share of the training rows with the same value{known}; unknown 0"

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        codes, texts = coded_texts(columns[self.column])
        shares: dict[str, float] = dict.fromkeys(_categories(columns[self.column]), 0.0)
        for text, count in zip(texts, np.bincount(codes % len(texts), minlength=len(texts)), strict=True):
            if count:
                shares[text] += count / len(codes)
        fitted = Frequency(column=self.column, shares=shares)
        return fitted, fitted.apply(columns)

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {self.column: mapped(values, lambda text: self.shares.get(text, 0.0), MISSING)}

    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        return {self.column: self.shares.get(text_of(cell), 0.0)}


def _categories(values: pd.Series) -> tuple[str, ...]:
    """The different texts of a column in their order, "" first where a cell is missing."""
    codes, texts = coded_texts(values)
    return tuple(sorted({texts[code] for code in np.unique(codes)}))
