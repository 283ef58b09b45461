"""What the columns of a table hold, and how each becomes features unless somebody says otherwise. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.class_names import class_of
from services.data.reading import missing_cells

MOST_ONE_HOT = 30  # distinct values of a text column, beyond which it is target encoded
MISSING_WORDS = {"?", "-", "--", ".", "missing", *map(str.lower, missing_cells.CLEAR | {*missing_cells.WORDS})}
CODES_OF_MISSING = (-9, -99, -999, -9999, -99999, 999, 9999, 99999, 999999)
IDENTIFYING = 0.95  # distinct values over rows, from which on a text column identifies its rows
FEW_ROWS = 20  # below which nothing is taken for an identifier
SPACES = re.compile(r"[\s'\u2019\u00a0\u202f]+")
SIGNS = re.compile(r"^[$€£¥]|[$€£¥%]$")
PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
GROUPED = {  # by decimal sign: groups of three digits
    ".": re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?"),
    ",": re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?"),
}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[-+]\d{2}:?\d{2})?)?")
_DATE = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})( \d{1,2}:\d{2}(:\d{2})?)?")


class Holds(StrEnum):
    """What the cells of a column are."""

    NUMBER = "number"
    FLAG = "true/false"
    TEXT = "text"
    NUMBER_TEXT = "number as text"  # "1.234,50", "12 %"
    DATE = "date"
    IDENTIFIER = "identifier"  # another value in nearly every row
    EMPTY = "empty"


class Encoding(StrEnum):
    """How a column becomes features."""

    NUMBER = "Number"
    ONE_HOT = "One-hot"
    TARGET = "Target encoding"
    ORDINAL = "Ordinal codes"
    FREQUENCY = "Frequency"
    DATE = "Date parts"
    DAY_FIRST = "Date parts, day first"
    MONTH_FIRST = "Date parts, month first"


@dataclass(frozen=True)
class ColumnUse:
    """A column, what it holds, and how it is used.

    missing:  cells without a value, those of `missing_values` among them.
    missing_values: cells, as text, that stand for no value, such as "?" or "-999".
    decimal:  the decimal sign of a number as text.
    note:     what a person should know, a sentence; "" for nothing.
    """

    name: str
    holds: Holds
    encoding: Encoding
    missing: int
    missing_values: tuple[str, ...] = ()
    decimal: str = "."
    note: str = ""

    @property
    def is_left_out(self) -> bool:
        """Whether it is no feature unless somebody wants it."""
        return self.holds in (Holds.IDENTIFIER, Holds.EMPTY)


def column_uses(frame: pd.DataFrame) -> tuple[ColumnUse, ...]:
    """Every column of a table, in its order."""
    return tuple(_column_use(str(name), frame[name]) for name in frame.columns)


def sentence(uses: Sequence[ColumnUse], excluded: Iterable[str]) -> str:
    """ "13 of 20 columns are text: 10 one-hot encoded, 2 target encoded, 1 excluded."; "" where none is text."""
    excluded = set(excluded)
    texts = [use for use in uses if use.holds in (Holds.TEXT, Holds.IDENTIFIER)]
    kept = [use.encoding for use in texts if use.name not in excluded]
    parts = {
        "one-hot encoded": kept.count(Encoding.ONE_HOT),
        "target encoded": kept.count(Encoding.TARGET),
        "used otherwise": len(kept) - kept.count(Encoding.ONE_HOT) - kept.count(Encoding.TARGET),
        "excluded": len(texts) - len(kept),
    }
    how = ", ".join(f"{count} {done}" for done, count in parts.items() if count)
    return f"{len(texts)} of {len(uses)} columns {'is' if len(texts) == 1 else 'are'} text: {how}." if texts else ""


def cell_texts(values: pd.Series) -> np.ndarray:
    """Each cell as text without blanks around it, 1.0 as "1"; "" for a missing one. (rows,) of str."""
    codes, distinct = coded_texts(values)
    texts: np.ndarray = distinct[codes]
    return texts


def coded_texts(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """A place for each cell in the texts of `cell_texts`, and these texts, the last being "": (rows,), (distinct + 1,).

    A missing cell has the place -1. Texts that differ in blanks only stand there more than once.
    """
    codes, distinct = pd.factorize(values)
    return codes, np.array([*(class_of(cell).strip() for cell in distinct), ""], dtype=object)


def number_of(text: str, decimal: str = ".") -> float:
    """The number that a text shows, its percent or currency sign aside; NaN for any other text."""
    bare = SIGNS.sub("", SPACES.sub("", text))
    grouping = "," if decimal == "." else "."
    plain = bare.replace(grouping, "").replace(",", ".") if GROUPED[decimal].fullmatch(bare) else bare
    return float(plain) if PLAIN.fullmatch(plain) else np.nan


def date_of(text: str, order: Encoding) -> datetime | None:
    """The date, with or without a time of day, that a text shows; None for any other text.

    Its time is the one written, whatever zone it names, and called UTC.
    """
    try:
        if _ISO.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        found = _DATE.fullmatch(text)
        if not found or order is Encoding.DATE:
            return None
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        day, month = (first, second) if order is Encoding.DAY_FIRST else (second, first)
        hour, minute = map(int, found[5].strip().split(":")[:2]) if found[5] else (0, 0)
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None


def unreadable_cells(values: pd.Series, use: ColumnUse) -> int:
    """How many cells become missing because they cannot be read as `use.encoding` says: no number, or no date."""
    if use.encoding in (Encoding.ONE_HOT, Encoding.TARGET, Encoding.ORDINAL, Encoding.FREQUENCY):
        return 0
    if use.encoding is Encoding.NUMBER and types.is_numeric_dtype(values):
        return 0
    codes, texts = coded_texts(values)
    cells = np.bincount(codes + 1, minlength=len(texts))[1:]  # of each text, without the missing ones

    def is_read(text: str) -> bool:
        if use.encoding is Encoding.NUMBER:
            return not np.isnan(number_of(text, use.decimal))
        return date_of(text, use.encoding) is not None

    present = zip(texts[:-1], cells, strict=True)
    return int(sum(count for text, count in present if text not in ("", *use.missing_values) and not is_read(text)))


def _column_use(name: str, values: pd.Series) -> ColumnUse:
    missing = int(values.isna().sum())
    if missing == len(values):
        return ColumnUse(name, Holds.EMPTY, Encoding.NUMBER, missing, note="It is empty.")
    if types.is_bool_dtype(values):
        return ColumnUse(name, Holds.FLAG, Encoding.NUMBER, missing)
    if types.is_datetime64_any_dtype(values):
        return ColumnUse(name, Holds.DATE, Encoding.DATE, missing)
    if types.is_numeric_dtype(values):
        return _number_use(name, values, missing)
    return _text_use(name, values, missing)


def _number_use(name: str, values: pd.Series, missing: int) -> ColumnUse:
    if _numbers_rows(name, values):
        note = "It is another whole number in every row: an identifier."
        return ColumnUse(name, Holds.IDENTIFIER, Encoding.NUMBER, missing, note=note)
    code = _code_of_missing(values)
    if code is None:
        return ColumnUse(name, Holds.NUMBER, Encoding.NUMBER, missing)
    cells, text = int((values == code).sum()), class_of(code)
    note = f"{text} in {cells:,} cells lies far from all others: taken for missing."
    return ColumnUse(name, Holds.NUMBER, Encoding.NUMBER, missing + cells, (text,), note=note)


def _numbers_rows(name: str, values: pd.Series) -> bool:
    """Whether a column numbers the rows, or is called an identifier and differs in all of them."""
    if not types.is_integer_dtype(values) or len(values) < FEW_ROWS:
        return False
    spread = int(values.max()) - int(values.min())
    return (spread == len(values) - 1 or name.lower().endswith("id")) and values.is_unique


def _code_of_missing(values: pd.Series) -> float | None:
    """A number such as -999 that several cells hold and that lies farther from all others than these spread."""
    numbers = values.dropna().to_numpy(float)
    for code in {float(numbers.min()), float(numbers.max())} & {*map(float, CODES_OF_MISSING)}:
        others = numbers[numbers != code]
        if len(numbers) - len(others) < 2 or not len(others):
            continue
        low, high = others.min(), others.max()
        if min(abs(code - low), abs(code - high)) >= max(high - low, 1.0):
            return code
    return None


def _text_use(name: str, values: pd.Series, missing: int) -> ColumnUse:
    found, counts = np.unique(cell_texts(values), return_counts=True)
    cells = dict(zip(found.tolist(), counts.tolist(), strict=True))
    missing = cells.pop("", 0)
    words = tuple(text for text in cells if text.lower() in MISSING_WORDS)
    said = [f"{' and '.join(words)} in {sum(cells[word] for word in words):,} cells: taken for missing."] * bool(words)
    missing += sum(cells.pop(word) for word in words)
    rows = sum(cells.values())
    if not rows:
        return ColumnUse(name, Holds.EMPTY, Encoding.NUMBER, missing, words, note="It is empty.")
    holds, use, decimal, note = _kind_of_text(list(cells), rows)
    return ColumnUse(name, holds, use, missing, words, decimal, " ".join([*said, note]).strip())


def _kind_of_text(distinct: Sequence[str], rows: int) -> tuple[Holds, Encoding, str, str]:
    """What the different cells of a text column are, their use, their decimal sign, and a note."""
    decimal = _decimal_sign(distinct)
    if decimal:
        return Holds.NUMBER_TEXT, Encoding.NUMBER, decimal, f"Numbers as text, such as {distinct[0]}."
    dates = _date_use(distinct)
    if dates:
        return Holds.DATE, *dates
    if rows >= FEW_ROWS and len(distinct) >= IDENTIFYING * rows:
        note = f"{len(distinct):,} different values in {rows:,} rows: an identifier."
        return Holds.IDENTIFIER, Encoding.TARGET, ".", note
    return Holds.TEXT, Encoding.ONE_HOT if len(distinct) <= MOST_ONE_HOT else Encoding.TARGET, ".", ""


def _decimal_sign(distinct: Sequence[str]) -> str | None:
    """The decimal sign by which all texts are numbers; None where they are not, or are codes (01234, +4915112345)"""
    bare = [SIGNS.sub("", SPACES.sub("", text)) for text in distinct]
    if any(re.match(r"[-+]?0\d|\+\d{7,}$", text) or len(re.sub(r"\D", "", text)) > 15 for text in bare):
        return None
    for decimal in (".", ","):
        if all(PLAIN.fullmatch(text) or GROUPED[decimal].fullmatch(text) for text in bare):
            return decimal
    return None


def _date_use(distinct: Sequence[str]) -> tuple[Encoding, str, str] | None:
    """How the texts are read as dates, a decimal sign that means nothing, and a note; None where they are none."""
    fits = [
        use
        for use in (Encoding.DATE, Encoding.DAY_FIRST, Encoding.MONTH_FIRST)
        if all(date_of(text, use) for text in distinct)
    ]
    if not fits:
        return None
    both = Encoding.DATE not in fits and len(fits) == 2
    note = f"{distinct[0]} may have its day or its month first: the day is assumed. Choose below." if both else ""
    return fits[0], ".", note
