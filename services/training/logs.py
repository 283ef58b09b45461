"""The log of a training job, from CloudWatch Logs.

Reference: CloudWatch Logs API, GetLogEvents: a page may be empty although more follow; the end is the token given back.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.aws.account import Account
from services.aws.errors import AwsError

LOG_GROUP = "/aws/sagemaker/TrainingJobs"


def log_lines(account: Account, name: str, now: datetime) -> list[str]:
    """Everything the job has logged until `now`; empty before its first line. Raises AwsError."""
    try:
        found = account.pages(
            "logs", "describe_log_streams", "logStreams", logGroupName=LOG_GROUP, logStreamNamePrefix=f"{name}/"
        )
        streams = list(found)
    except AwsError as error:
        if error.is_missing:  # the group appears with the account's first line
            return []
        raise
    return [line for stream in streams for line in _events(account, stream["logStreamName"], now)]


def _events(account: Account, stream: str, now: datetime) -> Iterable[str]:
    parameters: dict[str, Any] = {"logGroupName": LOG_GROUP, "logStreamName": stream, "startFromHead": True}
    while True:
        answer = account.call("logs", "get_log_events", **parameters)
        yield from (event["message"] for event in answer["events"])
        if answer["nextForwardToken"] == parameters.get("nextToken"):
            return
        if answer["events"] and answer["events"][-1]["timestamp"] >= now.timestamp() * 1000:
            return  # a job that logs as fast as it is read would keep us here until it ends
        parameters["nextToken"] = answer["nextForwardToken"]
