"""CloudWatch Logs, as far as jobs and endpoints write them: groups and streams that exist once they have a line."""

import re
from typing import TYPE_CHECKING, Any

from services.local.api import filter_patterns
from services.local.protocol.wire import ServiceError

if TYPE_CHECKING:
    from services.local.service import Service
PAGE = 50  # groups or streams of a page, unless a limit is given
EVENTS = 10_000  # events of a page, which FilterLogEvents looks at whether they match or not
POSITION = re.compile(r"\d{1,18}", re.ASCII)  # AWS's own tokens have more digits
FIRST_BACKWARDS = 1_704_067_200_000  # 2024: since when FilterLogEvents reads backwards, says botocore's model


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
    group = _group(service, request)
    streams = service.logs.streams(group, prefix)
    key = "lastEventTimestamp" if order == "LastEventTime" else "logStreamName"
    streams.sort(key=lambda stream: stream[key], reverse=request.get("descending", False))
    return _page("logStreams", streams, request)


def _page(member: str, entries: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    token: str = request.get("nextToken", "0")
    if not POSITION.fullmatch(token):
        raise _invalid_token()
    start = int(token)
    end = start + request.get("limit", PAGE)
    return {member: entries[start:end], **({"nextToken": str(end)} if len(entries) > end else {})}


def get_log_events(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """GetLogEvents with forward and backward tokens; as on AWS the same token back means the end."""
    group, stream = _group(service, request), request["logStreamName"]
    _check_streams(service, group, [stream])
    limit = request.get("limit", EVENTS)
    direction, at = _position(request)
    if direction == "b":
        events = service.logs.events(group, stream, request, 0, at, limit)
    elif direction == "f" or request.get("startFromHead"):
        events = service.logs.events(group, stream, request, at, None, limit)
    else:
        events = service.logs.events(group, stream, request, 0, 2**62, limit)
    first, last = (events[0][0], events[-1][0]) if events else (at, at)
    return {
        "events": [event for _, event in events],
        "nextForwardToken": f"f/{last}",
        "nextBackwardToken": f"b/{first}",
    }


def filter_log_events(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """FilterLogEvents over a group's streams. A page may have few events or none, and a token, as on AWS."""
    group, matches = _group(service, request), filter_patterns.compile_pattern(request.get("filterPattern", ""))
    if request.get("logStreamNames") and request.get("logStreamNamePrefix"):
        raise ServiceError("InvalidParameterException", "Give either logStreamNames or logStreamNamePrefix, not both.")
    _check_streams(service, group, request.get("logStreamNames", []))
    direction, at = _position(request)
    backwards = direction == "b" or (not direction and not request.get("startFromHead", True))
    if backwards and not direction and request.get("startTime", 0) < FIRST_BACKWARDS:
        raise ServiceError(
            "InvalidParameterException", "startFromHead can be false only with a startTime of 2024 or later."
        )
    wanted = request.get("logStreamNames") or [
        stream["logStreamName"] for stream in service.logs.streams(group, request.get("logStreamNamePrefix", ""))
    ]
    looked_at = service.logs.search(group, wanted, request, at, backwards, EVENTS + 1)
    found, limit, number = list[dict[str, Any]](), request.get("limit", EVENTS), 0
    for number, event in looked_at[:EVENTS]:
        if matches(event["message"]):
            found.append({**event, "eventId": str(number)})
        if len(found) == limit:
            break
    more = bool(looked_at) and number != looked_at[-1][0]
    return {"events": found, **({"nextToken": f"{'b' if backwards else 'f'}/{number}"} if more else {})}


def _position(request: dict[str, Any]) -> tuple[str, int]:
    """The direction and the event that a token names; "" and 0 for none. Raises ServiceError for one that is none."""
    token: str = request.get("nextToken", "")
    direction, _, number = token.partition("/")
    if token and (direction not in ("f", "b") or not POSITION.fullmatch(number)):
        raise _invalid_token()
    return direction, int(number or 0)


def _invalid_token() -> ServiceError:
    return ServiceError("InvalidParameterException", "The specified nextToken is invalid.")


def _check_streams(service: "Service", group: str, names: list[str]) -> None:
    for name in names:
        if name not in {stream["logStreamName"] for stream in service.logs.streams(group, name)}:
            raise ServiceError("ResourceNotFoundException", "The specified log stream does not exist.")


def _group(service: "Service", request: dict[str, Any]) -> str:
    """The group asked for, by its name or ARN. Raises ServiceError for none and for one that is not there."""
    given, identifier = request.get("logGroupName"), request.get("logGroupIdentifier")
    if bool(given) == bool(identifier):
        raise ServiceError("InvalidParameterException", "Give either logGroupName or logGroupIdentifier.")
    name: str = given or str(identifier).removesuffix(":*").rpartition(":")[2]
    if not service.logs.has_group(name):
        raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
    return name


OPERATIONS = {
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
    "GetLogEvents": get_log_events,
    "FilterLogEvents": filter_log_events,
}
