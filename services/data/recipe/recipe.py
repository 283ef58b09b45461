"""How raw rows become features: steps in their order, fitted on training rows only, applied to any row. Pure.

A recipe is JSON with its fitted state, without pickles; target encoding is fitted by scikit-learn. Every step takes the
columns of a table and returns others; what it has learned from the training rows is in the step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types
from pydantic import BaseModel, ConfigDict, Field

from services.aws.documents import Document
from services.data.recipe import target_encoder
from services.data.recipe.column_types import ColumnUse, Encoding, Holds, cell_texts, date_of, number_of
from services.errors import Problem, some

if TYPE_CHECKING:
    from collections.abc import Mapping

Columns = dict[str, pd.Series]
MISSING = ""  # how a missing cell is called among the categories of a text column
FOLDS = 5  # in which training rows are target encoded, each by the others


class RecipeStep(BaseModel, ABC):
    """A step over one column."""

    model_config = ConfigDict(frozen=True)
    column: str

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        """The step with what it learns from the training rows, and those rows after it. labels: see `fit` below."""
        return self, self.apply(columns)

    def apply(self, columns: Columns) -> Columns:
        """The columns after this step, in their order. Raises Problem where new columns take the names of others."""
        return _replaced(columns, self.column, self._outputs(columns[self.column]))

    @abstractmethod
    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        """The columns that stand in the place of this one, by name."""


class MissingValues(RecipeStep):
    """Cells that stand for no value become missing; `values` as text, 1.0 written 1."""

    kind: Literal["missing_values"] = "missing_values"
    values: tuple[str, ...]

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {self.column: values.mask(np.isin(cell_texts(values).astype(str), self.values))}


class Numbers(RecipeStep):
    """Numbers that are written as text; any other text becomes missing."""

    kind: Literal["numbers"] = "numbers"
    decimal: str = "."

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        return {self.column: _mapped(values, lambda text: number_of(text, self.decimal))}


class DateParts(RecipeStep):
    """Year, month, day and weekday (Monday is 0) of a date, and the hour where training rows have a time of day."""

    kind: Literal["date_parts"] = "date_parts"
    order: Encoding
    has_time: bool = False

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        dates = {date_of(text, self.order) for text in cell_texts(columns[self.column])}
        fitted = self.model_copy(update={"has_time": any(date and (date.hour or date.minute) for date in dates)})
        return fitted, fitted.apply(columns)

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        parts = ("year", "month", "day", "weekday", *(("hour",) * self.has_time))

        def part(text: str, name: str) -> float:
            date = date_of(text, self.order)
            if date is None:
                return np.nan
            return float(date.weekday() if name == "weekday" else getattr(date, name))

        return {f"{self.column}_{name}": _mapped(values, lambda text, name=name: part(text, name)) for name in parts}


class OneHot(RecipeStep):
    """A column of 0 and 1 for each category of the training rows, missing cells being one; another text is in none."""

    kind: Literal["one_hot"] = "one_hot"
    categories: tuple[str, ...] = ()

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        found = sorted({*cell_texts(columns[self.column])})
        fitted = self.model_copy(update={"categories": tuple(found)})
        return fitted, fitted.apply(columns)

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        places = {category: place for place, category in enumerate(self.categories)}
        codes = np.array([places.get(text, -1) for text in cell_texts(values)], dtype=int)
        names = [f"{self.column}={category or '(missing)'}" for category in self.categories]
        return {name: (codes == place).astype(np.int8) for place, name in enumerate(names)}


class TargetEncoding(RecipeStep):
    """A category as the smoothed share of positives, or mean of a number, among the training rows that have it.

    Of several classes it becomes a column each. Another text is encoded as all rows together. A training row is encoded
    by the rows of the other folds, so that it does not see its own label.

    classes:    names of several classes, each of a column; empty for two classes and for a number.
    of_classes: `shares` and `share` of each class.
    """

    kind: Literal["target_encoding"] = "target_encoding"
    shares: dict[str, float] = {}
    share: float = 0.0
    classes: tuple[str, ...] = ()
    of_classes: tuple[tuple[dict[str, float], float], ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The texts of the training rows."""
        return tuple(self.of_classes[0][0] if self.of_classes else self.shares)

    def fit(self, columns: Columns, labels: np.ndarray, seed: int) -> tuple[RecipeStep, Columns]:
        """Labels that are not whole numbers by their type are numbers to predict."""
        found = target_encoder.fit(cell_texts(columns[self.column]), labels, seed, FOLDS)
        of_classes = tuple(zip(found.shares, found.means, strict=True))
        learned = {"of_classes": of_classes} if self.classes else {"shares": found.shares[0], "share": found.means[0]}
        fitted = self.model_copy(update=learned)
        if found.crossed is None:
            return fitted, fitted.apply(columns)
        return fitted, _replaced(columns, self.column, dict(zip(self.names, found.crossed.T, strict=True)))

    @property
    def names(self) -> list[str]:
        """The columns that it becomes."""
        return [f"{self.column}: {name}" for name in self.classes] or [self.column]

    def _outputs(self, values: pd.Series) -> Mapping[str, Any]:
        encodings = self.of_classes or ((self.shares, self.share),)
        return {
            name: _mapped(values, lambda text, shares=shares, share=share: shares.get(text, share), missing=MISSING)
            for name, (shares, share) in zip(self.names, encodings, strict=True)
        }


AnyStep = Annotated[MissingValues | Numbers | DateParts | OneHot | TargetEncoding, Field(discriminator="kind")]


class Recipe(Document):
    """Fitted steps. inputs: columns of a raw row, without the target; features: what they become, in file order."""

    inputs: tuple[str, ...]
    steps: tuple[AnyStep, ...]
    features: tuple[str, ...]

    def apply(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        """Raw rows as features: rows x `features`, numbers. Other columns of `frame` are left out.

        Raises Problem, which names columns that are missing or are not numbers.
        """
        absent = [name for name in self.inputs if name not in frame.columns]
        if absent:
            said = f"{len(absent)} of {len(self.inputs)} columns are missing: {some(absent)}"
            raise Problem(where, said, "Use a file with a header that names the columns of the raw table")
        columns: Columns = {name: _typed(frame[name]) for name in self.inputs}
        for step in self.steps:
            columns = step.apply(columns)
        return _numeric(columns, frame.index, where)

    def categories(self, column: str) -> tuple[str, ...] | None:
        """The texts that training rows have in a raw column, without the missing one; None for another kind of cell."""
        for step in self.steps:
            if step.column == column and isinstance(step, OneHot | TargetEncoding):
                return tuple(text for text in step.categories if text != MISSING)
        return None

    def is_text(self, column: str) -> bool:
        """Whether the cells of a raw column are typed as text, such as dates."""
        return any(step.column == column and isinstance(step, Numbers | DateParts) for step in self.steps)


def steps_of(uses: Iterable[ColumnUse]) -> tuple[AnyStep, ...]:
    """The steps, not fitted yet, by which columns are used as they should be; none for numbers as they are."""
    steps: list[AnyStep] = []
    for use in uses:
        if use.missing_values:
            steps.append(MissingValues(column=use.name, values=use.missing_values))
        if use.encoding is Encoding.ONE_HOT:
            steps.append(OneHot(column=use.name))
        elif use.encoding is Encoding.TARGET:
            steps.append(TargetEncoding(column=use.name))
        elif use.encoding is not Encoding.NUMBER:
            steps.append(DateParts(column=use.name, order=use.encoding))
        elif use.holds not in (Holds.NUMBER, Holds.FLAG):
            steps.append(Numbers(column=use.name, decimal=use.decimal))
    return tuple(steps)


def fit(
    steps: Sequence[AnyStep], rows: pd.DataFrame, labels: np.ndarray, seed: int, where: str = "Features"
) -> tuple[Recipe, pd.DataFrame]:
    """The recipe that training rows teach, and these rows as features. Raises Problem.

    labels: (rows,), whole numbers from 0 for classes, floats for a number that is predicted.
    """
    columns: Columns = {str(name): rows[name] for name in rows.columns}
    fitted: list[Any] = []
    for step in steps:
        learned, columns = step.fit(columns, labels, seed)
        fitted.append(learned)
    features = _numeric(columns, rows.index, where)
    recipe = Recipe(inputs=tuple(map(str, rows.columns)), steps=tuple(fitted), features=tuple(features.columns))
    return recipe, features


def named_by(steps: Sequence[AnyStep], classes: Sequence[str]) -> list[AnyStep]:
    """The steps with the names of several classes where these name columns."""
    several = tuple(classes) if len(classes) > 2 else ()
    return [
        step.model_copy(update={"classes": several}) if isinstance(step, TargetEncoding) else step for step in steps
    ]


def _typed(values: pd.Series) -> pd.Series:
    """A column with no cell at all has no type of its own; as numbers it passes wherever one is missing."""
    return values.astype(float) if values.isna().all() else values


def _mapped(values: pd.Series, one: Any, missing: str | None = None) -> np.ndarray:
    """`one` of each different text, as numbers; NaN for a missing cell, unless `missing` is its text."""
    texts = cell_texts(values)
    known = {text: np.nan if text == MISSING and missing is None else one(text) for text in {*texts}}
    return np.array([known[text] for text in texts], dtype=float)


def _replaced(columns: Columns, column: str, outputs: Mapping[str, Any]) -> Columns:
    """`outputs` in the place of a column."""
    others = columns.keys() - {column}
    taken = [name for name in outputs if name in others]
    if taken:
        said = f"it would make a column {taken[0]}, which is there already"
        raise Problem(f"Column {column}", said, "Exclude one of the two, or use it otherwise")
    index = columns[column].index
    replaced: Columns = {}
    for name, values in columns.items():
        if name != column:
            replaced[name] = values
            continue
        replaced |= {output: pd.Series(cells, index=index, name=output) for output, cells in outputs.items()}
    return replaced


def _numeric(columns: Columns, index: pd.Index, where: str) -> pd.DataFrame:
    texts = [name for name, values in columns.items() if not types.is_numeric_dtype(values)]
    if texts:
        raise Problem(where, f"these columns are not numbers: {some(texts)}", "Exclude them, or have them encoded")
    return pd.DataFrame(columns, index=index)
