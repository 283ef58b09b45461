"""Whether the service of this computer answers: the one of this data folder, and within seconds."""

import configparser
import hashlib
import http.client
from enum import StrEnum
from urllib.parse import urlsplit

from services import settings
from services.errors import Problem

PATIENCE = 2.0  # seconds that a page waits for an answer


class Health(StrEnum):
    """What came of asking."""

    OURS = "ours"  # the service of this data folder answers
    OTHER = "other"  # another program answers at its address, or the service of another data folder
    SILENT = "silent"  # something takes the connection and does not answer: it hangs, or is only just starting
    DOWN = "down"  # nothing listens there
    NEVER = "never"  # no service has run on this data folder yet


def check(within: float = PATIENCE) -> Health:
    """Ask the service of the data folder; takes at most about `within` seconds."""
    address = _address()
    if address is None:
        return Health.NEVER
    try:
        url = urlsplit(address)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=within)
        try:
            connection.request("GET", "/_health")
            body = connection.getresponse().read(100)
        finally:
            connection.close()
    except TimeoutError:
        return Health.SILENT
    except OSError:
        return Health.DOWN
    except (http.client.HTTPException, ValueError):
        return Health.OTHER
    return Health.OURS if body.decode(errors="replace") == _identity() else Health.OTHER


def problem() -> Problem | None:
    """Why pages cannot ask the service, as far as waiting does not tell; None while it answers."""
    health = check(PATIENCE)
    where = f"Service on this computer at {_address()}"
    if health is Health.SILENT:
        return Problem(where, f"it has not answered for {PATIENCE:g} s", "Wait a moment, or restart SageDeck")
    if health is Health.OTHER:
        return Problem(where, "another program answers there", "Wait a moment, or restart SageDeck")
    return None


def _identity() -> str:
    """What the service of this data folder answers, so that no other is taken for it."""
    return hashlib.sha256(str(settings.DATA_FOLDER.resolve()).encode()).hexdigest()


def _address() -> str | None:
    """Where it says that it answers; None when no service has run yet, or its file is damaged."""
    profile = configparser.ConfigParser()
    try:
        profile.read(settings.LOCAL_FILES[0])
    except (configparser.Error, UnicodeDecodeError):
        return None  # the service writes it anew when it starts
    return profile.get("profile sagedeck", "endpoint_url", fallback=None)
