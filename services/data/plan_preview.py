"""What a plan's own steps do to a table, before it is prepared: on the training rows of its split. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from services.data import target as targets
from services.data.division import partition
from services.data.preparation_plan import PreparationPlan
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
    goal = targets.read(left, target, plan.kind, plan.positive, plan.drop_missing_target)
    if len(goal.labels) < len(left):
        left = left.loc[goal.labels.index]
    train = partition.partition(left, goal.labels, plan.split)["train"]
    uses = plan.uses(suggested)
    features = left[[use.name for use in uses]].iloc[train]
    labels = goal.labels.iloc[train].astype(float if goal.kind is TargetKind.NUMBER else int)
    steps = recipes.named_by(plan.steps, goal.classes)
    of_columns = step_preview.previews(recipes.cleaning(uses), steps, features, labels, plan.split.seed)
    return PlanPreview(of_rows, of_columns, len(train))
