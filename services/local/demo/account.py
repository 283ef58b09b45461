"""The account that is filled: the service over a folder, and the clock by which it believes what day it is."""

import time
from dataclasses import dataclass
from typing import Any

from services.local.protocol.wire import operation_model, validate
from services.local.server import OPERATIONS
from services.local.service import Service

DAY = 86_400.0
HOUR = 3_600.0
PACE = 120.0  # a job of two seconds is one of four minutes to those who read its times
PROJECTS = {"ada": "fraud", "grace": "churn", "linus": "credit", "katherine": "fraud"}  # by who works on it
TEAMS = {"ada": "payments", "grace": "marketing", "linus": "risk", "katherine": "payments"}
Tags = list[dict[str, str]]


class Calendar:
    """A clock that can be set; from then on it runs `PACE` times as fast as others."""

    def __init__(self) -> None:
        self.set(0.0)

    def set(self, moment: float) -> None:
        """Let it be `moment`, in epoch seconds."""
        self._moment, self._since = moment, time.monotonic()

    def __call__(self) -> float:
        return self._moment + (time.monotonic() - self._since) * PACE


@dataclass(frozen=True)
class DemoAccount:
    """What the demonstration is made in; `now` is the moment up to which it reaches, in epoch seconds."""

    service: Service
    calendar: Calendar
    now: float

    def ago(self, *, days: float = 0.0, hours: float = 0.0) -> None:
        """Let it be so long ago."""
        self.calendar.set(self.now - days * DAY - hours * HOUR)

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Do what the API does for a request, and wait until what it began has ended. Raises ServiceError."""
        answer = OPERATIONS["sagemaker"][1][operation](self.service, self.validated_request(operation, **request))
        self.service.workers.settle()
        return answer

    def validated_request(self, operation: str, **request: Any) -> dict[str, Any]:
        """A request that the API would accept. Raises ServiceError for another."""
        return validate(operation_model("sagemaker", operation), request)


def tags(owner: str, **others: str) -> Tags:
    """Whose it is, and what for."""
    pairs = {"owner": owner, "team": TEAMS[owner], "project": PROJECTS[owner], **others}
    return [{"Key": key, "Value": value} for key, value in pairs.items()]
