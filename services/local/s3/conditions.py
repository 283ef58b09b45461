"""Conditional and ranged requests: whether an object is to be sent and which of its bytes, written or deleted.

Source: RFC 9110, sections 13 and 14; Amazon S3 API reference, GetObject.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from services.local.s3.errors import S3Error

if TYPE_CHECKING:
    from services.local.s3.objects import StoredObject

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(frozen=True)
class WriteCondition:
    """What must hold for a key to be written or deleted, decided in the transaction that does it.

    etag:   of the object that must be there, without quotes; "*" for any, None for no demand.
    absent: whether no object may be there.
    Source: Amazon S3 user guide, "Conditional requests"; texts as S3 words them.
    """

    etag: str | None = None
    absent: bool = False

    def require(self, key: str, present: str | None) -> None:
        """Raise NoSuchKey or PreconditionFailed where it does not hold; `present` is the ETag of what is there."""
        if self.etag is not None and present is None:
            raise S3Error("NoSuchKey", f"The key {key} does not exist.", 404)
        self.require_for_delete(present)

    def require_for_delete(self, present: str | None) -> None:
        """As `require`; what is not there cannot match, either."""
        unmatched = self.etag is not None and (present is None or self.etag not in ("*", present))
        if unmatched or (self.absent and present is not None):
            message = "At least one of the pre-conditions you specified did not hold"
            raise S3Error("PreconditionFailed", message, 412)


ALWAYS = WriteCondition()


def of_write(headers: Mapping[str, str]) -> WriteCondition:
    """What If-Match and If-None-Match demand of a write. Raises NotImplemented for what S3 does not offer."""
    absent, etag = headers.get("if-none-match"), headers.get("if-match")
    if absent not in (None, "*") or (absent and etag):
        message = "A header you provided implies functionality that is not implemented"
        raise S3Error("NotImplemented", message, 501)
    return WriteCondition(etag.strip().strip('"') if etag else None, absent == "*")


def precondition_failed(message: str) -> S3Error:
    """The answer to a condition that does not hold."""
    return S3Error("PreconditionFailed", message, 412)


def is_unmodified(stored: "StoredObject", conditions: Mapping[str, str]) -> bool:
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


def check_copy(stored: "StoredObject", headers: Mapping[str, str]) -> None:
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


def _matches(stored: "StoredObject", header: str) -> bool:
    etags = [etag.strip().removeprefix("W/").strip('"') for etag in header.split(",")]
    return "*" in etags or stored.etag in etags


def _seconds(conditions: Mapping[str, str], name: str) -> float | None:
    try:
        return parsedate_to_datetime(conditions[name]).timestamp()
    except (KeyError, ValueError):
        return None  # a date that is none is to be ignored
