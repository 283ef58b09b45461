"""Numbers that JSON does not have, nan and infinity: none gets into a stored document, and old ones are taken out.

SQLite reads no document that holds one, so that a single one would end every Search.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from services.local.store.database import Database


def to_json(document: Any) -> str:
    """The text of a document. Raises ValueError for a number that JSON does not have."""
    return json.dumps(document, allow_nan=False)


def repair(database: Database) -> list[tuple[str, str, str | None]]:
    """Take such numbers out of stored documents; kind, name and parent of each that had some."""
    rows = database.reading.execute(
        "SELECT kind, name, parent, document FROM resources WHERE NOT json_valid(document)"
    ).fetchall()
    for row in rows:
        document = json.loads(row["document"])
        whole = to_json({name: item for name, value in document.items() for item in _sound(value)})
        with database.writing() as connection:
            connection.execute(
                "UPDATE resources SET document = ? WHERE kind = ? AND name = ?", (whole, row["kind"], row["name"])
            )
    return [(row["kind"], row["name"], row["parent"]) for row in rows]


def _sound(value: Any) -> Iterator[Any]:
    """`value` without what has such a number as its own member, a metric for one; nothing if that is `value` itself."""
    if isinstance(value, dict):
        if not any(_is_unsound(item) for item in value.values()):
            yield {name: item for name, member in value.items() for item in _sound(member)}
    elif isinstance(value, list):
        yield [item for member in value for item in _sound(member)]
    elif not _is_unsound(value):
        yield value


def _is_unsound(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
