"""Every column of a table is told as pandas tells it."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.api import types

from services.data.profiling import table_profile
from services.data.profiling.column_profile import ColumnProfile, column_profile
from tests.services.data.profiling import tables


def profile_of(*cells: object, dtype: str | None = None) -> ColumnProfile:
    return column_profile("n", pd.Series(list(cells), dtype=dtype))


def statistics(values: pd.Series) -> list[Any]:
    """What pandas and plain numpy say of the finite cells."""
    cells = values.dropna().astype(float)
    cells = cells[np.isfinite(cells)]
    quartiles = cells.quantile([0.25, 0.5, 0.75]).tolist()
    reach = 1.5 * (quartiles[2] - quartiles[0])
    outliers = ((cells < quartiles[0] - reach) | (cells > quartiles[2] + reach)).sum()
    spread = [cells.mean(), cells.std(), cells.min(), *quartiles, cells.max(), cells.skew()]
    return [len(cells), *spread, (cells == 0).sum(), (cells < 0).sum(), outliers]


def agree(frame: pd.DataFrame) -> None:
    """Fails unless every column is told as pandas tells it."""
    for place, profile in enumerate(table_profile.table_profile(frame)):
        values = frame.iloc[:, place]
        counts = values.value_counts()
        assert (profile.name, profile.rows) == (str(frame.columns[place]), len(frame))
        assert profile.missing == values.isna().sum()
        assert profile.distinct == values.nunique()
        assert [cells for _, cells in profile.top] == counts.head(10).tolist()
        assert sum(profile.histogram.counts) + profile.histogram.outside == values.count()
        assert len(profile.histogram.counts) <= 20
        if profile.numbers:
            told = [getattr(profile.numbers, name) for name in ("count", *table_profile.NUMBER_FIGURES[:-1])]
            np.testing.assert_allclose(told, statistics(values), rtol=1e-9, atol=1e-12, err_msg=profile.name)
        if profile.texts:
            lengths = values.dropna().str.len()
            told = [profile.texts.shortest, profile.texts.mean_length, profile.texts.longest]
            assert told == [lengths.min(), pytest.approx(lengths.mean()), lengths.max()]
            assert dict(profile.top) == {text: counts[text] for text, _ in profile.top}
        if types.is_datetime64_any_dtype(values):
            assert (profile.first, profile.last) == (f"{values.min():%Y-%m-%d}", f"{values.max():%Y-%m-%d}")


def test_a_table_of_every_kind_is_told_as_pandas_tells_it() -> None:
    agree(tables.mixed())


@pytest.mark.parametrize("name", tables.REAL)
def test_real_tables_are_told_as_pandas_tells_them(name: str) -> None:
    agree(tables.real(name))


@pytest.mark.parametrize("make", tables.ODD_CASES)
def test_odd_tables_are_told_without_an_error(make: Callable[[], pd.DataFrame]) -> None:
    frame = make()
    profiles = table_profile.table_profile(frame)
    assert [profile.missing for profile in profiles] == frame.isna().sum().tolist()
    assert len(table_profile.columns(profiles)) == frame.shape[1]
    assert table_profile.as_csv(profiles).count("\n") > frame.shape[1]


def test_infinite_cells_are_counted_and_in_no_statistic() -> None:
    numbers = profile_of(1.0, 3.0, np.inf, -np.inf, np.nan).numbers
    assert numbers
    assert (numbers.infinite, numbers.count, numbers.mean, numbers.median, numbers.maximum) == (2, 2, 2, 2, 3)


def test_statistics_of_the_largest_numbers_are_numbers() -> None:
    numbers = profile_of(1.7e308, 1.7e308, 1.6e308, 1.5e308).numbers
    assert numbers
    assert numbers.mean == pytest.approx(1.625e308)
    assert numbers.std == pytest.approx(9.574e306, rel=1e-3)


def test_a_statistic_beyond_all_numbers_is_undefined() -> None:
    numbers = profile_of(1.7e308, -1.7e308).numbers
    assert numbers
    assert np.isnan(numbers.std)


def test_the_smallest_numbers_deviate() -> None:
    numbers = profile_of(1e-200, 3e-200).numbers
    assert numbers
    assert numbers.std == pytest.approx(1.414e-200, rel=1e-3)


def test_large_whole_numbers_beside_a_missing_one_stay_exact() -> None:
    profile = profile_of(2**60 + 1, 2**60 + 3, None, dtype="Int64")
    assert profile.numbers
    assert (profile.numbers.minimum, profile.numbers.maximum) == (2**60 + 1, 2**60 + 3)
    assert profile.numbers.std == pytest.approx(2**0.5)
    assert str(2**60 + 1) in table_profile.as_csv([profile])


def test_a_mean_that_is_only_rounding_error_is_zero() -> None:
    numbers = profile_of(*[0.1, 0.2, -0.3] * 1000).numbers
    assert numbers
    assert numbers.mean == 0


def test_a_constant_column_does_not_deviate() -> None:
    numbers = profile_of(*[0.1] * 3001).numbers
    assert numbers
    assert (numbers.std, numbers.mean) == (0, 0.1)


def test_a_column_of_one_value_is_constant() -> None:
    assert profile_of("x", "x", None).notes == ("Constant: x",)


def test_a_column_of_nearly_one_value_is_almost_constant() -> None:
    assert profile_of(*[0] * 995, *[1] * 5).notes == ("Almost constant: 0 in 99.50 %",)


def test_a_column_without_a_cell_is_empty() -> None:
    assert profile_of(None, None, dtype="str").notes == ("Empty",)


def test_numbers_among_words_are_counted() -> None:
    assert profile_of("1", "2,5", "many", dtype="str").notes == ("Mixed: 2 cells numbers, 1 not",)


def test_blanks_around_text_are_counted() -> None:
    assert profile_of("x", " x", "y\t", "  ", dtype="str").notes == (
        "1 cell of blanks only",
        "2 cells with blanks around",
    )


def test_values_that_differ_in_case_only_are_counted() -> None:
    assert profile_of("Yes", "yes", "no", dtype="str").notes == ("2 values differ only in upper and lower case",)


def test_of_equally_frequent_values_the_first_are_shown() -> None:
    assert profile_of(*range(100)).top[:2] == (("0", 1), ("1", 1))


def test_a_histogram_leaves_out_and_counts_what_lies_far_away() -> None:
    histogram = profile_of(*np.linspace(0, 1, 999), 1e9).histogram
    assert histogram.outside >= 1
    assert max(histogram.counts) < 100


def test_the_profile_as_csv_has_a_row_a_column_and_reads_back() -> None:
    frame = tables.mixed()
    profiles = table_profile.table_profile(frame)
    read = pd.read_csv(io.StringIO(table_profile.as_csv(profiles))).set_index("column")
    assert list(read.index) == list(frame.columns)
    assert read.loc["number", "mean"] == pytest.approx(frame["number"].mean())
    assert read.loc["text", "most_frequent"] == frame["text"].mode()[0]
    assert read.loc["day", "last"] == f"{frame['day'].max():%Y-%m-%d}"


def test_columns_are_told_by_kind_missing_cells_and_distinct_values() -> None:
    frame = pd.DataFrame(
        {
            "n": [1.5, None, 1.5],
            "t": ["x", "y", "x"],
            "b": [True, False, True],
            "d": pd.to_datetime(["2026-01-01", "2026-01-02", ""]),
        }
    )
    told = table_profile.columns(table_profile.table_profile(frame)).set_index("column")
    assert told["type"].to_dict() == {"n": "number", "t": "text", "b": "true/false", "d": "date"}
    assert told["missing"].to_dict() == {"n": 1, "t": 0, "b": 0, "d": 1}
    assert told["distinct"].to_dict() == {"n": 1, "t": 2, "b": 2, "d": 2}
