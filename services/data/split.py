"""Splitting a table into train, validation and test rows, target first. Pure: tables in, tables out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from services.data import class_names
from services.data.prepared_data import SPLITS
from services.data.profiling import profile
from services.data.recipe import recipe as recipes
from services.data.recipe.recipe import AnyStep, Recipe
from services.errors import Problem, some

SEED = 1729  # the AWS tutorial's
SHARES = (0.7, 0.2, 0.1)


@dataclass(frozen=True, eq=False)
class Splits:
    """Three parts of a table, each with the target (0 or 1) first, then the features.

    tables:  by split name; index of the rows as in the table they came from.
    classes: names of class 0 and class 1.
    recipe:  how raw rows became the features; None where they are the table's own numbers.
    """

    tables: Mapping[str, pd.DataFrame]
    target: str
    classes: tuple[str, str]
    recipe: Recipe | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, in file order."""
        return tuple(self.tables["train"].columns[1:])

    @property
    def rows(self) -> dict[str, int]:
        """Rows by split."""
        return {name: len(table) for name, table in self.tables.items()}

    @property
    def positives(self) -> dict[str, int]:
        """Rows of class 1 by split."""
        return {name: int(table[self.target].sum()) for name, table in self.tables.items()}


def split(
    frame: pd.DataFrame,
    target: str | None,
    positive: str,
    *,
    seed: int = SEED,
    shares: Sequence[float] = SHARES,
    exclude: Sequence[str] = (),
    drop_missing_target: bool = False,
    steps: Sequence[AnyStep] = (),
) -> Splits:
    """Shuffle and cut `frame` into train, validation and test; fit `steps` on the train rows and apply them to all.

    The rows are those of the AWS tutorial's `np.split(df.sample(frac=1, random_state=1729), [int(0.7 * len(df)),
    int(0.9 * len(df))])`. `positive` names the class that becomes 1; `exclude` names columns to leave out. Missing
    feature cells stay empty, as XGBoost wants them. Raises Problem for whatever cannot be learned from.
    """
    labels, classes = _labels(frame, target, positive, drop_missing_target)
    features = _features(frame, labels.name, exclude)
    whole = pd.concat([labels, features.loc[labels.index]], axis=1)
    shuffled = whole.sample(frac=1, random_state=seed)
    # Rounded, because 0.7 + 0.2 is a little less than 0.9.
    cuts = [0, *(int(round(share, 9) * len(whole)) for share in np.cumsum(shares[:2])), len(whole)]
    tables = {name: shuffled.iloc[start:end] for name, (start, end) in zip(SPLITS, pairwise(cuts), strict=True)}
    empty = [name for name, table in tables.items() if table.empty]
    if empty:
        raise Problem(f"Split {empty[0]}", f"no row of {len(whole):,} is left for it", "Use a larger table")
    recipe = None
    if kept := [step for step in steps if step.column in features.columns]:
        recipe, tables = _encoded(kept, tables, str(labels.name), seed)
    _check_numbers(tables)
    return Splits(tables, str(labels.name), classes, recipe)


def _encoded(
    steps: Sequence[AnyStep], tables: Mapping[str, pd.DataFrame], target: str, seed: int
) -> tuple[Recipe, dict[str, pd.DataFrame]]:
    """The recipe that the train rows teach, and all parts after it, the target first."""
    raw = {name: table.drop(columns=target) for name, table in tables.items()}
    recipe, first = recipes.fit(steps, raw["train"], tables["train"][target].to_numpy(), seed)
    parts = {name: first if name == "train" else recipe.apply(rows, "Features") for name, rows in raw.items()}
    return recipe, {name: pd.concat([tables[name][target], part], axis=1) for name, part in parts.items()}


def _labels(
    frame: pd.DataFrame, target: str | None, positive: str, drop_missing_target: bool
) -> tuple[pd.Series, tuple[str, str]]:
    """The target as 0 and 1, and the names of the two classes."""
    if target not in frame.columns:
        raise Problem("Target", "no column is selected" if not target else f"there is no column {target}", "Choose one")
    column = frame[target]
    missing = int(column.isna().sum())
    if missing and not drop_missing_target:
        said = f"{missing:,} of {len(column):,} cells are empty"
        raise Problem(f"Target {target}", said, "Drop these rows, or choose another column")
    column = column.dropna()
    names = list(profile.class_balance(column).counts)
    if len(names) == 1:
        raise Problem(f"Target {target}", f"it has only one class, {names[0]}", "Choose a column with two classes")
    if len(names) > 2:
        said = f"it has {len(names)} classes: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
        raise Problem(f"Target {target}", said, "Choose a column with two classes")
    if positive not in names:
        raise Problem(f"Target {target}", f"it has no class {positive}", f"Choose {names[0]} or {names[1]}")
    negative = next(name for name in names if name != positive)
    return (class_names.class_names(column) == positive).astype("int8").rename(target), (negative, positive)


def _features(frame: pd.DataFrame, target: object, exclude: Sequence[str]) -> pd.DataFrame:
    features = frame.drop(columns=[target, *(name for name in exclude if name in frame.columns and name != target)])
    if not features.shape[1]:
        raise Problem("Features", "every column is excluded", "Keep at least one")
    return features


def _check_numbers(tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise Problem for what XGBoost cannot read from CSV: text, dates and infinite numbers."""
    features = tables["train"].iloc[:, 1:]
    text = [str(name) for name in features.columns if profile.kind(features[name]) in ("text", "date")]
    if text:
        remedy = "Exclude them, or have them encoded"
        raise Problem("Features", f"XGBoost needs numbers; these columns are not: {some(text)}", remedy)
    for name in features.select_dtypes("float").columns:
        if any(np.isinf(table[name].to_numpy(float, na_value=np.nan)).any() for table in tables.values()):
            remedy = "Exclude it, or replace them with empty cells"
            raise Problem(f"Column {name}", "it holds infinite numbers", remedy)
