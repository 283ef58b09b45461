"""Reading a Parquet file into an Arrow table."""

from __future__ import annotations

import json
from typing import BinaryIO

import pyarrow as pa
from pyarrow import parquet

from services.data.reading import archives, header
from services.errors import Problem

NAMELESS = "__index_level_"  # how pandas calls row labels without a name


def read(file: BinaryIO, name: str) -> tuple[pa.Table, tuple[str, ...], bool]:
    """The table, what to know about it, and whether columns of it are pandas' row labels.

    Raises Problem for a file that is damaged, too large or without rows.
    """
    try:
        opened = parquet.ParquetFile(file)
        groups = [opened.metadata.row_group(number) for number in range(opened.metadata.num_row_groups)]
        cells = len(opened.schema_arrow) * opened.metadata.num_rows
        unpacked = max(sum(group.total_byte_size for group in groups), 8 * cells)
        if unpacked > archives.LIMIT:
            archives.check_bomb(unpacked, unpacked, name)
        table = opened.read()
    except (pa.ArrowException, OSError) as error:
        raise Problem(name, "the Parquet file is damaged", "Write the file again") from error
    header.check_names(table.column_names, name)
    labels = _row_labels(table)
    nameless = [label for label in labels if label.startswith(NAMELESS)]
    table = table.drop_columns(nameless)
    if not table.num_rows or not table.num_columns:
        raise Problem(name, "it has no rows", "Choose a file with rows")
    notes = ("The row labels that pandas stored are left out.",) if nameless else ()
    return table, notes, len(nameless) < len(labels)


def _row_labels(table: pa.Table) -> list[str]:
    """Names of the columns that were the index of a pandas frame."""
    try:
        index = json.loads((table.schema.metadata or {}).get(b"pandas", b"{}")).get("index_columns", [])
    except (ValueError, AttributeError):
        return []
    return [label for label in index if isinstance(label, str) and label in table.column_names]
