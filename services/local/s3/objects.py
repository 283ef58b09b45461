"""Buckets and objects as Amazon S3 keeps them: the rows say what exists, immutable files hold the bytes.

A row is written in one transaction once its file is whole, and the file it replaces is deleted after: whenever the
process dies, the old object or the new one is there. Knows nothing of HTTP; `rest` is its front.
"""

import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from services.local.s3.conditions import ALWAYS, WriteCondition
from services.local.s3.errors import S3Error
from services.local.s3.files import Files, Incoming
from services.local.store.database import Database

BUCKET_NAME = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
KEY_LIMIT = 1024  # bytes of UTF-8


@dataclass(frozen=True)
class StoredObject:
    """An object: `size` in bytes, `etag` without quotes, `modified` in epoch seconds, `path` to its bytes.

    part_sizes: bytes of each part that it came in; empty for what came whole.
    """

    key: str
    path: Path
    size: int
    etag: str
    modified: float
    headers: dict[str, str]
    part_sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Bucket:
    """A bucket; `created` in epoch seconds."""

    name: str
    created: float


@dataclass(frozen=True)
class Listing:
    """A page of a bucket: objects and common prefixes, each in order of their UTF-8 bytes.

    `last` is the last of them all, and None when nothing comes after this page.
    """

    objects: list[StoredObject]
    prefixes: list[str]
    last: str | None


class ObjectStore:
    """All buckets, in the tables of `database` and the files under `folder`; safe to use from any thread.

    Only one may be open over a folder: it deletes files that no row names when it opens.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.files = database, Files(folder)
        rows = database.reading.execute("SELECT file, size FROM objects UNION ALL SELECT file, size FROM parts")
        self.problems = list(self._sweep({row["file"]: row["size"] for row in rows}))

    def _sweep(self, expected_sizes: Mapping[str, int]) -> Iterator[str]:
        """Remove what a crash left, look for what is damaged; what there was to find, in phrases."""
        removed, damaged = self.files.sweep(expected_sizes)
        if removed:
            yield f"{removed} unfinished upload{'s' * (removed > 1)} removed"
        for file in damaged:
            row = self.database.reading.execute("SELECT bucket, key FROM objects WHERE file = ?", (file,)).fetchone()
            if row is not None:
                yield f"the object s3://{row['bucket']}/{row['key']} is damaged: upload it again"

    # ---- buckets

    def create_bucket(self, name: str) -> None:
        """Make a bucket; one that is there stays, as in us-east-1. Raises InvalidBucketName."""
        if not BUCKET_NAME.fullmatch(name):
            raise S3Error("InvalidBucketName", f"The bucket name {name!r} is not valid.", 400)
        with self.database.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO buckets VALUES (?, ?)", (name, time.time()))

    def delete_bucket(self, name: str) -> None:
        """Delete an empty bucket and its unfinished uploads. Raises NoSuchBucket, BucketNotEmpty."""
        with self.database.writing() as connection:
            self.require_bucket(name)
            if connection.execute("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (name,)).fetchone():
                raise S3Error("BucketNotEmpty", f"The bucket {name} is not empty: delete its objects first.", 409)
            uploads = "SELECT id FROM uploads WHERE bucket = ?"
            parts = connection.execute(f"SELECT file FROM parts WHERE upload IN ({uploads})", (name,)).fetchall()
            connection.execute(f"DELETE FROM parts WHERE upload IN ({uploads})", (name,))
            connection.execute("DELETE FROM uploads WHERE bucket = ?", (name,))
            connection.execute("DELETE FROM buckets WHERE name = ?", (name,))
        self.files.remove(*(part["file"] for part in parts))

    def buckets(self) -> Sequence[Bucket]:
        """Every bucket, by name."""
        rows = self.database.reading.execute("SELECT name, created FROM buckets ORDER BY name")
        return [Bucket(row["name"], row["created"]) for row in rows]

    def require_bucket(self, name: str) -> None:
        """Raise NoSuchBucket when there is no such bucket."""
        if not self.database.reading.execute("SELECT 1 FROM buckets WHERE name = ?", (name,)).fetchone():
            raise S3Error("NoSuchBucket", f"The bucket {name} does not exist: create it, or check its name.", 404)

    # ---- writing objects

    def put_file(self, bucket: str, key: str, path: Path) -> StoredObject:
        """Store a copy of the file at `path`. Raises NoSuchBucket."""
        with self.files.incoming() as incoming, path.open("rb") as source:
            incoming.append(source)
            return self.put(bucket, key, incoming, {})

    def put_bytes(self, bucket: str, key: str, data: bytes, headers: Mapping[str, str] | None = None) -> StoredObject:
        """Store `data` with the HTTP headers to answer with. Raises NoSuchBucket."""
        with self.files.incoming() as incoming:
            incoming.write(data)
            return self.put(bucket, key, incoming, headers or {})

    def put(
        self,
        bucket: str,
        key: str,
        incoming: Incoming,
        headers: Mapping[str, str],
        condition: WriteCondition = ALWAYS,
    ) -> StoredObject:
        """Store what has come in. Raises NoSuchBucket; NoSuchKey, PreconditionFailed when `condition` does not hold."""
        check_key(key)
        path = self.files.path(self.files.keep(incoming))
        stored = StoredObject(key, path, incoming.size, incoming.md5.hexdigest(), time.time(), dict(headers))
        return self._commit(bucket, stored, condition)

    def copy(
        self,
        source: StoredObject,
        bucket: str,
        key: str,
        headers: Mapping[str, str],
        etag: str,
        condition: WriteCondition = ALWAYS,
    ) -> StoredObject:
        """Store the bytes of `source` under another name, at no cost in disk space. Raises as `put` does, NoSuchKey."""
        check_key(key)
        try:
            path = self.files.path(self.files.link(source.path.name))
        except FileNotFoundError:
            raise no_such_key(source.key) from None
        stored = StoredObject(key, path, source.size, etag, time.time(), dict(headers))
        return self._commit(bucket, stored, condition)

    def _commit(self, bucket: str, stored: StoredObject, condition: WriteCondition) -> StoredObject:
        try:
            with self.database.writing() as connection:
                replaced = self.replace(connection, bucket, stored, condition)
        except BaseException:
            self.files.remove(stored.path.name)
            raise
        self.files.remove(*replaced)
        return stored

    def replace(
        self, connection: sqlite3.Connection, bucket: str, stored: StoredObject, condition: WriteCondition
    ) -> Sequence[str]:
        """Write the row of `stored`; the files to delete once the transaction is through. Raises as `put` does."""
        self.require_bucket(bucket)
        where = "WHERE bucket = ? AND key = ?"
        replaced = connection.execute(f"SELECT file, etag FROM objects {where}", (bucket, stored.key)).fetchall()
        condition.require(stored.key, replaced[0]["etag"] if replaced else None)
        connection.execute(
            "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                bucket,
                stored.key,
                stored.path.name,
                stored.size,
                stored.etag,
                stored.modified,
                json.dumps(stored.headers),
                json.dumps(stored.part_sizes),
            ),
        )
        return [row["file"] for row in replaced]

    def delete_if(self, bucket: str, key: str, condition: WriteCondition) -> None:
        """Delete one object if `condition` holds. Raises NoSuchBucket, PreconditionFailed."""
        with self.database.writing() as connection:
            self.require_bucket(bucket)
            where = "WHERE bucket = ? AND key = ?"
            present = connection.execute(f"SELECT file, etag FROM objects {where}", (bucket, key)).fetchall()
            condition.require_for_delete(present[0]["etag"] if present else None)
            connection.execute(f"DELETE FROM objects {where}", (bucket, key))
        self.files.remove(*(row["file"] for row in present))

    def delete(self, bucket: str, *keys: str) -> None:
        """Delete objects; keys that are not there are fine. Raises NoSuchBucket."""
        removed = []
        with self.database.writing() as connection:
            self.require_bucket(bucket)
            for key in keys:
                removed += connection.execute(
                    "DELETE FROM objects WHERE bucket = ? AND key = ? RETURNING file", (bucket, key)
                ).fetchall()
        self.files.remove(*(row["file"] for row in removed))

    # ---- reading objects

    def get(self, bucket: str, key: str) -> StoredObject:
        """One object. Raises NoSuchBucket, NoSuchKey."""
        row = self.database.reading.execute(
            "SELECT * FROM objects WHERE bucket = ? AND key = ?", (bucket, key)
        ).fetchone()
        if row is None:
            self.require_bucket(bucket)
            raise no_such_key(key)
        return self._stored(row)

    def open(self, bucket: str, key: str) -> tuple[StoredObject, IO[bytes]]:
        """One object and its bytes, which stay readable when it is replaced meanwhile. Raises as `get` does."""
        while True:
            stored = self.get(bucket, key)
            try:
                file = stored.path.open("rb")
            except FileNotFoundError:
                if self.get(bucket, key) == stored:
                    raise damaged_object(stored.key) from None
            else:
                if os.fstat(file.fileno()).st_size == stored.size:
                    return stored, file
                file.close()
                raise damaged_object(stored.key)

    def sound(self, bucket: str, stored: StoredObject) -> StoredObject:
        """`stored`, or what has replaced it since it was listed. Raises as `open` does."""
        try:
            size = stored.path.stat().st_size
        except FileNotFoundError:
            stored, file = self.open(bucket, stored.key)
            with file:
                return stored
        if size != stored.size:
            raise damaged_object(stored.key)
        return stored

    def list(self, bucket: str, prefix: str) -> Sequence[StoredObject]:
        """Every object whose key begins with `prefix`, in order of their keys. Raises NoSuchBucket."""
        self.require_bucket(bucket)
        return [self._stored(row) for row in self._rows(bucket, prefix, prefix)]

    def page(self, bucket: str, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1000) -> Listing:
        """At most `limit` objects and common prefixes that come after `after`. Raises NoSuchBucket.

        Costs one seek a common prefix, however many objects it stands for.
        """
        self.require_bucket(bucket)
        objects: list[StoredObject] = []
        prefixes: list[str] = []
        last: str | None = None
        low: str | None = max(prefix, _next_key(after, prefix, delimiter))
        while low is not None:
            rows, low = self._rows(bucket, prefix, low), None
            for row in rows:
                if len(objects) + len(prefixes) == limit:
                    return Listing(objects, prefixes, last)
                common = common_prefix(row["key"], prefix, delimiter)
                if common is None:
                    objects.append(self._stored(row))
                    last = row["key"]
                else:
                    prefixes.append(common)
                    last, low = common, _end_of_prefix(common)
                    break
        return Listing(objects, prefixes, None)

    def _rows(self, bucket: str, prefix: str, low: str) -> Iterator[sqlite3.Row]:
        high = _end_of_prefix(prefix)
        return self.database.reading.execute(
            "SELECT * FROM objects WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key",
            # To SQLite every text is less than any blob.
            (bucket, low, b"" if high is None else high),
        )

    def _stored(self, row: sqlite3.Row) -> StoredObject:
        path, headers = self.files.path(row["file"]), json.loads(row["headers"])
        sizes = tuple(json.loads(row["part_sizes"]))
        return StoredObject(row["key"], path, row["size"], row["etag"], row["modified"], headers, sizes)


def check_key(key: str) -> None:
    """Raise KeyTooLongError when `key` cannot be an object's."""
    if len(key.encode()) > KEY_LIMIT:
        raise S3Error("KeyTooLongError", f"A key has at most {KEY_LIMIT} bytes.", 400)


def damaged_object(key: str) -> S3Error:
    """The answer to a key whose bytes are not those that were stored."""
    return S3Error(
        "InternalError", f"The bytes of {key} on the disk are damaged or missing. Upload the object again.", 500
    )


def no_such_key(key: str) -> S3Error:
    """The answer to a key that is not there."""
    return S3Error("NoSuchKey", f"The key {key} does not exist.", 404)


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """What a listing shows instead of `key`: everything up to the first delimiter after the prefix, if any."""
    end = key.find(delimiter, len(prefix)) if delimiter else -1
    return None if end < 0 else key[: end + len(delimiter)]


def _next_key(after: str, prefix: str, delimiter: str) -> str:
    """The first key that may come after `after`; after a common prefix, the first one outside it."""
    if after.startswith(prefix) and common_prefix(after, prefix, delimiter) == after:
        return _end_of_prefix(after) or after + "\0"
    return after + "\0" if after else ""


def _end_of_prefix(prefix: str) -> str | None:
    """The first text, in order of UTF-8 bytes, after all that begin with `prefix`; None when there is none."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if following == 0xD800 else following)
