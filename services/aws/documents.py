"""The one store of our JSON in S3: each document has a schema and a version, and no writer overwrites another's change.

A document is read and checked here only. One that cannot be read is never taken for an empty one: it is named with its
address, what needs it says so, and everything else goes on. Setting it aside moves it beside its place, where a person
may mend it. Writes and deletions carry If-Match or If-None-Match, so that of two writers the second one reads again.

Reference: Amazon S3 user guide, "Conditional requests" and "How to perform conditional deletes"; pydantic, "Models".
"""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar, overload

from pydantic import BaseModel, ConfigDict, ValidationError

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.errors import Problem

READERS = 16  # documents that are read at a time
ATTEMPTS = 20  # reads and writes again after another writer came first
CONFLICTS = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
ASIDE = ".unreadable-"  # in the key of a document that was set aside


class Document(BaseModel):
    """A JSON document of ours. `version` grows when older programs must not read it; unknown members are kept out."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=False, allow_inf_nan=False)
    NEWEST: ClassVar[int] = 1
    INDENT: ClassVar[int | None] = 2  # spaces; None writes one line

    version: int = 1


D = TypeVar("D", bound=Document)


class UnreadableDocumentError(Problem):
    """A document that is no JSON, lacks a member, or was written by a newer SageDeck; `address` tells where it is."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"Document {address}", reason, "Set it aside in Settings, or correct it there")
        self.args, self.address, self.reason = (address, reason), address, reason


class ChangedMeanwhileError(Problem):
    """A document that somebody else changed between reading and writing."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"Document {address}", "somebody else has changed it in the meantime", "Reload the page and try again"
        )
        self.args, self.address = (address,), address


@dataclass(frozen=True)
class Stored(Generic[D]):
    """A document and the ETag it was read with."""

    document: D
    etag: str


@dataclass(frozen=True)
class Folder(Generic[D]):
    """The documents of a folder by their address, in key order, and those that cannot be read."""

    documents: dict[Address, D]
    unreadable: tuple[UnreadableDocumentError, ...]


def parse(kind: type[D], body: bytes, address: str) -> D:
    """`body` as a document of this kind. Raises UnreadableDocumentError."""
    try:
        members = json.loads(body)
    except ValueError as error:
        raise UnreadableDocumentError(address, f"it is not JSON ({error})") from error
    if not isinstance(members, dict):
        raise UnreadableDocumentError(address, "it is not a JSON object")
    version = members.get("version", 1)
    if isinstance(version, int) and version > kind.NEWEST:
        raise UnreadableDocumentError(address, f"a newer SageDeck wrote it (version {version}; {kind.NEWEST} is known)")
    try:
        return kind.model_validate(members)
    except (ValidationError, Problem) as error:
        raise UnreadableDocumentError(address, f"it is not valid ({_first_fault(error)})") from error


def to_json(document: Document) -> bytes:
    """A document as JSON that people can read, too."""
    return document.model_dump_json(indent=document.INDENT).encode() + b"\n"


def read(account: Account, address: Address, kind: type[D]) -> Stored[D] | None:
    """The document at `address`; None where there is none. Raises UnreadableDocumentError, AwsError."""
    try:
        with account.speaking("s3", "get_object"):
            answer = account.call("s3", "get_object", Bucket=address.bucket, Key=address.key)
            body: bytes = answer["Body"].read()
    except AwsError as error:
        if error.is_missing:
            return None
        raise
    return Stored(parse(kind, body, str(address)), answer["ETag"])


def read_folder(account: Account, folder: Address, kind: type[D]) -> Folder[D]:
    """All documents under `folder`; none while the bucket does not exist. Raises AwsError."""
    return read_all(account, [Address(folder.bucket, key) for key in s3.folder_keys(account, folder)], kind)


def read_all(account: Account, addresses: Iterable[Address], kind: type[D]) -> Folder[D]:
    """The documents at `addresses`, but for those that were set aside or deleted meanwhile. Raises AwsError."""
    present = [address for address in addresses if ASIDE not in address.key]

    def one(address: Address) -> D | UnreadableDocumentError | None:
        try:
            stored = read(account, address, kind)
        except UnreadableDocumentError as error:
            return error
        return stored.document if stored else None  # deleted since it was listed

    with ThreadPoolExecutor(READERS) as pool:
        answers = dict(zip(present, pool.map(one, present), strict=True))
    return Folder(
        {address: answer for address, answer in answers.items() if isinstance(answer, kind)},
        tuple(answer for answer in answers.values() if isinstance(answer, UnreadableDocumentError)),
    )


def create(account: Account, address: Address, document: Document) -> str:
    """Write a document where there is none; returns its ETag. Raises ChangedMeanwhileError where one is, AwsError."""
    return _put(account, address, document, IfNoneMatch="*")


def replace(account: Account, address: Address, document: Document, etag: str) -> str:
    """Write over the document that has this ETag; returns the new one. Raises ChangedMeanwhileError, AwsError."""
    return _put(account, address, document, IfMatch=etag)


@overload
def update(account: Account, address: Address, kind: type[D], change: Callable[[D | None], D]) -> D: ...
@overload
def update(account: Account, address: Address, kind: type[D], change: Callable[[D | None], D | None]) -> D | None: ...
def update(account: Account, address: Address, kind: type[D], change: Callable[[D | None], D | None]) -> D | None:
    """Read, `change` and write, again until nobody came between; returns what is now there.

    `change` is given None where there is no document, returns None for there to be none, and may be called several
    times.
    Raises UnreadableDocumentError, whatever `change` raises, ChangedMeanwhileError when it never succeeds, AwsError.
    """
    for _ in range(ATTEMPTS):
        stored = read(account, address, kind)
        present = stored.document if stored else None
        document = change(present)
        if document == present:
            return document
        try:
            if stored is None:
                assert document is not None
                create(account, address, document)
            elif document is None:
                delete(account, address, stored.etag)
            else:
                replace(account, address, document, stored.etag)
        except ChangedMeanwhileError:
            continue
        return document
    raise ChangedMeanwhileError(str(address))


def delete(account: Account, address: Address, etag: str) -> None:
    """Delete the document that has this ETag. Raises ChangedMeanwhileError for another one, AwsError."""
    try:
        account.call("s3", "delete_object", Bucket=address.bucket, Key=address.key, IfMatch=etag)
    except AwsError as error:
        if error.code in CONFLICTS or error.is_missing:
            raise ChangedMeanwhileError(str(address)) from error
        raise


def set_aside(account: Account, address: Address, now: datetime) -> Address:
    """Move a document that cannot be read beside its place; returns where it is now.

    Raises ChangedMeanwhileError for one that somebody has just mended, AwsError.
    """
    etag = s3.head(account, address)["ETag"]
    aside = Address(address.bucket, f"{address.key}{ASIDE}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    s3.copy(account, address, aside)
    delete(account, address, etag)
    return aside


def unreadable(account: Account, kinds: Iterable[tuple[Address, type[Document]]]) -> list[UnreadableDocumentError]:
    """The documents at (address, kind) that cannot be read; an address ending in "/" is a folder. Raises AwsError."""
    errors: list[UnreadableDocumentError] = []
    for address, kind in kinds:
        if address.key.endswith("/"):
            errors += read_folder(account, address, kind).unreadable
            continue
        try:
            read(account, address, kind)
        except UnreadableDocumentError as error:
            errors.append(error)
    return errors


def _put(account: Account, address: Address, document: Document, **condition: str) -> str:
    s3.ensure_bucket(account, address.bucket)
    request: dict[str, Any] = {"Bucket": address.bucket, "Key": address.key, "Body": to_json(document), **condition}
    try:
        etag: str = account.call("s3", "put_object", ContentType="application/json", **request)["ETag"]
    except AwsError as error:
        if error.code in CONFLICTS or ("IfMatch" in condition and error.is_missing):
            raise ChangedMeanwhileError(str(address)) from error
        raise
    return etag


def _first_fault(error: ValidationError | Problem) -> str:
    if isinstance(error, Problem):
        return str(error)
    fault = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg'].lower()}" if where else fault["msg"]
