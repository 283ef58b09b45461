"""What a plan's own steps do to a table, before it is prepared: on the training rows of its split. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from services.data import partition
from services.data import target as targets
from services.data.preparation_plan import PreparationPlan
from services.data.profiling import profile
from services.data.recipe import recipe as recipes
from services.data.recipe import step_preview
from services.data.recipe.column_types import ColumnUse
from services.data.recipe.step_preview import RecipePreview, RowStepPreview
from services.data.target_kind import TargetKind


@dataclass(frozen=True)
class PlanPreview:
    """The steps over rows, those over columns, and the number of training rows that the latter were fitted on."""

    row_steps: tuple[RowStepPreview, ...]
    recipe: RecipePreview
    training_rows: int


def preview(frame: pd.DataFrame, target: str, plan: PreparationPlan, suggested: Sequence[ColumnUse]) -> PlanPreview:
    """What the own steps of a plan do to the table `frame`.

    Raises Problem where a row step cannot be taken, or the target not learned or split; a step over a column that
    cannot be taken is `PlanPreview.recipe.problem`.
    """
    of_rows, left = step_preview.row_previews(plan.row_steps, frame, target)
    kind, positive = plan.kind or TargetKind.TWO_CLASSES, plan.positive
    if kind is TargetKind.TWO_CLASSES and target in left.columns:
        balance = profile.class_balance(left[target])
        positive = positive if positive in balance.counts else balance.positive
    goal = targets.read(left, target, kind, positive, plan.drop_missing_target)
    if len(goal.labels) < len(left):
        left = left.loc[goal.labels.index]
    train = partition.partition(left, goal.labels, plan.split)["train"]
    uses = plan.uses(suggested)
    features = left[[use.name for use in uses]].iloc[train]
    cleaning = recipes.cleaning(uses)
    of_columns = step_preview.previews(cleaning, plan.steps, features, goal.labels.iloc[train], plan.split.seed)
    return PlanPreview(of_rows, of_columns, len(train))
