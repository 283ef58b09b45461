"""What every step of a recipe is: over one column, fitted on training rows only, applied to a table or to one row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types
from pydantic import BaseModel, ConfigDict

from services.data.class_names import class_of
from services.data.recipe.column_types import coded_texts
from services.errors import Problem

Columns = dict[str, pd.Series]
Cells = dict[str, Any]  # of one row, by column
NUMBERS = (int, float, np.number, np.bool_)
MISSING = ""  # how a missing cell is called among the categories of a text column


class RecipeStep(BaseModel, ABC):
    """A step over one column."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
    column: str

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What it does, with what it has learned once it is fitted; without a full stop."""

    @property
    def where(self) -> str:
        """How a Problem names the step."""
        return f'Step "{self.sentence}"'

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        """The step with what it learns from the training rows, and those rows after it. labels: (rows,) of 0 and 1."""
        return self, self.apply(columns)

    def apply(self, columns: Columns) -> Columns:
        """The columns after this step, in their order. Raises Problem where new columns take the names of others."""
        return replaced(columns, self.column, self._outputs(columns[self.column]))

    def apply_to_row(self, cells: Cells) -> None:
        """Change the cells of one row as `apply` changes columns; their order means nothing. Raises Problem."""
        cells.update(self._cell_outputs(cells.pop(self.column)))

    @abstractmethod
    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        """The columns that stand in the place of this one, by name."""

    @abstractmethod
    def _cell_outputs(self, cell: Any) -> Mapping[str, Any]:
        """The same for the cell of one row."""

    def _numbers(self, values: pd.Series) -> np.ndarray:
        """A column of numbers as floats, NaN where one is missing: (rows,). Raises Problem for text."""
        if not types.is_numeric_dtype(values):
            raise self._not_numbers()
        return values.to_numpy(float, na_value=np.nan)

    def _number(self, cell: Any) -> float:
        """A number as float, NaN for a missing one. Raises Problem for text."""
        number = number_of_cell(cell)
        if number is None:
            raise self._not_numbers()
        return number

    def _not_numbers(self) -> Problem:
        said = f"column {self.column} holds text, and this step needs numbers"
        return Problem(self.where, said, "Remove the step, or have the column read as numbers")


def is_missing(cell: Any) -> bool:
    """Whether a cell has no value."""
    return cell is None or (not isinstance(cell, str) and bool(pd.isna(cell)))


def number_of_cell(cell: Any) -> float | None:
    """A number or truth value as float, NaN for a missing cell; None for text and dates."""
    if type(cell) is float:
        return cell
    if isinstance(cell, NUMBERS):
        return float(cell)
    return np.nan if is_missing(cell) else None


def text_of(cell: Any) -> str:
    """A cell as text without blanks around it, as `column_types.cell_texts` has it; "" for a missing one."""
    if isinstance(cell, str):
        return cell.strip()
    return MISSING if is_missing(cell) else class_of(cell).strip()


def mapped(values: pd.Series, one: Any, missing: str | None = None) -> np.ndarray:
    """`one` of each different text, as numbers; NaN for a missing cell, unless `missing` is its text."""
    codes, texts = coded_texts(values)
    known = [np.nan if text == MISSING and missing is None else one(text) for text in texts]
    numbers: np.ndarray = np.array(known, dtype=float)[codes]
    return numbers


def replaced(columns: Columns, column: str, outputs: Mapping[str, Any]) -> Columns:
    """`outputs` in the place of a column."""
    others = columns.keys() - {column}
    taken = [name for name in outputs if name in others]
    if taken:
        said = f"it would make a column {taken[0]}, which is there already"
        raise Problem(f"Column {column}", said, "Exclude one of the two, or use it otherwise")
    index = columns[column].index
    changed: Columns = {}
    for name, values in columns.items():
        if name != column:
            changed[name] = values
            continue
        changed |= {output: pd.Series(cells, index=index, name=output) for output, cells in outputs.items()}
    return changed


def number_text(number: float) -> str:
    """A learned number for a sentence: "34", "1,204.5", "0.0312"; four significant digits behind the point."""
    if float(number).is_integer() and abs(number) < 1e15:
        return f"{number:,.0f}"
    return f"{number:,.2f}" if 1000 <= abs(number) < 1e15 else f"{number:.4g}"
