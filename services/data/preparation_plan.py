"""Everything a person decides about a table before it is prepared, as one document that survives a reload.

Whoever offers a decision on the Data page changes this plan and nothing else: the form, a finding's remedy, undo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services import settings
from services.aws.documents import Document
from services.data import local_documents
from services.data.division.partition import SplitPlan
from services.data.division.resampling import Resampling
from services.data.recipe import recipe as recipes
from services.data.recipe.column_types import ColumnUse, Encoding
from services.data.recipe.recipe import AnyRowStep, AnyStep
from services.data.target_kind import TargetKind

FOLDER = settings.DATA_FOLDER / "plans"


class ColumnChoice(BaseModel):
    """How a person uses a column, where that differs from the suggestion."""

    model_config = ConfigDict(frozen=True)
    used: bool
    becomes: Encoding
    missing_values: tuple[str, ...] = ()


class PreparationPlan(Document):
    """The decisions about a table and its target; a default is what SageDeck suggests.

    kind:     what the target is; None for what its cells look like.
    positive: the class that is coded as 1, all others as 0, where there are to be two; None for the rarest.
    columns:  by name, those that are used otherwise than suggested.
    row_steps: done to the rows before the split, in their order.
    steps:    a person's own steps, between reading the cells of each column and encoding them, in their order.
    resampling: of the training rows; None for none.
    weighted: whether training begins with settings by which both classes count alike.
    ignored:  keys of the findings that somebody has read and wants no longer to see.
    """

    kind: TargetKind | None = None
    positive: str | None = None
    drop_missing_target: bool = False
    columns: dict[str, ColumnChoice] = Field(default_factory=dict)
    row_steps: tuple[AnyRowStep, ...] = ()
    steps: tuple[AnyStep, ...] = ()
    split: SplitPlan = SplitPlan()
    resampling: Resampling | None = None
    weighted: bool = False
    ignored: tuple[str, ...] = ()

    def with_column(self, use: ColumnUse, choice: ColumnChoice) -> PreparationPlan:
        """The plan with another use of a column; one that is as suggested is not kept."""
        others = {name: kept for name, kept in self.columns.items() if name != use.name}
        return self.model_copy(
            update={"columns": others if choice == suggested_choice(use) else {**others, use.name: choice}}
        )

    def choice(self, use: ColumnUse) -> ColumnChoice:
        """How a column is used."""
        return self.columns.get(use.name, suggested_choice(use))

    def uses(self, suggested: Sequence[ColumnUse]) -> tuple[ColumnUse, ...]:
        """The columns that become features, as they are used."""
        return tuple(
            replace(use, encoding=choice.becomes, missing_values=choice.missing_values)
            for use in suggested
            if (choice := self.choice(use)).used
        )

    def options(self, suggested: Sequence[ColumnUse]) -> dict[str, Any]:
        """The arguments of `split.split` and `prepare.prepare` that the plan decides, but for the positive class."""
        return {
            "kind": self.kind,
            "parts": self.split,
            "exclude": [use.name for use in suggested if not self.choice(use).used],
            "drop_missing_target": self.drop_missing_target,
            "row_steps": self.row_steps,
            "steps": recipes.steps_of(self.uses(suggested), self.steps),
            "resampling": self.resampling,
        }


def suggested_choice(use: ColumnUse) -> ColumnChoice:
    """How a column is used when nobody says otherwise."""
    return ColumnChoice(used=not use.is_left_out, becomes=use.encoding, missing_values=use.missing_values)


def load(of: tuple[str, ...]) -> PreparationPlan:
    """The plan kept on this computer for a table and target; a new one where there is none.

    Raises Problem, once, for one that cannot be read: it is set aside.
    """
    return local_documents.read(_path(of), PreparationPlan) or PreparationPlan()


def save(of: tuple[str, ...], plan: PreparationPlan) -> None:
    """Keep the plan for a table and target on this computer."""
    local_documents.write(_path(of), plan)


def _path(of: tuple[str, ...]) -> Path:
    return FOLDER / local_documents.file_name(of)
