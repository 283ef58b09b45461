"""From an Arrow table to a frame whose every column is a number, true or false, a date or text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd

EXACT = 2**53  # whole numbers up to here are exact as a float64


def frame(table: pa.Table) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The frame, and what a person should know about it, each a sentence.

    Missing cells of true/false columns and of large whole numbers stay missing; other numbers become NaN there.
    """
    import pandas as pd

    plain = [_plain(column) for column in table.columns]
    notes = [f"Column {name} {told}." for name, (_, told) in zip(table.column_names, plain, strict=True) if told]
    table = pa.table([column for column, _ in plain], table.column_names)
    del plain
    booleans = {pa.bool_(): pd.BooleanDtype()}
    whole = {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}
    large = [(place, table.column(place)) for place in range(table.num_columns) if _large(table.column(place))]
    exact = {table.column_names[place]: column.to_pandas(types_mapper=whole.get) for place, column in large}
    made = table.to_pandas(
        types_mapper=booleans.get, ignore_metadata=True, date_as_object=False, split_blocks=True, self_destruct=True
    )
    return made.assign(**exact) if exact else made, tuple(notes)


def _large(column: pa.ChunkedArray) -> bool:
    """Whether these are whole numbers that NaN beside them would round."""
    if not column.null_count or column.type not in (pa.int64(), pa.uint64()):
        return False
    ends = pc.min_max(column).as_py()
    return ends["max"] is not None and max(ends["max"], -ends["min"]) > EXACT


def _plain(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, str]:
    """A column of a type that everything after it knows, and what is to tell about it, as the end of a sentence."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type))
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        decode = pc.dictionary_decode if pa.types.is_dictionary(kind) else pc.run_end_decode
        return _plain(decode(column))
    if pa.types.is_floating(kind) and pa.types.is_float16(kind):
        return column.cast(pa.float32()), ""
    if pa.types.is_floating(kind):
        infinite = pc.sum(pc.is_inf(column)).as_py() or 0
        cells = "cell" if infinite == 1 else "cells"
        return column, f"has {infinite:,} infinite {cells} (inf, or beyond ±1.8e308); statistics omit them" * bool(
            infinite
        )
    for is_kind, convert, told in KINDS:
        if is_kind(kind):
            return convert(column), told
    return column, ""


def _as_json(column: pa.ChunkedArray) -> pa.ChunkedArray:
    cells = (json.dumps(cell, default=str, ensure_ascii=False) for cell in column.to_pylist())
    return pa.chunked_array([pa.array([None if cell == "null" else cell for cell in cells], pa.string())])


def _as_seconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    units = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}
    return pc.divide(column.cast(pa.int64()).cast(pa.float64(), safe=False), float(units[column.type.unit]))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Bytes that are UTF-8 as that text, or else in hexadecimal."""
    try:
        return column.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return pa.chunked_array([pa.array([cell and cell.hex() for cell in column.to_pylist()], pa.string())])


def _nested(kind: pa.DataType) -> bool:
    return pa.types.is_nested(kind)


def _bytes(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)


# Types that nothing after this module knows: how to recognise one, what it becomes, and what is told.
KINDS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.ChunkedArray], pa.ChunkedArray], str], ...] = (
    (pa.types.is_null, lambda column: column.cast(pa.float64()), ""),
    (pa.types.is_decimal, lambda column: column.cast(pa.float64()), ""),
    (pa.types.is_time, lambda column: column.cast(pa.string()), ""),
    (pa.types.is_duration, _as_seconds, "holds durations, shown in seconds"),
    (_nested, _as_json, "holds lists or records, shown as text"),
    (_bytes, _as_text, "holds bytes, shown as text"),
    (pa.types.is_interval, _as_json, "holds intervals, shown as text"),
)
