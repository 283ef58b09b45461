"""From a table to train, validation and test tables, target first. Pure: tables in, tables out.

Which rows go where is `partition.py`, what the target becomes `target.py`, what the other columns become `recipe/`, and
which training rows are repeated, left out or made `resampling.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.data import target as targets
from services.data.division import partition
from services.data.division.partition import AS_TUTORIAL, SplitPlan
from services.data.division.resampling import Resampling, ResamplingEffect, resample
from services.data.profiling import profile
from services.data.recipe import recipe as recipes
from services.data.recipe import row_steps as row_recipes
from services.data.recipe.recipe import AnyRowStep, AnyStep, Recipe
from services.data.target import Target
from services.data.target_kind import TargetKind
from services.errors import Problem, some


@dataclass(frozen=True, eq=False)
class Splits:
    """Three parts of a table, each with the target first, then the features.

    tables:  by split name; index of the rows as in the table they came from.
    kind:    what the target is; see `target.Target` for what stands for it in the tables.
    classes: names of the classes by their label; empty for a number.
    recipe:  how raw rows became the features; None where they are the table's own numbers.
    resampled: what resampling did to the train rows; None without it.
    """

    tables: Mapping[str, pd.DataFrame]
    target: str
    kind: TargetKind
    classes: tuple[str, ...]
    recipe: Recipe | None = None
    resampled: ResamplingEffect | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, in file order."""
        return tuple(self.tables["train"].columns[1:])

    @property
    def rows(self) -> dict[str, int]:
        """Rows by split."""
        return {name: len(table) for name, table in self.tables.items()}

    @property
    def missing_cells(self) -> dict[str, int]:
        """Empty cells of all parts by feature, of those features that have any."""
        counts = dict.fromkeys(self.features, 0)
        for table in self.tables.values():
            for name, count in table.iloc[:, 1:].isna().sum().items():
                counts[str(name)] += int(count)
        return {name: count for name, count in counts.items() if count}

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
    kind: TargetKind | None = None,
    parts: SplitPlan = AS_TUTORIAL,
    exclude: Sequence[str] = (),
    drop_missing_target: bool = False,
    row_steps: Sequence[AnyRowStep] = (),
    steps: Sequence[AnyStep] = (),
    resampling: Resampling | None = None,
) -> Splits:
    """Cut what `row_steps` leave of `frame` into three parts; fit `steps` on the train rows and apply them to all.

    kind:       what the target is; None for what its cells look like.
    positive:   the class that becomes 1 where there are to be two; None for the rarest.
    exclude:    columns to leave out.
    resampling: comes last, of the train rows only.

    Missing feature cells stay empty, as XGBoost wants them. Raises Problem for whatever cannot be learned from.
    """
    frame = row_recipes.apply(row_steps, frame, target)
    goal = targets.read(frame, target, kind, positive, drop_missing_target)
    features = _features(frame, goal.labels.name, exclude).loc[goal.labels.index]
    whole = pd.concat([goal.labels, features], axis=1)
    rows = partition.partition(frame.loc[goal.labels.index], goal.labels, parts)
    tables = {name: whole.iloc[places] for name, places in rows.items()}
    if goal.kind is TargetKind.CLASSES:
        learned = np.bincount(tables["train"].iloc[:, 0].to_numpy(int), minlength=len(goal.classes))
        targets.check_learned(str(goal.labels.name), goal.classes, tuple(learned.tolist()))
    recipe = None
    if steps or row_steps:
        recipe, tables = _encoded(steps, tables, goal, parts.seed, row_steps)
    _check_numbers(tables)
    effect = None
    if resampling:
        tables["train"], effect = resample(tables["train"], len(goal.classes), resampling)
    return Splits(tables, str(goal.labels.name), goal.kind, goal.classes, recipe, effect)


def _encoded(
    steps: Sequence[AnyStep],
    tables: Mapping[str, pd.DataFrame],
    goal: Target,
    seed: int,
    row_steps: Sequence[AnyRowStep],
) -> tuple[Recipe, dict[str, pd.DataFrame]]:
    """The recipe that the train rows teach, and all parts after it, the target first."""
    target = str(goal.labels.name)
    raw = {name: table.drop(columns=target) for name, table in tables.items()}
    labels = tables["train"][target].to_numpy(float if goal.kind is TargetKind.NUMBER else int)
    named = recipes.named_by(steps, goal.classes)
    recipe, first = recipes.fit(named, raw["train"], labels, seed, row_steps=row_steps)
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
