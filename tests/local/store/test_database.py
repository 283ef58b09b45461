"""The connections of the local service's database: one a thread, closed with it."""

import gc
import sqlite3
import threading
import warnings
from pathlib import Path

import pytest

from services.local.store.database import Connection, Database


def in_a_thread(database: Database) -> Connection:
    """The connection of a thread that has ended."""
    connections: list[Connection] = []
    thread = threading.Thread(target=lambda: connections.append(database.reading))
    thread.start()
    thread.join()
    return connections[0]


def is_closed(connection: Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError as error:
        return "closed database" in str(error)
    return False


def test_a_thread_has_one_connection_and_it_is_closed_when_the_thread_ends(tmp_path: Path) -> None:
    database = Database(tmp_path / "service.sqlite")
    other = in_a_thread(database)
    assert (is_closed(other), database.reading is database.reading, is_closed(database.reading)) == (True, True, False)


def test_closing_the_database_closes_the_connections_of_threads_that_still_run(tmp_path: Path) -> None:
    database, connected, go_on = Database(tmp_path / "service.sqlite"), threading.Event(), threading.Event()
    connections = [database.reading]

    def work() -> None:
        connections.append(database.reading)
        connected.set()
        go_on.wait(60)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert connected.wait(60)
        database.close()
        assert [is_closed(connection) for connection in connections] == [True, True]
    finally:
        go_on.set()
        thread.join()


def test_closing_the_database_twice_is_no_error(tmp_path: Path) -> None:
    database = Database(tmp_path / "service.sqlite")
    database.close()
    database.close()
    with pytest.raises(sqlite3.ProgrammingError):
        database.reading.execute("SELECT 1")


def test_a_database_that_is_forgotten_leaves_no_connection_open(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        connection = Database(tmp_path / "service.sqlite").reading
        closed = is_closed(connection)
        del connection
        gc.collect()
    assert (closed, caught) == (True, [])
