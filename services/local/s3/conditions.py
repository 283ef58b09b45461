"""Conditional and ranged requests: whether an object is to be sent, and which of its bytes.

Source: RFC 9110, sections 13 and 14; Amazon S3 API reference, GetObject.
"""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from services.local.s3.objects import S3Error, StoredObject

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def precondition_failed(message: str) -> S3Error:
    """The answer to a condition that does not hold."""
    return S3Error("PreconditionFailed", message, 412)


def is_unmodified(stored: StoredObject, conditions: Mapping[str, str]) -> bool:
    """Whether the asker has this object already (304). Raises PreconditionFailed for an unmet demand."""
    modified = int(stored.modified)  # HTTP's times are whole seconds
    if "if-match" in conditions:
        if not _matches(stored, conditions["if-match"]):
            raise precondition_failed("The object's ETag does not match If-Match.")
    elif (since := _seconds(conditions, "if-unmodified-since")) is not None and modified > since:
        raise precondition_failed("The object was modified after If-Unmodified-Since.")
    if "if-none-match" in conditions:
        return _matches(stored, conditions["if-none-match"])
    since = _seconds(conditions, "if-modified-since")
    return since is not None and modified <= since


def check_copy(stored: StoredObject, headers: Mapping[str, str]) -> None:
    """Raise PreconditionFailed when x-amz-copy-source-if-* forbids to copy."""
    start = "x-amz-copy-source-"
    conditions = {name.removeprefix(start): value for name, value in headers.items() if name.startswith(start)}
    if is_unmodified(stored, conditions):
        raise precondition_failed("The condition excludes this source.")


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and length that a Range header asks for; None for the whole. Raises InvalidRange.

    As on S3, a header that asks for several ranges or makes no sense asks for the whole.
    """
    match = RANGE.fullmatch((header or "").strip())
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < start:
            return None
    if start >= end:
        raise S3Error("InvalidRange", "The requested range is outside the object.", 416)
    return start, end - start


def _matches(stored: StoredObject, header: str) -> bool:
    etags = [etag.strip().removeprefix("W/").strip('"') for etag in header.split(",")]
    return "*" in etags or stored.etag in etags


def _seconds(conditions: Mapping[str, str], name: str) -> float | None:
    try:
        return parsedate_to_datetime(conditions[name]).timestamp()
    except (KeyError, ValueError):
        return None  # a date that is none is to be ignored
