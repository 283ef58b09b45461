"""How a CSV file is written: its delimiter, its header, where its rows begin. Found in its first rows alone."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from services.data.reading import encodings, header
from services.data.reading.archives import Text
from services.data.reading.corrections import AS_FOUND, ReadingCorrections
from services.data.reading.encodings import Readable, TextEncoding
from services.errors import Problem

DELIMITERS = (",", ";", "\t", "|", " ")
SAMPLE = 65_536  # bytes read to find the header and the delimiter, unless the header is larger
LARGEST = 1 << 26  # bytes of a header, at most
ROWS = 200  # that are compared with the first
DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
DECLARED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
MARKUP = re.compile(r"\ufeff?\s*<(!doctype html|html|\?xml)\b", re.IGNORECASE)
csv.field_size_limit((1 << 31) - 1)  # a cell may be as large as it likes


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written. Rows are numbered from 1, as a spreadsheet program counts them.

    names:    of the columns, all different.
    titles:   the header as it stands in the file; None where there is none.
    header:   number of the header's row; 0 where there is none.
    start:    bytes before the first row of the table.
    row:      number of that row.
    notes:    what a person should know about it, each a sentence.
    """

    delimiter: str
    names: tuple[str, ...]
    titles: tuple[str, ...] | None
    header: int
    start: int
    row: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """One of the first rows: its cells and its number, the bytes before it and up to its end."""

    cells: list[str]
    number: int
    start: int
    end: int

    @property
    def blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


def find(text: Text, corrections: ReadingCorrections = AS_FOUND) -> Dialect:
    """The dialect of a file, as far as a person does not say otherwise.

    Raises Problem when it is empty, has no readable header or too few rows, UndecodableText.
    """
    needed = max(corrections.header or 0, corrections.first_row or 0)
    with text.opened() as stream:
        for lines, whole in _samples(stream, text.name):
            if MARKUP.match(lines[0] if lines else ""):
                raise Problem(text.name, "it is a web page or XML, not a table", "Download the table itself")
            declared = next((row for row in _rows(lines, "\n", whole) if not row.blank), None)
            marked = DECLARED.fullmatch(declared.cells[0]) if declared else None
            delimiter = corrections.delimiter or (
                marked[1] if marked else _delimiter(_beginning(lines, corrections), text.name)
            )
            rows = [row for row in islice(_rows(lines, delimiter, whole), needed + ROWS) if not row.blank]
            if marked:
                rows = [row for row in rows if declared and row.number > declared.number]
            if (len(rows) > 1 and rows[-1].number > needed) or whole:
                break
        else:
            said = f"its first {needed:,} rows are longer than {LARGEST >> 20} MB"
            if not needed:
                said = f"its first row is longer than {LARGEST >> 20} MB"
            raise Problem(text.name, said, "Close the quotation mark, or use fewer columns")
    if not rows:
        raise empty(text.name)
    if rows[-1].number < needed:
        said = f"it has {rows[-1].number:,} rows, and row {needed:,} was to be read"
        raise Problem(text.name, said, "Correct the row")
    return _described(rows, delimiter, text.name, corrections)


def _beginning(lines: list[str], corrections: ReadingCorrections) -> list[str]:
    """The lines that show the delimiter: from the header on, where a person said which that is."""
    above = max(0, (corrections.header or corrections.first_row or 1) - 1)
    return lines[above : above + 50]


def _samples(stream: Readable, name: str) -> Iterator[tuple[list[str], bool]]:
    """The first lines of the file, ever more of them, and whether these are all."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    sample, size, whole = "", SAMPLE, False
    while not whole and size <= LARGEST:
        block = b""
        while len(block) < size and not whole:
            more = stream.read(size - len(block))
            block, whole = block + more, not more
        try:
            sample += decoder.decode(block, final=whole)
        except UnicodeDecodeError as error:
            raise encodings.undecodable(name, TextEncoding.UTF8) from error
        if "\0" in sample:
            raise encodings.undecodable(name, TextEncoding.UTF8)
        yield io.StringIO(sample, newline="").readlines(), whole
        size *= 4


def _rows(lines: Sequence[str], delimiter: str, whole: bool) -> Iterator[_Row]:
    """The rows in these lines; the last only when it is whole."""
    reader = csv.reader((line.removeprefix("\ufeff") for line in lines), delimiter=delimiter)
    done = end = 0
    for number, cells in enumerate(reader, start=1):
        above, start = done, end
        done = reader.line_num
        end += sum(len(line.encode()) for line in lines[above:done])
        if done < len(lines) or whole:
            yield _Row(cells, number, start, end)


def _delimiter(lines: Sequence[str], name: str) -> str:
    """The one that cuts most of the first lines into as many columns as the header, with the fewest
    titles above it, and into the most columns.

    A comma that only ever stands within numbers is their decimal comma.
    """

    def fit(delimiter: str) -> tuple[bool, float, int, int]:
        rows = [row.cells for row in _rows(lines, delimiter, whole=True) if not row.blank]
        titles = header.titles_above(rows)
        rows = rows[titles:]
        if not rows or len(rows[0]) == 1:
            return False, 0.0, 0, 1
        agreeing = sum(len(cells) == len(rows[0]) for cells in rows) / len(rows)
        commas = [cell for cells in rows[1:] or rows for cell in cells if "," in cell]
        decimal = delimiter != "," and bool(commas) and all(map(DECIMAL_COMMA.fullmatch, commas))
        return decimal and agreeing == 1, agreeing, -titles, len(rows[0])

    best = max((mark for mark in DELIMITERS if mark != " "), key=fit)
    return best if fit(best)[1] else _spaces(lines, name)


def _spaces(lines: Sequence[str], name: str) -> str:
    """A space for rows of numbers that are separated by one, and a comma for a single column.

    Raises Problem for numbers that are aligned by several spaces.
    """
    filled = [line.strip("\r\n") for line in lines if line.strip()]
    cells = [line.split() for line in filled]
    numbers = sum(header.is_number(cell) for row in cells for cell in row)
    if len({len(row) for row in cells}) != 1 or len(cells) < 2 or len(cells[0]) == 1 or '"' in "".join(filled):
        return ","
    if 4 * numbers < len(cells) * len(cells[0]):
        return ","
    if any(line.split(" ") != row for line, row in zip(filled, cells, strict=True)):
        said = "its columns are aligned with spaces"
        raise Problem(name, said, "Save it again as CSV, with commas between the columns")
    return " "


def _described(rows: Sequence[_Row], delimiter: str, name: str, corrections: ReadingCorrections) -> Dialect:
    """The dialect by the rows that are not blank; a header that a person names is one, whatever it looks like."""
    if corrections.header:
        place = next((place for place, row in enumerate(rows) if row.number == corrections.header), None)
        if place is None:
            raise Problem(name, f"row {corrections.header:,} is blank", "Choose the row of the header")
        above: Sequence[_Row] = []
    else:
        place = 0 if corrections.header == 0 else header.titles_above([row.cells for row in rows])
        above = rows[:place]
        if corrections.first_row and corrections.header == 0:
            place = next(place for place, row in enumerate(rows) if row.number >= (corrections.first_row or 0))
    top, below = rows[place], rows[place + 1 :]
    titles = header.tidy_titles(top.cells)
    alike = [row.cells for row in below if len(row.cells) == len(titles)]
    notes = header.told_titles([" ".join(row.cells) for row in above])
    first = corrections.first_row or 0
    if corrections.header or (corrections.header is None and header.is_header(titles, alike)):
        if first and first <= top.number:
            raise Problem(name, f"row {first:,} is not below the header in row {top.number:,}", "Correct the row")
        begin = next((row for row in below if row.number >= first), None) if first else None
        start, number = (begin.start, begin.number) if begin else (top.end, top.number + 1)
        named = header.names_of(titles, name)
        return Dialect(delimiter, named, tuple(top.cells), top.number, start, number, notes)
    named, told = header.numbered(len(titles))
    said = "" if corrections.header == 0 else "The file has no header: its first row holds values. "
    begin = next((row for row in rows if row.number >= max(first, top.number)), top)
    return Dialect(delimiter, named, None, 0, begin.start, begin.number, (*notes, said + told))


def empty(name: str) -> Problem:
    """A file without a single filled row."""
    return Problem(name, "the file is empty", "Choose a file with a header and rows")
