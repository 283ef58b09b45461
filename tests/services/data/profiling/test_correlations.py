"""Correlations are those of pandas and scipy."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr  # type: ignore[import-untyped]

from services.data.profiling import correlations
from tests.services.data.profiling import tables


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.select_dtypes("number")


@pytest.mark.parametrize("name", tables.REAL)
def test_correlations_of_real_tables_are_those_of_pandas(name: str) -> None:
    frame = numbers(tables.real(name))
    pd.testing.assert_frame_equal(correlations.pearson(frame), frame.corr().clip(-1, 1), check_names=False)
    pd.testing.assert_frame_equal(correlations.spearman(frame), frame.rank().corr().clip(-1, 1), check_names=False)


def test_correlations_with_gaps_are_those_of_pandas() -> None:
    frame = numbers(tables.mixed())
    pd.testing.assert_frame_equal(correlations.pearson(frame), frame.corr())


def test_spearmans_correlation_is_that_of_scipy() -> None:
    frame = tables.mixed()[["whole", "few"]]
    found = correlations.spearman(frame)
    assert found.loc["whole", "few"] == pytest.approx(spearmanr(frame["whole"], frame["few"]).statistic)


def test_a_constant_column_has_no_correlation() -> None:
    assert correlations.pearson(pd.DataFrame({"a": [1, 1, 1], "b": [1, 2, 3]})).loc["a"].isna().all()


def test_the_largest_numbers_correlate() -> None:
    frame = pd.DataFrame({"a": [1.7e308, -1.7e308, 1e308], "b": [1.0, -1.0, 1e308 / 1.7e308]})
    assert correlations.pearson(frame).loc["a", "b"] == pytest.approx(1)


def test_infinite_cells_are_left_out() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, np.inf], "b": [2.0, 4.0, 6.0, 1.0]})
    assert correlations.pearson(frame).loc["a", "b"] == pytest.approx(1)


@pytest.mark.parametrize("make", tables.ODD_CASES)
def test_odd_tables_have_correlations(make: Callable[[], pd.DataFrame]) -> None:
    frame = numbers(make()).iloc[:, :30]
    assert correlations.pearson(frame).shape == correlations.spearman(frame).shape == (frame.shape[1],) * 2
