"""What is predicted: two classes, several classes or a number, and the labels that the files hold for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from services.data import class_names
from services.data.class_names import number_text
from services.data.profiling import profile
from services.data.profiling.profile import MANY_CLASSES
from services.data.recipe import column_types
from services.data.recipe.column_types import Holds
from services.data.target_kind import TargetKind
from services.errors import Problem, some

FEW_NUMBERS = 20  # different whole numbers up to which a column is suggested to name classes


@dataclass(frozen=True, eq=False)
class Target:
    """A target that can be learned.

    labels:  one a row that has a target, named after its column: the place of the row's class in `classes`, or the
             number itself, a float; the index is the table's.
    classes: names by their place; empty for numbers. Of two classes the positive one is the second.
    """

    kind: TargetKind
    labels: pd.Series
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """What a target is unless somebody says otherwise.

    reason: why, a sentence with the column's own figures.
    kinds:  all that it may be told to be, the suggested one among them.
    """

    kind: TargetKind
    reason: str
    kinds: tuple[TargetKind, ...]


def suggest(values: pd.Series) -> Suggestion:
    """What the cells of a target look like; missing ones do not count."""
    known = values.dropna()
    names, numbers = known.nunique(), as_numbers(known)
    if names <= 2:
        texts = _names(known)
        held = f"{names} different {_plural('value', names)}{': ' * bool(texts)}{' and '.join(texts)}"
        kinds = (TargetKind.TWO_CLASSES, *((TargetKind.NUMBER,) * (numbers is not None and names == 2)))
        return Suggestion(TargetKind.TWO_CLASSES, f"{values.name} holds {held}.", kinds)
    if numbers is None:
        what = "dates" if types.is_datetime64_any_dtype(known) else "texts"
        kinds = (TargetKind.CLASSES, *((TargetKind.TWO_CLASSES,) * (names <= MANY_CLASSES)))
        return Suggestion(TargetKind.CLASSES, f"{values.name} holds {names:,} different {what}.", kinds)
    found = numbers.dropna()
    whole = bool(np.isfinite(found).all() and (found == found.round()).all())
    if whole and names <= FEW_NUMBERS:
        kinds = (TargetKind.CLASSES, TargetKind.TWO_CLASSES, TargetKind.NUMBER)
        return Suggestion(TargetKind.CLASSES, f"{values.name} holds {names} different whole numbers.", kinds)
    several = (TargetKind.CLASSES, TargetKind.TWO_CLASSES) if names <= MANY_CLASSES else ()
    held = f"{found.nunique():,} different {'whole ' if whole else ''}numbers"
    spread = f", {number_text(found.min())} to {number_text(found.max())}"
    return Suggestion(TargetKind.NUMBER, f"{values.name} holds {held}{spread}.", (TargetKind.NUMBER, *several))


def read(
    frame: pd.DataFrame, target: str | None, kind: TargetKind | None, positive: str | None, drop_missing: bool
) -> Target:
    """The target of a table. `kind` None is the suggested one. Raises Problem for one that cannot be learned.

    positive: the class that becomes 1 where there are to be two, all others 0; None for the rarest.
    """
    if target not in frame.columns:
        raise Problem("Target", "no column is selected" if not target else f"there is no column {target}", "Choose one")
    column = frame[target]
    kind = kind or suggest(column).kind
    cells = column if kind is not TargetKind.NUMBER else _numbers(column)
    missing = int(cells.isna().sum())
    if missing == len(cells):
        raise Problem(f"Target {target}", "all its cells are empty", "Choose another column")
    if missing and not drop_missing:
        said = f"{missing:,} of {len(cells):,} cells are empty"
        raise Problem(f"Target {target}", said, "Drop these rows, or choose another column")
    known = cells.dropna()
    if kind is TargetKind.NUMBER:
        return Target(kind, _finite(known).astype(float), ())
    names = list(profile.class_balance(known).counts)
    if len(names) == 1:
        raise Problem(f"Target {target}", f"it has only one class, {names[0]}", "Choose another column")
    return _two_classes(known, names, positive) if kind is TargetKind.TWO_CLASSES else _several(known, names)


def check_learned(target: str, classes: tuple[str, ...], rows: tuple[int, ...]) -> None:
    """Raise Problem for classes without a row to learn from; `rows` are those of the train part by class."""
    absent = [name for name, count in zip(classes, rows, strict=True) if not count]
    if absent:
        said = f"no row of {'class' if len(absent) == 1 else 'classes'} {some(absent)} is in the train part"
        remedy = "Choose another random seed, or leave out the rows of classes as rare as that"
        raise Problem(f"Target {target}", said, remedy)


def as_numbers(values: pd.Series) -> pd.Series | None:
    """The cells as numbers, those that are written as text ("1.234,50") and what stands for no value among them.

    None for a column that holds anything else. Whole numbers stay whole.
    """
    if types.is_datetime64_any_dtype(values):
        return None
    if types.is_bool_dtype(values):
        return values.astype("int8" if not values.hasnans else float)
    if types.is_numeric_dtype(values):
        return values if isinstance(values.dtype, np.dtype) else values.astype(float)
    use = column_types.column_uses(values.to_frame())[0]
    if use.holds is not Holds.NUMBER_TEXT:
        return None
    texts = column_types.cell_texts(values)
    known = {text: column_types.number_of(text, use.decimal) for text in {*texts}}
    return pd.Series([known[text] for text in texts], index=values.index, name=values.name, dtype=float)


def missing_cells(values: pd.Series, kind: TargetKind) -> int:
    """Cells of a target without a value, where it is of that kind."""
    numbers = as_numbers(values) if kind is TargetKind.NUMBER else values
    return int((values if numbers is None else numbers).isna().sum())


def _numbers(column: pd.Series) -> pd.Series:
    numbers = as_numbers(column)
    if numbers is not None:
        return numbers
    cells = column.dropna().unique()
    texts = [str(cell) for cell in cells if not np.isfinite(column_types.number_of(str(cell)))]
    said = f"{len(texts):,} of its {len(cells):,} different values are no numbers: {some(texts)}"
    raise Problem(f"Target {column.name}", said, "Predict it as classes, or choose another column")


def _finite(numbers: pd.Series) -> pd.Series:
    """The numbers, unless XGBoost could not hold one of them. Raises Problem."""
    with np.errstate(over="ignore"):
        infinite = int((~np.isfinite(numbers.to_numpy(float).astype(np.float32))).sum())
    if infinite:
        said = f"{infinite:,} of {len(numbers):,} numbers {'is' if infinite == 1 else 'are'} infinite or beyond 3.4e38"
        raise Problem(f"Target {numbers.name}", said, "Leave out these rows, or choose another column")
    if numbers.nunique() == 1:
        said = f"it holds only one number, {number_text(numbers.iloc[0])}"
        raise Problem(f"Target {numbers.name}", said, "Choose a column with several")
    return numbers


def _two_classes(known: pd.Series, names: list[str], positive: str | None) -> Target:
    chosen = names[-1] if positive is None else positive
    if chosen not in names:
        remedy = f"Choose {names[0]} or {names[1]}" if len(names) == 2 else f"Choose one of {some(names)}"
        raise Problem(f"Target {known.name}", f"it has no class {positive}", remedy)
    labels = (class_names.class_names(known) == chosen).astype("int8")
    negative = next(name for name in names if name != chosen) if len(names) == 2 else class_names.all_but(chosen)
    return Target(TargetKind.TWO_CLASSES, labels.rename(str(known.name)), (negative, chosen))


def _several(known: pd.Series, names: list[str]) -> Target:
    if len(names) == 2:
        raise Problem(f"Target {known.name}", "it has only two classes", "Predict it as two classes")
    ordered = class_names.in_order(names)
    places = {name: place for place, name in enumerate(ordered)}
    labels = class_names.class_names(known).map(places).astype("int8")
    return Target(TargetKind.CLASSES, labels.rename(str(known.name)), ordered)


def _names(known: pd.Series) -> list[str]:
    return list(class_names.in_order(map(class_names.class_of, known.unique())))


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
