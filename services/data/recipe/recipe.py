"""How raw rows become features: steps in their order, fitted on training rows only, applied to any row. Pure.

A recipe is JSON with its fitted state, without pickles; target encoding is fitted by scikit-learn. Every step takes the
columns of a table and returns others; what it has learned from the training rows is in the step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from pandas.api import types
from pydantic import Field

from services.aws.documents import Document
from services.data.recipe.cleaning import (
    Clip,
    DateParts,
    Drop,
    FillMissing,
    FillWith,
    Log,
    MissingValues,
    Negatives,
    Numbers,
    Rename,
)
from services.data.recipe.column_types import ColumnUse, Encoding, Holds
from services.data.recipe.encoding import Frequency, OneHot, Ordinal
from services.data.recipe.row_steps import AnyRowStep
from services.data.recipe.step import MISSING, Cells, Columns, RecipeStep, number_of_cell
from services.data.recipe.target_encoding import FOLDS, TargetEncoding
from services.errors import Problem, some

__all__ = [
    "FOLDS",
    "AnyRowStep",
    "AnyStep",
    "Clip",
    "DateParts",
    "Drop",
    "FillMissing",
    "FillWith",
    "Frequency",
    "Log",
    "MissingValues",
    "Negatives",
    "Numbers",
    "OneHot",
    "Ordinal",
    "Recipe",
    "RecipeStep",
    "Rename",
    "TargetEncoding",
    "fit",
    "steps_of",
]

AnyStep = Annotated[
    MissingValues
    | Numbers
    | DateParts
    | Drop
    | Rename
    | FillMissing
    | Clip
    | Log
    | OneHot
    | Ordinal
    | Frequency
    | TargetEncoding,
    Field(discriminator="kind"),
]
ENCODERS = (OneHot, Ordinal, Frequency, TargetEncoding)


class Recipe(Document):
    """Fitted steps. inputs: columns a raw row needs, without the target; features: what they become, in file order.

    Columns that the steps only drop are no inputs, and steps over them are passed over.
    row_steps: what was done to the rows before the split, to tell where they came from; never to rows predicted.
    """

    NEWEST: ClassVar[int] = 2

    version: int = 2
    inputs: tuple[str, ...]
    row_steps: tuple[AnyRowStep, ...] = ()
    steps: tuple[AnyStep, ...]
    features: tuple[str, ...]

    def apply(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        """Raw rows as features: rows x `features`, numbers. Other columns of `frame` are left out.

        Raises Problem, which names columns that are missing or are not numbers.
        """
        self._check_inputs(frame.columns, where)
        columns: Columns = {name: _typed(frame[name]) for name in self.inputs}
        for step in self.steps:
            if step.column in columns:
                columns = step.apply(columns)
        return _numeric(columns, frame.index, where)

    def row(self, cells: Mapping[str, Any], where: str) -> list[float]:
        """One raw row, its cells by column, as `features`; NaN for a missing cell. As `apply`, without a table.

        Raises Problem, which names columns that are missing or are not numbers.
        """
        self._check_inputs(cells, where)
        row: Cells = {name: cells[name] for name in self.inputs}
        for step in self.steps:
            if step.column in row:
                step.apply_to_row(row)
        numbers = [number_of_cell(row[name]) for name in self.features]
        texts = [name for name, number in zip(self.features, numbers, strict=True) if number is None]
        if texts:
            raise _not_numbers(texts, where)
        return [number for number in numbers if number is not None]

    def origins(self) -> dict[str, str]:
        """The raw column that each feature was made of, by feature, in the order of `features`."""
        row: Cells = dict.fromkeys(self.inputs)
        raw = {name: name for name in self.inputs}
        for step in self.steps:
            if step.column in row:
                others, origin = row.keys() - {step.column}, raw[step.column]
                step.apply_to_row(row)
                raw |= dict.fromkeys(row.keys() - others, origin)
        return {name: raw[name] for name in self.features}

    def categories(self, column: str) -> tuple[str, ...] | None:
        """The texts that training rows have in a raw column, without the missing one; None for another kind of cell."""
        for step in self.steps_over(column):
            if isinstance(step, OneHot | Ordinal | TargetEncoding):
                return tuple(text for text in step.categories if text != MISSING)
            if isinstance(step, Frequency):
                return tuple(text for text in step.shares if text != MISSING)
        return None

    def is_text(self, column: str) -> bool:
        """Whether the cells of a raw column are typed as text, such as dates."""
        return any(
            isinstance(step, Numbers | DateParts) or (isinstance(step, FillMissing) and isinstance(step.value, str))
            for step in self.steps_over(column)
        )

    def steps_over(self, column: str) -> Iterable[AnyStep]:
        """The steps over a raw column, under whatever name."""
        for step in self.steps:
            if step.column == column:
                yield step
                column = step.to if isinstance(step, Rename) else column

    def _check_inputs(self, present: Iterable[str], where: str) -> None:
        names = {*present}
        absent = [name for name in self.inputs if name not in names]
        if absent:
            said = f"{len(absent)} of {len(self.inputs)} columns are missing: {some(absent)}"
            raise Problem(where, said, "Use a file with a header that names the columns of the raw table")


def steps_of(uses: Iterable[ColumnUse], own: Sequence[AnyStep] = ()) -> tuple[AnyStep, ...]:
    """The steps, not fitted yet, by which columns are used as they should be; none for numbers as they are.

    First missing values and types of each column, then a person's `own` steps, then the encodings: of columns under the
    names they have by then, but for those that an own step drops or encodes.
    """
    uses = [*uses]
    names = {use.name: use.name for use in uses}  # by their name now
    for step in own:
        raw = names.pop(step.column, None)
        if raw is not None and not isinstance(step, (Drop, *ENCODERS)):
            names[step.to if isinstance(step, Rename) else step.column] = raw
    now = {raw: name for name, raw in names.items()}
    encodings = [_encoding(use, now[use.name]) for use in uses if use.name in now]
    return (*cleaning(uses), *own, *(step for step in encodings if step))


def cleaning(uses: Iterable[ColumnUse]) -> tuple[AnyStep, ...]:
    """The steps, not fitted yet, that find missing cells and read numbers and dates of columns."""
    steps: list[AnyStep] = []
    for use in uses:
        if use.missing_values:
            steps.append(MissingValues(column=use.name, values=use.missing_values))
        if use.encoding in (Encoding.DATE, Encoding.DAY_FIRST, Encoding.MONTH_FIRST):
            steps.append(DateParts(column=use.name, order=use.encoding))
        elif use.encoding is Encoding.NUMBER and use.holds not in (Holds.NUMBER, Holds.FLAG):
            steps.append(Numbers(column=use.name, decimal=use.decimal))
    return tuple(steps)


def _encoding(use: ColumnUse, name: str) -> OneHot | TargetEncoding | Ordinal | Frequency | None:
    match use.encoding:
        case Encoding.ONE_HOT:
            return OneHot(column=name)
        case Encoding.TARGET:
            return TargetEncoding(column=name)
        case Encoding.ORDINAL:
            return Ordinal(column=name)
        case Encoding.FREQUENCY:
            return Frequency(column=name)
    return None


def fit(
    steps: Sequence[AnyStep],
    rows: pd.DataFrame,
    labels: np.ndarray,
    seed: int,
    where: str = "Features",
    row_steps: Sequence[AnyRowStep] = (),
) -> tuple[Recipe, pd.DataFrame]:
    """The recipe that training rows teach, and these rows as features. Raises Problem.

    labels: (rows,), whole numbers from 0 for classes, floats for a number that is predicted. `row_steps`, which `rows`
    have behind them, are kept in the recipe.
    """
    columns: Columns = {str(name): rows[name] for name in rows.columns}
    fitted: list[Any] = []
    raw: dict[str, str | None] = {name: name for name in columns}  # which input a column is, where it is one
    unused: set[str | None] = set()
    for step in steps:
        before = columns
        learned, columns = fit_step(step, columns, labels, seed, fitted)
        fitted.append(learned)
        origin, made = raw.pop(step.column, None), [name for name in columns if name not in before]
        made += [step.column] * (step.column in columns)
        raw |= dict.fromkeys(made, origin if len(made) == 1 else None)
        unused |= {origin} if not made else set()
    if not columns:
        raise Problem(where, "the steps drop every column", "Keep at least one")
    features = _numeric(columns, rows.index, where)
    recipe = Recipe(
        inputs=tuple(name for name in map(str, rows.columns) if name not in unused),
        row_steps=tuple(row_steps),
        steps=tuple(fitted),
        features=tuple(features.columns),
    )
    return recipe, features


def fit_step(
    step: AnyStep, columns: Columns, labels: np.ndarray, seed: int, before: Sequence[AnyStep]
) -> tuple[RecipeStep, Columns]:
    """One step with what the training rows teach, and their columns after it; `before` are the steps that were fitted.

    Raises Problem, which names the step where its column is not there, and says where it went.
    """
    if step.column in columns:
        return step.fit(columns, labels, seed)
    said, remedy = f"there is no column {step.column}", "Remove the step, or use the column if it is excluded"
    for earlier in before:
        if earlier.column == step.column and isinstance(earlier, Rename):
            said = f"column {step.column} was renamed to {earlier.to} by an earlier step"
        elif earlier.column == step.column:
            said = f'column {step.column} was replaced by the earlier step "{earlier.sentence}"'
        else:
            continue
        remedy = "Remove the step, or move it up before that one"
    raise Problem(step.where, said, remedy)


def named_by(steps: Sequence[AnyStep], classes: Sequence[str]) -> list[AnyStep]:
    """The steps with the names of several classes where these name columns."""
    several = tuple(classes) if len(classes) > 2 else ()
    return [
        step.model_copy(update={"classes": several}) if isinstance(step, TargetEncoding) else step for step in steps
    ]


def refuse_name(features: Iterable[str], target: str) -> None:
    """Raise Problem where a feature has got the name of the target."""
    if target in features:
        raise Problem(f"Column {target}", "a step gives a feature the name of the target", "Choose another name")


def _typed(values: pd.Series) -> pd.Series:
    """A column with no cell at all has no type of its own; as numbers it passes wherever one is missing."""
    return values.astype(float) if values.isna().all() else values


def _numeric(columns: Columns, index: pd.Index, where: str) -> pd.DataFrame:
    texts = [name for name, values in columns.items() if not types.is_numeric_dtype(values)]
    if texts:
        raise _not_numbers(texts, where)
    return pd.DataFrame(columns, index=index)


def _not_numbers(names: Sequence[str], where: str) -> Problem:
    return Problem(where, f"these columns are not numbers: {some(names)}", "Exclude them, or have them encoded")
