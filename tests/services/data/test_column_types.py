"""What a column holds is told from its cells, and what stands for a missing one is found."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.data.recipe import column_types
from services.data.recipe.column_types import ColumnUse, Encoding, Holds, date_of, number_of


def use_of(cells: Any, name: str = "x") -> ColumnUse:
    (found,) = column_types.column_uses(pd.DataFrame({name: cells}))
    return found


@pytest.mark.parametrize(
    ("cells", "holds", "encoding"),
    [
        ([1.5, 2.5, None] * 9, Holds.NUMBER, Encoding.NUMBER),
        ([True, False] * 9, Holds.FLAG, Encoding.NUMBER),
        (["red", "blue"] * 9, Holds.TEXT, Encoding.ONE_HOT),
        ([f"street {number}" for number in range(31)] * 2, Holds.TEXT, Encoding.TARGET),
        ([f"street {number}" for number in range(30)] * 2, Holds.TEXT, Encoding.ONE_HOT),
        (["12 %", "7.5 %"] * 9, Holds.NUMBER_TEXT, Encoding.NUMBER),
        (["2026-11-01", "2026-12-24"] * 9, Holds.DATE, Encoding.DATE),
        (["24/12/2026", "01/11/2026"] * 9, Holds.DATE, Encoding.DAY_FIRST),
        (["12/24/2026", "11/01/2026"] * 9, Holds.DATE, Encoding.MONTH_FIRST),
        (pd.to_datetime(["2026-11-01", "2026-12-24"] * 9), Holds.DATE, Encoding.DATE),
        ([f"A-{number}" for number in range(40)], Holds.IDENTIFIER, Encoding.TARGET),
        (list(range(100, 140)), Holds.IDENTIFIER, Encoding.NUMBER),
        ([None] * 9, Holds.EMPTY, Encoding.NUMBER),
        (["?", " "] * 9, Holds.EMPTY, Encoding.NUMBER),
        (["01234", "00031"] * 9, Holds.TEXT, Encoding.ONE_HOT),
        (["+49 151 1234567", "+49 171 1234567"] * 9, Holds.TEXT, Encoding.ONE_HOT),
        (["4111111111111111", "5500000000000004"] * 9, Holds.TEXT, Encoding.ONE_HOT),
    ],
)
def test_what_a_column_holds_decides_how_it_is_used(cells: Any, holds: Holds, encoding: Encoding) -> None:
    assert (use_of(cells).holds, use_of(cells).encoding) == (holds, encoding)


def test_identifiers_and_empty_columns_are_left_out_unless_wanted() -> None:
    assert use_of([f"A-{number}" for number in range(40)]).is_left_out
    assert use_of([None] * 9).is_left_out
    assert not use_of(["red", "blue"] * 9).is_left_out


def test_a_column_called_id_that_differs_in_every_row_is_an_identifier() -> None:
    numbers = np.random.default_rng(1).permutation(10_000)[:50]
    assert use_of(numbers, "customerID").holds is Holds.IDENTIFIER
    assert use_of(numbers, "income").holds is Holds.NUMBER


@pytest.mark.parametrize(
    ("cells", "words", "missing"),
    [
        (["red", "?", "blue", " ? "] * 9, ("?",), 18),
        (["red", "N/A", None, "-"] * 9, ("-", "N/A"), 27),
        ([1.0, 2.0, -999.0, -999.0], ("-999",), 2),
        ([*range(28), 999, 999, 999], ("999",), 3),
        (["red", "blue"] * 9, (), 0),
        ([990, 999, 995, 999], (), 0),  # among its like
        ([1.0, 2.0, -999.0], (), 0),  # once
        ([10.0, 20.0, 30.0, 30.0], (), 0),
    ],
)
def test_cells_that_stand_for_no_value_are_found_and_counted(cells: Any, words: tuple[str, ...], missing: int) -> None:
    found = use_of(cells)
    assert (found.missing_values, found.missing) == (words, missing)


def test_a_date_that_can_be_read_two_ways_is_told() -> None:
    assert "may have its day or its month first" in use_of(["03/04/2025", "05/06/2025"] * 9).note
    assert use_of(["13/04/2025", "05/06/2025"] * 9).note == ""


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1.234,50", ",", 1234.5),
        ("1,234.50", ".", 1234.5),
        ("12 %", ".", 12.0),
        ("€ 7,5", ",", 7.5),
        ("1'000", ".", 1000.0),
        ("-3e2", ".", -300.0),
        ("1,5", ",", 1.5),
        ("12.5", ",", 12.5),
    ],
)
def test_numbers_are_read_from_text(text: str, decimal: str, number: float) -> None:
    assert number_of(text, decimal) == number


@pytest.mark.parametrize("text", ["", "twelve", "1.2.3", "12 apples", "--", "0x1F", "1_000"])
def test_other_text_is_no_number(text: str) -> None:
    assert np.isnan(number_of(text))


def test_the_decimal_sign_is_that_of_the_whole_column() -> None:
    assert use_of(["1,5", "2,25", "1.000,0"] * 9).decimal == ","
    assert use_of(["1,000", "2,500.5"] * 9).decimal == "."


def test_a_day_that_no_calendar_has_is_no_date() -> None:
    assert date_of("31/02/2026", Encoding.DAY_FIRST) is None
    assert date_of("24/12/2026 18:30", Encoding.DAY_FIRST) == datetime(2026, 12, 24, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "encoding", "unreadable"),
    [
        (["red", "12", None, " ", "blue", "red"], Encoding.NUMBER, 3),
        (["red", "2026-11-29", None], Encoding.DATE, 1),
        (["31/12/2026", "2026-11-29"], Encoding.MONTH_FIRST, 1),
        (["red", "blue"], Encoding.ORDINAL, 0),
        ([1.0, 2.0, None], Encoding.NUMBER, 0),
        ([1.0, 2.0, None], Encoding.DATE, 2),
        (["?", "7"], Encoding.NUMBER, 0),
    ],
)
def test_cells_that_a_choice_would_make_missing_are_counted(cells: Any, encoding: Encoding, unreadable: int) -> None:
    values = pd.Series(cells, name="x")
    use = ColumnUse("x", Holds.TEXT, encoding, 0, missing_values=("?",))
    assert column_types.unreadable_cells(values, use) == unreadable


def test_the_sentence_counts_text_columns_by_what_becomes_of_them() -> None:
    frame = pd.DataFrame(
        {
            "colour": ["red", "blue"] * 20,
            "street": [f"street {number % 35}" for number in range(40)],
            "key": [f"A-{number}" for number in range(40)],
            "size": range(1, 80, 2),
        }
    )
    said = column_types.sentence(column_types.column_uses(frame), ["key"])
    assert said == "3 of 4 columns are text: 1 one-hot encoded, 1 target encoded, 1 excluded."
    assert column_types.sentence(column_types.column_uses(frame[["size"]]), []) == ""
