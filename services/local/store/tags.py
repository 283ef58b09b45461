"""Tags of SageMaker's resources, as rows: set with a resource or later, gone with it."""

import sqlite3
from collections.abc import Iterable, Mapping

from services.local.protocol.wire import ServiceError, validation_error

LIMIT = 50  # tags of one resource, and of one page
Tag = dict[str, str]  # {"Key": ..., "Value": ...}


def put(connection: sqlite3.Connection, arn: str, tags: Iterable[Mapping[str, str]]) -> None:
    """Set tags of a resource. Raises ServiceError for a key of AWS's own and beyond 50 tags."""
    for tag in tags:
        if tag["Key"].lower().startswith("aws:"):
            raise validation_error("Tag keys starting with 'aws:' are reserved for system use.")
        connection.execute("INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", (arn, tag["Key"], tag["Value"]))
    if len(read(connection, arn)) > LIMIT:
        raise ServiceError("ResourceLimitExceeded", f"The resource {arn} may have at most {LIMIT} tags.")


def read(connection: sqlite3.Connection, arn: str, after: str = "", limit: int = -1) -> list[Tag]:
    """Tags of a resource by key, those behind the key `after`; -1 means all."""
    rows = connection.execute(
        "SELECT key, value FROM tags WHERE arn = ? AND key > ? ORDER BY key LIMIT ?", (arn, after, limit)
    )
    return [{"Key": row["key"], "Value": row["value"]} for row in rows]


def remove(connection: sqlite3.Connection, arn: str, keys: Iterable[str]) -> None:
    """Take tags of a resource away."""
    connection.executemany("DELETE FROM tags WHERE arn = ? AND key = ?", [(arn, key) for key in keys])
