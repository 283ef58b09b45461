"""What single columns hold, lack or repeat. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.class_names import class_of, share_text
from services.data.findings import column_values, remedies
from services.data.findings.examined_table import ExaminedTable
from services.data.findings.finding import Finding, FindingKind, Severity, counted
from services.data.recipe.column_types import ColumnUse, Encoding, Holds, date_of, number_of
from services.errors import some

MOSTLY = 0.5  # share of missing cells above which leaving a column out is offered
ALMOST = 0.995  # share of the cells with a value that hold the same one
LEFT_OUT = "Left out"
SAMPLED = 1000  # rows by which columns are passed over that are far from constant
ROW_NUMBERS = re.compile(r"Unnamed: ?\d+(_level_\d+)?|__index_level_\d+__|index|level_\d+|column_1", re.IGNORECASE)
NUMBERS_AMONG = 0.9  # share of the cells that are numbers, from which on the others are taken for stray
MOST_SPELLINGS = 10_000  # distinct texts of a column beyond which spellings are not compared


def missing(table: ExaminedTable) -> Iterator[Finding]:
    """Cells without a value: those that are taken for missing, mostly missing columns each, then all others."""
    rows = len(table.frame)
    yield from _disguised(table)
    told = {use.name: use for use in table.suggested if use.missing_values and not _empty_cells(table, use)}
    gaps = [use for use in table.uses if use.missing and use.holds is not Holds.EMPTY and told.get(use.name) != use]
    before = {use.name: use for use in table.suggested}
    for use in gaps:
        if use.missing > MOSTLY * rows:
            sentence = f"{use.name}: {counted(use.missing, rows, 'cells')} are missing."
            remedy = remedies.exclude(before[use.name])
            yield Finding(FindingKind.MOSTLY_MISSING, Severity.INFORMATION, (use.name,), sentence, (remedy,))
    few = sorted((use for use in gaps if use.missing <= MOSTLY * rows), key=lambda use: use.missing, reverse=True)
    if few:
        each = some([f"{use.name} {use.missing:,} ({share_text(use.missing / rows)})" for use in few])
        counts = f"{len(few)} columns have missing cells: {each}"
        if len(few) == 1:
            counts = f"{few[0].name}: {counted(few[0].missing, rows, 'cells')} are missing"
        names = tuple(use.name for use in few)
        yield Finding(FindingKind.MISSING, Severity.INFORMATION, names, f"{counts}. {_how_kept(few)}")


def _how_kept(columns: Sequence[ColumnUse]) -> str:
    """What becomes of missing cells, in a sentence."""
    categories = {use.encoding in (Encoding.ONE_HOT, Encoding.TARGET) for use in columns}
    kept = {
        (True,): "In text a missing cell is a category of its own",
        (False,): "They stay empty, which XGBoost takes",
        (False, True): "They stay empty, which XGBoost takes; in text they are a category of their own",
    }
    return f"{kept[tuple(sorted(categories))]}."


def _disguised(table: ExaminedTable) -> Iterator[Finding]:
    """By what SageDeck suggests, so that the finding stays when somebody keeps the values."""
    rows = len(table.frame)
    for use in table.suggested:
        if use.missing_values and use.holds is not Holds.EMPTY:
            taken = use.missing - _empty_cells(table, use)
            words, verb = " and ".join(use.missing_values), "seem" if len(use.missing_values) > 1 else "seems"
            sentence = f"{use.name}: {words} in {counted(taken, rows, 'cells')} {verb} to stand for no value."
            keep = remedies.KeepValues("Keep as values", "Kept as values", use)
            mending = (keep, remedies.exclude(use)) if taken > MOSTLY * rows else (keep,)
            kind, default = FindingKind.DISGUISED_MISSING, "Taken for missing"
            yield Finding(kind, Severity.INFORMATION, (use.name,), sentence, mending, default)


def _empty_cells(table: ExaminedTable, use: ColumnUse) -> int:
    """Cells without a value, those aside that only seem to stand for none."""
    return int((column_values.categories(table.frame[use.name], replace(use, missing_values=())) == 0).sum())


def left_out(table: ExaminedTable) -> Iterator[Finding]:
    """Columns that are no features unless somebody wants them, and row numbers that would be."""
    for use in table.suggested:
        values = table.frame[use.name]
        if use.holds is Holds.EMPTY:
            sentence = f"{use.name} has no value in any of {len(values):,} rows."
            yield Finding(FindingKind.EMPTY, Severity.INFORMATION, (use.name,), sentence, default=LEFT_OUT)
        elif _numbers_rows(use, values):
            ends = f"{values.min():,} to {values.max():,}"
            said = f"another whole number in every row, {ends}, as a table saved with its row labels has"
            kind, columns = FindingKind.ROW_NUMBERS, (use.name,)
            if use.is_left_out:
                sentence, mending = f"{use.name} is {said}.", (remedies.use_anyway(use),)
                yield Finding(kind, Severity.INFORMATION, columns, sentence, mending, LEFT_OUT)
            else:
                sentence, mending = f"{use.name} may tell the order of the rows: {said}.", (remedies.exclude(use),)
                yield Finding(kind, Severity.DECIDE, columns, sentence, mending)
        elif use.holds is Holds.IDENTIFIER:
            distinct = column_values.categories(values, use)
            count = len(np.unique(distinct[distinct > 0]))
            sentence = f"{use.name} is an identifier: {count:,} different values in {len(values):,} rows."
            kind, mending = FindingKind.IDENTIFIER, (remedies.use_anyway(use),)
            yield Finding(kind, Severity.INFORMATION, (use.name,), sentence, mending, LEFT_OUT)


def _numbers_rows(use: ColumnUse, values: pd.Series) -> bool:
    """Whether a column has the name that libraries give row labels, and is another whole number in every row."""
    return bool(ROW_NUMBERS.fullmatch(use.name)) and types.is_integer_dtype(values) and values.is_unique


def constant(table: ExaminedTable) -> Iterator[Finding]:
    """Columns in which all, or nearly all, cells are the same."""
    same: dict[ColumnUse, str] = {}
    almost: dict[ColumnUse, str] = {}
    rows = len(table.frame)
    for use in table.suggested:
        values = table.frame[use.name]
        text, count = _commonest(values)
        filled = rows - int(values.isna().sum())
        if count == rows:
            same[use] = text
        elif count and ALMOST * filled <= count < filled and text not in use.missing_values:
            almost[use] = f"{text} in {counted(count, rows, 'cells')}"
    if same:
        yield _grouped(FindingKind.CONSTANT, same, "one value only", " Nothing can be learned from that.")
    if almost:
        yield _grouped(FindingKind.ALMOST_CONSTANT, almost, "almost one value only")


def _commonest(values: pd.Series) -> tuple[str, int]:
    """The commonest cell and how many hold it; 0 where a look at some rows shows that it is far from all."""
    some_rows = values.iloc[np.linspace(0, len(values) - 1, min(SAMPLED, len(values))).astype(int)].dropna()
    counts = some_rows.value_counts()
    if not len(counts) or counts.iloc[0] < 0.9 * len(some_rows):
        return "", 0
    cell = counts.index[0]
    return class_of(cell).strip(), int((values == cell).sum())


def _grouped(kind: FindingKind, found: Mapping[ColumnUse, str], what: str, more: str = "") -> Finding:
    """One finding about columns, each with its cells."""
    names = tuple(use.name for use in found)
    sentence = f"{len(names)} columns have {what}: {some([f'{use.name} = {cells}' for use, cells in found.items()])}."
    if len(names) == 1:
        sentence = f"{names[0]} has {what}: {found[next(iter(found))]}."
    return Finding(kind, Severity.INFORMATION, names, f"{sentence}{more}", (remedies.exclude(*found),))


def texts(table: ExaminedTable) -> Iterator[Finding]:
    """Text columns with stray cells among numbers, with spellings that differ little, or with dates of two readings."""
    for use in table.suggested:
        values = table.frame[use.name]
        if use.holds in (Holds.TEXT, Holds.IDENTIFIER):
            yield from _mixed(use, values)
            yield from _spellings(use.name, values)
        if use.holds is Holds.DATE:
            yield from _date_order(use, values)
    if types.is_object_dtype(table.frame[table.target]) or types.is_string_dtype(table.frame[table.target]):
        yield from _spellings(table.target, table.frame[table.target])


def _mixed(use: ColumnUse, values: pd.Series) -> Iterator[Finding]:
    codes, distinct = column_values.texts_of(values)
    known = [(text, text and text not in use.missing_values) for text in distinct]
    first = [text for text, is_value in known if is_value][:SAMPLED]
    if not first or sum(_is_number(text) for text in first) < len(first) / 2:
        return
    rows = np.bincount(codes[codes >= 0], minlength=len(distinct))
    numbers = sum(int(rows[place]) for place, (text, is_value) in enumerate(known) if is_value and _is_number(text))
    stray = [place for place, (text, is_value) in enumerate(known) if is_value and not _is_number(text)]
    others = int(rows[stray].sum())
    if not others or numbers < NUMBERS_AMONG * (numbers + others):
        return
    stray.sort(key=lambda place: int(rows[place]), reverse=True)
    example = distinct[stray[0]]
    said = f"{numbers:,} of its cells are numbers, {others:,} {'is' if others == 1 else 'are'} not, such as"
    sentence = f'{use.name}: {said} "{example}". Read as numbers, these become missing.'
    kind, mending = FindingKind.MIXED_CELLS, (remedies.Encode("Read as numbers", "Read so", use, Encoding.NUMBER),)
    yield Finding(kind, Severity.DECIDE, (use.name,), sentence, mending, "Taken for text")


def _is_number(text: str) -> bool:
    """Whether a text is a number and no code such as 01234."""
    return not re.match(r"[-+]?0\d", text) and not np.isnan(number_of(text))


def _spellings(name: str, values: pd.Series) -> Iterator[Finding]:
    _, distinct = column_values.texts_of(values)
    if len(distinct) > MOST_SPELLINGS:
        return
    alike: dict[str, set[str]] = {}
    for text in distinct:
        alike.setdefault(" ".join(text.casefold().split()), set()).add(text)
    several = [sorted(spellings) for spellings in alike.values() if len(spellings) > 1]
    if several:
        values_of = "1 value is" if len(several) == 1 else f"{len(several)} values are"
        how = "differing in capitals or spaces only"
        sentence = f"{name}: {values_of} written in several ways, {how}, such as {' and '.join(several[0])}."
        yield Finding(FindingKind.SPELLINGS, Severity.INFORMATION, (name,), sentence)


def _date_order(use: ColumnUse, values: pd.Series) -> Iterator[Finding]:
    if use.encoding is not Encoding.DAY_FIRST:
        return
    _, distinct = column_values.texts_of(values)
    dates = [text for text in distinct if text and text not in use.missing_values]
    if all(date_of(text, Encoding.MONTH_FIRST) for text in dates):
        sentence = f"{use.name}: {dates[0]} and all other dates may have their day or their month first."
        mending = (remedies.Encode("Read month first", "Read month first", use, Encoding.MONTH_FIRST),)
        yield Finding(FindingKind.DATE_ORDER, Severity.DECIDE, (use.name,), sentence, mending, "Read day first")
