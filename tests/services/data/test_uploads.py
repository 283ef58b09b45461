"""Uploads are kept by content, opened again by their hash, and removed by hand, by age and for space."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.data.table_sources import sources, uploads
from services.data.table_sources.uploads import KeptUpload
from services.errors import Problem

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder."""
    monkeypatch.setattr(sources, "FOLDER", tmp_path)
    return tmp_path / "uploads"


def keep(content: bytes, name: str = "bank.csv", now: datetime = NOW) -> KeptUpload:
    return uploads.keep(io.BytesIO(content), name, now)


def test_an_upload_is_found_with_its_name_size_and_time() -> None:
    key = keep(b"a,b\n1,2\n").key
    found = uploads.find(key, NOW)
    assert found
    assert (found.name, found.size, found.uploaded, found.path.read_bytes()) == ("bank.csv", 8, NOW, b"a,b\n1,2\n")


def test_the_same_content_is_kept_once_under_its_last_name(folder: Path) -> None:
    first, second = keep(b"a"), keep(b"a", "other.csv")
    assert first.key == second.key
    assert [path.name for path in folder.iterdir()] == [first.key]
    found = uploads.find(first.key, NOW)
    assert found
    assert found.name == "other.csv"


def test_a_removed_upload_is_not_found() -> None:
    key = keep(b"a").key
    uploads.remove(key)
    assert uploads.find(key, NOW) is None


@pytest.mark.parametrize("key", ["", "x", "../../settings", "0" * 32, "/etc/passwd"])
def test_nothing_but_the_hash_of_an_upload_finds_a_file(key: str) -> None:
    uploads.remove(key)
    assert uploads.find(key, NOW) is None


def test_an_upload_that_was_not_opened_for_thirty_days_goes_with_the_next() -> None:
    old, opened = keep(b"a").key, keep(b"b").key
    uploads.find(old, NOW)
    uploads.find(opened, NOW + timedelta(days=20))
    keep(b"c", now=NOW + timedelta(days=31))
    assert uploads.find(old, NOW) is None
    assert uploads.find(opened, NOW)


def test_the_longest_unopened_go_when_space_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "SPACE", 10)
    keys = [keep(letter * 4).key for letter in (b"a", b"b")]
    for hours, key in enumerate(reversed(keys)):
        uploads.find(key, NOW + timedelta(hours=hours))
    keep(b"cccc", now=NOW + timedelta(days=1))
    assert [bool(uploads.find(key, NOW)) for key in keys] == [True, False]


def test_a_file_beyond_the_limit_is_refused_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 3)
    with pytest.raises(Problem, match=r"^File bank.csv: it is larger than"):
        keep(b"abcd")
    assert not list(folder.iterdir())


def test_no_room_on_the_disk_is_one_sentence() -> None:
    class Full(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(Problem, match="it cannot be kept \\(No space left on device\\)"):
        uploads.keep(Full(), "bank.csv", NOW)
