"""The table that is looked at: one copy in memory for all sessions, and what was computed from it.

Everything is keyed by what the table is: a file and its time, an upload, the version of an account's S3 object. Tables
are handed out as shallow copies, which pandas copies on write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from services.aws.account import Account
from services.aws.s3 import Address
from services.data import sources as data_sources
from services.data.partition import SplitPlan
from services.data.prepared_data import PreparedData
from services.data.profiling import associations, profile, table_profile
from services.data.profiling import correlations as correlation
from services.data.profiling import distribution as distributions
from services.data.profiling import duplicates as duplicate_rows
from services.data.profiling.associations import TargetAssociations
from services.data.profiling.column_profile import ColumnProfile
from services.data.profiling.correlations import CorrelationMeasure
from services.data.profiling.distribution import Distribution, TargetGroups
from services.data.profiling.profile import ClassBalance, Overview
from services.data.profiling.table_profile import Profiles
from services.data.reading import file_reader
from services.data.reading.file_reader import FileTable
from services.data.reading.reading_code import ReadingCode
from services.data.recipe import column_types
from services.data.recipe.column_types import ColumnUse
from services.data.recipe.recipe import Recipe
from services.data.target_kind import TargetKind
from services.endpoints.describe import Endpoint
from services.endpoints.predict import features_of
from services.evaluation import scoring

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Choice:
    """A table that a person chose. Equal identities are the same table.

    source: where it came from, in words or as an address.
    name:   what prepared data made of it is called at first.
    target: the column usually predicted, where that is known.
    code:   Python lines that load it into `table`, of how its file is read.
    """

    identity: tuple[str, ...]
    load: Callable[[], FileTable] = field(compare=False)
    source: str
    name: str
    target: str | None
    code: Callable[[ReadingCode], str] = field(compare=False)


def table(choice: Choice) -> FileTable:
    """The table itself. Raises Problem when it cannot be read."""
    held = _table(choice.identity, choice.load)
    return replace(held, frame=held.frame.copy(deep=False))


@st.cache_resource(ttl=3600, max_entries=3, show_spinner=False)
def _table(identity: tuple[str, ...], _load: Callable[[], FileTable]) -> FileTable:
    return _load()


@st.cache_data(ttl=60, show_spinner=False)
def version(account: Account, address: Address) -> str:
    """The version of an S3 object. Raises AwsError."""
    return data_sources.version(account, address)


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


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def class_balance(identity: tuple[str, ...], target: str, _frame: pd.DataFrame) -> ClassBalance:
    """The classes of a column. Raises Problem."""
    return profile.class_balance(_frame[target])


def target_associations(
    identity: tuple[str, ...], target: str, split: SplitPlan, frame: pd.DataFrame
) -> TargetAssociations:
    """The columns by how strongly they go with the target, in the training rows of a split. Raises Problem."""
    return _target_associations(identity, target, split.model_dump_json(), split, frame)


@st.cache_resource(ttl=3600, max_entries=50, show_spinner=False)
def _target_associations(
    identity: tuple[str, ...], target: str, key: str, _split: SplitPlan, _frame: pd.DataFrame
) -> TargetAssociations:
    return associations.target_associations(_frame, target, _split)


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


@st.cache_resource(ttl=600, max_entries=5, show_spinner=False)
def scored(
    account: Account,
    endpoint: str,
    edition: str,
    file: str,
    _file: Any,
    _endpoint: Endpoint,
    _data: PreparedData,
    _recipe: Recipe | None,
    _progress: Any,
) -> pd.DataFrame:
    """The rows of upload `file` with the scores of an endpoint's edition in front; asked once, not once a rerun.

    What is to be known about how the file was read stands in the attribute "notes" of the frame.

    Raises Problem for a file that is no table or lacks the model's columns, AwsError when the endpoint refuses.
    """
    where = f"File {_file.name}"
    table = file_reader.read_file(_file, where)
    rows = table.frame
    features = features_of(rows, _data, _recipe, where)
    scores = scoring.through_endpoint(account, endpoint, features, _progress, _endpoint.body_limit, _endpoint.answers)
    rows = rows.drop(columns="score", errors="ignore")
    rows.insert(0, "score", scores)
    rows.attrs["notes"] = table.notes
    return rows
