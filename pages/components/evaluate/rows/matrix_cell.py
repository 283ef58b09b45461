"""The cell of the confusion matrix whose rows are shown, chosen by a click on the matrix or by the box below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.components.shell import chart_theme, formats
from services.data.class_names import class_name
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind

CELL = "cell"  # key of the box, also in the address
ERRORS = "all errors"
OF_TWO = (("true negatives", "false positives"), ("false negatives", "true positives"))  # by actual, then predicted
LABEL, FEW_OPTIONS = "Rows to show", 4  # more options are a box with a search
BOX = 40  # pixels of the invisible mark that takes a click


@dataclass(frozen=True)
class MatrixCell:
    """Places of classes by which rows are chosen; none of them for all rows that are wrong."""

    actual: int | None = None
    predicted: int | None = None


def chart(figure: go.Figure, counts: np.ndarray, data: PreparedData, key: str) -> None:
    """A confusion matrix, a heat map of (classes, classes) `counts`; a click on a cell opens its rows."""
    heat = figure.data[0]
    places = [(row, column) for row in range(len(counts)) for column in range(len(counts))]
    figure.add_scatter(
        x=[heat.x[column] for _, column in places],
        y=[heat.y[row] for row, _ in places],
        mode="markers",
        marker={"size": BOX, "symbol": "square", "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[_hover_text(counts, data, row, column) for row, column in places],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )
    heat.hoverinfo, heat.hovertemplate = "skip", None
    figure.update_xaxes(range=[-0.5, len(counts) - 0.5])  # which the marks would widen
    figure.update_yaxes(range=[len(counts) - 0.5, -0.5])
    figure.update_layout(hoverdistance=-1, clickmode="event+select")  # of whichever cell is next to the pointer
    st.plotly_chart(
        figure,
        key=key,
        on_select=lambda: _open(key, counts, data),
        selection_mode="points",
        config=chart_theme.CONFIG,
        alt="Rows by actual and predicted class; the box below chooses a cell",
    )


def choose(options: Sequence[str], usual: str) -> str:
    """The box: one of the options, `usual` unless the address or a click says otherwise."""
    if st.session_state.get(CELL) not in options:  # of another model, or gone since the threshold moved
        st.session_state.pop(CELL, None)
    if len(options) <= FEW_OPTIONS:
        few: str = st.segmented_control(
            LABEL, options, default=usual, required=True, key=CELL, bind="query-params", format_func=_capital
        )
        return few
    index = options.index(usual)
    return st.selectbox(LABEL, options, index, key=CELL, bind="query-params", format_func=_capital)


def cells(counts: np.ndarray, data: PreparedData) -> dict[str, MatrixCell]:
    """The cells by name, errors first; of several classes those with rows, the larger first, below all errors."""
    places = [(row, column) for row in range(len(counts)) for column in range(len(counts))]
    places.sort(key=lambda cell: cell[0] == cell[1])
    if data.kind is TargetKind.TWO_CLASSES:
        return {_name(data, *cell): MatrixCell(*cell) for cell in places}
    places.sort(key=lambda cell: (cell[0] == cell[1], -counts[cell]))
    return {ERRORS: MatrixCell()} | {_name(data, *cell): MatrixCell(*cell) for cell in places if counts[cell]}


def _open(key: str, counts: np.ndarray, data: PreparedData) -> None:
    """Show the rows of the cell that was clicked, if it has some."""
    points = st.session_state[key]["selection"]["points"]
    if points:
        cell = divmod(int(points[0]["point_index"]), len(counts))
        if counts[cell]:
            st.session_state[CELL], st.session_state["view"] = _name(data, *cell), "Rows"


def _hover_text(counts: np.ndarray, data: PreparedData, actual: int, predicted: int) -> str:
    rows = int(counts[actual, predicted])
    name = _name(data, actual, predicted)
    share = formats.percent(rows / max(1, int(counts[actual].sum())))
    said = f"{_capital(name)}: {formats.count(rows, 'row')}, {share} of {class_name(data.classes[actual])}"
    return chart_theme.plain(said) + "<br>Click to see them" * bool(rows)


def _name(data: PreparedData, actual: int, predicted: int) -> str:
    """What a cell is called in the box."""
    if data.kind is TargetKind.TWO_CLASSES:
        return OF_TWO[actual][predicted]
    return f"{class_name(data.classes[actual])} predicted as {class_name(data.classes[predicted])}"


def _capital(name: str) -> str:
    return f"{name[0].upper()}{name[1:]}"
