"""Which of a table's first rows name its columns: titles above the header, the header, and what the columns are called.

Works on rows of cells as text, whatever file they come from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from services.data.reading.missing_cells import NUMBER_MISSING
from services.errors import Problem, some

NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)*|[.,]\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE)
DATE = re.compile(r"\d{1,4}[-/.:]\d{1,2}([-/.:]\d{1,4})?([T ].*)?")
MOST_TITLES = 20  # rows above a header
LONGEST = 80  # characters of a title that a sentence quotes
AGREEING = 0.8  # share of the rows below that have as many cells as most, from which what is above is a title


def titles_above(rows: Sequence[Sequence[str]]) -> int:
    """How many of these rows, none of them blank, are titles above the table: few cells above rows of many."""
    widths = Counter(len(row) for row in rows)
    width = max(widths, key=lambda size: (widths[size], size), default=1)
    titles = 0
    while titles < min(len(rows) - 1, MOST_TITLES) and _is_title(rows[titles], width):
        titles += 1
    below = rows[titles:]
    agreeing = sum(len(row) == width for row in below)
    return titles if titles and agreeing >= AGREEING * len(below) else 0


def _is_title(row: Sequence[str], width: int) -> bool:
    filled = sum(bool(cell.strip()) for cell in row)
    if len(row) == width:
        return width > 2 and filled == 1 and bool(row[0].strip())
    return len(row) < width and filled <= max(1, width // 2) and not any(map(is_number, filter(None, row)))


def told_titles(titles: Sequence[str]) -> tuple[str, ...]:
    """The sentence on the rows above a table that are left out; none where there are none."""
    if not titles:
        return ()
    first = " ".join(titles[0].split())
    shown = first if len(first) <= LONGEST else f"{first[:LONGEST]}…"
    rows = "The row above the table is" if len(titles) == 1 else f"The {len(titles)} rows above the table are"
    return (f"{rows} left out: {shown}.",)


def tidy_titles(header: Sequence[str]) -> list[str]:
    """The cells of a header without line ends and needless spaces."""
    return [" ".join(title.split()) for title in header]


def names_of(titles: Sequence[str], name: str) -> tuple[str, ...]:
    """What the columns below these titles are called. Raises Problem when two have the same name."""
    names = tuple(title or f"column_{number}" for number, title in enumerate(titles, start=1))
    check_names(names, name)
    return names


def numbered(count: int) -> tuple[tuple[str, ...], str]:
    """Names of columns without a header, and the sentence that tells them."""
    names = tuple(f"column_{number}" for number in range(1, count + 1))
    named = names[0] if count == 1 else f"{names[0]} to {names[-1]}"
    return names, f"The columns are named {named}."


def is_header(first: Sequence[str], below: Iterable[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it does unless it looks like the rows below it."""
    rows = [row for row in below if len(first) == 1 or list(row) != list(first)]  # a header may stand there twice
    columns = [{cell.strip() for cell in column} - NUMBER_MISSING for column in zip(*rows, strict=True)]
    shapes = [{_shape(cell) for cell in column} for column in columns]
    named = [(title, seen) for title, seen in zip(first, shapes, strict=False) if title not in NUMBER_MISSING]
    if any(len(seen) == 1 and "text" not in seen and _shape(title) not in seen for title, seen in named):
        return True
    if any(is_number(title) for title in first):
        return _counts(first) or _years(first)
    again = [title in column for title, column in zip(first, columns, strict=False) if title]
    return not again or 2 * sum(again) < len(again)


def _counts(titles: Sequence[str]) -> bool:
    """Whether these are the numbers of columns, as pandas writes them where columns have no names."""
    numbers = [title for title in titles if title]
    return len(titles) > 2 and numbers == [str(number) for number in range(len(numbers))]


def _years(titles: Sequence[str]) -> bool:
    """Whether the numbers among these are different years, as of a table with a column a year."""
    years = [title for title in titles if is_number(title)]
    plausible = all(re.fullmatch(r"(19|20)\d\d", year) for year in years)
    return len(years) > 1 and len(set(years)) == len(years) and plausible


def _shape(cell: str) -> str:
    if is_number(cell):
        return "number"
    return "date" if DATE.fullmatch(cell) else "text"


def is_number(cell: str) -> bool:
    """Whether a cell is written as a number."""
    return bool(NUMBER.fullmatch(cell.strip()))


def check_names(names: Sequence[str], name: str) -> None:
    """Raises Problem when two columns of the file have the same name."""
    twice = [title for title, count in Counter(names).items() if count > 1]
    if not twice:
        return
    said = f"several columns have the same name: {some(twice, most=3)}"
    raise Problem(name, said, "Give each column its own name")
