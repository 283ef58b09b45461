"""The table that is looked at: one copy in memory for all sessions, and what was computed from it.

Everything is keyed by what the table is: a file and its time, the content of an upload, the version of an account's S3
object, and how a person corrected the reading of it. Tables are handed out as shallow copies, which pandas copies on
write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.components.queries.kept_results import KeptResults
from services.aws.account import Account
from services.aws.s3 import Address
from services.data import plan_preview
from services.data import split as splits
from services.data import target as targets
from services.data.division import split_preview as previews
from services.data.division.partition import SplitPlan
from services.data.division.resampling import ResamplingEffect
from services.data.division.split_preview import SplitPreview
from services.data.plan_preview import PlanPreview
from services.data.preparation_plan import PreparationPlan
from services.data.prepared_data import PreparedData
from services.data.profiling import associations, profile, table_profile
from services.data.profiling import correlations as correlation
from services.data.profiling import distribution as distributions
from services.data.profiling import duplicates as duplicate_rows
from services.data.profiling import target_numbers as number_targets
from services.data.profiling.associations import TargetAssociations
from services.data.profiling.column_profile import ColumnProfile
from services.data.profiling.correlations import CorrelationMeasure
from services.data.profiling.distribution import Distribution, TargetGroups
from services.data.profiling.profile import ClassBalance, Overview
from services.data.profiling.table_profile import Profiles
from services.data.profiling.target_numbers import TargetNumbers
from services.data.reading import file_reader
from services.data.reading.file_reader import FileTable
from services.data.reading.reading_code import ReadingCode
from services.data.recipe import column_types
from services.data.recipe import row_steps as row_steps_of_recipes
from services.data.recipe.column_types import ColumnUse
from services.data.recipe.recipe import Recipe
from services.data.table_sources import content_hash, s3_folder
from services.data.table_sources import sources as data_sources
from services.data.table_sources.s3_folder import FolderFile
from services.data.target import Suggestion
from services.data.target_kind import TargetKind
from services.endpoints.describe import Endpoint
from services.endpoints.predict import features_of
from services.errors import Problem
from services.evaluation import scoring
from services.evaluation.score_columns import score_columns

if TYPE_CHECKING:
    import pandas as pd

SCORED_FILES, SCORED_SECONDS = 5, 600.0  # predicted files of all sessions, and how long each is kept


@dataclass(frozen=True)
class Choice:
    """A table that a person chose. Equal identities are the same table.

    source: where it came from, in words or as an address.
    name:   what prepared data made of it is called at first.
    target: the column usually predicted, where that is known.
    code:   Python lines that load it into `table`, of how its file is read.
    file:   the identity of its file, whatever a person corrects of how that is read; None for a table that is no file.
    content: where the one file it is read from lies on this computer; None where there is none.
    """

    identity: tuple[str, ...]
    load: Callable[[], FileTable] = field(compare=False)
    source: str
    name: str
    target: str | None
    code: Callable[[ReadingCode], str] = field(compare=False)
    file: tuple[str, ...] | None = None
    content: Path | None = field(default=None, compare=False)


def table(choice: Choice) -> FileTable:
    """The table itself. Raises Problem when it cannot be read."""
    held = _table(choice.identity, choice.load)
    return replace(held, frame=held.frame.copy(deep=False))


@st.cache_resource(ttl=3600, max_entries=3, show_spinner=False)
def _table(identity: tuple[str, ...], _load: Callable[[], FileTable]) -> FileTable:
    return _load()


def source_sha256(choice: Choice, frame: pd.DataFrame) -> str:
    """The hash of the table's content, see `content_hash.py`."""
    return _source_sha256(choice.identity, choice.content, frame)


@st.cache_data(ttl=3600, max_entries=10, show_spinner=False)
def _source_sha256(identity: tuple[str, ...], _content: Path | None, _frame: pd.DataFrame) -> str:
    return content_hash.of_table(_frame) if _content is None else content_hash.of_path(_content)


@st.cache_data(ttl=60, show_spinner=False)
def version(account: Account, address: Address) -> str:
    """The version of an S3 object. Raises AwsError."""
    return data_sources.version(account, address)


@st.cache_data(ttl=60, show_spinner=False)
def folder_files(account: Account, address: Address) -> tuple[FolderFile, ...]:
    """The files with rows in an S3 folder. Raises Problem, AwsError."""
    return s3_folder.files(account, address)


@st.cache_data(ttl=3600, max_entries=10, show_spinner=False)
def overview(identity: tuple[str, ...], _frame: pd.DataFrame) -> Overview:
    """The table in four numbers."""
    return profile.overview(_frame)


@st.cache_resource(ttl=3600, max_entries=10, show_spinner=False)
def profiles(identity: tuple[str, ...], _frame: pd.DataFrame) -> Profiles:
    """The profile of each column."""
    return table_profile.table_profile(_frame)


def columns(identity: tuple[str, ...], frame: pd.DataFrame) -> pd.DataFrame:
    """One row a column, see `table_profile.columns`."""
    return table_profile.columns(profiles(identity, frame))


@st.cache_data(ttl=3600, max_entries=10, show_spinner=False)
def duplicates(identity: tuple[str, ...], _frame: pd.DataFrame) -> int:
    """Rows that repeat an earlier one."""
    return duplicate_rows.duplicates(_frame)


@st.cache_data(ttl=3600, max_entries=10, show_spinner=False)
def column_uses(identity: tuple[str, ...], _frame: pd.DataFrame) -> tuple[ColumnUse, ...]:
    """What each column holds and how it is used unless somebody says otherwise."""
    return column_types.column_uses(_frame)


@st.cache_data(ttl=3600, max_entries=200, show_spinner=False)
def unreadable_cells(identity: tuple[str, ...], use: ColumnUse, _frame: pd.DataFrame) -> int:
    """How many cells of a column become missing when it is used so."""
    return column_types.unreadable_cells(_frame[use.name], use)


def rows_left(identity: tuple[str, ...], target: str, plan: PreparationPlan, frame: pd.DataFrame) -> pd.DataFrame:
    """What the row steps of a plan leave of a table. Raises Problem."""
    if not plan.row_steps:
        return frame
    return _rows_left(identity, target, repr(plan.row_steps), plan, frame).copy(deep=False)


@st.cache_resource(ttl=3600, max_entries=3, show_spinner=False)
def _rows_left(
    identity: tuple[str, ...], target: str, row_steps: str, _plan: PreparationPlan, _frame: pd.DataFrame
) -> pd.DataFrame:
    return row_steps_of_recipes.apply(_plan.row_steps, _frame, target)


def preview(
    identity: tuple[str, ...], target: str, plan: PreparationPlan, suggested: Sequence[ColumnUse], frame: pd.DataFrame
) -> PlanPreview:
    """What the own steps of a plan do to a table's training rows. Raises Problem."""
    return _preview(identity, target, plan.model_dump_json(), plan, suggested, frame)


@st.cache_data(ttl=3600, max_entries=30, show_spinner="Previewing the steps on the training rows")
def _preview(
    identity: tuple[str, ...],
    target: str,
    plan: str,
    _plan: PreparationPlan,
    _suggested: Sequence[ColumnUse],
    _frame: pd.DataFrame,
) -> PlanPreview:
    return plan_preview.preview(_frame, target, _plan, _suggested)


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def class_balance(identity: tuple[str, ...], target: str, _frame: pd.DataFrame) -> ClassBalance:
    """The classes of a column. Raises Problem."""
    return profile.class_balance(_frame[target])


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def split_preview(
    identity: tuple[str, ...],
    target: str,
    positive: str | None,
    kind: TargetKind | None,
    drop_missing_target: bool,
    plan: str,
    _frame: pd.DataFrame,
) -> SplitPreview:
    """What each part will hold; `plan` is the split's as JSON. Raises Problem."""
    parts = SplitPlan.model_validate_json(plan)
    return previews.preview(_frame, target, positive, kind=kind, parts=parts, drop_missing_target=drop_missing_target)


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def resampling_effect(
    identity: tuple[str, ...],
    target: str,
    positive: str | None,
    plan: str,
    _frame: pd.DataFrame,
    _options: dict[str, Any],
) -> ResamplingEffect | None:
    """What resampling makes of the train rows; `plan` as JSON decides `_options`. Raises Problem."""
    return splits.split(_frame, target, positive, **_options).resampled


def target_suggestion(identity: tuple[str, ...], target: str, _frame: pd.DataFrame) -> Suggestion:
    """What a column is as a target unless somebody says otherwise."""
    return targets.suggest(_frame[target])


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def target_numbers(identity: tuple[str, ...], target: str, _frame: pd.DataFrame) -> TargetNumbers:
    """The spread of a column of numbers, as they are or as text. Raises Problem where there is none."""
    numbers = targets.as_numbers(_frame[target])
    spread = None if numbers is None else number_targets.target_numbers(numbers)
    if spread is None:
        raise Problem(f"Target {target}", "it holds no number", "Choose another column")
    return spread


def target_associations(
    identity: tuple[str, ...], target: str, plan: PreparationPlan, frame: pd.DataFrame
) -> TargetAssociations:
    """The columns by how strongly they go with the target, in the training rows of a plan. Raises Problem."""
    decided = plan.model_dump_json(include={"kind", "positive", "split"})
    return _target_associations(identity, target, decided, plan, frame)


@st.cache_resource(ttl=3600, max_entries=50, show_spinner=False)
def _target_associations(
    identity: tuple[str, ...], target: str, decided: str, _plan: PreparationPlan, _frame: pd.DataFrame
) -> TargetAssociations:
    return associations.target_associations(_frame, target, _plan.split, _plan.kind, _plan.positive)


@st.cache_data(ttl=3600, max_entries=30, show_spinner=False)
def correlations(
    identity: tuple[str, ...], measure: CorrelationMeasure, chosen: tuple[str, ...], _frame: pd.DataFrame
) -> pd.DataFrame:
    """How each pair of the chosen columns goes together."""
    return correlation.MEASURES[measure](_frame[list(chosen)])


@st.cache_resource(ttl=3600, max_entries=10, show_spinner=False)
def target_groups(
    identity: tuple[str, ...], target: str, kind: TargetKind | None, _frame: pd.DataFrame
) -> TargetGroups | None:
    """The classes or quarters of a target; None for text with too many values."""
    return distributions.target_groups(_frame[target], kind)


@st.cache_data(ttl=3600, max_entries=200, show_spinner=False)
def distribution(
    identity: tuple[str, ...], column: str, target: str, kind: TargetKind | None, _frame: pd.DataFrame
) -> Distribution:
    """A column by class or quarter of a target that has them."""
    groups = target_groups(identity, target, kind, _frame)
    return distributions.distribution(_frame[column], groups.names) if groups else Distribution((), {}, 0)


@st.cache_data(ttl=3600, max_entries=200, show_spinner=False)
def group_profiles(
    identity: tuple[str, ...], column: str, target: str, kind: TargetKind | None, _frame: pd.DataFrame
) -> dict[str, ColumnProfile]:
    """The profile of a column in each class or quarter of the target, in their order."""
    groups = target_groups(identity, target, kind, _frame)
    return distributions.group_profiles(_frame[column], groups) if groups else {}


def scored(
    account: Account,
    endpoint: Endpoint,
    file: Any,
    data: PreparedData,
    recipe: Recipe | None,
    progress: Callable[[int, int], None] | None,
) -> pd.DataFrame:
    """The rows of an uploaded file behind what an endpoint's edition says of them; asked once, not once a rerun.

    See `score_columns` for what stands in front. What is to be known about how the file was read stands in the
    attribute "notes" of the frame. Streamlit does not cache it itself: it would draw the progress again at each rerun.

    Raises Problem for a file that is no table or lacks the model's columns, AwsError when the endpoint refuses.
    """
    key = (account, endpoint.name, endpoint.edition, file.file_id, data.name)
    found = _scored_files().find(key)
    if found is None:
        found = _scored(account, endpoint, file, data, recipe, progress)
        _scored_files().save(key, found)
    return found


@st.cache_resource(show_spinner=False)
def _scored_files() -> KeptResults[tuple[Any, ...], pd.DataFrame]:
    return KeptResults(SCORED_FILES, SCORED_SECONDS)


def _scored(
    account: Account,
    endpoint: Endpoint,
    file: Any,
    data: PreparedData,
    recipe: Recipe | None,
    progress: Callable[[int, int], None] | None,
) -> pd.DataFrame:
    where = f"File {file.name}"
    table = file_reader.read_file(file, where)
    rows = table.frame
    features = features_of(rows, data, recipe, where)
    scores = scoring.through_endpoint(account, endpoint.name, features, progress, endpoint.body_limit, endpoint.answers)
    found = score_columns(scoring.of_kind(scores, data, f"Endpoint {endpoint.name}"), data)
    rows = rows.drop(columns=list(found), errors="ignore")
    for place, (name, cells) in enumerate(found.items()):
        rows.insert(place, name, cells)
    rows.attrs["notes"] = table.notes
    return rows
