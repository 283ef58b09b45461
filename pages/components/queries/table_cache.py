"""The table that is looked at: one copy in memory for all sessions, and what was computed from it.

Everything is keyed by what the table is: a file and its time, the content of an upload, the version of an account's S3
object, and how a person corrected the reading of it. Tables are handed out as shallow copies, which pandas copies on
write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from services.aws.account import Account
from services.aws.s3 import Address
from services.data import s3_folder
from services.data import sources as data_sources
from services.data.prepared_data import PreparedData
from services.data.profiling import profile
from services.data.profiling.profile import ClassBalance, Distribution, Overview
from services.data.reading import file_reader
from services.data.reading.file_reader import FileTable
from services.data.reading.reading_code import ReadingCode
from services.data.recipe import column_types
from services.data.recipe.column_types import ColumnUse
from services.data.recipe.recipe import Recipe
from services.data.s3_folder import FolderFile
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
    file:   the identity of its file, whatever a person corrects of how that is read; None for a table that is no file.
    """

    identity: tuple[str, ...]
    load: Callable[[], FileTable] = field(compare=False)
    source: str
    name: str
    target: str | None
    code: Callable[[ReadingCode], str] = field(compare=False)
    file: tuple[str, ...] | None = None


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


@st.cache_data(ttl=60, show_spinner=False)
def folder_files(account: Account, address: Address) -> tuple[FolderFile, ...]:
    """The files with rows in an S3 folder. Raises Problem, AwsError."""
    return s3_folder.files(account, address)


@st.cache_data(ttl=3600, max_entries=10, show_spinner=False)
def overview(identity: tuple[str, ...], _frame: pd.DataFrame) -> Overview:
    """The table in four numbers."""
    return profile.overview(_frame)


@st.cache_data(ttl=3600, max_entries=10, show_spinner=False)
def columns(identity: tuple[str, ...], _frame: pd.DataFrame) -> pd.DataFrame:
    """One row a column, see `profile.columns`."""
    return profile.columns(_frame)


@st.cache_data(ttl=3600, max_entries=10, show_spinner=False)
def column_uses(identity: tuple[str, ...], _frame: pd.DataFrame) -> tuple[ColumnUse, ...]:
    """What each column holds and how it is used unless somebody says otherwise."""
    return column_types.column_uses(_frame)


@st.cache_data(ttl=3600, max_entries=10, show_spinner=False)
def described(identity: tuple[str, ...], _frame: pd.DataFrame) -> pd.DataFrame:
    """One row a number column, see `profile.describe`."""
    return profile.describe(_frame)


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def class_balance(identity: tuple[str, ...], target: str, _frame: pd.DataFrame) -> ClassBalance:
    """The classes of a column. Raises Problem."""
    return profile.class_balance(_frame[target])


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def separations(identity: tuple[str, ...], target: str, positive: str, _frame: pd.DataFrame) -> pd.Series:
    """The number columns, those in which the classes differ most first."""
    return profile.separations(_frame, target, positive)


@st.cache_data(ttl=3600, max_entries=200, show_spinner=False)
def distribution(identity: tuple[str, ...], column: str, target: str, _frame: pd.DataFrame) -> Distribution:
    """A column by class."""
    return profile.distribution(_frame[column], _frame[target])


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
