"""A slice's measures are scikit-learn's, and a word beyond noise is rarely said of noise, and always of a real gap."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]
from sklearn import metrics

from services.data.target_kind import TargetKind
from services.evaluation.scored_rows import slice_comparison, slice_evidence
from services.evaluation.scored_rows.column_slices import ColumnSlices
from services.evaluation.scored_rows.slice_comparison import SliceComparison, SliceVerdict, compare
from services.evaluation.scored_rows.slice_measures import (
    MEASURES,
    MeasuredRows,
    MeasuredValue,
    SliceMeasure,
    measure,
    too_few,
)

ALL = [(kind, what) for kind, measures in MEASURES.items() for what in measures]


def make_rows(
    kind: TargetKind, rows: int = 1500, seed: int = 0, worse: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores of a model that is right in most rows, and less so where `worse` is true."""
    random = np.random.default_rng(seed)
    noise = np.where(np.zeros(rows, dtype=bool) if worse is None else worse, 3.0, 1.0)
    if kind is TargetKind.TWO_CLASSES:
        labels = (random.random(rows) < 0.25).astype(int)
        return labels, 1 / (1 + np.exp(-(random.normal(size=rows) * noise + 3 * labels - 1.5)))
    if kind is TargetKind.CLASSES:
        labels = random.integers(0, 4, rows)
        return labels, np.where(random.random(rows) < 0.8 / noise, labels, random.integers(0, 4, rows))
    labels = random.normal(size=rows)
    return labels, labels + random.laplace(size=rows) * noise


def make_columns(rows: int, seed: int = 0, columns: int = 6) -> list[ColumnSlices]:
    """Columns that say nothing of the rows."""
    random = np.random.default_rng(seed + 1000)
    shares = [0.5, 0.25, 0.15, 0.07, 0.03]
    return [
        ColumnSlices(f"c{number}", tuple("abcde"), random.choice(5, rows, p=shares).astype(np.int16))
        for number in range(columns)
    ]


def compared(kind: TargetKind, what: SliceMeasure, seed: int, worse: np.ndarray | None = None) -> SliceComparison:
    labels, scores = make_rows(kind, seed=seed, worse=worse)
    rows, order = MeasuredRows.of(kind, labels, scores)
    columns = make_columns(len(labels), seed)
    if worse is not None:
        columns.append(ColumnSlices("region", ("north", "south"), worse.astype(np.int16)))
    return compare(rows, [replace(column, codes=column.codes[order]) for column in columns], what)


def expected(kind: TargetKind, what: SliceMeasure, labels: np.ndarray, scores: np.ndarray) -> float:
    """The measure by scikit-learn."""
    flagged = scores >= 0.5
    measures = {
        SliceMeasure.RECALL: lambda: metrics.recall_score(labels, flagged),
        SliceMeasure.PRECISION: lambda: metrics.precision_score(labels, flagged),
        SliceMeasure.AVERAGE_PRECISION: lambda: metrics.average_precision_score(labels, scores),
        SliceMeasure.ROC_AUC: lambda: metrics.roc_auc_score(labels, scores),
        SliceMeasure.ACCURACY: lambda: metrics.accuracy_score(labels, scores),
        SliceMeasure.MACRO_F1: lambda: metrics.f1_score(labels, scores, average="macro"),
        SliceMeasure.MAE: lambda: metrics.mean_absolute_error(labels, scores),
        SliceMeasure.RMSE: lambda: metrics.root_mean_squared_error(labels, scores),
    }
    return float(measures[what]())


@pytest.mark.parametrize(("kind", "what"), ALL)
def test_a_measure_of_a_slice_is_scikit_learns(kind: TargetKind, what: SliceMeasure) -> None:
    labels, scores = make_rows(kind)
    codes = make_columns(len(labels))[0].codes
    rows, order = MeasuredRows.of(kind, labels, scores)
    for place in range(5):
        found = measure(rows.part(codes[order] == place), what)
        inside = codes == place
        assert found
        assert found.value == pytest.approx(expected(kind, what, labels[inside], scores[inside]), abs=1e-12)
        assert found.low <= found.value <= found.high


@pytest.mark.parametrize(("kind", "what"), ALL)
def test_an_interval_holds_the_true_value_in_about_95_of_100_draws(kind: TargetKind, what: SliceMeasure) -> None:
    labels, scores = make_rows(kind, 200_000, seed=1)
    truth, random, held = expected(kind, what, labels, scores), np.random.default_rng(2), 0
    for _ in range(200):
        drawn = random.integers(0, len(labels), 400)
        found = measure(MeasuredRows.of(kind, labels[drawn], scores[drawn])[0], what)
        assert found
        held += found.low <= truth <= found.high
    assert held / 200 > 0.88


@pytest.mark.parametrize(("kind", "what"), ALL)
def test_slices_of_noise_are_seldom_said_to_differ(kind: TargetKind, what: SliceMeasure) -> None:
    said = sum(
        any(one.verdict is not SliceVerdict.NOISE for one in compared(kind, what, seed).ranked) for seed in range(30)
    )
    assert said <= 5  # of 30; with the 5 % that are promised, more come once in 250 times


@pytest.mark.parametrize(("kind", "what"), ALL)
def test_a_slice_in_which_the_model_is_worse_is_found_and_comes_first(kind: TargetKind, what: SliceMeasure) -> None:
    worse = np.random.default_rng(9).random(1500) < 0.3
    found = compared(kind, what, 7, worse)
    first = found.ranked[0]
    assert (first.column, first.name, first.verdict) == ("region", "south", SliceVerdict.WORSE)
    assert first.adjusted < 0.05
    assert [one.name for one in found.of_verdict(SliceVerdict.BETTER)] == ["north"]


def test_small_slices_are_set_apart_with_the_reason() -> None:
    labels, scores = make_rows(TargetKind.TWO_CLASSES)
    codes = np.zeros(len(labels), dtype=np.int16)
    codes[:12] = 1
    codes[np.flatnonzero(labels == 0)[20:80]] = 2
    codes[np.flatnonzero(labels == 1)[20:120]] = 3
    rows, order = MeasuredRows.of(TargetKind.TWO_CLASSES, labels, scores)
    found = compare(rows, [ColumnSlices("shop", ("a", "b", "c", "d"), codes[order])], SliceMeasure.RECALL)
    assert [(one.name, one.few) for one in found.small] == [("b", "12 rows"), ("c", "0 positives")]
    assert {one.name for one in found.ranked} == {"a", "d"}


def test_a_slice_is_not_compared_with_a_rest_of_too_few_rows() -> None:
    labels, scores = make_rows(TargetKind.NUMBER)
    codes = (np.arange(len(labels)) < 8).astype(np.int16)
    rows, order = MeasuredRows.of(TargetKind.NUMBER, labels, scores)
    found = compare(rows, [ColumnSlices("shop", ("most", "few"), codes[order])], SliceMeasure.MAE)
    assert [(one.name, one.few) for one in found.small] == [("most", "8 rows in the rest"), ("few", "8 rows")]


@pytest.mark.parametrize(
    ("what", "few"),
    [
        (SliceMeasure.RECALL, "4 positives"),
        (SliceMeasure.PRECISION, "1 flagged row"),
        (SliceMeasure.ROC_AUC, "4 positives"),
    ],
)
def test_each_measure_wants_rows_of_its_own(what: SliceMeasure, few: str) -> None:
    labels, scores = np.repeat([1, 0], (4, 60)), np.append(0.9, np.full(63, 0.1))
    assert too_few(MeasuredRows.of(TargetKind.TWO_CLASSES, labels, scores)[0], what) == few


def test_a_measure_without_its_rows_is_undefined() -> None:
    rows, _ = MeasuredRows.of(TargetKind.TWO_CLASSES, np.zeros(40), np.full(40, 0.1))
    assert [measure(rows, what) for what in MEASURES[TargetKind.TWO_CLASSES]] == [None] * 4


def test_a_perfect_slice_has_an_interval_all_the_same() -> None:
    labels = np.arange(40) % 2
    rows, _ = MeasuredRows.of(TargetKind.TWO_CLASSES, labels, labels * 0.8 + 0.1)
    for what in MEASURES[TargetKind.TWO_CLASSES]:
        found = measure(rows, what)
        assert found
        assert found.low < found.value == 1


def test_the_difference_of_two_shares_has_newcombes_interval() -> None:
    """His method 10 for 56/70 and 48/80 (Statistics in Medicine 17, 1998, table II)."""
    first, second = MeasuredValue(56 / 70, 0.6918, 0.8769), MeasuredValue(48 / 80, 0.4904, 0.7004)
    found = slice_evidence.difference(first, second)
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=2e-4)


@pytest.mark.parametrize(
    ("one", "other"), [((1, 5), (80, 100)), ((0, 12), (0, 3)), ((30, 30), (5, 9)), ((700, 2000), (90, 300))], ids=str
)
def test_two_shares_are_compared_as_by_scipy(one: tuple[int, int], other: tuple[int, int]) -> None:
    table = [[found, trials - found] for found, trials in (one, other)]
    assert slice_evidence.fisher(one, other) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)


def test_ranks_are_compared_as_by_scipy() -> None:
    random = np.random.default_rng(3)
    labels, scores = np.zeros(400), np.round(random.normal(size=400), 1)
    rows, order = MeasuredRows.of(TargetKind.NUMBER, labels, scores)
    inside = (np.arange(400) < 90)[order]
    gap = np.abs(scores[:90]).mean() - np.abs(scores[90:]).mean()
    found = slice_evidence.Evidence.of(rows, SliceMeasure.MAE).p_value(inside, MeasuredValue(gap, gap - 1, gap + 1))
    ranked = stats.mannwhitneyu(np.abs(scores[:90]), np.abs(scores[90:]), use_continuity=False, method="asymptotic")
    assert found in (pytest.approx(ranked.pvalue, rel=1e-9), 1.0)


def test_holms_p_values_are_those_of_his_procedure() -> None:
    assert slice_comparison.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert slice_comparison.holm([]) == []
