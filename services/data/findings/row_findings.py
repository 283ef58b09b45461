"""Rows that stand twice, in the table or in two of its parts, and a header among the rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from pandas.api import types

from services.data.findings import remedies
from services.data.findings.examined_table import ExaminedTable
from services.data.findings.finding import Finding, FindingKind, Severity, counted
from services.errors import some

FLATTERING = 0.01  # share of the rows of a part that are train rows, too, from which on its measures are in doubt
MULTIPLIER = np.uint64(1_099_511_628_211)  # of the FNV hash


def duplicates(table: ExaminedTable) -> Iterator[Finding]:
    """Rows that are equal to an earlier one, and rows of validation and test that are train rows, too.

    Columns that are left out unless somebody wants them do not count. Raises Problem for a part without rows.
    """
    names = [use.name for use in table.uses if not use.is_left_out]
    if not names:
        return
    hashes = row_hashes(table.frame, [*names, table.target])
    ascending = np.sort(hashes)
    twice = ascending[1:][ascending[1:] == ascending[:-1]]
    repeated = len(twice)
    left_out = [use.name for use in table.uses if use.is_left_out]
    apart = f" (apart from {some(left_out)}, left out)" if left_out else ""
    if repeated:
        rows = counted(repeated, len(hashes), "rows")
        verb = "repeats" if repeated == 1 else "repeat"
        sentence = f"{rows} {verb} an earlier row{apart}."
        yield Finding(FindingKind.DUPLICATES, Severity.INFORMATION, (), sentence, remedies.drop_duplicates(left_out))
        yield from _across(table, hashes[table.has_target], twice)


def _across(table: ExaminedTable, hashes: np.ndarray, twice: np.ndarray) -> Iterator[Finding]:
    """hashes: of the rows that have a target; twice: those that occur again, ascending."""
    again = twice[np.minimum(np.searchsorted(twice, hashes), len(twice) - 1)] == hashes
    by_part = {part: hashes[rows[again[rows]]] for part, rows in table.parts.items()}
    shared = {part: int(np.isin(found, by_part["train"]).sum()) for part, found in by_part.items() if part != "train"}
    if not any(shared.values()):
        return
    shares = {part: count / len(table.parts[part]) for part, count in shared.items()}
    said = " and ".join(
        counted(count, len(table.parts[part]), f"{part} rows") for part, count in shared.items() if count
    )
    yield Finding(
        FindingKind.ACROSS_SPLIT,
        Severity.DECIDE if max(shares.values()) >= FLATTERING else Severity.INFORMATION,
        (),
        f"{said} are train rows, too, target included: the model has already seen them.",
        remedies.drop_duplicates([use.name for use in table.uses if use.is_left_out]),
    )


def row_hashes(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """64 bits a row, (rows,), equal where all cells of these columns are; missing cells are equal to each other."""
    hashes: np.ndarray = np.zeros(len(frame), dtype=np.uint64)
    for name in names:
        values = frame[name]
        if types.is_float_dtype(values):
            values = values + 0.0  # -0.0 is 0.0
        hashes = hashes * MULTIPLIER + pd.util.hash_pandas_object(values, index=False).to_numpy()
    return hashes


def repeated_header(table: ExaminedTable) -> Iterator[Finding]:
    """Rows that hold the names of the columns, as of files that were joined."""
    frame = table.frame
    if any(types.is_numeric_dtype(frame[name]) or types.is_datetime64_any_dtype(frame[name]) for name in frame.columns):
        return
    same = np.ones(len(frame), dtype=bool)
    for name in frame.columns:
        same &= (frame[name] == str(name)).to_numpy(bool, na_value=False)
    count = int(same.sum())
    if count:
        first = int(np.argmax(same)) + 1
        rows = f"Row {first:,} repeats" if count == 1 else f"{count:,} rows (the first is row {first:,}) repeat"
        sentence = f"{rows} the header, so that all columns are text. Delete it in the file and choose the file again."
        yield Finding(FindingKind.REPEATED_HEADER, Severity.DECIDE, (), sentence)
