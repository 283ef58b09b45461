"""From a table to train, validation and test tables, target first. Pure: tables in, tables out.

Which rows go where is `partition.py`, what the target becomes `target.py`, what the other columns become `recipe/`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.data import partition
from services.data import target as targets
from services.data.partition import AS_TUTORIAL, SplitPlan
from services.data.profiling import profile
from services.data.recipe import recipe as recipes
from services.data.recipe import row_steps as row_recipes
from services.data.recipe.recipe import AnyRowStep, AnyStep, Recipe
from services.data.target_kind import TargetKind
from services.errors import Problem, some


@dataclass(frozen=True, eq=False)
class Splits:
    """Three parts of a table, each with the target first, then the features.

    tables:  by split name; index of the rows as in the table they came from.
    kind:    what the target is; see `target.Target` for what stands for it in the tables.
    classes: names of the classes by their label; empty for a number.
    recipe:  how raw rows became the features; None where they are the table's own numbers.
    """

    tables: Mapping[str, pd.DataFrame]
    target: str
    kind: TargetKind
    classes: tuple[str, ...]
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
    def class_rows(self) -> dict[str, tuple[int, ...]]:
        """Rows of each class by split, in the order of `classes`; empty for a number."""
        if not self.classes:
            return {}
        return {
            name: tuple(np.bincount(table[self.target].to_numpy(int), minlength=len(self.classes)).tolist())
            for name, table in self.tables.items()
        }


def split(
    frame: pd.DataFrame,
    target: str | None,
    positive: str | None,
    *,
    kind: TargetKind = TargetKind.TWO_CLASSES,
    parts: SplitPlan = AS_TUTORIAL,
    exclude: Sequence[str] = (),
    drop_missing_target: bool = False,
    row_steps: Sequence[AnyRowStep] = (),
    steps: Sequence[AnyStep] = (),
) -> Splits:
    """Cut what `row_steps` leave of `frame` into three parts; fit `steps` on the train rows and apply them to all.

    `positive` names the class of two that becomes 1; `exclude` names columns to leave out. Missing feature cells stay
    empty, as XGBoost wants them. Raises Problem for whatever cannot be learned from.
    """
    frame = row_recipes.apply(row_steps, frame, target)
    goal = targets.read(frame, target, kind, positive, drop_missing_target)
    features = _features(frame, goal.labels.name, exclude).loc[goal.labels.index]
    whole = pd.concat([goal.labels, features], axis=1)
    rows = partition.partition(frame.loc[goal.labels.index], goal.labels, parts)
    tables = {name: whole.iloc[places] for name, places in rows.items()}
    recipe = None
    if steps or row_steps:
        recipe, tables = _encoded(steps, tables, str(goal.labels.name), parts.seed, row_steps)
    _check_numbers(tables)
    return Splits(tables, str(goal.labels.name), goal.kind, goal.classes, recipe)


def _encoded(
    steps: Sequence[AnyStep],
    tables: Mapping[str, pd.DataFrame],
    target: str,
    seed: int,
    row_steps: Sequence[AnyRowStep],
) -> tuple[Recipe, dict[str, pd.DataFrame]]:
    """The recipe that the train rows teach, and all parts after it, the target first."""
    raw = {name: table.drop(columns=target) for name, table in tables.items()}
    recipe, first = recipes.fit(steps, raw["train"], tables["train"][target].to_numpy(), seed, row_steps=row_steps)
    recipes.refuse_name(recipe.features, target)
    parts = {name: first if name == "train" else recipe.apply(rows, "Features") for name, rows in raw.items()}
    return recipe, {name: pd.concat([tables[name][target], part], axis=1) for name, part in parts.items()}


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
