"""Where a model is worse than elsewhere: its measures by the slices of the raw columns, and what may be noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.components.evaluate.overview import threshold_form
from pages.components.evaluate.slices import slice_charts
from pages.components.queries.evaluation import evaluated_rows
from pages.components.queries.evaluation.evaluations import Choice, Evaluation
from pages.components.shell import chart_theme, formats
from services.data.target_kind import TargetKind
from services.errors import some
from services.evaluation.decision.saved_decision import DEFAULT_THRESHOLD
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.scored_rows.slice_comparison import MeasuredColumn, Slice, SliceComparison, SliceVerdict
from services.evaluation.scored_rows.slice_measures import (
    FEWEST_CASES,
    FEWEST_ROWS,
    MEASURES,
    MeasuredValue,
    SliceMeasure,
)
from services.evaluation.wording import number_text
from services.html_report import Table

ALL = "All columns, worst first"
REPORTED = 20  # slices of a report
LISTED = 6  # slices that say nothing, by name
DEPENDS = (SliceMeasure.PRECISION, SliceMeasure.AVERAGE_PRECISION)  # on the share of positives
FEW_NAMES = {SliceMeasure.PRECISION: "flagged rows", SliceMeasure.ROC_AUC: "rows of either class"}
ICONS = {SliceVerdict.WORSE: "▼ worse", SliceVerdict.NOISE: "within noise", SliceVerdict.BETTER: "▲ better"}


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """The measure and the column to choose, a sentence, the chart and the tables."""
    two = evaluation.data.kind is TargetKind.TWO_CLASSES
    threshold = threshold_form.current(choice, model) if two else DEFAULT_THRESHOLD
    columns = evaluated_rows.sliced_columns(choice, evaluation)
    if not columns:
        st.info("No column has groups of rows to compare.", icon=":material/segment:")
        return
    what, column = _choose(evaluation, columns)
    found = evaluated_rows.comparison(choice, evaluation, threshold, what)
    kind = evaluation.data.kind
    at = f" at threshold {threshold:.3f}" if what in (SliceMeasure.RECALL, SliceMeasure.PRECISION) else ""
    st.subheader(formats.plain(sentence(found)), anchor=False)
    st.caption(_basis(found, len(columns), at))
    of_column = [one for one in (*found.ranked, *found.small) if column in (ALL, one.column)]
    if column == ALL:
        _chart(found.ranked[: slice_charts.MOST], found, with_column=True)
        _ranked(found, kind)
    else:
        ordered = evaluated_rows.measured_column(choice, evaluation, threshold, column)
        of_column.sort(key=lambda one: list(ordered).index(one.name))
        _chart(of_column, found, with_column=False)
        _measured(of_column, ordered, kind)
    _small([one for one in of_column if one.few], what)
    if not evaluated_rows.part_rows(choice, evaluation).is_raw:
        st.caption("No raw rows are kept of these rows, so slices are of the features as the model sees them.")


def report_table(choice: Choice, evaluation: Evaluation, threshold: float) -> list[Table]:
    """The slices by the first measure of the target's kind, worst first, for a report; empty without slices."""
    if not evaluated_rows.sliced_columns(choice, evaluation):
        return []
    what = MEASURES[evaluation.data.kind][0]
    found = evaluated_rows.comparison(choice, evaluation, threshold, what)
    rows = [
        (
            *(one.column, one.name, f"{one.rows:,}"),
            *(one.estimate and _text(one.estimate.value, what), _interval(one.estimate, what)),
            *(one.rest and _text(one.rest.value, what), one.verdict),
        )
        for one in found.ranked[:REPORTED]
    ]
    return [Table(("Column", "Slice", "Rows", what, "95 % interval", "Rest", "Beside the rest"), rows)] if rows else []


def sentence(found: SliceComparison) -> str:
    """ "2 of 57 slices have a lower recall than the rest, beyond noise. Largest gap: Contract: Two year, 0.12 …"."""
    measure, worse = _lower(found.measure), found.of_verdict(SliceVerdict.WORSE)
    than = "higher" if found.measure.is_error else "lower"
    if not found.ranked:
        return f"Every slice has too few rows to say anything of its {measure}."
    count = f"of {formats.count(len(found.ranked), 'slice')}"
    if not worse:
        return f"None {count} has a {than} {measure} than the rest, beyond noise."
    first, verb = worse[0], "has" if len(worse) == 1 else "have"
    values = [_text(one.value, found.measure) for one in (first.estimate, first.rest) if one]
    gap = f"Largest gap: {first.column}: {first.name}, {' against '.join(values)} in the rest"
    return f"{len(worse)} {count} {verb} a {than} {measure} than the rest, beyond noise. {gap}."


def _choose(evaluation: Evaluation, columns: Sequence[str]) -> tuple[SliceMeasure, str]:
    measures = MEASURES[evaluation.data.kind]
    if st.session_state.get("slice_measure") not in measures:
        st.session_state.pop("slice_measure", None)
    with st.container(horizontal=True):
        what = st.segmented_control(
            "Measure", measures, default=measures[0], required=True, key="slice_measure", bind="query-params"
        )
        if st.session_state.get("slice_column") not in (ALL, *columns):
            st.session_state.pop("slice_column", None)
        column = st.selectbox("Slices of", [ALL, *columns], key="slice_column", bind="query-params", width=320)
    return SliceMeasure(what), column


def _basis(found: SliceComparison, columns: int, at: str) -> str:
    """What the words rest on."""
    among = f"all {formats.count(len(found.ranked), 'slice')} of {formats.count(columns, 'column')} together"
    depends = f" {found.measure} is lower where positives are rarer: compare their share, too."
    return (
        f"{found.measure} of each slice{at} against that of all other rows, with 95 % intervals. Worse and better are "
        f"said with Holm's correction: among {among}, the chance of saying either of mere noise is at most 5 %."
        f"{depends if found.measure in DEPENDS else ''}"
    )


def _chart(slices: Sequence[Slice], found: SliceComparison, with_column: bool) -> None:
    drawn = [one for one in slices if one.estimate]
    if drawn and found.overall:
        with st.container(border=True):
            st.plotly_chart(
                slice_charts.intervals(drawn, found.overall, found.measure, with_column),
                key="slices_chart",
                config=chart_theme.CONFIG,
                alt=f"{found.measure} of slices with 95 % intervals",
            )


def _ranked(found: SliceComparison, kind: TargetKind) -> None:
    what = found.measure
    st.dataframe(
        [
            {
                "Column": one.column,
                "Slice": one.name,
                "Rows": one.rows,
                **_positives(one),
                **_cells("Value", one.estimate, what),
                "Rest": one.rest and one.rest.value,
                **_cells("Difference", one.difference, what),
                "Verdict": ICONS[one.verdict],
            }
            for one in found.ranked
        ],
        hide_index=True,
        key="slices_table",
        placeholder="–",
        column_config=_config(kind),
    )


def _measured(slices: Sequence[Slice], measured: MeasuredColumn, kind: TargetKind) -> None:
    """All measures of the slices of one column."""
    rows = []
    for one in slices:
        cells: dict[str, Any] = {"Slice": one.name, "Rows": one.rows, **_positives(one)}
        for what, estimate in measured[one.name].items():
            cells |= {str(what): estimate and estimate.value, f"{what}, 95 %": _interval(estimate, what)}
        rows.append(cells | {"Verdict": one.few or ICONS[one.verdict]})
    st.dataframe(rows, hide_index=True, key="slice_measures_table", placeholder="–", column_config=_config(kind))


def _small(slices: Sequence[Slice], what: SliceMeasure) -> None:
    if not slices:
        return
    cases = FEW_NAMES.get(what, "positives") if what in MEASURES[TargetKind.TWO_CLASSES] else ""
    fewer = f"fewer than {FEWEST_ROWS} rows{f' or {FEWEST_CASES} {cases}' if cases else ''}"
    listed = some([f"{one.column}: {one.name} ({one.few})" for one in slices], LISTED)
    st.warning(
        formats.plain(f"Too few rows to say anything, so not ranked ({fewer}, in the slice or in the rest): {listed}."),
        icon=":material/group_off:",
    )


def _positives(one: Slice) -> dict[str, Any]:
    """Of two classes."""
    return {} if one.positives is None else {"Positives": one.positives, "Share": one.positives / one.rows}


def _cells(name: str, estimate: MeasuredValue | None, what: SliceMeasure) -> dict[str, Any]:
    return {name: estimate and estimate.value, f"{name}, 95 %": _interval(estimate, what)}


def _interval(estimate: MeasuredValue | None, what: SliceMeasure) -> str | None:
    return f"{_text(estimate.low, what)} to {_text(estimate.high, what)}" if estimate else None


def _text(value: float, what: SliceMeasure) -> str:
    """With a minus that is one."""
    return (number_text(value) if what.is_error else f"{value:.3f}").replace("-", "−")


def _config(kind: TargetKind) -> dict[str, Any]:
    three = st.column_config.NumberColumn(format="%.4g" if kind is TargetKind.NUMBER else "%.3f")
    measures = map(str, MEASURES[kind])
    return {
        "Slice": st.column_config.TextColumn(width=180),
        "Share": st.column_config.NumberColumn("Share of positives", format="percent"),
        **dict.fromkeys(("Value", "Rest", "Difference", *measures), three),
    }


def _lower(what: SliceMeasure) -> str:
    """A measure within a sentence."""
    return what if what in (SliceMeasure.ROC_AUC, SliceMeasure.RMSE) else f"{what[0].lower()}{what[1:]}"
