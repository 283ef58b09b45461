"""The log lines of jobs and endpoints, as rows: groups and streams exist once they have a line."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from services.local.protocol.identity import ACCOUNT, REGION
from services.local.store.database import Database

TRAINING_GROUP = "/aws/sagemaker/TrainingJobs"


def endpoint_group(endpoint: str) -> str:
    """The log group of an endpoint."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


class Logs:
    """The table of log lines. `clock` gives epoch seconds."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database, self._clock = database, clock

    def write(self, group: str, stream: str, lines: Iterable[str]) -> None:
        """Append `lines`, all with the present time, in one transaction."""
        now = int(self._clock() * 1000)
        with self._database.writing(journaled=False) as connection:
            connection.executemany(
                "INSERT INTO log_events (log_group, stream, timestamp, message) VALUES (?, ?, ?, ?)",
                [(group, stream, now, line) for line in lines],
            )

    def groups(self) -> list[dict[str, Any]]:
        """Every group by name, as DescribeLogGroups has them; one is as old as its first line."""
        rows = self._database.reading.execute(
            "SELECT log_group, timestamp FROM log_events "
            "WHERE id IN (SELECT min(id) FROM log_events GROUP BY log_group) ORDER BY log_group"
        )
        return [
            {
                "logGroupName": row["log_group"],
                "creationTime": row["timestamp"],
                "arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{row['log_group']}:*",
                "metricFilterCount": 0,
            }
            for row in rows
        ]

    def has_group(self, group: str) -> bool:
        """Whether a group of that name has a line."""
        found = self._database.reading.execute("SELECT 1 FROM log_events WHERE log_group = ? LIMIT 1", (group,))
        return found.fetchone() is not None

    def streams(self, group: str, prefix: str) -> list[dict[str, Any]]:
        """The streams of a group whose names start with `prefix`, by name, as DescribeLogStreams has them."""
        rows = self._database.reading.execute(
            "SELECT stream, min(timestamp) AS first, max(timestamp) AS last FROM log_events "
            "WHERE log_group = ? AND stream >= ? AND stream < ? GROUP BY stream ORDER BY stream",
            (group, prefix, f"{prefix}\U0010ffff"),
        )
        return [
            {
                "logStreamName": row["stream"],
                "creationTime": row["first"],
                "firstEventTimestamp": row["first"],
                "lastEventTimestamp": row["last"],
            }
            for row in rows
        ]

    def events(
        self, group: str, stream: str, request: dict[str, Any], after: int, before: int | None, limit: int
    ) -> list[tuple[int, dict[str, Any]]]:
        """Up to `limit` (id, event) with `after` < id, or the last ones with id < `before`; oldest first."""
        backwards = before is not None
        rows = self._database.reading.execute(
            "SELECT id, timestamp, message FROM log_events WHERE log_group = ? AND stream = ? AND id > ? AND id < ? "
            f"AND timestamp >= ? AND timestamp < ? ORDER BY id {'DESC' if backwards else 'ASC'} LIMIT ?",
            (
                group,
                stream,
                after,
                before if before is not None else 2**62,
                request.get("startTime", 0),
                request.get("endTime", 2**62),
                limit,
            ),
        ).fetchall()
        if backwards:
            rows.reverse()
        return [
            (row["id"], {"timestamp": row["timestamp"], "ingestionTime": row["timestamp"], "message": row["message"]})
            for row in rows
        ]

    def search(
        self, group: str, streams: list[str], request: dict[str, Any], at: int, backwards: bool, limit: int
    ) -> list[tuple[int, dict[str, Any]]]:
        """Up to `limit` (id, event) of `streams` behind the id `at` (0 for the beginning), in order.

        That is up to endTime, inclusive; the newest first where it goes backwards.
        """
        beyond, order = ("<", "DESC") if backwards else (">", "ASC")
        rows = self._database.reading.execute(
            "SELECT id, stream, timestamp, message FROM log_events WHERE log_group = ? "
            f"AND stream IN (SELECT value FROM json_each(?)) AND id {beyond} ? AND timestamp BETWEEN ? AND ? "
            f"ORDER BY id {order} LIMIT ?",
            (
                group,
                json.dumps(streams),
                at or (2**62 if backwards else 0),
                request.get("startTime", 0),
                request.get("endTime", 2**62),
                limit,
            ),
        )
        return [
            (
                row["id"],
                {
                    "logStreamName": row["stream"],
                    "timestamp": row["timestamp"],
                    "ingestionTime": row["timestamp"],
                    "message": row["message"],
                },
            )
            for row in rows
        ]
