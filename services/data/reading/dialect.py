"""How a CSV file is written: its delimiter, its header, where its rows begin. Found in its first rows alone."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from services.data.reading.archives import Stream, Text
from services.data.reading.missing_cells import NUMBER_MISSING
from services.errors import Problem, some

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
SAMPLE = 65_536  # bytes read to find the header and the delimiter, unless the header is larger
LARGEST = 1 << 26  # bytes of a header, at most
ROWS = 200  # that are compared with the first
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)*|[.,]\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
DATE = re.compile(r"\d{1,4}[-/.:]\d{1,2}([-/.:]\d{1,4})?([T ].*)?")
DECLARED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
csv.field_size_limit((1 << 31) - 1)  # a cell may be as large as it likes


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written.

    names:    of the columns, all different.
    titles:   the header as it stands in the file; None where there is none.
    above:    lines before the header, or before the first row where there is none.
    start:    bytes before the first row of the table.
    row:      number of that row in the file, from 1, as a spreadsheet program counts them.
    notes:    what a person should know about it, each a sentence.
    """

    delimiter: str
    names: tuple[str, ...]
    titles: tuple[str, ...] | None
    above: int
    start: int
    row: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """One of the first rows: its cells and its number, the lines above it, the bytes before it and up to its end."""

    cells: list[str]
    number: int
    above: int
    start: int
    end: int

    @property
    def blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


def find(text: Text) -> Dialect:
    """The dialect of a file. Raises Problem when it is empty, is no UTF-8 or has no readable header."""
    with text.opened() as stream:
        for lines, whole in _samples(stream, text.name):
            declared = next((row for row in _rows(lines, "\n", whole) if not row.blank), None)
            marked = DECLARED.fullmatch(declared.cells[0]) if declared else None
            delimiter = marked[1] if marked else _delimiter(lines[:50], text.name)
            rows = [row for row in islice(_rows(lines, delimiter, whole), ROWS) if not row.blank]
            if marked:
                rows = [row for row in rows if declared and row.number > declared.number]
            if len(rows) > 1 or whole:
                break
        else:
            said = f"its first row is longer than {LARGEST >> 20} MB"
            raise Problem(text.name, said, "Close the quotation mark, or use fewer columns")
    if not rows:
        raise empty(text.name)
    return _described(rows, delimiter, text.name)


def _samples(stream: Stream, name: str) -> Iterator[tuple[list[str], bool]]:
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
            raise not_utf8(name) from error
        if "\0" in sample:  # as in UTF-16
            raise not_utf8(name)
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
            yield _Row(cells, number, above, start, end)


def _delimiter(lines: Sequence[str], name: str) -> str:
    """The one that cuts most of the first lines into as many columns as the header, and into the most columns.

    A comma that only ever stands within numbers is their decimal comma.
    """

    def fit(delimiter: str) -> tuple[bool, float, int]:
        rows = [row.cells for row in _rows(lines, delimiter, whole=True) if not row.blank]
        if not rows or len(rows[0]) == 1:
            return False, 0.0, 1
        agreeing = sum(len(cells) == len(rows[0]) for cells in rows) / len(rows)
        commas = [cell for cells in rows[1:] or rows for cell in cells if "," in cell]
        decimal = delimiter != "," and bool(commas) and all(map(DECIMAL_COMMA.fullmatch, commas))
        return decimal and agreeing == 1, agreeing, len(rows[0])

    best = max((mark for mark in DELIMITERS if mark != " "), key=fit)
    return best if fit(best)[1] else _spaces(lines, name)


def _spaces(lines: Sequence[str], name: str) -> str:
    """A space for rows of numbers that are separated by one, and a comma for a single column.

    Raises Problem for numbers that are aligned by several spaces.
    """
    filled = [line.strip("\r\n") for line in lines if line.strip()]
    cells = [line.split() for line in filled]
    numbers = sum(_is_number(cell) for row in cells for cell in row)
    if len({len(row) for row in cells}) != 1 or len(cells) < 2 or len(cells[0]) == 1 or '"' in "".join(filled):
        return ","
    if 4 * numbers < len(cells) * len(cells[0]):
        return ","
    if any(line.split(" ") != row for line, row in zip(filled, cells, strict=True)):
        said = "its columns are aligned with spaces"
        raise Problem(name, said, "Save it again as CSV, with commas between the columns")
    return " "


def _described(rows: Sequence[_Row], delimiter: str, name: str) -> Dialect:
    first = rows[0]
    titles = [" ".join(title.split()) for title in first.cells]
    below = [row.cells for row in rows[1:] if len(row.cells) == len(titles)]
    notes = []
    if delimiter != ",":
        notes.append(f"Columns are separated by {DELIMITERS.get(delimiter, delimiter)}, not commas.")
    if is_header(titles, below):
        names = tuple(title or f"column_{number}" for number, title in enumerate(titles, start=1))
        check_names(names, name)
        return Dialect(delimiter, names, tuple(first.cells), first.above, first.end, first.number + 1, tuple(notes))
    names = tuple(f"column_{number}" for number in range(1, len(titles) + 1))
    named = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    notes.append(f"The file has no header: its first row holds values. The columns are named {named}.")
    return Dialect(delimiter, names, None, first.above, first.start, first.number, tuple(notes))


def is_header(first: Sequence[str], below: Iterable[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it does unless it looks like the rows below it."""
    rows = [row for row in below if len(first) == 1 or list(row) != list(first)]  # a header may stand there twice
    columns = [{cell.strip() for cell in column} - NUMBER_MISSING for column in zip(*rows, strict=True)]
    shapes = [{_shape(cell) for cell in column} for column in columns]
    named = [(title, seen) for title, seen in zip(first, shapes, strict=False) if title not in NUMBER_MISSING]
    if any(len(seen) == 1 and "text" not in seen and _shape(title) not in seen for title, seen in named):
        return True
    if any(_is_number(title) for title in first):
        return _counts(first) or _years(first)
    again = [title in column for title, column in zip(first, columns, strict=False) if title]
    return not again or 2 * sum(again) < len(again)


def _counts(titles: Sequence[str]) -> bool:
    """Whether these are the numbers of columns, as pandas writes them where columns have no names."""
    numbers = [title for title in titles if title]
    return len(titles) > 2 and numbers == [str(number) for number in range(len(numbers))]


def _years(titles: Sequence[str]) -> bool:
    """Whether the numbers among these are different years, as of a table with a column a year."""
    years = [title for title in titles if _is_number(title)]
    plausible = all(re.fullmatch(r"(19|20)\d\d", year) for year in years)
    return len(years) > 1 and len(set(years)) == len(years) and plausible


def _shape(cell: str) -> str:
    if _is_number(cell):
        return "number"
    return "date" if DATE.fullmatch(cell) else "text"


def _is_number(cell: str) -> bool:
    return bool(NUMBER.fullmatch(cell.strip()))


def check_names(names: Sequence[str], name: str) -> None:
    """Raises Problem when two columns of the file have the same name."""
    twice = [title for title, count in Counter(names).items() if count > 1]
    if not twice:
        return
    said = f"several columns have the same name: {some(twice, most=3)}"
    raise Problem(name, said, "Give each column its own name")


def empty(name: str) -> Problem:
    """A file without a single filled row."""
    return Problem(name, "the file is empty", "Choose a file with a header and rows")


def not_utf8(name: str, where: str = "") -> Problem:
    """A file whose text cannot be decoded; `where` names the column, with a space before it."""
    return Problem(name, f"its text{where} is not UTF-8", "Save it again with the encoding UTF-8")
