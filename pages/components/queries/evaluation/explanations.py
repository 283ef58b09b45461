"""What explains a model over a split, worked out once: XGBoost takes seconds for some ten thousand rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.queries import data_sets, table_cache
from pages.components.queries.evaluation import models
from pages.components.queries.kept_results import KeptResults
from services.aws.account import Account
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.data.recipe.raw_values import RawValues, raw_values
from services.data.recipe.recipe import Recipe
from services.evaluation import scoring
from services.evaluation.explanation import contributions as explanations
from services.evaluation.explanation import summary
from services.evaluation.explanation.contributions import Contributions, Progress
from services.evaluation.explanation.row_explanation import number_of_row
from services.evaluation.explanation.summary import ColumnImportance, Dependence, Swarm

SHOWN = 12  # columns of a beeswarm
KEPT, HOUR = 5, 3600.0  # explanations of all sessions, and the seconds that each is kept


@dataclass(frozen=True)
class Explained:
    """A model and a split: what the caches below are keyed by.

    uri: S3 address of the model's archive; version: of that file.
    """

    account: Account
    uri: str
    version: str
    data: str
    created: datetime
    split: str


@dataclass(frozen=True, eq=False)
class ExplainedRows:
    """The contributions of a split, or of a sample of its `total` rows, with their raw cells and the columns' gains.

    at: when they were worked out, to the microsecond: what is made of them is remembered by it.
    """

    contributions: Contributions
    values: Mapping[str, RawValues | None]
    gains: Mapping[str, float]
    total: int
    at: datetime

    @property
    def rows(self) -> int:
        return len(self.contributions.values)


def of(account: Account, uri: str, data: PreparedData, split: str) -> Explained:
    """The model at an address and a split. Raises AwsError."""
    return Explained(account, uri, table_cache.version(account, Address.parse(uri)), data.name, data.created, split)


def rows(key: Explained, data: PreparedData, progress: Progress) -> ExplainedRows:
    """All rows, or a sample of very many. Raises Problem, AwsError.

    Kept by hand: what shows progress cannot run inside one of Streamlit's caches.
    """
    found = _kept().find(key)
    if found is None:
        found = _explain(key, data, progress)
        _kept().save(key, found)
    return found


def _explain(key: Explained, data: PreparedData, progress: Progress) -> ExplainedRows:
    model, recipe = models.model(key.account, key.uri), data_sets.recipe(key.account, key.data)
    features = scoring.read_split(key.account, data, key.split).features
    origins = explanations.origins_of(data.features, recipe)
    chosen = explanations.sample(features.num_rows, max(1, len(data.classes)), len(set(origins.values())))
    shown = features if chosen is None else features.take(chosen)
    return ExplainedRows(
        explanations.explain(model, shown, origins, progress),
        raw_values(_cells(shown), recipe),
        explanations.gains(model, origins),
        features.num_rows,
        datetime.now(UTC),
    )


def importances(rows: ExplainedRows, class_place: int) -> tuple[ColumnImportance, ...]:
    """All columns for one of the model's classes, those that matter most first."""
    return _importances(rows.at, class_place, rows)


@st.cache_data(ttl=HOUR, max_entries=20, show_spinner=False)
def _importances(at: datetime, class_place: int, _rows: ExplainedRows) -> tuple[ColumnImportance, ...]:
    return summary.rank(_rows.contributions, _rows.gains, class_place)


def swarms(rows: ExplainedRows, class_place: int) -> tuple[Swarm, ...]:
    """The beeswarm of the columns that matter most."""
    return _swarms(rows.at, class_place, rows)


@st.cache_data(ttl=HOUR, max_entries=20, show_spinner=False)
def _swarms(at: datetime, class_place: int, _rows: ExplainedRows) -> tuple[Swarm, ...]:
    columns = [one.column for one in importances(_rows, class_place)[:SHOWN]]
    return summary.swarms(_rows.contributions, _rows.values, columns, class_place)


def dependence(rows: ExplainedRows, class_place: int, column: str) -> Dependence | None:
    """How the contributions of a column follow its value; None where the prepared rows do not tell its values."""
    return _dependence(rows.at, class_place, column, rows)


@st.cache_data(ttl=HOUR, max_entries=50, show_spinner=False)
def _dependence(at: datetime, class_place: int, column: str, _rows: ExplainedRows) -> Dependence | None:
    values = _rows.values[column]
    return None if values is None else summary.dependence(_rows.contributions, column, values, class_place)


@st.cache_resource(ttl=HOUR, max_entries=100, show_spinner=False)
def row_features(key: Explained, number: int, _data: PreparedData) -> Any:
    """An Arrow table of one row of the split, by its number from 1. Raises Problem beyond the split, AwsError."""
    place = number_of_row(number, _data.rows[key.split])
    return scoring.read_split(key.account, _data, key.split).features.take([place])


def raw_row(features: Any, recipe: Recipe | None) -> dict[str, RawValues | None]:
    """The raw cells of an Arrow table of one row, as far as its features tell them."""
    return raw_values(_cells(features), recipe)


def _cells(features: Any) -> dict[str, NDArray[np.float64]]:
    return {name: column.to_numpy() for name, column in zip(features.column_names, features.columns, strict=True)}


@st.cache_resource(show_spinner=False)
def _kept() -> KeptResults[Explained, ExplainedRows]:
    return KeptResults(KEPT, HOUR)
