"""What can be done about a finding: a change of the preparation plan and nothing else, which can be taken back.

Applied twice it is as applied once, so that a plan itself tells whether a remedy is applied.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from services.data.division.partition import SplitMethod, SplitPlan
from services.data.preparation_plan import PreparationPlan
from services.data.recipe.column_types import ColumnUse, Encoding
from services.data.recipe.row_steps import AnyRowStep, DropDuplicates, MapTarget

MERGED = "other"  # what rare classes are called together


@dataclass(frozen=True)
class Remedy(ABC):
    """A button. label: what it does, an imperative; done: what is said once it is applied."""

    label: str
    done: str

    @abstractmethod
    def apply(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan with this remedy."""

    @abstractmethod
    def revert(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan without it."""

    def is_applied(self, plan: PreparationPlan) -> bool:
        """Whether the plan has it already."""
        return self.apply(plan) == plan


@dataclass(frozen=True)
class UseColumns(Remedy):
    """Columns become features, or are left out. columns: as SageDeck suggests to use them."""

    columns: tuple[ColumnUse, ...]
    used: bool

    def apply(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan in which all of them are used, or none."""
        return self._with(plan, self.used)

    def revert(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan in which none of them is used, or all."""
        return self._with(plan, not self.used)

    def _with(self, plan: PreparationPlan, used: bool) -> PreparationPlan:
        for use in self.columns:
            plan = plan.with_column(use, plan.choice(use).model_copy(update={"used": used}))
        return plan


@dataclass(frozen=True)
class Encode(Remedy):
    """A column is used, and becomes a feature in another way than SageDeck suggests."""

    column: ColumnUse
    becomes: Encoding

    def apply(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan in which it does."""
        return self._with(plan, True, self.becomes)

    def revert(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan in which it is used as suggested."""
        return self._with(plan, not self.column.is_left_out, self.column.encoding)

    def _with(self, plan: PreparationPlan, used: bool, becomes: Encoding) -> PreparationPlan:
        choice = plan.choice(self.column).model_copy(update={"used": used, "becomes": becomes})
        return plan.with_column(self.column, choice)


@dataclass(frozen=True)
class KeepValues(Remedy):
    """Cells that are taken for missing stay the values they are."""

    column: ColumnUse

    def apply(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan in which no cell of the column is taken for missing."""
        return self._with(plan, ())

    def revert(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan in which those are that SageDeck suggests."""
        return self._with(plan, self.column.missing_values)

    def _with(self, plan: PreparationPlan, words: tuple[str, ...]) -> PreparationPlan:
        return plan.with_column(self.column, plan.choice(self.column).model_copy(update={"missing_values": words}))


@dataclass(frozen=True)
class SetMember(Remedy):
    """A decision about the whole table that is either taken or not."""

    member: str

    def apply(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan that takes it."""
        return plan.model_copy(update={self.member: True})

    def revert(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan that does not."""
        return plan.model_copy(update={self.member: False})


@dataclass(frozen=True)
class AddRowStep(Remedy):
    """Something is done to the rows before the split."""

    step: AnyRowStep

    def apply(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan that does it after all other steps over rows."""
        if self.step in plan.row_steps:
            return plan
        return plan.model_copy(update={"row_steps": (*plan.row_steps, self.step)})

    def revert(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan that does not."""
        return plan.model_copy(update={"row_steps": tuple(step for step in plan.row_steps if step != self.step)})


@dataclass(frozen=True)
class Stratify(Remedy):
    """Every part gets its share of each class. before: how rows are divided otherwise."""

    before: SplitMethod

    def apply(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan that divides rows by class."""
        return self._with(plan, SplitMethod.STRATIFIED)

    def revert(self, plan: PreparationPlan) -> PreparationPlan:
        """The plan that divides them as before."""
        return self._with(plan, self.before)

    def _with(self, plan: PreparationPlan, method: SplitMethod) -> PreparationPlan:
        return plan.model_copy(update={"split": plan.split.model_copy(update={"method": method})})


def exclude(*columns: ColumnUse) -> Remedy:
    """Leave columns out."""
    label = "Exclude column" if len(columns) == 1 else f"Exclude {len(columns)} columns"
    return UseColumns(label, "Excluded", columns, used=False)


def use_anyway(column: ColumnUse) -> Remedy:
    """Use a column that is left out unless somebody wants it."""
    return UseColumns("Use it anyway", "In use", (column,), used=True)


DROP_ROWS_WITHOUT_TARGET = SetMember("Drop these rows", "Dropped", "drop_missing_target")
WEIGHT_CLASSES = SetMember("Weight classes", "Weighted", "weighted")


def drop_duplicates(apart_from: Sequence[str]) -> tuple[Remedy, ...]:
    """Keep the first of equal rows; columns that are left out do not count."""
    return (AddRowStep("Drop repeated rows", "Dropped", DropDuplicates(apart_from=tuple(apart_from))),)


def of_few_rows(split: SplitPlan) -> tuple[Remedy, ...]:
    """What gives each part its share of a class: nothing where it has that."""
    if split.method is not SplitMethod.SHUFFLED:
        return ()
    return (Stratify("Stratify by class", "Stratified", split.method),)


def merge_classes(names: Sequence[str], all_names: Sequence[str]) -> tuple[Remedy, ...]:
    """Make one class of several; nothing where that would leave a single class."""
    if len(names) < 2 or len(names) > len(all_names) - 1:
        return ()
    merged = MERGED if MERGED not in all_names else " or ".join(names)
    step = MapTarget(classes=dict.fromkeys(names, merged))
    return (AddRowStep(f"Merge {len(names)} classes into one", "Merged", step),)
