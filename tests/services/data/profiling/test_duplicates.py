"""Rows that repeat an earlier row are counted as pandas counts them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from services.data.profiling.duplicates import duplicates
from tests.services.data.profiling import tables


@pytest.mark.parametrize("make", tables.ODD_CASES)
def test_duplicates_of_odd_tables_are_those_of_pandas(make: Callable[[], pd.DataFrame]) -> None:
    frame = make()
    assert duplicates(frame) == frame.duplicated().sum()


@pytest.mark.parametrize("name", tables.REAL)
def test_duplicates_of_real_tables_are_those_of_pandas(name: str) -> None:
    frame = tables.real(name)
    assert duplicates(frame) == frame.duplicated().sum()


def test_duplicates_of_a_table_of_every_kind_are_found() -> None:
    frame = tables.mixed()
    assert duplicates(pd.concat([frame, frame.sample(50, random_state=1)])) == 50


def test_missing_cells_equal_each_other_and_zero_equals_minus_zero() -> None:
    assert duplicates(pd.DataFrame({"n": [np.nan, np.nan, 0.0, -0.0], "t": [None, None, "x", "x"]})) == 2


def test_rows_with_cells_in_another_order_are_no_duplicates() -> None:
    assert duplicates(pd.DataFrame({"a": [1, 2], "b": [2, 1]})) == 0
