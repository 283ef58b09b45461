"""A full disk: how it shows itself, and the one error and sentence that the rest of the service knows it by."""

import errno
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SENTENCE = "The disk of the data folder is full, so nothing was saved. Free some space and try again."
CODE, STATUS = "InsufficientStorage", 507  # HTTP's own status for it, which clients do not retry in vain
PAUSE = 0.5  # seconds between two looks for room


class DiskFull(OSError):
    """The disk of the data folder is full."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, SENTENCE)

    def __str__(self) -> str:
        return SENTENCE


def is_full(fault: BaseException) -> bool:
    """Whether a full disk is what this fault comes from."""
    if isinstance(fault, OSError):
        return fault.errno in NO_ROOM
    # SQLite says FULL when the system said ENOSPC, and "disk I/O error" when a write failed in another way.
    return isinstance(fault, sqlite3.OperationalError) and getattr(fault, "sqlite_errorcode", None) in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    )


def reason(fault: BaseException) -> str:
    """The FailureReason of a job that `fault` ended."""
    return f"InternalServerError: {SENTENCE if is_full(fault) else f'{type(fault).__name__}: {fault}'}"


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turns whatever a full disk raises into DiskFull."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as fault:
        if is_full(fault) and not isinstance(fault, DiskFull):
            raise DiskFull from fault
        raise


def retry_until_room(write: Callable[[], None]) -> None:
    """Do what must be written in the end, such as how a job ended: now, or as soon as the disk has room."""
    while True:
        try:
            with translate_errors():
                write()
            return
        except DiskFull:
            time.sleep(PAUSE)
