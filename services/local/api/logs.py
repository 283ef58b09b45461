"""CloudWatch Logs, as far as jobs and endpoints write them: groups and streams that exist once they have a line."""

import re
from typing import TYPE_CHECKING, Any

from services.local.protocol.wire import ServiceError

if TYPE_CHECKING:
    from services.local.service import Service
PAGE = 50  # groups or streams of a page, unless a limit is given


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
    streams = service.logs.streams(_group(request), prefix)
    if not streams and not service.logs.streams(_group(request), ""):
        raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
    key = "lastEventTimestamp" if order == "LastEventTime" else "logStreamName"
    streams.sort(key=lambda stream: stream[key], reverse=request.get("descending", False))
    return _page("logStreams", streams, request)


def _page(member: str, entries: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    token: str = request.get("nextToken", "0")
    if not token.isdecimal():
        raise ServiceError("InvalidParameterException", "The specified nextToken is invalid.")
    start = int(token)
    end = start + request.get("limit", PAGE)
    return {member: entries[start:end], **({"nextToken": str(end)} if len(entries) > end else {})}


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
    events = sorted(
        (number, {**event, "logStreamName": stream, "eventId": str(number)})
        for stream in wanted
        for number, event in service.logs.events(group, stream, request, after, None, 2**31)
        if all(word in event["message"] for word in words)
    )
    more = {"nextToken": str(events[limit - 1][0])} if len(events) > limit else {}
    return {"events": [event for _, event in events[:limit]], **more}


def _group(request: dict[str, Any]) -> str:
    name: str = request.get("logGroupName") or request.get("logGroupIdentifier", "").rpartition(":")[2]
    return name


OPERATIONS = {
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
    "GetLogEvents": get_log_events,
    "FilterLogEvents": filter_log_events,
}
