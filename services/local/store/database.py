"""The service's one SQLite file: who may write, how it comes to have its tables, and what becomes of a damaged one.

Readers never wait (WAL); there is one writer at a time, and a write is one `BEGIN IMMEDIATE` transaction, so a
state change is seen whole or not at all, also after `kill -9`. What is written stands in the journal too.
"""

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.local.store import full_disk, journal
from services.local.store.journal import Journal

SCHEMA = Path(__file__).with_name("schema.sql")


class DatabaseLost(Exception):
    """The database is damaged, and nothing to rebuild it from is at hand."""


class Connection(sqlite3.Connection):
    """A connection that remembers what it is told to do while `statements` is a list."""

    statements: list[journal.Statement] | None = None

    def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
        """As in sqlite3."""
        if self.statements is not None and not sql.startswith("SELECT"):
            self.statements.append((sql, list(values)))
        return super().execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Any], /) -> sqlite3.Cursor:
        """As in sqlite3."""
        rows = list(rows)
        if self.statements is not None:
            self.statements += [(sql, list(row)) for row in rows]
        return super().executemany(sql, rows)


class _ThreadConnection:
    """A thread's connection in its thread-local storage: closed when the thread ends, or by `close` from any thread."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        # Left to be collected unclosed, it is a ResourceWarning from Python 3.13 on.
        self.close = weakref.finalize(self, connection.close)
        self.close.atexit = False  # a daemon thread may be using it until the process is gone


class Database:
    """Connections to the SQLite file at `path`, which is made with its tables when it is not there.

    `problems` says in phrases what was wrong with it when it was opened. Raises DatabaseLost, DiskFull.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._copy = path, path.with_suffix(".copy")
        self._own, self._writer, self._number = threading.local(), threading.RLock(), 0
        self._lock = threading.Lock()
        self._open: weakref.WeakSet[_ThreadConnection] = weakref.WeakSet()
        self._journal = Journal(path.with_name("journal.jsonl"))
        with full_disk.translate_errors():
            self.problems = [*self._rebuild(), *self._catch_up()]
            self._migrate()
            self._number = self.reading.execute("SELECT number FROM journal").fetchone()[0]
            self._start_journal_anew()

    @property
    def reading(self) -> Connection:
        """This thread's connection; rows answer to column names."""
        own: _ThreadConnection | None = getattr(self._own, "connection", None)
        if own is None:
            own = self._own.connection = self._connect()
        return own.connection

    def _connect(self) -> _ThreadConnection:
        # check_same_thread: only its thread uses it, but another may close it.
        connection = sqlite3.connect(
            self._path, timeout=30, isolation_level=None, check_same_thread=False, factory=Connection
        )
        own = _ThreadConnection(connection)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL outlives kill -9 of this process; only a power cut can take the last commits back.
        connection.execute("PRAGMA synchronous = NORMAL")
        with self._lock:
            self._open.add(own)
        return own

    def close(self) -> None:
        """Close the connections of all threads, once none of them uses the database any more.

        Without this call a connection is closed when its thread ends or when the Database is garbage-collected.
        """
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            connection.close()

    @contextmanager
    def writing(self, *, journaled: bool = True) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back when it raises. Raises DiskFull.

        A block inside another of the same thread is part of that one's transaction. What is not `journaled` is lost
        with a damaged file, back to the last start.
        """
        with self._writer, full_disk.translate_errors():
            connection = self.reading
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            begin = self._journal.size
            try:
                connection.statements = [] if journaled else None
                yield connection
                self._note(connection)
                connection.execute("COMMIT")
            except BaseException:
                connection.statements = None
                self._journal.cut(begin)
                if connection.in_transaction:  # SQLite has ended it by itself when the disk is full
                    connection.execute("ROLLBACK")
                raise
            self._number += self._journal.size > begin
            if self._journal.size > journal.LIMIT:
                self._start_journal_anew()

    def _note(self, connection: Connection) -> None:
        """Write a transaction into the journal, just before it is committed."""
        statements, connection.statements = connection.statements, None
        if statements:
            self._journal.append(self._number + 1, statements)
            connection.execute("UPDATE journal SET number = ?", (self._number + 1,))

    def _rebuild(self) -> Iterator[str]:
        """Put the copy in the place of a damaged file; says so."""
        has_copy = self._copy.exists()
        damaged = _is_damaged(self._path, was_used=has_copy) if self._path.exists() else has_copy
        if not damaged:
            return
        if not has_copy or _is_damaged(self._copy, was_used=True):
            raise DatabaseLost
        aside = self._path.with_name(f"{self._path.name}.damaged-{int(time.time())}")
        for suffix in ("", "-wal", "-shm"):  # a log that is left behind would be taken for the copy's
            file = self._path.with_name(self._path.name + suffix)
            if file.exists():
                file.rename(f"{aside}{suffix}")
        self._copy.rename(self._path)
        yield (
            "the database was damaged and has been rebuilt from its copy and its journal; log lines and metrics of the "
            f"last run are lost, and the damaged file is now {aside.name}"
        )

    def _catch_up(self) -> Iterator[str]:
        """Do again what the journal has and the database has not; says so."""
        if not _has_journal(self.reading):
            return
        last = self.reading.execute("SELECT number FROM journal").fetchone()[0]
        lost = 0
        for number, statements in self._journal.after(last):
            lost += 1
            with self.writing(journaled=False) as connection:
                for sql, values in statements:
                    connection.execute(sql, values).fetchall()
                connection.execute("UPDATE journal SET number = ?", (number,))
        if lost:
            yield f"{lost} change{'s' * (lost > 1)} missing from the database restored from its journal"

    def _migrate(self) -> None:
        with self.writing(journaled=False) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            for number, migration in enumerate(SCHEMA.read_text().split("\n-- migration ")[1:], start=1):
                if number > version:
                    for statement in migration.split("\n", 1)[1].split(";\n"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {number}")

    def _start_journal_anew(self) -> None:
        """Make a new copy, which needs no journal yet. Without room for one, the old copy and the journal go on."""
        try:
            with full_disk.translate_errors():
                journal.copy(self.reading, self._copy)
        except full_disk.DiskFull:
            return
        self._journal.cut(0)


def _is_damaged(path: Path, was_used: bool) -> bool:
    """Whether a file is none of SQLite's, has a fault in its structure, or is empty though it `was_used`."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        sound: bool = connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        return not sound or (was_used and not _has_journal(connection))
    except sqlite3.DatabaseError as fault:
        if fault.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return True
        raise
    finally:
        connection.close()


def _has_journal(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal'").fetchone() is not None
