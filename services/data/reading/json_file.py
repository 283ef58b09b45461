"""Reading rows from JSON: one object a line, or an array of objects. Nested values are kept as text of JSON."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

from services.data.reading import dialect, encodings, header
from services.data.reading.archives import Text
from services.data.reading.cell_columns import CellTable
from services.data.reading.encodings import TextEncoding
from services.errors import Problem

START = 4096  # bytes that tell JSON from CSV
LIMIT = 2_000_000_000  # bytes; every cell becomes an object in memory
OBJECTS = re.compile(r'\ufeff?\s*\{\s*["}]')
ARRAY = re.compile(r"\ufeff?\s*\[\s*[{\]]")
REMEDY = "Write one object a line, or an array of objects"


def kind(text: Text) -> str | None:
    """ "JSON lines" or "JSON" by the first bytes of a text; None for another."""
    with text.opened() as stream:
        start = stream.read(START).decode("utf-8", "replace")
    if OBJECTS.match(start):
        return "JSON lines"
    return "JSON" if ARRAY.match(start) else None


def read(text: Text, kind: str) -> tuple[CellTable, tuple[str, ...]]:
    """The columns, and the names as they stand in the file. Raises Problem where a line or an item is no object."""
    with text.opened() as stream:
        lines = io.TextIOWrapper(io.BufferedReader(stream), "utf-8-sig")
        try:
            rows = list(_lines(lines, text) if kind == "JSON lines" else _array(lines, text))
        except UnicodeDecodeError as error:
            raise encodings.undecodable(text.name, TextEncoding.UTF8) from error
        except RecursionError as error:
            raise Problem(text.name, "its values are nested too deeply", REMEDY) from error
    if not rows:
        raise dialect.empty(text.name)
    keys = tuple(dict.fromkeys(key for row in rows for key in row))
    if not keys:
        raise Problem(text.name, "its objects have no members", REMEDY)
    table = CellTable()
    for key, name in zip(keys, header.names_of(header.tidy_titles(keys), text.name), strict=True):
        table.add(name, [row.get(key) for row in rows], _as_json)
    table.tell_words()
    return table, keys


def _lines(lines: io.TextIOWrapper, text: Text) -> Iterator[dict[str, Any]]:
    done = 0
    for number, line in enumerate(lines, start=1):
        done += len(line)
        if done > LIMIT:
            raise _too_large(text.name)
        if not line.strip():
            continue
        try:
            row = json.loads(line.rstrip("\r\n"))
        except ValueError as error:
            raise _fault(text, number, error) from error
        if not isinstance(row, dict):
            raise Problem(text.name, f"line {number:,} is no object", REMEDY)
        yield row


def _fault(text: Text, number: int, error: ValueError) -> Problem:
    """What is wrong with a line; the first may be the beginning of one object that takes several."""
    if number == 1:
        with text.opened() as stream:
            start = stream.read(LIMIT)
        try:
            json.loads(start)
        except ValueError:
            pass
        else:
            return Problem(text.name, "it is one object, not a list of rows", REMEDY)
    return Problem(text.name, f"line {number:,} is no JSON ({_words(error)})", "Correct that line")


def _array(lines: io.TextIOWrapper, text: Text) -> Iterator[dict[str, Any]]:
    content = lines.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise _too_large(text.name)
    try:
        items = json.loads(content)
    except json.JSONDecodeError as error:
        said = f"line {error.lineno:,} is no JSON ({_words(error)})"
        raise Problem(text.name, said, "Correct that line") from error
    except ValueError as error:
        raise Problem(text.name, f"it is no JSON ({_words(error)})", "Write it again") from error
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            raise Problem(text.name, f"item {number:,} of its array is no object", REMEDY)
        yield item


def _words(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.colno:,}"
    return str(error).partition(";")[0]


def _too_large(name: str) -> Problem:
    return Problem(name, f"it holds more than {LIMIT / 1e9:.0f} GB of JSON", "Write it as CSV or Parquet")


def _as_json(cell: Any) -> str:
    return json.dumps(cell, ensure_ascii=False)
