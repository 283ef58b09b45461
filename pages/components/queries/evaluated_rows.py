"""The rows behind an evaluation and their slices, computed once for all sessions; keyed by when rows were scored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import streamlit as st

from pages.components.queries.evaluations import Choice, Evaluation
from services.data.prepared_data import PreparedData
from services.data.sets import raw_rows
from services.data.sets.raw_rows import PartRows
from services.data.target_kind import TargetKind
from services.evaluation.scored_rows import column_slices, slice_comparison
from services.evaluation.scored_rows.column_slices import ColumnSlices
from services.evaluation.scored_rows.matrix_cells import DecidedRows
from services.evaluation.scored_rows.slice_comparison import MeasuredColumn, SliceComparison
from services.evaluation.scored_rows.slice_measures import MeasuredRows, SliceMeasure


def part_rows(choice: Choice, evaluation: Evaluation) -> PartRows:
    """The raw rows that were evaluated, or their features. Raises Problem, AwsError."""
    return _part_rows(choice, evaluation.data.created, evaluation.data)


def decided(choice: Choice, evaluation: Evaluation, threshold: float) -> DecidedRows:
    """The rows of two or several classes with what is predicted of them."""
    return _decided(choice, evaluation.at, threshold, evaluation)


def comparison(choice: Choice, evaluation: Evaluation, threshold: float, what: SliceMeasure) -> SliceComparison:
    """Every slice of every column beside the rest. Raises Problem, AwsError."""
    return _comparison(choice, evaluation.at, threshold, what, evaluation)


def measured_column(choice: Choice, evaluation: Evaluation, threshold: float, column: str) -> MeasuredColumn:
    """All measures of the slices of a column that has some. Raises Problem, AwsError."""
    return _measured_column(choice, evaluation.at, threshold, column, evaluation)


def sliced_columns(choice: Choice, evaluation: Evaluation) -> tuple[str, ...]:
    """Names of the columns that have slices, in the order of the table. Raises Problem, AwsError."""
    return tuple(column.column for column in _sliced(choice, evaluation.at, evaluation)[1])


@st.cache_resource(ttl=3600, max_entries=4, show_spinner="Reading the rows")
def _part_rows(choice: Choice, created: datetime, _data: PreparedData) -> PartRows:
    return raw_rows.read(choice.account, _data, choice.split)


@st.cache_resource(ttl=3600, max_entries=10, show_spinner=False)
def _decided(choice: Choice, at: datetime, threshold: float, _evaluation: Evaluation) -> DecidedRows:
    if _evaluation.data.kind is TargetKind.CLASSES:
        return DecidedRows.of_several(_evaluation.labels, _evaluation.scores)
    return DecidedRows.of_two(_evaluation.labels, _evaluation.scores, threshold)


@st.cache_resource(ttl=3600, max_entries=4, show_spinner="Slicing the rows by each column")
def _sliced(choice: Choice, at: datetime, _evaluation: Evaluation) -> tuple[MeasuredRows, tuple[ColumnSlices, ...]]:
    """Rows and slices, both in the order of rising scores."""
    part = part_rows(choice, _evaluation)
    rows, order = MeasuredRows.of(_evaluation.data.kind, _evaluation.labels, _evaluation.scores)
    names = [name for name in part.columns if name != _evaluation.data.target]
    columns = (column_slices.cut(name, part.column(name)) for name in names)
    return rows, tuple(replace(column, codes=column.codes[order]) for column in columns if column)


@st.cache_data(ttl=3600, max_entries=50, show_spinner="Comparing the slices")
def _comparison(
    choice: Choice, at: datetime, threshold: float, what: SliceMeasure, _evaluation: Evaluation
) -> SliceComparison:
    rows, columns = _sliced(choice, at, _evaluation)
    return slice_comparison.compare(replace(rows, threshold=threshold), columns, what)


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def _measured_column(
    choice: Choice, at: datetime, threshold: float, column: str, _evaluation: Evaluation
) -> MeasuredColumn:
    rows, columns = _sliced(choice, at, _evaluation)
    (wanted,) = (one for one in columns if one.column == column)
    return slice_comparison.measured_column(replace(rows, threshold=threshold), wanted)
