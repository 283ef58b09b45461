"""Sheets of Excel workbooks become tables as a person sees them; what cannot be read is one sentence."""

import contextlib
import io
import random
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from services.data.reading import file_reader, workbook
from services.data.reading.corrections import AS_FOUND, ReadingCorrections
from services.data.reading.file_reader import FileTable
from services.errors import Problem
from tests.services.data import xlsx
from tests.services.data.xlsx import ErrorCell, Formula

NOON = datetime(2024, 1, 3, 12)  # noqa: DTZ001 Excel knows no zones
DAY = datetime(2024, 1, 2)  # noqa: DTZ001


def read(content: bytes, corrections: ReadingCorrections = AS_FOUND) -> FileTable:
    return file_reader.read_file(io.BytesIO(content), "book.xlsx", corrections)


def sheet(*rows: Sequence[Any], corrections: ReadingCorrections = AS_FOUND, merged: str = "") -> FileTable:
    return read(xlsx.workbook({"Data": rows}, merged), corrections)


def cells(table: FileTable) -> dict[str, list[object]]:
    frame = table.frame.astype(object).where(table.frame.notna(), None)
    return {str(name): frame[name].tolist() for name in frame}


def line(table: FileTable) -> str:
    assert table.format
    return table.format.sentence(len(table.frame))


def problem(content: bytes, corrections: ReadingCorrections = AS_FOUND) -> str:
    with pytest.raises(Problem) as caught:
        read(content, corrections)
    return str(caught.value)


def by_printed_code(content: bytes, table: FileTable) -> pd.DataFrame:
    known: dict[str, Any] = {"pandas": pd, "source": io.BytesIO(content)}
    exec(table.code.line("source"), known)
    frame: pd.DataFrame = known["table"]
    return frame


def test_numbers_text_flags_and_dates_are_what_they_are() -> None:
    table = sheet(["n", "x", "word", "ok", "at"], [1, 2.5, "a", True, DAY], [3, None, "b", False, NOON])
    assert cells(table) == {
        "n": [1, 3],
        "x": [2.5, None],
        "word": ["a", "b"],
        "ok": [True, False],
        "at": [pd.Timestamp(DAY), pd.Timestamp(NOON)],
    }
    assert line(table) == "Excel, sheet Data, header in row 1, 2 rows"


def test_a_formula_is_the_value_that_excel_stored() -> None:
    assert cells(sheet(["a"], [Formula("1+1", 2)], [Formula("A2*2", 4.5)])) == {"a": [2.0, 4.5]}


def test_a_failed_formula_is_a_missing_cell() -> None:
    assert cells(sheet(["a", "b"], [ErrorCell("#N/A"), 1], [3, 2])) == {"a": [None, 3], "b": [1, 2]}


def test_codes_that_are_text_stay_text() -> None:
    assert cells(sheet(["code"], ["007"], ["1,5"])) == {"code": ["007", "1,5"]}


def test_blank_rows_at_the_end_and_between_are_no_rows() -> None:
    assert cells(sheet(["a", "b"], [1, 2], [None, None], [3, 4], [], ["", ""])) == {"a": [1, 3], "b": [2, 4]}


def test_columns_without_a_title_are_numbered_and_empty_ones_left_out() -> None:
    assert cells(sheet(["a", None, "c", None], [1, 2, 3, None])) == {"a": [1], "column_2": [2], "c": [3]}


def test_columns_below_a_merged_title_are_numbered_by_it() -> None:
    table = sheet(["Sales", None, "town"], [1, 2, "Ulm"], [3, 4, "Bonn"], merged="A1:B1")
    assert list(table.frame.columns) == ["Sales", "Sales_2", "town"]


def test_titles_above_the_header_are_left_out_and_told() -> None:
    table = sheet(["Report 2024"], [], ["a", "b"], [1, "x"], [2, "y"])
    assert (cells(table), line(table)) == (
        {"a": [1, 2], "b": ["x", "y"]},
        "Excel, sheet Data, header in row 3, 2 rows",
    )
    assert table.notes == ("The row above the table is left out: Report 2024.",)


def test_a_sheet_of_numbers_has_no_header() -> None:
    table = sheet([1, 2.5], [3, 4.5])
    assert cells(table) == {"column_1": [1, 3], "column_2": [2.5, 4.5]}
    assert table.notes == ("The sheet has no header. The columns are named column_1 to column_2.",)


def test_words_for_missing_among_numbers_are_missing() -> None:
    assert cells(sheet(["a", "b"], [1, "x"], ["NA", "y"], [" ", "NA"])) == {"a": [1, None, None], "b": ["x", "y", "NA"]}


def test_a_column_of_text_and_numbers_is_text_and_that_is_told() -> None:
    table = sheet(["a"], [1], ["x"], [2.5], [DAY])
    assert cells(table) == {"a": ["1", "x", "2.5", "2024-01-02 00:00:00"]}
    assert table.notes == ("Column a mixes text with other values and is kept as text.",)


BOOK: dict[str, list[list[object]]] = {"Notes": [], "First": [["a"], [1]], "Second": [["b"], [2], [3]]}


def test_the_first_sheet_with_cells_is_read_and_named() -> None:
    assert line(read(xlsx.workbook(BOOK))) == "Excel, sheet First (2 of 3), header in row 1, 1 row"


def test_the_sheet_is_the_one_that_a_person_says() -> None:
    assert cells(read(xlsx.workbook(BOOK), ReadingCorrections(sheet="Second"))) == {"b": [2, 3]}


def test_hidden_sheets_are_not_offered() -> None:
    table = read(xlsx.workbook(BOOK, hidden=["First"]))
    assert table.format
    assert (cells(table), table.format.sheets) == ({"b": [2, 3]}, ("Notes", "Second"))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (ReadingCorrections(sheet="x"), "it has no sheet x. Choose one of its sheets: Notes, First, Second."),
        (ReadingCorrections(sheet="Notes"), "its sheet Notes has no cells. Choose a sheet with a header and rows."),
        (ReadingCorrections(header=9), "it has 2 rows, and row 9 was to be read. Correct the row."),
        (ReadingCorrections(first_row=1), "row 1 is not below the header in row 1. Correct the row."),
        (ReadingCorrections(header=2), "it has a header but no rows. Choose a sheet with rows."),
    ],
)
def test_a_sheet_or_row_that_cannot_be_is_one_sentence(said: ReadingCorrections, sentence: str) -> None:
    assert problem(xlsx.workbook(BOOK), said) == f"book.xlsx: {sentence}"


def test_header_and_first_row_are_those_that_a_person_says() -> None:
    rows = (["x", "y"], ["a", "b"], ["cm", "kg"], [1, 2], [3, 4])
    assert cells(sheet(*rows, corrections=ReadingCorrections(header=2, first_row=4))) == {"a": [1, 3], "b": [2, 4]}
    assert len(sheet(*rows, corrections=ReadingCorrections(header=0)).frame) == 5


def test_titles_of_the_same_name_are_named() -> None:
    said = "book.xlsx: several columns have the same name: a. Give each column its own name."
    assert problem(xlsx.workbook({"Data": [["a", "a"], [1, 2]]})) == said


def test_a_workbook_without_cells_is_one_sentence() -> None:
    assert problem(xlsx.workbook({"Data": []})) == "book.xlsx: it has no cells. Choose a sheet with a header and rows."


def test_a_cell_far_from_all_others_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "CELLS", 50)
    content = xlsx.workbook({"Data": [["a"], *[[]] * 40, [None, 1]]})
    assert problem(content).startswith("book.xlsx: a sheet reaches to row 42 and column 2, which is more than 50 cells")


def changed(content: bytes, old: bytes, new: bytes, name: str = "sheet1.xml") -> bytes:
    """A workbook with other bytes in its parts, its first sheet called `name`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(packed, "w") as after:
        for part in before.namelist():
            renamed = before.read(part).replace(old, new).replace(b"sheet1.xml", name.encode())
            after.writestr(part.replace("sheet1.xml", name), renamed)
    return packed.getvalue()


@pytest.mark.parametrize("name", ["sheet1.xml", "sheet1.png"])
@pytest.mark.parametrize(
    "place", [b'r="XFD1048576"', b"r = 'XFD1048576'", b'r="A99999999999"', b't="n" r="XFD1048576"']
)
def test_a_cell_at_the_end_of_the_sheet_is_refused_however_it_is_written(place: bytes, name: str) -> None:
    content = changed(xlsx.workbook({"Data": [["a"], [1]]}), b'r="A2"', place, name)
    assert problem(content).startswith("book.xlsx: a sheet reaches to row ")


@pytest.mark.parametrize("seed", range(20))
def test_a_sheet_of_any_cells_is_read_as_the_printed_code_reads_it(seed: int) -> None:
    chance = random.Random(seed)
    kinds: list[list[Any]] = [[1, 2, 30], [1.5, -2.25], ["x", "NA", "007"], [True, False], [DAY, NOON], [1, "x", DAY]]
    rows: list[list[Any]] = [["Title"]] * chance.randrange(2) + [[f"c{place}" for place in range(4)]]
    columns = [chance.choice(kinds) for _ in range(4)]
    for _ in range(chance.randrange(3, 12)):
        rows.append([chance.choice([*cells, None]) for cells in columns])
        rows += [[]] * (chance.random() < 0.1)
    content = xlsx.workbook({"Data": rows})
    table = read(content)
    theirs = by_printed_code(content, table)
    assert list(theirs.columns) == list(table.frame.columns)
    for name in theirs:
        ours, other = table.frame[name], theirs[name]
        assert ours.isna().tolist() == other.isna().tolist()
        assert ours.dropna().tolist() == other.dropna().tolist()


DAMAGE = [b"", b"<", b">", b'"', b"999999999999", b"-1", b"A0", b"XFD1048576", b"&#0;", b"<c/>", b"1e400", b"\xff"]


@pytest.mark.slow
def test_a_workbook_of_damaged_xml_is_one_sentence_or_a_table() -> None:
    sound = xlsx.workbook({"Data": [["a", "b"], *([number, f"x{number}"] for number in range(9))], "E": [["q"], [1]]})
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(7)
    for _ in range(1000):
        name = chance.choice(list(parts))
        part = bytearray(parts[name])
        place = chance.randrange(len(part))
        part[place : place + chance.randrange(4)] = chance.choice(DAMAGE)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for other, body in (parts | {name: bytes(part)}).items():
                archive.writestr(other, body)
        with contextlib.suppress(Problem):
            assert read(packed.getvalue()).frame.shape[1] >= 1


def test_a_workbook_damaged_anywhere_is_one_sentence_or_a_table() -> None:
    sound = xlsx.workbook({"Data": [["a", "b"], *([number, f"x{number}"] for number in range(40))]})
    chance = random.Random(7)
    for _ in range(200):
        content = bytearray(sound)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        with contextlib.suppress(Problem):
            assert read(bytes(content)).frame.shape[1] >= 1
