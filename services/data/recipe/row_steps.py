"""Steps that act on whole rows before the split: filter, repeated rows, names of classes.

They are not applied to rows that are predicted; a recipe keeps them to tell where its training rows came from. Pure.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pandas.api import types
from pydantic import BaseModel, ConfigDict, Field

from services.data import class_names
from services.data.recipe.column_types import Encoding, cell_texts, date_of, number_of
from services.errors import Problem, some


class RowStep(BaseModel, ABC):
    """A step that keeps rows, or changes the target in them."""

    model_config = ConfigDict(frozen=True)

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What it does; without a full stop."""

    @property
    def where(self) -> str:
        """How a Problem names the step."""
        return f'Step "{self.sentence}"'

    @abstractmethod
    def apply(self, rows: pd.DataFrame, target: str) -> pd.DataFrame:
        """The rows that are left, with the index they had. Raises Problem."""


class Comparison(StrEnum):
    """How a cell is compared with a value. `IS` and `IS_NOT` compare text, 1.0 written 1; the others numbers or dates.

    A missing cell is no number and no date: it is kept by `IS_NOT` and `IS_MISSING` only.
    """

    IS = "is"
    IS_NOT = "is not"
    LESS = "is less than"
    AT_MOST = "is at most"
    MORE = "is more than"
    AT_LEAST = "is at least"
    IS_MISSING = "is missing"
    IS_PRESENT = "is not missing"

    @property
    def takes_value(self) -> bool:
        """Whether there is a value to compare with."""
        return self not in (Comparison.IS_MISSING, Comparison.IS_PRESENT)


class KeepRows(RowStep):
    """Only rows whose cell compares as said are kept; `value` as text, dates as 2026-11-29."""

    kind: Literal["keep_rows"] = "keep_rows"
    column: str
    comparison: Comparison
    value: str = ""

    @property
    def sentence(self) -> str:
        return f"Keep rows where {self.column} {self.comparison} {self.value}".rstrip()

    def apply(self, rows: pd.DataFrame, target: str) -> pd.DataFrame:
        if self.column not in rows.columns:
            raise Problem(self.where, f"there is no column {self.column}", "Remove the step, or choose another column")
        kept = rows[self._is_kept(rows[self.column])]
        if kept.empty:
            raise Problem(self.where, f"none of {len(rows):,} rows is left", "Correct the value, or remove the step")
        return kept

    @property
    def number(self) -> float | None:
        """The value as a number; None where it is none."""
        number = number_of(self.value.strip())
        return number if np.isfinite(number) else None

    def _is_kept(self, values: pd.Series) -> np.ndarray:
        if self.comparison in (Comparison.LESS, Comparison.AT_MOST, Comparison.MORE, Comparison.AT_LEAST):
            return self._compared(values)
        texts = cell_texts(values)
        wanted = self.value.strip() if self.comparison.takes_value else ""
        if self.comparison.takes_value and types.is_numeric_dtype(values) and self.number is not None:
            wanted = class_names.class_of(self.number)
        is_it: np.ndarray = texts == wanted
        return is_it if self.comparison in (Comparison.IS, Comparison.IS_MISSING) else ~is_it

    def _compared(self, values: pd.Series) -> np.ndarray:
        cells, limit = self._comparable(values)
        compared = {
            Comparison.LESS: cells < limit,
            Comparison.AT_MOST: cells <= limit,
            Comparison.MORE: cells > limit,
            Comparison.AT_LEAST: cells >= limit,
        }
        return compared[self.comparison].to_numpy()

    def _comparable(self, values: pd.Series) -> tuple[pd.Series, float | pd.Timestamp]:
        """The cells and the value, both as numbers or both as dates without a zone."""
        if self.number is not None and not types.is_datetime64_any_dtype(values):
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
            return pd.Series(numbers, values.index), self.number
        date = date_of(self.value.strip(), Encoding.DATE)
        if date is None:
            said = f"{self.value or 'an empty value'} is neither a number nor a date such as 2026-11-29"
            raise Problem(self.where, said, "Correct the value")
        return pd.to_datetime(values, errors="coerce", format="ISO8601"), pd.Timestamp(date.replace(tzinfo=None))


class DropDuplicates(RowStep):
    """Of rows that are equal in every column, the target among them, the first is kept.

    apart_from: columns that do not count, such as an identifier; those that are not there are passed over.
    """

    kind: Literal["drop_duplicates"] = "drop_duplicates"
    apart_from: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        apart = f" apart from {some(self.apart_from)}" if self.apart_from else ""
        return f"Drop rows that are equal to an earlier one in every column{apart}"

    def apply(self, rows: pd.DataFrame, target: str) -> pd.DataFrame:
        return rows[~_repeats(rows.drop(columns=[*self.apart_from], errors="ignore"))]


class MapTarget(RowStep):
    """Classes of the target get other names; two that get the same name become one class. The others keep theirs."""

    kind: Literal["map_target"] = "map_target"
    classes: dict[str, str]

    @property
    def sentence(self) -> str:
        merged: dict[str, list[str]] = {}
        for old, new in self.classes.items():
            merged.setdefault(new, []).append(old)
        pairs = [f"{' and '.join(olds)} to {new}" for new, olds in merged.items()]
        return f"Rename {'classes' if len(self.classes) > 1 else 'class'} {'; '.join(pairs)}"

    def apply(self, rows: pd.DataFrame, target: str) -> pd.DataFrame:
        if not self.classes or not all(name.strip() for name in self.classes.values()):
            raise Problem("Rename classes", "a new name is empty", "Enter one, and choose the classes that get it")
        if target not in rows.columns:
            raise Problem(self.where, f"there is no column {target}", "Choose a target")
        names = class_names.class_names(rows[target])
        absent = [name for name in self.classes if name not in {*names.dropna().unique()}]
        if absent:
            said = f"the target {target} has no class {some(absent)}"
            raise Problem(self.where, said, "Remove the step, or move it before the one that takes these rows away")
        renamed = names.map(lambda name: self.classes.get(name, name), na_action="ignore")
        return rows.assign(**{target: renamed})


AnyRowStep = Annotated[KeepRows | DropDuplicates | MapTarget, Field(discriminator="kind")]


def _repeats(rows: pd.DataFrame) -> np.ndarray:
    """Which rows are equal to an earlier one: (rows,). Comparing only rows of equal hash is ten times faster."""
    fractions = [str(name) for name in rows if types.is_float_dtype(rows[name])]
    plain = rows.assign(**{name: rows[name] + 0.0 for name in fractions})  # so that -0.0 has the hash of 0.0
    hashes = pd.util.hash_pandas_object(plain, index=False)
    alike = hashes.duplicated(keep=False).to_numpy()
    repeats = np.zeros(len(rows), dtype=bool)
    repeats[alike] = rows[alike].duplicated().to_numpy()
    return repeats


def apply(steps: Sequence[AnyRowStep], rows: pd.DataFrame, target: str | None) -> pd.DataFrame:
    """The rows that all steps leave, one after the other; a new frame shares the cells that stay. Raises Problem."""
    for step in steps:
        rows = step.apply(rows, str(target))
    return rows
