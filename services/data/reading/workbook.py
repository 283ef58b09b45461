"""Reading a sheet of an Excel workbook (.xlsx): formulas by stored value, dates as dates, blank rows left out."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import reduce
from typing import Any, BinaryIO
from xml.parsers import expat

import python_calamine
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from services.data.reading import archives, header
from services.data.reading.cell_columns import CellTable
from services.data.reading.corrections import ReadingCorrections
from services.errors import Problem, some

CELLS = 30_000_000  # of a sheet, from the first to the last that is filled; all are held in memory
# Every sheet has an element of this name, whatever its file is called; XML may be in UTF-16.
SHEET_MARKS = tuple("sheetData".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
CELL, ROW = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"'), re.compile(rb'<row r="(\d{1,7})"')
ELEMENT = re.compile(rb"<(?:\w+:)?(?:c|row)[\s/>]")
BLOCK = 1 << 20
ROWS = 200  # that are compared with the header


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read. Rows are numbered from 1, as Excel does.

    table:   its columns.
    header:  the header's row; 0 for none.
    first:   the first row below it.
    places:  of the columns in the sheet, from 0; others have neither a name nor a cell.
    """

    table: CellTable
    name: str
    names: tuple[str, ...]
    sheets: tuple[str, ...]
    header: int
    first: int
    places: tuple[int, ...]
    notes: tuple[str, ...]


class SheetProblem(Problem):
    """A sheet that is no table, of a workbook with these `sheets`."""

    def __init__(self, problem: Problem, sheets: tuple[str, ...]) -> None:
        super().__init__(problem.where, problem.said, problem.remedy)
        self.args, self.sheets = (problem, sheets), sheets


def read(file: BinaryIO, archive: zipfile.ZipFile, name: str, corrections: ReadingCorrections) -> Sheet:
    """The sheet that a person says, or the first with rows.

    Raises SheetProblem where that is no table, Problem for a workbook that cannot be read.
    """
    _check_size(archive, name)
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
        sheets = _names(book)
        try:
            return _chosen(book, sheets, name, corrections)
        except Problem as problem:
            raise SheetProblem(problem, sheets) from problem
    except python_calamine.CalamineError as error:
        raise Problem(name, "the Excel workbook is damaged", "Save it again in Excel") from error


def _chosen(book: CalamineWorkbook, sheets: tuple[str, ...], name: str, corrections: ReadingCorrections) -> Sheet:
    chosen = corrections.sheet
    if chosen is not None and chosen not in sheets:
        raise Problem(name, f"it has no sheet {chosen}", f"Choose one of its sheets: {some(sheets)}")
    for candidate in [chosen] if chosen is not None else sheets:
        sheet = book.get_sheet_by_name(candidate)
        rows = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
        if any(cell is not None for row in rows for cell in row):
            return _sheet(rows, sheet, sheets, name, corrections)
    where = f"its sheet {chosen} has" if chosen is not None else "it has"
    raise Problem(name, f"{where} no cells", "Choose a sheet with a header and rows")


def _names(book: CalamineWorkbook) -> tuple[str, ...]:
    """The sheets with cells to read: no charts, and none that are hidden unless all are."""
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    shown = [sheet for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    return tuple(sheet.name for sheet in shown or sheets)


def _check_size(archive: zipfile.ZipFile, name: str) -> None:
    """Raises Problem for a workbook that would fill the memory: a bomb, or a cell far from all others."""
    entries = archive.infolist()
    archives.check_bomb(sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries), name)
    for entry in entries:
        try:
            rows, columns = _extent(archive, entry) if _is_sheet(archive, entry) else (0, 0)
        except (expat.ExpatError, *archives.DAMAGE) as error:
            raise Problem(name, "the Excel workbook is damaged", "Save it again in Excel") from error
        if rows * columns > CELLS:
            said = f"a sheet reaches to row {rows:,} and column {columns:,}, which is more than {CELLS:,} cells"
            raise Problem(name, said, "Delete the rows and columns beyond the table, or save the sheet as CSV UTF-8")


def _is_sheet(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    before = b""
    with archive.open(entry) as content:
        while block := content.read(BLOCK):
            if any(mark in before + block for mark in SHEET_MARKS):
                return True
            before = block[-max(map(len, SHEET_MARKS)) :]
    return False


def _extent(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[int, int]:
    """The last row and the last column that the XML of a sheet names. Raises ExpatError where it is no XML."""
    extent = _Extent()
    with archive.open(entry) as xml:
        before, is_regular = b"", True
        while is_regular and (block := xml.read(BLOCK)):
            seen, tag, rest = (before + block).rpartition(b"<")
            is_regular, before = extent.see_regular(seen), tag + rest
    if is_regular and extent.see_regular(before):
        return extent.rows, extent.columns
    extent = _Extent()
    parser = expat.ParserCreate()
    parser.StartElementHandler = extent.see
    with archive.open(entry) as xml:
        while block := xml.read(BLOCK):
            parser.Parse(block, False)
    parser.Parse(b"", True)
    return extent.rows, extent.columns


class _Extent:
    """How far the cells of a sheet reach. One without a place of its own stands behind the one before it."""

    def __init__(self) -> None:
        self.rows = self.columns = self._row = self._column = 0
        self._numbers: dict[str, int] = {}  # of columns, by their letters

    def see_regular(self, xml: bytes) -> bool:
        """Whole elements, where they are written as Excel writes them, which is fast; False where they are not."""
        cells, rows = CELL.findall(xml), ROW.findall(xml)
        if len(ELEMENT.findall(xml)) != len(cells) + len(rows) or b"<!" in xml or b"\0" in xml:
            return False
        numbers = [*rows, *(number for _, number in cells)]
        self.rows = max(self.rows, int(max(numbers, key=int, default=0)))
        letters = {column.decode() for column, _ in cells}
        self.columns = max(self.columns, max(map(self._number, letters), default=0))
        return True

    def see(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element of the sheet begins. Raises ValueError for a place that is none."""
        element = tag.rpartition(":")[2]
        if element == "c":
            place = attributes.get("r", "")
            letters = place.rstrip("0123456789")
            self._column = self._number(letters) if letters else self._column + 1
            self._row = int(place[len(letters) :] or self._row)
            self.columns = max(self.columns, self._column)
            self.rows = max(self.rows, self._row)
        elif element == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
            self.rows = max(self.rows, self._row)

    def _number(self, letters: str) -> int:
        if letters not in self._numbers:
            self._numbers[letters] = reduce(lambda number, letter: 26 * number + int(letter, 36) - 9, letters, 0)
        return self._numbers[letters]


def _cell(value: Any) -> Any:
    """A cell with None for an empty one and midnight for a day without a time, as pandas has them."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return None if value == "" else value


def text_of(cell: Any) -> str:
    """A cell as text; 1.0 as "1", as Excel shows it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _sheet(
    rows: Sequence[Sequence[Any]],
    sheet: CalamineSheet,
    sheets: tuple[str, ...],
    name: str,
    corrections: ReadingCorrections,
) -> Sheet:
    filled = [number for number, row in enumerate(rows, start=1) if any(cell is not None for cell in row)]
    needed = max(corrections.header or 0, corrections.first_row or 0)
    if filled[-1] < needed:
        raise Problem(name, f"it has {filled[-1]:,} rows, and row {needed:,} was to be read", "Correct the row")
    top, titles, told = _header(rows, filled, corrections)
    if top and corrections.first_row and corrections.first_row <= top:
        said = f"row {corrections.first_row:,} is not below the header in row {top:,}"
        raise Problem(name, said, "Correct the row")
    above = len(told[0]) if told else 0
    first = max(corrections.first_row or 0, top + 1 if top else filled[above])
    body = [row for row in rows[first - 1 :] if any(cell is not None for cell in row)]
    if not body:
        raise Problem(name, "it has a header but no rows", "Choose a sheet with rows")
    notes = header.told_titles(told[0]) if told else ()
    places = [place for place in range(len(rows[0])) if _is_column(place, titles, body)]
    if top:
        named = header.names_of(_merged(sheet, top, titles), name)
        names = tuple(named[place] for place in places)
    else:
        names, said = header.numbered(len(places))
        notes = (*notes, said if corrections.header == 0 else f"The sheet has no header. {said}")
    table = CellTable()
    for place, column in zip(places, names, strict=True):
        table.add(column, [row[place] for row in body], text_of)
    table.tell_words()
    return Sheet(table, sheet.name, names, sheets, top, first, tuple(places), notes)


def _is_column(place: int, titles: Sequence[str], body: Sequence[Sequence[Any]]) -> bool:
    return bool(titles and titles[place]) or any(row[place] is not None for row in body)


def _header(
    rows: Sequence[Sequence[Any]], filled: Sequence[int], corrections: ReadingCorrections
) -> tuple[int, list[str], tuple[list[str], ...]]:
    """The header's row (0 for none), its cells, and the titles above the table where they were found."""
    if corrections.header is not None:
        top = corrections.header
        return top, header.tidy_titles(list(map(text_of, rows[top - 1]))) if top else [], ()
    shown = [[text_of(cell) for cell in rows[number - 1]] for number in filled[:ROWS]]
    above = header.titles_above([row[:1] if row[0] and not any(row[1:]) else row for row in shown])
    titles = header.tidy_titles(shown[above])
    told = [" ".join(filter(None, row)) for row in shown[:above]]
    is_header = header.is_header(titles, shown[above + 1 :])
    return filled[above] if is_header else 0, titles if is_header else [], (told,) if told else ()


def _merged(sheet: CalamineSheet, top: int, titles: Sequence[str]) -> list[str]:
    """The titles with a number behind that of a merged cell for each further column below it."""
    named = list(titles)
    for (first_row, left), (last_row, right) in sheet.merged_cell_ranges or []:
        if first_row <= top - 1 <= last_row and right < len(named) and named[left]:
            for place in range(left + 1, right + 1):
                named[place] = named[place] or f"{named[left]}_{place - left + 1}"
    return named
