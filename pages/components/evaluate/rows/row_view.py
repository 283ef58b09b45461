"""The rows behind a cell of the confusion matrix, with their raw columns; most wrong first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.components.evaluate.explain import view as explain
from pages.components.evaluate.overview import charts, class_charts, threshold_form
from pages.components.evaluate.rows import matrix_cell, row_columns
from pages.components.queries import evaluated_rows
from pages.components.queries.evaluations import Choice, Evaluation
from pages.components.shell import formats
from services.data.class_names import class_name
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.evaluation.decision.saved_decision import DEFAULT_THRESHOLD
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.metrics import Confusion, Counts
from services.evaluation.scored_rows import matrix_cells
from services.evaluation.scored_rows.matrix_cells import DecidedRows, ErrorSide

PAGE = 50  # rows that are sent at a time
TOLD_OF_TWO = {  # what the rows of a cell are, and which come first
    (0, 1): ("flagged, but not {positive}", "Highest scores first"),
    (1, 0): ("{positive}, but not flagged", "Lowest scores first"),
    (1, 1): ("{positive}, and flagged", "Lowest scores first"),
    (0, 0): ("not {positive}, and not flagged", "Highest scores first"),
}


@dataclass(frozen=True)
class _Chosen:
    """Places of the chosen rows, what they are called in a file, what they are, and which come first."""

    places: NDArray[np.int64]
    name: str
    sentence: str
    order: str


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """The choice of rows and these rows."""
    two = evaluation.data.kind is TargetKind.TWO_CLASSES
    threshold = threshold_form.current(choice, model) if two else DEFAULT_THRESHOLD
    if evaluation.data.kind is TargetKind.NUMBER:
        chosen = _by_side(evaluation)
        _say(chosen)
    else:
        left, right = st.columns(2, vertical_alignment="center")
        decided = evaluated_rows.decided(choice, evaluation, threshold)
        counts = decided.confusion(len(evaluation.data.classes))
        with left.container(border=True):
            matrix_cell.chart(_matrix(counts, evaluation.data), counts, evaluation.data, "rows_matrix")
        with right:
            chosen = _of_cell(decided, counts, evaluation.data, threshold)
            _say(chosen)
    part = evaluated_rows.part_rows(choice, evaluation)
    if not part.is_raw:
        st.info(_not_kept(choice.split), icon=":material/table_rows:")
    if len(chosen.places):
        _page(choice, evaluation, chosen.places, threshold)
        st.download_button(
            f"Download {formats.count(len(chosen.places), 'row')}",
            partial(row_columns.to_csv, evaluation, part, chosen.places, threshold),
            file_name=f"{choice.job}-{choice.split}-{chosen.name.replace(' ', '-')}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download_rows",
            on_click="ignore",
        )


def _say(chosen: _Chosen) -> None:
    st.subheader(formats.plain(chosen.sentence), anchor=False)
    if len(chosen.places):
        st.caption(f"{chosen.order}. Select a row to explain it.")


def _matrix(counts: Counts, data: PreparedData) -> go.Figure:
    names = [class_name(name) for name in data.classes]
    if data.kind is TargetKind.CLASSES:
        return class_charts.confusion_matrix(counts, names)
    (tn, fp), (fn, tp) = counts.tolist()
    return charts.confusion_matrix(Confusion(tp, fp, fn, tn), (names[0], names[1]))


def _by_side(evaluation: Evaluation) -> _Chosen:
    """Rows of a number by the side on which the prediction lies."""
    side = ErrorSide(matrix_cell.choose(list(ErrorSide), ErrorSide.BOTH))
    places = matrix_cells.by_error(evaluation.scores - evaluation.labels, side)
    predicted = "" if side is ErrorSide.BOTH else f" predicted {side}"
    return _Chosen(places, side, f"{formats.count(len(places), 'row')}{predicted}.", "Furthest off first")


def _of_cell(decided: DecidedRows, counts: Counts, data: PreparedData, threshold: float) -> _Chosen:
    """The rows of the cell that the box chooses."""
    cells, two = matrix_cell.cells(counts, data), data.kind is TargetKind.TWO_CLASSES
    usual = max(list(cells)[:2], key=lambda name: counts[cells[name].actual, cells[name].predicted]) if two else None
    name = matrix_cell.choose(list(cells), usual or matrix_cell.ERRORS)
    actual, predicted = cells[name].actual, cells[name].predicted
    if actual is None or predicted is None:
        places = decided.errors()
        said = f"{formats.count(len(places), 'row')} predicted as another class."
        return _Chosen(places, name, said, "Most wrong first")
    places = decided.in_cell(actual, predicted)
    if not two:
        order = "Most wrong first" if actual != predicted else "Least sure first"
        return _Chosen(places, name, f"{formats.count(len(places), 'row')} of {name}.", order)
    told, order = TOLD_OF_TWO[actual, predicted]
    noun = name if len(places) != 1 else name.removesuffix("s")
    told = told.format(positive=class_name(data.classes[1]))
    return _Chosen(places, name, f"{len(places):,} {noun} at threshold {threshold:.3f}: {told}.", order)


def _page(choice: Choice, evaluation: Evaluation, places: NDArray[np.int64], threshold: float) -> None:
    """The table of one page; a selected row can be explained."""
    pages, key = -(-len(places) // PAGE), f"rows_page_{len(places)}_{places[0]}"
    number = int(st.session_state.get(key, 1)) if pages > 1 else 1
    shown = places[(number - 1) * PAGE : number * PAGE]
    part = evaluated_rows.part_rows(choice, evaluation)
    said = row_columns.shown_answers(evaluation, shown, threshold)
    shares = [name for name in said if name == "score" or name.startswith("probability")]
    event: Any = st.dataframe(
        row_columns.frame(said, part, shown),
        hide_index=True,
        height=420,
        key=f"rows_table_{key}_{number}",
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        column_config={
            "row": st.column_config.NumberColumn("Row", pinned=True, format="localized"),
            **{name: name.capitalize() for name in said if name not in ("row", *shares)},
            **{name: st.column_config.NumberColumn(name.capitalize(), format="%.3f") for name in shares},
        },
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if pages > 1:
            first = (number - 1) * PAGE
            st.caption(f"Rows {first + 1:,} to {first + len(shown):,} of {len(places):,}", width="content")
            st.pagination(pages, key=key, width=340)
        selected = event["selection"]["rows"]
        row = int(shown[selected[0]]) + 1 if selected else None
        st.button(
            f"Explain row {row:,}" if row else "Explain a row",
            key="explain_row",
            icon=":material/lightbulb:",
            disabled=row is None,
            on_click=explain.open_row,
            args=(row,),
            help="Which columns move its score, and what would change it",
        )


def _not_kept(split: str) -> str:
    """Why the features are shown."""
    if split == "train":
        return "Raw rows are kept of validation and test only, so these are the features as the model sees them."
    return (
        "These rows were prepared before raw rows were kept, so these are the features as the model sees them. "
        "Prepare the table again to see its own columns."
    )
