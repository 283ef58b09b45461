"""Cells become what they mean: codes stay codes, 1,5 is a number, and no missing cell is a word."""

import io

import numpy as np
import pandas as pd
import pytest

from services.data.reading import file_reader
from services.data.reading.corrections import ReadingCorrections
from services.data.reading.file_reader import FileTable


def read(content: str) -> FileTable:
    return file_reader.read_file(io.BytesIO(content.encode()), "rows.csv")


def cells(content: str, column: str = "a") -> list[object]:
    return read(content).frame[column].tolist()


def test_decimal_commas_are_numbers_and_that_is_told() -> None:
    table = read("a;b\n1,5;x\n-3,25;y\n")
    assert table.frame["a"].tolist() == [1.5, -3.25]
    assert table.notes[-1] == "Decimal commas in column a: 1,5 is read as 1.5."


def test_points_between_thousands_are_left_out_and_that_is_told() -> None:
    table = read("a;b\n1.234,50;1.500\n3,5;2.750\n")
    assert table.frame.to_dict("list") == {"a": [1234.5, 3.5], "b": [1500, 2750]}
    assert table.notes[-1] == "Decimal commas in columns a, b: 1.234,50 is read as 1234.5."


def test_numbers_with_a_point_stay_what_they_are_where_no_comma_is() -> None:
    assert cells("a;b\n1.500;2\n2.750;3\n") == [1.5, 2.75]


def test_commas_that_may_separate_thousands_are_left_as_text_and_that_is_told() -> None:
    table = read("a;b\n1,234;1.5\n2,500;2.25\n")
    assert table.frame["a"].tolist() == ["1,234", "2,500"]
    assert table.notes[-1] == "Column a is kept as text: its commas may separate thousands or decimals."


def test_missing_cells_beside_decimal_commas_are_missing() -> None:
    column = read("a;b\n1,5;1\nNA;2\n ;3\n2;4\n").frame["a"]
    np.testing.assert_array_equal(column.to_numpy(), [1.5, np.nan, np.nan, 2])


@pytest.mark.parametrize("missing", ["", " ", "    ", "<NA>", "NA", " NA", "N/A", "n/a", "None", "nan", "NULL", "#N/A"])
def test_what_means_missing_among_numbers_is_missing(missing: str) -> None:
    column = read(f"a,b\n1,x\n{missing},y\n2.5,z\n").frame["a"]
    np.testing.assert_array_equal(column.to_numpy(), [1, np.nan, 2.5])


def test_the_class_na_is_a_class_and_that_is_told() -> None:
    table = read("region,b\nNA,1\nEU,2\n,3\n")
    assert table.frame["region"].value_counts().to_dict() == {"NA": 1, "EU": 1}
    assert table.notes == ("Column region is text, so its cells NA, N/A, n/a and None are values, not missing.",)


@pytest.mark.parametrize("code", ["01234", "0x1F", "00", "12345678901234567890"])
@pytest.mark.parametrize("rows", [1, 400_000])
def test_codes_stay_text_and_that_is_told(code: str, rows: int) -> None:
    table = read("a,b\n" + "7,2\n" * rows + f"{code},2\n")
    assert table.frame["a"].iloc[[0, -1]].tolist() == ["7", code]
    assert table.notes == (f"Column a holds codes and is kept as text: a number would change {code}.",)


@pytest.mark.parametrize("number", ["0", "0.5", "-0", "1e+05", "10", "100"])
def test_numbers_with_a_zero_are_no_codes(number: str) -> None:
    assert cells(f"a,b\n{number},1\n3,2\n") == [float(number), 3]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_code_is_seen_behind_every_delimiter(mark: str) -> None:
    assert read(f"b{mark}a\n1{mark}07\n2{mark}12\n").frame["a"].tolist() == ["07", "12"]


def test_times_after_dates_make_no_codes_of_other_columns() -> None:
    frame = read("a,at\n7,2026-01-01 07:00:00\n12,2026-01-02 08:00:00\n").frame
    assert [str(kind) for kind in frame.dtypes] == ["int64", "datetime64[s]"]


def test_quoted_decimal_commas_in_a_file_of_commas_are_numbers() -> None:
    table = read('a,b,c\n"1,5",2.5,x\n"-1.234,25",3.5,y\n,4.5,z\n')
    np.testing.assert_array_equal(table.frame["a"].to_numpy(), [1.5, -1234.25, np.nan])
    assert table.notes == ("Decimal commas in column a: -1.234,25 is read as -1234.25.",)


def test_quoted_thousands_in_a_file_of_commas_are_no_decimals() -> None:
    assert cells('a,b\n"1,234",x\n"2,500",y\n') == ["1,234", "2,500"]


@pytest.mark.parametrize(("decimal", "value"), [(",", 1.234), (".", "1,234"), (None, "1,234")])
def test_the_decimal_sign_is_the_one_that_a_person_says(decimal: str | None, value: object) -> None:
    said = ReadingCorrections(decimal=decimal)
    table = file_reader.read_file(io.BytesIO(b'a,b\n"1,234",x\n'), "rows.csv", said)
    assert table.frame["a"].tolist() == [value]


@pytest.mark.parametrize("rows", [0, 400_000])
def test_telephone_numbers_stay_text(rows: int) -> None:
    table = read("a,b\n+4915112345678,2\n" + "+4917112345678,2\n" * rows)
    assert table.frame["a"].iloc[0] == "+4915112345678"


def test_numbers_with_a_plus_are_numbers() -> None:
    assert cells("a,b\n+5,1\n-1234567,2\n") == [5, -1234567]


def test_large_whole_numbers_are_exact_beside_an_empty_cell() -> None:
    column = read("a,b\n9007199254740993,1\n,2\n").frame["a"]
    assert (column[0], column.isna().tolist()) == (9007199254740993, [False, True])


def test_a_column_without_any_cell_has_only_missing_ones() -> None:
    assert read("a,b\n1,\n2,\n").frame["b"].isna().all()


def test_infinite_cells_are_told() -> None:
    said = "Column a has 2 infinite cells (inf, or beyond ±1.8e308); statistics omit them."
    assert read("a,b\ninf,1\n1e400,2\n3,4\n").notes == (said,)


def test_dates_are_dates() -> None:
    assert cells("a,b\n2026-01-31,1\n2026-02-01,2\n") == [pd.Timestamp("2026-01-31"), pd.Timestamp("2026-02-01")]


def test_times_are_kept_as_they_are_written() -> None:
    assert cells("a,b\n07:30,1\n08:15:10,2\n") == ["07:30", "08:15:10"]


def test_the_largest_numbers_are_exact() -> None:
    assert cells("a,b\n1.7e308,1\n-1.7e308,2\n") == [1.7e308, -1.7e308]


def test_a_row_whose_first_cell_is_empty_is_a_row() -> None:
    frame = read("a,b\n,2\n").frame
    assert (len(frame), frame["a"].isna().tolist(), frame["b"].tolist()) == (1, [True], [2])
