"""How a file is written is found in its first rows: delimiter, header, line ends, rows of any length."""

import io

import pandas as pd
import pytest

from services.data.reading import file_reader
from services.data.reading.corrections import AS_FOUND, ReadingCorrections
from services.data.reading.file_reader import FileTable
from services.errors import Problem


def read(content: bytes, corrections: ReadingCorrections = AS_FOUND) -> FileTable:
    return file_reader.read_file(io.BytesIO(content), "rows.csv", corrections)


def problem(content: bytes, corrections: ReadingCorrections = AS_FOUND) -> str:
    with pytest.raises(Problem) as caught:
        read(content, corrections)
    return str(caught.value)


def line(table: FileTable) -> str:
    """How the file was read, as it is shown where it is chosen."""
    assert table.format is not None
    return table.format.sentence(len(table.frame))


@pytest.mark.parametrize("above", ["\n", "  \n", "\r\n\r\n", ",\n", "\ufeff\n"])
def test_blank_lines_above_the_header_are_passed_over(above: str) -> None:
    frame = read(f"{above}a,b\n1,2\n".encode()).frame
    pd.testing.assert_frame_equal(frame, pd.DataFrame({"a": [1], "b": [2]}))


@pytest.mark.parametrize("mark", [";", "\t", ":"])
def test_the_delimiter_that_excel_declares_is_used(mark: str) -> None:
    frame = read(f"sep={mark}\na{mark}b\n1{mark}2\n".encode()).frame
    pd.testing.assert_frame_equal(frame, pd.DataFrame({"a": [1], "b": [2]}))


def test_lines_of_spaces_are_no_rows() -> None:
    assert len(read(b"a,b\n1,2\n   \n3,4\n  \n").frame) == 2


def test_line_ends_within_quotes_break_no_row_however_large_the_file() -> None:
    frame = read(b"a,b\n" + b'1,"some words\nand more"\n2,word\n' * 120_000).frame
    assert (len(frame), frame["b"].value_counts().to_dict()) == (
        240_000,
        {"some words\nand more": 120_000, "word": 120_000},
    )


def test_a_line_end_in_a_name_becomes_a_space() -> None:
    assert list(read(b'"a\nmm",b\n1,2\n').frame.columns) == ["a mm", "b"]


def test_a_header_larger_than_a_block_is_read() -> None:
    names = [f"column_with_a_long_name_{number}" * 20 for number in range(3000)]
    content = ",".join(names) + "\n" + ",".join(["1"] * 3000) + "\n"
    assert list(read(content.encode()).frame.columns) == names


def test_a_cell_larger_than_a_block_is_read() -> None:
    frame = read(b"a,b\n1," + b"x" * 3_000_000 + b"\n2,y\n").frame
    assert frame["b"].str.len().tolist() == [3_000_000, 1]


def test_a_quotation_mark_that_is_not_closed_is_pointed_at() -> None:
    said = "rows.csv: row 3: a quotation mark is not closed. Close it, or remove it."
    assert problem(b'a,b\n1,2\n3,"x\n' + b"5,6\n" * 300_000) == said


def test_the_row_of_a_fault_is_counted_as_a_spreadsheet_counts() -> None:
    assert "row 5: Expected 2 columns, got 1: 5." in problem(b"\na,b\n1,2\n\n5\n")


MEASURED = "".join(f"{number}.5,{number % 3},x{number % 2}\n" for number in range(80))
MUSHROOMS = "p,x,s,n,t,p\n" + "e,x,s,y,t,a\ne,b,s,w,t,l\np,x,y,w,t,p\n" * 9


@pytest.mark.parametrize(
    ("content", "rows"),
    [(MEASURED, 80), (MUSHROOMS, 28), ("1,2\n3,4\n", 2), ("0,g,t,g\n1,g,f,h\n", 2), ("yes\nno\nyes\n", 3)],
)
def test_no_row_of_a_file_without_a_header_is_lost(content: str, rows: int) -> None:
    assert len(read(content.encode()).frame) == rows


def test_columns_without_a_header_are_numbered_and_that_is_told() -> None:
    table = read(MEASURED.encode())
    said = "The file has no header: its first row holds values. The columns are named column_1 to column_3."
    assert (list(table.frame.columns), table.notes) == (["column_1", "column_2", "column_3"], (said,))


@pytest.mark.parametrize("header", ["country,2019,2020", "0,1,2", ",0,1", "name,x1,x2", "id,2,value", "a,b,c"])
def test_names_that_are_numbers_are_still_names(header: str) -> None:
    first = "DE" if header[0] in "cn" else "7"
    assert len(read(f"{header}\n{first},1.5,2\n9,2.5,3\n".encode()).frame) == 2


def test_a_header_that_stands_twice_in_the_file_is_a_header() -> None:
    assert list(read(b"a,b\n1,2\na,b\n3,4\n").frame.columns) == ["a", "b"]


def test_words_below_other_words_have_a_header() -> None:
    assert list(read(b"name,town\nAnn,Bonn\nBob,Ulm\n").frame.columns) == ["name", "town"]


def test_columns_without_a_name_are_numbered() -> None:
    assert list(read(b"a,,b,\n1,2,3,4\n").frame.columns) == ["a", "column_2", "b", "column_4"]


def test_numbers_between_single_spaces_are_columns() -> None:
    table = read(b"1 2 3\n4 5 6\n")
    assert (table.frame.shape, line(table)) == ((2, 3), "Space, no header, UTF-8, 2 rows")


def test_numbers_aligned_by_spaces_are_refused_in_one_sentence() -> None:
    said = "rows.csv: its columns are aligned with spaces. Save it again as CSV, with commas between the columns."
    assert problem(b" 1.0   2  3\n14.0  15 16\n") == said


def test_a_column_of_words_is_not_cut_at_its_spaces() -> None:
    assert list(read(b"full name\nAnn Lee\nBob Ray\n").frame.columns) == ["full name"]


@pytest.mark.parametrize("content", [b"1,5;2,5\n3,5;4,5\n", b"Size, cm;Weight, kg\n1,5;2,5\n"])
def test_commas_within_numbers_do_not_pass_for_delimiters(content: bytes) -> None:
    assert read(content).frame.shape[1] == 2


def test_a_header_without_a_line_end_has_no_rows() -> None:
    assert problem(b"a,b") == "rows.csv: it has a header but no rows. Choose a file with rows."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_read_with_or_without_its_mark(encoding: str) -> None:
    table = read("a;b\n1,5;Köln\n".encode(encoding))
    assert (table.frame.to_dict("list"), line(table)) == (
        {"a": [1.5], "b": ["Köln"]},
        "Semicolon, decimal comma, header in line 1, UTF-16, 1 row",
    )


@pytest.mark.parametrize("rows", [1, 400_000])
def test_western_text_is_read_as_windows_1252_and_that_is_told_with_a_word_of_it(rows: int) -> None:
    table = read(("town,b\n" + "Ulm,1\n" * rows + "Köln,2 €\n").encode("cp1252"))
    assert table.frame.iloc[-1].tolist() == ["Köln", "2 €"]
    assert table.notes == ("The text is not UTF-8: it was read as Windows-1252 (Latin-1), for example Köln.",)


@pytest.mark.parametrize(
    "content",
    [
        "town\nМосква\n".encode("cp1251"),
        "town\nMünchen\n".encode("mac-roman"),
        "town\nMünchen\n".encode("cp850"),
        "town\nŁódź, słowo\n".encode("cp1250"),
        "town\n東京都\n".encode("shift-jis"),
        "town\n北京\n".encode("gbk"),
        "town\nKöln ".encode() + b"\xff\n",
    ],
    ids=["Cyrillic", "Mac Roman", "DOS", "Central European", "Japanese", "Chinese", "damaged UTF-8"],
)
def test_what_is_not_clearly_windows_1252_is_refused_with_its_line(content: bytes) -> None:
    assert problem(content) == (
        "rows.csv: its text in line 2 is neither UTF-8 nor clearly Windows-1252 (Latin-1). "
        "Correct its encoding, or save it again with the encoding UTF-8."
    )


def test_an_encoding_that_a_person_says_is_taken() -> None:
    said = ReadingCorrections.model_validate({"encoding": "cp1252"})
    assert read("town\nMünchen\n".encode("mac-roman"), said).frame["town"].tolist() == ["MŸnchen"]


def test_an_encoding_that_a_person_says_and_that_does_not_fit_is_one_sentence() -> None:
    said = ReadingCorrections.model_validate({"encoding": "utf-8"})
    assert problem("é\n1\n".encode("latin1"), said).startswith("rows.csv: its text is not UTF-8.")


@pytest.mark.parametrize("above", ["Report 2024\n", "Report 2024\n\n", "Report 2024;;\n", "Report\nSource: x\n\n"])
def test_titles_above_the_header_are_left_out_and_told(above: str) -> None:
    table = read(f"{above}day;size;town\n1;2,5;Ulm\n2;3,5;Bonn\n".encode())
    assert table.frame.to_dict("list") == {"day": [1, 2], "size": [2.5, 3.5], "town": ["Ulm", "Bonn"]}
    assert "above the table" in table.notes[0]
    assert "Report" in table.notes[0]


def test_the_line_tells_how_the_file_is_written() -> None:
    content = b"Report 2024\nday;size\n" + b"1;2,5\n" * 4898
    assert line(read(content)) == "Semicolon, decimal comma, header in line 2, UTF-8, 4,898 rows"


def test_the_header_is_the_row_that_a_person_says() -> None:
    table = read(b"x,y\nu,v\na,b\n1,2\n", ReadingCorrections(header=3))
    assert (table.frame.to_dict("list"), line(table)) == (
        {"a": [1], "b": [2]},
        "Comma, header in line 3, UTF-8, 1 row",
    )


def test_a_file_has_no_header_where_a_person_says_so() -> None:
    assert len(read(b"a,b\nc,d\n", ReadingCorrections(header=0)).frame) == 2


def test_rows_above_the_first_that_a_person_says_are_left_out() -> None:
    table = read(b"a,b\ncm,kg\n1,2\n3,4\n", ReadingCorrections(first_row=3))
    assert (table.frame.to_dict("list"), line(table)) == (
        {"a": [1, 3], "b": [2, 4]},
        "Comma, header in line 1, read from line 3, UTF-8, 2 rows",
    )


def test_a_first_row_far_down_is_found() -> None:
    content = b"a,b\n" + b"1,2\n" * 60_000 + b"3,4\n"
    assert read(content, ReadingCorrections(first_row=60_002)).frame.to_dict("list") == {"a": [3], "b": [4]}


def test_the_delimiter_is_the_one_that_a_person_says() -> None:
    assert list(read(b"a;b,c\n1;2,x\n", ReadingCorrections(delimiter=";")).frame.columns) == ["a", "b,c"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (ReadingCorrections(header=9), "rows.csv: it has 2 rows, and row 9 was to be read. Correct the row."),
        (ReadingCorrections(first_row=1), "rows.csv: row 1 is not below the header in row 1. Correct the row."),
    ],
)
def test_a_row_that_cannot_be_is_one_sentence(said: ReadingCorrections, sentence: str) -> None:
    assert problem(b"a,b\n1,2\n", said) == sentence


def test_a_blank_row_is_no_header() -> None:
    said = "rows.csv: row 1 is blank. Choose the row of the header."
    assert problem(b"\na,b\n1,2\n", ReadingCorrections(header=1)) == said


@pytest.mark.parametrize("cells", ["1 234,5;2\n2 500,0;3\n", "−5,1;1\n3,2;2\n"])
def test_a_header_is_no_title_because_of_commas_in_the_rows_below(cells: str) -> None:
    assert list(read(f"a;b\n{cells}".encode()).frame.columns) == ["a", "b"]


@pytest.mark.parametrize("content", [b"<!DOCTYPE html><p>x\n", b"<html>\n<p>1</p>\n", b"<?xml version='1.0'?>\n<a/>\n"])
def test_a_web_page_is_named(content: bytes) -> None:
    assert problem(content) == "rows.csv: it is a web page or XML, not a table. Download the table itself."


def test_bytes_that_are_no_text_are_named_with_their_line() -> None:
    said = "rows.csv: line 2 holds a zero byte, as no text does. Choose a CSV, Excel, JSON or Parquet file."
    assert problem(b"a,b\n1,\0\n") == said


def test_rows_with_one_cell_more_than_the_header_are_not_shifted() -> None:
    assert "row 2: Expected 2 columns, got 3: 1,2,." in problem(b"a,b\n1,2,\n3,4,\n")


def test_line_ends_of_old_macs_and_mixed_ones_end_rows() -> None:
    for content in (b"a,b\r1,2\r3,4\r", b"a,b\r\n1,2\n3,4\r"):
        assert read(content).frame.to_dict("list") == {"a": [1, 3], "b": [2, 4]}
