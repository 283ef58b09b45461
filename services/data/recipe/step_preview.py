"""What each of a person's own steps does: the first training rows and some counts, before and after it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.recipe import recipe as recipes
from services.data.recipe.column_types import cell_texts, coded_texts
from services.data.recipe.recipe import AnyRowStep, AnyStep
from services.data.recipe.row_steps import MapTarget
from services.data.recipe.step import Columns
from services.errors import Problem

FIRST = 5  # rows of a preview


@dataclass(frozen=True, eq=False)
class ColumnFacts:
    """A column in counts.

    missing:  cells without a value.
    distinct: different values.
    least, most: the ends of its numbers; None for text, and where all are missing.
    """

    missing: int
    distinct: int
    least: float | None
    most: float | None


@dataclass(frozen=True, eq=False)
class StepPreview:
    """A step over a column: `sentence` with what it has learned, facts by column name, first rows before and after.

    changed: cells of the column that are others afterwards; None where it is no longer there.
    """

    sentence: str
    rows: int
    changed: int | None
    facts_before: dict[str, ColumnFacts]
    facts_after: dict[str, ColumnFacts]
    first_before: pd.DataFrame
    first_after: pd.DataFrame


@dataclass(frozen=True)
class RowStepPreview:
    """A step over rows: how many there are before and after it; the first classes of the target that it has renamed."""

    sentence: str
    rows_before: int
    rows_after: int
    classes: tuple[str, ...]


@dataclass(frozen=True)
class ColumnState:
    """Whether a column holds numbers, and how many of its cells are missing."""

    is_number: bool
    missing: int


@dataclass(frozen=True)
class RecipePreview:
    """The steps that could be taken, in their order; `problem` says why the one after them cannot.

    columns: of the training rows after these steps, by name, before they are encoded.
    """

    steps: tuple[StepPreview, ...]
    columns: dict[str, ColumnState]
    problem: Problem | None


def row_previews(
    steps: Sequence[AnyRowStep], rows: pd.DataFrame, target: str
) -> tuple[tuple[RowStepPreview, ...], pd.DataFrame]:
    """What each row step does, and the rows that all leave. Raises Problem for a step that cannot be taken."""
    previews = []
    for step in steps:
        left = step.apply(rows, target)
        renamed = left[target].dropna().unique() if isinstance(step, MapTarget) else ()
        classes = tuple(sorted(map(str, renamed))[:FIRST])
        previews.append(RowStepPreview(step.sentence, len(rows), len(left), classes))
        rows = left
    return tuple(previews), rows


def previews(
    cleaning: Sequence[AnyStep], own: Sequence[AnyStep], rows: pd.DataFrame, labels: pd.Series, seed: int
) -> RecipePreview:
    """What each of a person's `own` steps does to training rows, once the steps that read their cells are behind them.

    rows: without the target; labels: (rows,), the target as the files hold it, named after its column.
    """
    columns: Columns = {str(name): rows[name] for name in rows.columns}
    fitted: list[AnyStep] = []
    seen: list[StepPreview] = []
    problem = None
    try:
        for place, step in enumerate([*cleaning, *own]):
            before = columns
            learned, columns = recipes.fit_step(step, columns, labels.to_numpy(), seed, fitted)
            recipes.refuse_name(columns, str(labels.name))
            fitted.append(learned)  # type: ignore[arg-type]
            if place >= len(cleaning):
                seen.append(_preview(learned.sentence, step.column, before, columns))
    except Problem as refused:
        problem = refused
    states = {name: _state(values) for name, values in columns.items()}
    return RecipePreview(tuple(seen), states, problem)


def _state(values: pd.Series) -> ColumnState:
    if types.is_numeric_dtype(values):
        return ColumnState(True, int(values.isna().sum()))
    codes, texts = coded_texts(values)
    return ColumnState(False, int((texts == "")[codes].sum()))


def _preview(sentence: str, column: str, before: Columns, after: Columns) -> StepPreview:
    new = [name for name in after if name == column or name not in before]
    old = {column: before[column]}
    made = {name: after[name] for name in new}
    return StepPreview(
        sentence,
        len(before[column]),
        _changed(before[column], after[column]) if column in after else None,
        {name: facts(values) for name, values in old.items()},
        {name: facts(values) for name, values in made.items()},
        pd.DataFrame({name: values.iloc[:FIRST] for name, values in old.items()}),
        pd.DataFrame({name: values.iloc[:FIRST] for name, values in made.items()}),
    )


def _changed(before: pd.Series, after: pd.Series) -> int:
    if types.is_numeric_dtype(before) and types.is_numeric_dtype(after):
        old, new = (values.to_numpy(float, na_value=np.nan) for values in (before, after))
        return int((~((old == new) | (np.isnan(old) & np.isnan(new)))).sum())
    return int((cell_texts(before) != cell_texts(after)).sum())


def facts(values: pd.Series) -> ColumnFacts:
    """The counts of a column; a blank text counts as missing, as it does for every step."""
    if not types.is_numeric_dtype(values):
        codes, texts = coded_texts(values)
        return ColumnFacts(int((texts == "")[codes].sum()), len({*texts} - {""}), None, None)
    numbers = values.to_numpy(float, na_value=np.nan)
    found = numbers[~np.isnan(numbers)]
    if not len(found):
        return ColumnFacts(len(values), 0, None, None)
    return ColumnFacts(
        len(values) - len(found), len(pd.unique(pd.Series(found))), float(found.min()), float(found.max())
    )
