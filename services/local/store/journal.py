"""What the database is rebuilt from when its file is damaged: a copy of it, and every transaction since, in plain text.

A line of `journal.jsonl` is one transaction, numbered; a line without its end was never acknowledged and does not
count. The database knows the number of its last transaction, so lines that it has are told from lines that it lost.
Why so: docs/decisions/0005-a-damaged-database.md.
"""

import json
import os
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

Statement = tuple[str, Sequence[Any]]  # SQL and the values of its question marks
LIMIT = 64 << 20  # bytes of a journal, from which on a new copy is made


class Journal:
    """The transactions since the last copy, in the file at `path`, which is made when it is not there."""

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        weakref.finalize(self, os.close, self._file)
        self.cut(path.read_bytes().rfind(b"\n") + 1)

    def append(self, number: int, statements: Iterable[Statement]) -> None:
        """Write a transaction that is about to be committed. Raises OSError; what it left is to be cut then."""
        line = json.dumps([number, list(statements)]).encode() + b"\n"
        self.size += len(line)
        while line:
            line = line[os.write(self._file, line) :]

    def cut(self, size: int) -> None:
        """Shorten it to `size`: what was written after did not come to pass, or is no longer needed."""
        os.ftruncate(self._file, size)
        self.size = size  # in bytes

    def after(self, number: int) -> Iterator[tuple[int, list[Statement]]]:
        """The transactions with a higher number, up to the first line that cannot be read."""
        for line in self._path.read_bytes().splitlines():
            try:
                written, statements = json.loads(line)
            except ValueError:
                return
            if written > number:
                yield written, statements


def copy(connection: sqlite3.Connection, path: Path) -> None:
    """Put a copy of the database at `path`, whole or not at all. Raises OSError, sqlite3.Error."""
    draft = path.with_suffix(".part")
    draft.unlink(missing_ok=True)
    try:
        target = sqlite3.connect(draft)
        try:
            connection.backup(target)
        finally:
            target.close()
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
