"""The target of a table as Python that runs without SageDeck: the same labels from the same cells, by pandas.

What it is given is `table`; what it leaves has the labels in the first column, and no row without one.
"""

from typing import Any

import pandas as pd

from services.codegen import recipe_script
from services.data import target as targets
from services.data.class_names import class_of
from services.data.recipe import column_types
from services.data.target import Target
from services.data.target_kind import TargetKind

FILLED = "table = table.dropna(subset=[{name!r}])\n"
TWO_CLASSES = FILLED + "table.insert(0, {name!r}, (table.pop({name!r}) == {positive!r}).astype(int))"
CLASSES = """\
labels = {{{labels}}}
table.insert(0, {name!r}, table.pop({name!r}).map(labels))"""
NUMBER = FILLED + "table.insert(0, {name!r}, table.pop({name!r}){numbers})"
NUMBER_TEXT = """\
table[{name!r}] = table[{name!r}].map(number, na_action="ignore")
"""


def imports(values: pd.Series, kind: TargetKind) -> str:
    """The imports that `script` needs besides pandas."""
    return "import re\n" if kind is TargetKind.NUMBER and _is_text(values) else ""


def script(values: pd.Series, goal: Target) -> str:
    """The lines that make of a column `values` the labels of `goal`."""
    name = str(values.name)
    if goal.kind is TargetKind.NUMBER:
        if not _is_text(values):
            numbers = ".astype(int)" if values.dtype == bool else ""
            return NUMBER.format(name=name, numbers=numbers)
        decimal = column_types.column_uses(values.to_frame())[0].decimal
        return recipe_script.reading(decimal) + NUMBER_TEXT.format(name=name) + NUMBER.format(name=name, numbers="")
    cells = {class_of(cell): _source(cell) for cell in values.dropna().unique()}
    if goal.kind is TargetKind.TWO_CLASSES:
        return TWO_CLASSES.format(name=name, positive=cells[goal.classes[1]])
    dated = "pandas.Timestamp({!r})" if pd.api.types.is_datetime64_any_dtype(values) else "{!r}"
    labels = ", ".join(f"{dated.format(cells[known])}: {place}" for place, known in enumerate(goal.classes))
    return (FILLED + CLASSES).format(name=name, labels=labels)


def _is_text(values: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(values) and targets.as_numbers(values.dropna()) is not None


def _source(cell: Any) -> Any:
    """A cell as Python writes it; a date as its text, with which pandas compares it."""
    cell = cell.item() if hasattr(cell, "item") else cell
    if hasattr(cell, "isoformat"):
        return str(cell)
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
