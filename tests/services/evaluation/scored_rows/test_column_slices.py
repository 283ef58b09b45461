"""A column is cut into slices that a person would name: its values, fifths of its numbers, its missing cells."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.evaluation.scored_rows import column_slices
from services.evaluation.scored_rows.column_slices import ColumnSlices


def cut(cells: Any, kind: pa.DataType | None = None) -> ColumnSlices:
    found = column_slices.cut("column", pa.chunked_array([pa.array(cells, kind)]))
    assert found
    return found


def rows_by_slice(found: ColumnSlices) -> dict[str, int]:
    return dict(zip(found.names, np.bincount(found.codes).tolist(), strict=True))


def test_each_text_is_a_slice_the_most_frequent_first_and_missing_cells_apart() -> None:
    found = cut(["b", "a", "b", None, "b", "a"])
    assert rows_by_slice(found) == {"b": 3, "a": 2, "(missing)": 1}
    assert [found.names[code] for code in found.codes] == ["b", "a", "b", "(missing)", "b", "a"]


def test_rarer_texts_are_one_slice_together() -> None:
    cells = [f"shop {number}" for number in range(30) for _ in range(30 - number)]
    counted = rows_by_slice(cut(cells))
    assert list(counted)[:2] == ["shop 0", "shop 1"]
    assert counted["other values (20)"] == sum(range(1, 21))
    assert sum(counted.values()) == len(cells)


def test_few_numbers_are_slices_by_their_value() -> None:
    assert rows_by_slice(cut([3, 1, 3, None, 2], pa.int64())) == {"1": 1, "2": 1, "3": 2, "(missing)": 1}


def test_many_numbers_are_cut_into_fifths() -> None:
    counted = rows_by_slice(cut(np.arange(1, 101)))
    assert counted == {"up to 20": 20, "over 20 to 40": 20, "over 40 to 60": 20, "over 60 to 80": 20, "over 80": 20}


def test_equal_numbers_stay_in_one_slice() -> None:
    counted = rows_by_slice(cut([0.0] * 80 + [float(number) for number in range(1, 21)]))
    assert counted == {"up to 0": 80, "over 0": 20}


def test_true_and_false_are_two_slices() -> None:
    assert rows_by_slice(cut([True, False, True, None])) == {"True": 2, "False": 1, "(missing)": 1}


def test_dates_are_cut_by_the_day_of_their_fifths() -> None:
    days = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(50)]
    counted = rows_by_slice(cut([*days, None], pa.timestamp("ns", "UTC")))
    assert list(counted)[:2] == ["up to 2024-01-10", "over 2024-01-10 to 2024-01-20"]
    assert counted["(missing)"] == 1


def test_numbers_and_dates_that_are_written_as_text_are_cut_as_such() -> None:
    assert cut([f"{number},50 €" for number in range(100)]).names[0] == "up to 19.5"
    dates = [f"{day:02d}.03.2024" for day in range(1, 31)]
    assert cut(dates).names[0] == "up to 2024-03-06"


@pytest.mark.parametrize("cells", [["a"] * 5, [1.5] * 5, [None] * 5, [f"N{number}x" for number in range(40)]], ids=str)
def test_a_column_that_groups_no_rows_has_no_slices(cells: list[Any]) -> None:
    assert (
        column_slices.cut("column", pa.chunked_array([pa.array(cells, pa.string() if cells[0] is None else None)]))
        is None
    )


def test_slices_of_one_name_are_told_apart() -> None:
    assert cut(["(missing)", None, "(missing)"]).names == ("(missing)", "(missing) (2)")


def test_cells_in_several_pieces_are_cut_as_one() -> None:
    pieces = pa.chunked_array([pa.array(["a", "b"]), pa.array(["b", None])])
    found = column_slices.cut("column", pieces)
    assert found
    assert rows_by_slice(found) == {"b": 2, "a": 1, "(missing)": 1}
