"""The NextToken of List calls: a position, written so that nobody is tempted to make one."""

import base64
import json
from typing import Any

from services.local.protocol.wire import ServiceError, is_storable, validation_error

Position = list[Any]


def token(*position: Any) -> str:
    """The token of the page behind `position`."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def position(token: str, length: int) -> Position:
    """What a token of so many parts was made of. Raises ServiceError for one that was not."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise _unknown() from None
    if (
        not isinstance(parts, list)
        or len(parts) != length
        or not all(isinstance(part, str | float | int | None) and is_storable(part) for part in parts)
    ):
        raise _unknown()
    return parts


def number(token: str) -> int:
    """The number that a token of one part was made of. Raises ServiceError for one that was not."""
    [part] = position(token, 1)
    if not isinstance(part, int) or part < 0:
        raise _unknown()
    return part


def _unknown() -> ServiceError:
    return validation_error("The NextToken is not valid. Request the first page again.")
