"""Slices of rows beside the rest of the rows: where a model is worse, and whether that is more than noise. Pure.

Among many slices some look bad by chance: significance is Holm's (1979), which keeps the chance of a single false word
among all slices of all columns at 5 % at most, however they overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from services.data.target_kind import TargetKind
from services.evaluation.scored_rows.column_slices import ColumnSlices
from services.evaluation.scored_rows.slice_evidence import Evidence, difference
from services.evaluation.scored_rows.slice_measures import (
    MEASURES,
    MeasuredRows,
    MeasuredValue,
    SliceMeasure,
    measure,
    too_few,
)

CHANCE = 0.05  # of a single false word among all slices

MeasuredColumn = dict[str, dict[SliceMeasure, MeasuredValue | None]]
"""All measures of each slice of a column by its name."""


class SliceVerdict(StrEnum):
    """What the difference from the rest says, as the screen calls it."""

    WORSE = "worse"
    NOISE = "within noise"
    BETTER = "better"
    FEW = "too few rows"


@dataclass(frozen=True)
class Slice:
    """A slice of the rows.

    positives: of two classes, otherwise None.
    estimate, rest: the measure of its rows and of all others; None where it is undefined.
    difference: of the two, with its interval; None of a slice with too few rows.
    p_value:   of the difference, before and after Holm's correction.
    few:       why it says nothing, such as "12 rows"; "" where it says something.
    """

    column: str
    name: str
    rows: int
    positives: int | None
    estimate: MeasuredValue | None
    rest: MeasuredValue | None
    difference: MeasuredValue | None = None
    p_value: float = 1.0
    adjusted: float = 1.0
    few: str = ""
    verdict: SliceVerdict = SliceVerdict.FEW


@dataclass(frozen=True)
class SliceComparison:
    """All slices of all columns by one measure.

    overall: the measure of all rows.
    ranked:  the slices with enough rows, those that are worse beyond noise first, by how much.
    small:   the others, in the order of the columns.
    """

    measure: SliceMeasure
    overall: MeasuredValue | None
    ranked: tuple[Slice, ...]
    small: tuple[Slice, ...]

    def of_verdict(self, verdict: SliceVerdict) -> tuple[Slice, ...]:
        """The ranked slices with a verdict."""
        return tuple(one for one in self.ranked if one.verdict is verdict)


def compare(rows: MeasuredRows, columns: Iterable[ColumnSlices], what: SliceMeasure) -> SliceComparison:
    """Every slice of every column beside the other rows.

    The codes of the columns are in the order of `rows`, see `MeasuredRows.of`.
    """
    evidence = Evidence.of(rows, what)
    found = [_against_rest(evidence, column, place) for column in columns for place in range(len(column.names))]
    tested = [one for one in found if not one.few]
    adjusted = holm([one.p_value for one in tested])
    judged = [_with_verdict(one, p_value, what) for one, p_value in zip(tested, adjusted, strict=True)]
    order = list(SliceVerdict)
    ranked = sorted(judged, key=lambda one: (order.index(one.verdict), _goodness(one, what)))
    return SliceComparison(what, measure(rows, what), tuple(ranked), tuple(one for one in found if one.few))


def measured_column(rows: MeasuredRows, column: ColumnSlices) -> MeasuredColumn:
    """Whatever is measured of the target's kind, of the slices of one column; its codes are in the order of `rows`."""
    parts = {name: rows.part(column.codes == place) for place, name in enumerate(column.names)}
    return {name: {what: measure(part, what) for what in MEASURES[rows.kind]} for name, part in parts.items()}


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given."""
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    adjusted = np.empty_like(values)
    adjusted[order] = np.maximum.accumulate(np.minimum(1, values[order] * np.arange(len(values), 0, -1)))
    found: list[float] = adjusted.tolist()
    return found


def _against_rest(evidence: Evidence, column: ColumnSlices, place: int) -> Slice:
    rows, what = evidence.rows, evidence.what
    inside = column.codes == place
    part, others = rows.part(inside), rows.part(~inside)
    positives = part.confusion.positives if rows.kind is TargetKind.TWO_CLASSES else None
    few_others = too_few(others, what)
    few = too_few(part, what) or (f"{few_others} in the rest" if few_others else "")
    estimate, rest = measure(part, what), measure(others, what)
    one = Slice(column.column, column.names[place], len(part), positives, estimate, rest, few=few)
    if few or estimate is None or rest is None:
        return one
    gap = difference(estimate, rest)
    return replace(one, difference=gap, p_value=evidence.p_value(inside, gap))


def _with_verdict(one: Slice, adjusted: float, what: SliceMeasure) -> Slice:
    verdict = SliceVerdict.NOISE
    if adjusted < CHANCE:
        verdict = SliceVerdict.WORSE if _goodness(one, what) < 0 else SliceVerdict.BETTER
    return replace(one, adjusted=adjusted, verdict=verdict)


def _goodness(one: Slice, what: SliceMeasure) -> float:
    """By how much a slice is better than the rest; negative where it is worse."""
    gap = one.difference.value if one.difference else 0.0
    return -gap if what.is_error else gap
