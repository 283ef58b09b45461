"""Crashes, restarts, concurrent writers and broken-off uploads: the old object or the new one, whole."""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.local.s3.served_store import (
    MB,
    Store,
    begin,
    open_store,
    put,
    read,
    upload_parts,
)


def test_objects_and_unfinished_uploads_outlive_a_restart(
    store: Store, server: tuple[Starlette, int, Any], tmp_path: Path
) -> None:
    put(store, "key", body=b"kept")
    upload = begin(store, "parts")
    parts = upload_parts(store, upload, b"part")
    server[0].state.objects = open_store(tmp_path)
    store.client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert (read(store, "key"), read(store, "parts")) == (b"kept", b"part")


def test_what_a_crash_left_is_swept_at_the_next_start(tmp_path: Path) -> None:
    objects = open_store(tmp_path)
    objects.create_bucket("bucket")
    stored = objects.put_bytes("bucket", "key", b"kept")
    (tmp_path / "incoming" / "half").write_bytes(b"half")
    (stored.path.parent / "orphan").write_bytes(b"orphan")
    open_store(tmp_path)
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != tmp_path]
    assert left == [stored.path]


def test_an_upload_that_breaks_off_leaves_nothing(store: Store) -> None:
    put(store, "key", body=b"old")
    connection = HTTPConnection("127.0.0.1", store.port)
    connection.putrequest("PUT", "/bucket/key")
    connection.putheader("Content-Length", str(10 * MB))
    connection.endheaders(bytes(3 * MB))
    incoming = store.folder / "incoming"
    wait_until(lambda: any(path.stat().st_size >= MB for path in incoming.iterdir()))
    connection.close()
    wait_until(lambda: not any(incoming.iterdir()))
    assert (read(store, "key"), len(store.files())) == (b"old", 1)


def wait_until(condition: Callable[[], bool]) -> None:
    """The disk tells nobody when a file comes or goes."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("It did not happen within 10 seconds.")


def test_a_file_put_in_is_not_changed_by_its_owner_later(tmp_path: Path) -> None:
    objects = open_store(tmp_path)
    objects.create_bucket("bucket")
    archive = tmp_path / "model.tar.gz"
    archive.write_bytes(b"model")
    stored = objects.put_file("bucket", "model.tar.gz", archive)
    archive.write_bytes(b"other")
    assert stored.path.read_bytes() == b"model"


def test_of_many_writers_one_wins_and_the_others_leave_nothing(tmp_path: Path) -> None:
    objects = open_store(tmp_path)
    objects.create_bucket("bucket")
    bodies = [str(number).encode() * 1000 for number in range(32)]
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda body: objects.put_bytes("bucket", "key", body), bodies))
    stored = objects.get("bucket", "key")
    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert (files, stored.etag) == ([stored.path], hashlib.md5(stored.path.read_bytes()).hexdigest())


# Killed where the row would be written, the new file being in place, or where the old file would be deleted.
DIES = """
import os, sys
from pathlib import Path
from services.local.store.database import Database
from services.local.s3.objects import ObjectStore
folder = Path(sys.argv[1])
objects = ObjectStore(Database(folder / "service.sqlite"), folder)
def die(*arguments):
    os.kill(os.getpid(), 9)
setattr(objects.files if sys.argv[2] == "remove" else objects, sys.argv[2], die)
objects.put_bytes("bucket", "key", b"new")
"""


@pytest.mark.parametrize(("step", "expected"), [("replace", b"old"), ("remove", b"new")])
def test_killed_at_any_point_the_old_or_the_new_object_is_there(tmp_path: Path, step: str, expected: bytes) -> None:
    objects = open_store(tmp_path)
    objects.create_bucket("bucket")
    objects.put_bytes("bucket", "key", b"old")
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path), step], check=False)
    left = open_store(tmp_path).get("bucket", "key").path
    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert (left.read_bytes(), files) == (expected, [left])
