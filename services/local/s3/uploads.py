"""Multipart uploads: parts that come in any order and become one object when they are told to.

Parts are files as objects are, and their rows too appear only when the file is whole. Knows nothing of HTTP.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.local.s3 import checksums
from services.local.s3.conditions import ALWAYS, WriteCondition
from services.local.s3.errors import S3Error
from services.local.s3.files import Incoming
from services.local.s3.objects import ObjectStore, StoredObject, check_key

SMALLEST_PART = 5 << 20  # bytes, but for the last part
MOST_PARTS = 10_000


@dataclass(frozen=True)
class Upload:
    """An unfinished upload; `created` in epoch seconds."""

    id: str
    key: str
    created: float
    headers: dict[str, str]

    @property
    def checksum_algorithm(self) -> str | None:
        """The algorithm that its parts have checksums by, in lower case, if any."""
        return self.headers.get(checksums.ALGORITHM, "").lower() or None

    @property
    def stored_headers(self) -> dict[str, str]:
        """The headers to store with the object that it becomes."""
        return {name: value for name, value in self.headers.items() if not name.startswith(checksums.HEADER)}


@dataclass(frozen=True)
class Part:
    """A part of an upload: `size` in bytes, `etag` without quotes, `modified` in epoch seconds.

    `checksum` is in base64, by the algorithm of the upload; empty when that has none.
    """

    number: int
    file: str
    size: int
    etag: str
    modified: float
    checksum: str


@dataclass(frozen=True)
class ListedPart:
    """A part as the request to complete an upload lists it; `etag` without quotes, `checksum` in base64 if any."""

    number: int
    etag: str
    checksum: str | None


class Uploads:
    """The unfinished uploads into the buckets of `store`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store, self._database, self._files = store, store.database, store.files

    def begin(self, bucket: str, key: str, headers: Mapping[str, str]) -> str:
        """The id of a new upload. Raises NoSuchBucket."""
        check_key(key)
        upload = uuid.uuid4().hex
        with self._database.writing() as connection:
            self._store.require_bucket(bucket)
            row = (upload, bucket, key, time.time(), json.dumps(dict(headers)))
            connection.execute("INSERT INTO uploads VALUES (?, ?, ?, ?, ?)", row)
        return upload

    def require(self, bucket: str, key: str, upload: str) -> Upload:
        """The upload. Raises NoSuchUpload."""
        row = self._database.reading.execute(
            "SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?", (upload, bucket, key)
        ).fetchone()
        if row is None:
            raise S3Error("NoSuchUpload", "The upload does not exist, or it was completed or aborted.", 404)
        return Upload(row["id"], row["key"], row["created"], json.loads(row["headers"]))

    def put_part(self, bucket: str, key: str, upload: str, number: int, incoming: Incoming, checksum: str = "") -> Part:
        """Store a part, instead of the one of the same number. Raises NoSuchUpload, InvalidArgument.

        `checksum` is in base64, by the algorithm of the upload.
        """
        if not 1 <= number <= MOST_PARTS:
            raise S3Error("InvalidArgument", f"Part numbers go from 1 to {MOST_PARTS}.", 400)
        md5 = incoming.md5.hexdigest()
        part = Part(number, self._files.keep(incoming), incoming.size, md5, time.time(), checksum)
        try:
            with self._database.writing() as connection:
                self.require(bucket, key, upload)
                where = "WHERE upload = ? AND number = ?"
                replaced = connection.execute(f"SELECT file FROM parts {where}", (upload, number)).fetchall()
                row = (upload, number, part.file, part.size, part.etag, part.modified, checksum)
                connection.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        except BaseException:
            self._files.remove(part.file)
            raise
        self._files.remove(*(row["file"] for row in replaced))
        return part

    def complete(
        self,
        bucket: str,
        key: str,
        upload: str,
        listed_parts: Sequence[ListedPart],
        promised: Mapping[str, str],
        condition: WriteCondition = ALWAYS,
    ) -> StoredObject:
        """Make one object of `listed_parts`, in order, and end the upload.

        promised: x-amz-checksum-* and x-amz-mp-object-size of the object, as headers.
        Raises NoSuchUpload, InvalidPartOrder, InvalidPart, EntityTooSmall, BadDigest, InvalidRequest; NoSuchKey,
        PreconditionFailed as `put` does.
        """
        begun = self.require(bucket, key, upload)
        parts = _select_parts(listed_parts, {part.number: part for part in self.parts(upload)})
        size, etag = sum(part.size for part in parts), _etag(parts)
        checksum = _checksum(begun, parts)
        _check_promises(promised, checksum, size)
        path = self._files.path(self._joined(parts))
        sizes = tuple(part.size for part in parts)
        stored = StoredObject(key, path, size, etag, time.time(), {**begun.stored_headers, **checksum}, sizes)
        try:
            with self._database.writing() as connection:
                self.require(bucket, key, upload)
                replaced = self._store.replace(connection, bucket, stored, condition)
                connection.execute("DELETE FROM uploads WHERE id = ?", (upload,))
                ended = connection.execute("DELETE FROM parts WHERE upload = ? RETURNING file", (upload,)).fetchall()
        except BaseException:
            self._files.remove(path.name)
            raise
        self._files.remove(*replaced, *(row["file"] for row in ended))
        return stored

    def abort(self, bucket: str, key: str, upload: str) -> None:
        """Forget the upload and its parts. Raises NoSuchUpload."""
        with self._database.writing() as connection:
            self.require(bucket, key, upload)
            connection.execute("DELETE FROM uploads WHERE id = ?", (upload,))
            ended = connection.execute("DELETE FROM parts WHERE upload = ? RETURNING file", (upload,)).fetchall()
        self._files.remove(*(row["file"] for row in ended))

    def parts(self, upload: str, after: int = 0, limit: int = MOST_PARTS) -> Sequence[Part]:
        """At most `limit` parts whose number is above `after`, by number."""
        rows = self._database.reading.execute(
            "SELECT number, file, size, etag, modified, checksum FROM parts WHERE upload = ? AND number > ? "
            "ORDER BY number LIMIT ?",
            (upload, after, limit),
        )
        return [Part(**row) for row in rows]

    def unfinished(self, bucket: str, prefix: str, after: tuple[str, str]) -> Iterator[Upload]:
        """The uploads to keys that begin with `prefix`, by (key, id), those after `after`. Raises NoSuchBucket."""
        self._store.require_bucket(bucket)
        rows = self._database.reading.execute(
            "SELECT id, key, created, headers FROM uploads WHERE bucket = ? AND substr(key, 1, ?) = ? "
            "AND (key, id) > (?, ?) ORDER BY key, id",
            (bucket, len(prefix), prefix, *after),
        )
        return (Upload(row["id"], row["key"], row["created"], json.loads(row["headers"])) for row in rows)

    def _joined(self, parts: Sequence[Part]) -> str:
        with self._files.incoming() as incoming:
            for part in parts:
                try:
                    source = self._files.path(part.file).open("rb")
                except FileNotFoundError:
                    raise _invalid_part(part.number) from None
                with source:
                    incoming.join(source)
            return self._files.keep(incoming)


def _select_parts(listed_parts: Sequence[ListedPart], stored: Mapping[int, Part]) -> Sequence[Part]:
    numbers = [listed.number for listed in listed_parts]
    if numbers != sorted(set(numbers)):
        raise S3Error("InvalidPartOrder", "The parts must be listed once each, in ascending order.", 400)
    for listed in listed_parts:
        part = stored.get(listed.number)
        if not part or part.etag != listed.etag or (listed.checksum and part.checksum not in ("", listed.checksum)):
            raise _invalid_part(listed.number)
    parts = [stored[number] for number in numbers]
    if any(part.size < SMALLEST_PART for part in parts[:-1]):
        raise S3Error("EntityTooSmall", "Every part but the last must have at least 5 MB.", 400)
    return parts


def _checksum(upload: Upload, parts: Sequence[Part]) -> dict[str, str]:
    """The checksum of the object as headers; none where the upload or one of its parts has none."""
    if not upload.checksum_algorithm or not all(part.checksum for part in parts):
        return {}
    return checksums.of_parts(upload.headers, [(part.checksum, part.size) for part in parts])


def _check_promises(promised: Mapping[str, str], checksum: Mapping[str, str], size: int) -> None:
    for name, value in checksum.items():
        if promised.get(name, value) != value:
            raise S3Error("BadDigest", f"The {name} you specified did not match the calculated checksum.", 400)
    if promised.get("x-amz-mp-object-size", str(size)) != str(size):
        raise S3Error(
            "InvalidRequest", f"The object has {size} bytes, not the x-amz-mp-object-size you specified.", 400
        )


def _invalid_part(number: int) -> S3Error:
    return S3Error("InvalidPart", f"Part {number} was not uploaded, or its ETag does not match.", 400)


def _etag(parts: Sequence[Part]) -> str:
    digests = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
