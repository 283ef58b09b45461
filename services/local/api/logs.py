"""CloudWatch Logs, as far as jobs and endpoints write them: groups and streams that exist once they have a line."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from services.local.protocol.wire import ServiceError
from services.local.store.database import Database
from services.local.store.resources import ACCOUNT, REGION

if TYPE_CHECKING:
    from services.local.service import Service

TRAINING_GROUP = "/aws/sagemaker/TrainingJobs"
PAGE = 50  # groups or streams of a page, unless a limit is given


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


def describe_log_groups(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeLogGroups, by name."""
    prefix, part = request.get("logGroupNamePrefix", ""), request.get("logGroupNamePattern", "").lower()
    names = [
        group
        for group in service.logs.groups()
        if group["logGroupName"].startswith(prefix) and part in group["logGroupName"].lower()
    ]
    return _page("logGroups", names, request)


def describe_log_streams(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeLogStreams of one group, by name or by their last line."""
    prefix, order = request.get("logStreamNamePrefix", ""), request.get("orderBy", "LogStreamName")
    if prefix and order == "LastEventTime":
        raise ServiceError("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")
    found = service.logs.streams(_group(request), prefix)
    if not found and not service.logs.streams(_group(request), ""):
        raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
    key = "lastEventTimestamp" if order == "LastEventTime" else "logStreamName"
    found.sort(key=lambda stream: stream[key], reverse=request.get("descending", False))
    return _page("logStreams", found, request)


def _page(member: str, found: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    token: str = request.get("nextToken", "0")
    if not token.isdecimal():
        raise ServiceError("InvalidParameterException", "The specified nextToken is invalid.")
    start = int(token)
    end = start + request.get("limit", PAGE)
    return {member: found[start:end], **({"nextToken": str(end)} if len(found) > end else {})}


def get_log_events(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """GetLogEvents with forward and backward tokens; as on AWS the same token back means the end."""
    group, stream = _group(request), request["logStreamName"]
    if not service.logs.streams(group, stream):
        raise ServiceError("ResourceNotFoundException", "The specified log stream does not exist.")
    limit = request.get("limit", 10_000)
    direction, _, position = request.get("nextToken", "").partition("/")
    at = int(position) if position.isdigit() else None
    if direction == "b":
        events = service.logs.events(group, stream, request, 0, at, limit)
    elif direction == "f" or request.get("startFromHead"):
        events = service.logs.events(group, stream, request, at or 0, None, limit)
    else:
        events = service.logs.events(group, stream, request, 0, 2**62, limit)
    first, last = (events[0][0], events[-1][0]) if events else (at or 0, at or 0)
    return {
        "events": [event for _, event in events],
        "nextForwardToken": f"f/{last}",
        "nextBackwardToken": f"b/{first}",
    }


def filter_log_events(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """FilterLogEvents over a group's streams; the pattern is plain words that must all be in the line."""
    group, limit = _group(request), request.get("limit", 10_000)
    words = [word.strip('"') for word in re.findall(r'"[^"]+"|\S+', request.get("filterPattern", ""))]
    wanted = request.get("logStreamNames") or [
        stream["logStreamName"] for stream in service.logs.streams(group, request.get("logStreamNamePrefix", ""))
    ]
    after = int(request.get("nextToken", 0))
    found = sorted(
        (number, {**event, "logStreamName": stream, "eventId": str(number)})
        for stream in wanted
        for number, event in service.logs.events(group, stream, request, after, None, 2**31)
        if all(word in event["message"] for word in words)
    )
    more = {"nextToken": str(found[limit - 1][0])} if len(found) > limit else {}
    return {"events": [event for _, event in found[:limit]], **more}


def _group(request: dict[str, Any]) -> str:
    name: str = request.get("logGroupName") or request.get("logGroupIdentifier", "").rpartition(":")[2]
    return name


OPERATIONS = {
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
    "GetLogEvents": get_log_events,
    "FilterLogEvents": filter_log_events,
}
