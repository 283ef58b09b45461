"""Log events: pages, tokens, streams and groups, from boto3."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.local.service import open_service
from tests.local_service import LocalService

pytestmark = pytest.mark.slow

GROUP = "/made"
BEGAN = 1_800_000_000  # seconds
LINES = 25_000  # of the stream "long", of which the last is another


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a service with the streams "long" and, a minute and two minutes later, "short/a" and "short/b"."""
    folder, moment = tmp_path_factory.mktemp("logs") / "service", [float(BEGAN)]
    service = open_service(folder, lambda: moment[0])
    service.logs.write(GROUP, "long", [*(f"line {number}" for number in range(LINES - 1)), "the last"])
    for name in ("a", "b"):
        moment[0] += 60
        service.logs.write(GROUP, f"short/{name}", [f"{name} one", f"{name} two"])
    running = LocalService(folder)
    yield running.client("logs")
    running.stop()


def pages(logs: Any, **request: Any) -> list[list[str]]:
    """The messages of every page of FilterLogEvents."""
    found = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, **request)
    return [[event["message"] for event in page["events"]] for page in found]


def test_pages_without_a_match_are_empty_and_not_the_end(logs: Any) -> None:
    assert pages(logs, filterPattern="last") == [[], [], ["the last"]]


def test_streams_are_interleaved_by_time(logs: Any) -> None:
    assert pages(logs, logStreamNamePrefix="short/") == [["a one", "a two", "b one", "b two"]]


def test_a_limit_cuts_the_page_where_the_next_goes_on(logs: Any) -> None:
    found = pages(logs, logStreamNamePrefix="short/", filterPattern="?two ?one", PaginationConfig={"PageSize": 3})
    assert found == [["a one", "a two", "b one"], ["b two"]]


def test_events_come_newest_first_when_asked(logs: Any) -> None:
    request = {"logGroupName": GROUP, "logStreamNames": ["short/a", "short/b"], "startTime": BEGAN * 1000, "limit": 3}
    first = logs.filter_log_events(**request, startFromHead=False)
    second = logs.filter_log_events(**request, nextToken=first["nextToken"])
    messages = [[event["message"] for event in page["events"]] for page in (first, second)]
    assert (messages, "nextToken" in second) == ([["b two", "b one", "a two"], ["a one"]], False)


def test_newest_first_needs_a_start(logs: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterException.*startTime of 2024 or later"):
        logs.filter_log_events(logGroupName=GROUP, startFromHead=False)


def test_the_end_of_a_filter_is_inclusive_and_that_of_a_stream_is_not(logs: Any) -> None:
    end = (BEGAN + 60) * 1000
    found = logs.filter_log_events(logGroupName=GROUP, logStreamNamePrefix="short/", endTime=end)["events"]
    read = logs.get_log_events(logGroupName=GROUP, logStreamName="short/a", endTime=end)["events"]
    assert ([event["message"] for event in found], read) == (["a one", "a two"], [])


@pytest.mark.parametrize("operation", ["get_log_events", "filter_log_events"])
@pytest.mark.parametrize("token", ["nonsense", "f/", "f/x", "12", "x/12", "f/" + "3" * 56])  # the last is of AWS
def test_a_token_that_is_none_is_refused(logs: Any, operation: str, token: str) -> None:
    stream = {"logStreamName": "long"} if operation == "get_log_events" else {}
    with pytest.raises(ClientError, match=r"InvalidParameterException.*The specified nextToken is invalid"):
        getattr(logs, operation)(logGroupName=GROUP, nextToken=token, **stream)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("get_log_events", {"logStreamName": "short"}),  # of which there are longer names
        ("filter_log_events", {"logStreamNames": ["long", "short"]}),
    ],
)
def test_a_stream_that_is_not_there_is_not_found(logs: Any, operation: str, request_: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=r"ResourceNotFoundException.*The specified log stream does not exist"):
        getattr(logs, operation)(logGroupName=GROUP, **request_)


@pytest.mark.parametrize("operation", ["get_log_events", "filter_log_events", "describe_log_streams"])
def test_a_group_that_is_not_there_is_not_found(logs: Any, operation: str) -> None:
    stream = {"logStreamName": "long"} if operation == "get_log_events" else {}
    with pytest.raises(ClientError, match=r"ResourceNotFoundException.*The specified log group does not exist"):
        getattr(logs, operation)(logGroupName="/never", **stream)


def test_a_group_is_found_by_its_arn(logs: Any) -> None:
    [group] = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    assert logs.describe_log_streams(logGroupIdentifier=group["arn"].removesuffix(":*"))["logStreams"]


@pytest.mark.parametrize("given", [{}, {"logGroupName": GROUP, "logGroupIdentifier": GROUP}])
def test_a_group_is_named_once(logs: Any, given: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="either logGroupName or logGroupIdentifier"):
        logs.filter_log_events(**given)


def test_streams_are_named_or_begin_so_but_not_both(logs: Any) -> None:
    with pytest.raises(ClientError, match="either logStreamNames or logStreamNamePrefix"):
        logs.filter_log_events(logGroupName=GROUP, logStreamNames=["long"], logStreamNamePrefix="l")


def test_a_pattern_that_cannot_be_searched_is_refused(logs: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterException.*JSON filter patterns are not offered"):
        logs.filter_log_events(logGroupName=GROUP, filterPattern='{ $.a = "b" }')


@pytest.mark.parametrize("operation", ["describe_log_groups", "describe_log_streams"])
@pytest.mark.parametrize("token", ["nonsense", "9" * 5000])
def test_a_token_of_groups_and_streams_that_is_none_is_refused(logs: Any, operation: str, token: str) -> None:
    group = {"logGroupName": GROUP} if operation == "describe_log_streams" else {}
    with pytest.raises(ClientError, match=r"InvalidParameterException.*The specified nextToken is invalid"):
        getattr(logs, operation)(nextToken=token, **group)


@pytest.mark.parametrize("member", ["startTime", "endTime"])
def test_a_time_beyond_64_bits_is_refused(logs: Any, member: str) -> None:
    with pytest.raises(ClientError, match=rf"SerializationException.*{member} is not a long"):
        logs.filter_log_events(logGroupName=GROUP, **{member: 2**63})


def test_a_stream_is_read_forward_to_a_token_that_comes_back(logs: Any) -> None:
    request = {"logGroupName": GROUP, "logStreamName": "short/a", "startFromHead": True}
    first = logs.get_log_events(**request)
    last = logs.get_log_events(**request, nextToken=first["nextForwardToken"])
    assert (last["events"], last["nextForwardToken"]) == ([], first["nextForwardToken"])
