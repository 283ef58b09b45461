"""The service's one SQLite file: who may write, and how it comes to have its tables.

Readers never wait (WAL); there is one writer at a time, and a write is one `BEGIN IMMEDIATE` transaction, so a
state change is seen whole or not at all, also after `kill -9`.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")


class Database:
    """Connections to the SQLite file at `path`, which is made with its tables when it is not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._writer = threading.RLock()
        with self.writing() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            for number, migration in enumerate(SCHEMA.read_text().split("\n-- migration ")[1:], start=1):
                if number > version:
                    for statement in migration.split("\n", 1)[1].split(";\n"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {number}")

    @property
    def reading(self) -> sqlite3.Connection:
        """This thread's connection; rows answer to column names."""
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL outlives kill -9 of this process; only a power cut can take the last commits back.
            connection.execute("PRAGMA synchronous = NORMAL")
            self._own.connection = connection
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed when the block ends, rolled back when it raises.

        A block inside another of the same thread is part of that one's transaction.
        """
        with self._writer:
            connection = self.reading
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
