"""All columns of a table at once, as frozen answers and as a table to download."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields

import pandas as pd

from services.data.profiling.column_profile import ColumnProfile, column_profile
from services.data.profiling.number_column import NumberStatistics
from services.data.profiling.text_column import TextStatistics

NUMBER_FIGURES = [field.name for field in fields(NumberStatistics) if field.name != "count"]
TEXT_FIGURES = [field.name for field in fields(TextStatistics) if field.name not in ("count", "numbers")]
LONG = 10_000  # rows of a column, from which on numpy's own work outweighs that of its threads
Profiles = tuple[ColumnProfile, ...]


def table_profile(frame: pd.DataFrame) -> Profiles:
    """The profile of each column, in the order of the table; long columns are sorted side by side."""
    with ThreadPoolExecutor(os.cpu_count() if len(frame) >= LONG else 1) as pool:
        return tuple(
            pool.map(lambda place: column_profile(frame.columns[place], frame.iloc[:, place]), range(frame.shape[1]))
        )


def columns(profiles: Sequence[ColumnProfile]) -> pd.DataFrame:
    """One row a column: `column`, `type`, `missing` cells, their `share` of 1, `distinct` values."""
    members = {
        "column": [profile.name for profile in profiles],
        "type": [profile.kind for profile in profiles],
        "missing": [profile.missing for profile in profiles],
        "share": [profile.missing_share for profile in profiles],
        "distinct": [profile.distinct for profile in profiles],
    }
    return pd.DataFrame(members)


def as_table(profiles: Sequence[ColumnProfile]) -> pd.DataFrame:
    """One row a column with all that is known of it, each figure as it is; None where its kind has no such figure."""
    return pd.DataFrame([_row(profile) for profile in profiles], dtype=object)


def as_csv(profiles: Sequence[ColumnProfile]) -> str:
    """`as_table` as a CSV file."""
    return as_table(profiles).to_csv(index=False, lineterminator="\n")


def _row(profile: ColumnProfile) -> dict[str, object]:
    value, cells = profile.top[0] if profile.top else (None, None)
    present = profile.rows - profile.missing
    row: dict[str, object] = {
        "column": profile.name,
        "type": profile.kind,
        "rows": profile.rows,
        "missing": profile.missing,
        "missing_share": profile.missing_share,
        "distinct": profile.distinct,
        "most_frequent": value,
        "most_frequent_cells": cells,
        "most_frequent_share": cells / present if cells else None,
    }
    numbers = asdict(profile.numbers) if profile.numbers else {}
    texts = asdict(profile.texts) if profile.texts else {}
    return {
        **row,
        **{name: numbers.get(name) for name in NUMBER_FIGURES},
        **{name: texts.get(name) for name in TEXT_FIGURES},
        "numbers_in_text": texts.get("numbers"),
        "first": profile.first or None,
        "last": profile.last or None,
        "notes": "; ".join(profile.notes) or None,
    }
