"""Drift between two tables: the indices are scipy's, and what they hide is seen, but chance is not."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon  # type: ignore[import-untyped]
from scipy.stats import entropy  # type: ignore[import-untyped]

from services.data.sets import drift
from services.data.sets.drift import ColumnDrift, DriftLevel

RANDOM = np.random.default_rng(7)


def numbers(rows: int = 5000, mean: float = 0.0) -> pd.Series:
    return pd.Series(RANDOM.normal(mean, 1, rows), name="size")


def labels(positives: int, rows: int) -> pd.Series:
    return pd.Series(["fraud"] * positives + ["fine"] * (rows - positives), name="class")


def judged(before: pd.Series, after: pd.Series) -> tuple[float, float]:
    """PSI and Jensen-Shannon distance by pandas' cut and scipy, missing cells and outliers as bins of their own."""
    edges = np.quantile(before.dropna(), np.linspace(0, 1, 11))

    def counts(cells: pd.Series) -> np.ndarray:
        inside = pd.cut(cells, edges, include_lowest=True)
        beyond = int((inside.isna() & cells.notna()).sum())
        return np.array([int(cells.isna().sum()), beyond, *inside.value_counts(sort=False)])

    one, other = counts(before), counts(after)
    filled = (one + other) > 0
    p, q = ((cells[filled] + 0.5) / (cells[filled] + 0.5).sum() for cells in (one, other))
    distance = float(jensenshannon(one / one.sum(), other / other.sum(), base=2))
    return float(entropy(p, q) + entropy(q, p)), distance


@pytest.mark.parametrize("lost", [0.0, 0.3])
@pytest.mark.parametrize("mean", [0.0, 0.2, 3.0])
def test_both_indices_of_numbers_are_those_of_scipy(mean: float, lost: float) -> None:
    before, after = numbers(), numbers(3000, mean)
    after = after.mask(RANDOM.random(len(after)) < lost)
    seen = drift.column_drift(before, after)
    assert (seen.psi, seen.distance) == pytest.approx(judged(before, after))


def test_both_indices_of_texts_are_those_of_scipy() -> None:
    before = pd.Series(["a"] * 50 + ["b"] * 30 + [None] * 20, name="x")
    after = pd.Series(["a"] * 40 + ["c"] * 60 + ["b"] * 100, name="x")
    p, q = np.array([50.5, 30.5, 20.5, 0.5]), np.array([40.5, 100.5, 0.5, 60.5])
    p, q = p / p.sum(), q / q.sum()
    seen = drift.column_drift(before, after)
    assert seen.psi == pytest.approx(entropy(p, q) + entropy(q, p))
    assert seen.distance == pytest.approx(jensenshannon([50, 30, 20, 0], [40, 100, 0, 60], base=2))


def test_tenfold_fraud_is_seen_although_its_psi_is_small() -> None:
    seen = drift.column_drift(labels(492, 284_807), labels(4920, 284_807))
    assert seen.psi < drift.MODERATE_PSI
    assert (seen.level, seen.verdict) == (DriftLevel.LARGE, "Share of fraud rose from 0.17 % to 1.7 %.")


def test_tenfold_fraud_is_seen_in_a_feature_of_ones_and_zeros() -> None:
    before, after = (pd.Series(np.arange(10_000) < count, name="is_fraud").astype(int) for count in (17, 170))
    assert drift.column_drift(before, after).level is DriftLevel.LARGE


def test_a_column_that_lost_most_of_its_cells_is_seen() -> None:
    before = numbers()
    seen = drift.column_drift(before, before.mask(np.arange(len(before)) % 5 > 0))
    assert (seen.level, seen.missing) == (DriftLevel.LARGE, (0.0, 0.8))
    assert seen.verdict == "Share of missing cells rose from 0 % to 80 %."


def test_a_rare_class_that_is_gone_is_seen() -> None:
    seen = drift.column_drift(labels(100, 10_000), labels(0, 10_000))
    assert (seen.level, seen.verdict) == (DriftLevel.LARGE, "Share of fraud fell from 1.0 % to 0 %.")


def test_values_that_nobody_had_before_are_named() -> None:
    seen = drift.column_drift(labels(500, 1000), pd.concat([labels(450, 900), pd.Series(["theft"] * 100)]))
    assert (seen.level, seen.unseen) == (DriftLevel.LARGE, 0.1)
    assert seen.verdict == "Share of new values (theft) rose from 0 % to 10 %."


def test_numbers_beyond_the_range_of_before_are_unseen() -> None:
    before = pd.Series(np.arange(1000.0), name="age")
    seen = drift.column_drift(before, pd.Series(np.arange(1000.0) + 300))
    assert seen.unseen == 0.3
    assert seen.verdict == "Share of values outside 0 to 999 rose from 0 % to 30 %."


def test_numbers_that_moved_within_their_range_say_where() -> None:
    before = pd.Series(np.arange(1000.0), name="age")
    seen = drift.column_drift(before, before.where(before > 99, 500.0))
    assert seen.level is DriftLevel.LARGE
    assert seen.verdict == "Share of values from 0 to 99.9 fell from 10 % to 0 %."


@pytest.mark.parametrize("rows", [20, 40, 400, 2000])
def test_hardly_a_column_of_two_samples_of_the_same_rows_has_drifted(rows: int) -> None:
    random = np.random.default_rng(rows)

    def sample() -> pd.DataFrame:
        cells = {f"n{place}": random.lognormal(size=rows) for place in range(25)}
        flags = {f"f{place}": (random.random(rows) < 0.02).astype(int) for place in range(25)}
        return pd.DataFrame(cells | flags | {"t": random.choice(list("abcdefghij"), rows)})

    seen = [each for _ in range(2) for each in drift.table_drift(sample(), sample()).columns]
    assert sum(each.level > DriftLevel.NONE for each in seen) <= 0.01 * len(seen)


def test_what_drifted_most_comes_first_and_columns_of_one_table_are_named() -> None:
    before = pd.DataFrame({"same": np.arange(1000.0), "lost": np.arange(1000.0), "old": 1, "moved": np.arange(1000.0)})
    after = before.assign(lost=np.nan, moved=before["moved"] * 0.8, new=2).drop(columns="old")
    seen = drift.table_drift(before, after)
    assert [each.column for each in seen.columns] == ["lost", "moved", "same"]
    assert (seen.only_before, seen.only_after) == (("old",), ("new",))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pd.Series([np.nan] * 9), pd.Series([np.nan] * 5)),
        (pd.Series([np.nan] * 900), pd.Series(np.arange(900.0))),
        (pd.Series([1.0]), pd.Series([2.0])),
        (pd.Series(np.arange(100.0)), pd.Series([np.nan] * 100)),
        (pd.Series([7.0] * 500 + list(np.arange(30.0))), pd.Series([7.0] * 500)),
    ],
    ids=["empty", "empty before", "one row", "empty after", "mostly one number"],
)
def test_odd_columns_have_finite_indices(before: pd.Series, after: pd.Series) -> None:
    seen: ColumnDrift = drift.column_drift(before, after)
    assert np.isfinite(seen.psi)
    assert 0 <= seen.distance <= 1
