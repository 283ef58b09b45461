"""Files that people uploaded, kept in the data folder by the hash of their content so that a reload loses none.

A file is kept for KEPT after it was last opened, and all together take at most SPACE: the longest unopened go first.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from services.aws.documents import Document
from services.data import local_documents
from services.data.table_sources import sources
from services.errors import Problem

KEPT = timedelta(days=30)
SPACE = 10_000_000_000  # bytes of all uploads together
LARGEST = 2_000_000_000  # bytes of one
CUT_SHORT = timedelta(days=1)  # after which a draft is nobody's any more
BLOCK = 1 << 20
HASH = re.compile(r"[0-9a-f]{32}")
CONTENT, DOCUMENT = "content", "upload.json"  # files in the folder of an upload


class UploadDocument(Document):
    """What is known of an upload beside its content; `size` in bytes."""

    name: str
    size: int
    uploaded: datetime


@dataclass(frozen=True)
class KeptUpload:
    """A file that was uploaded. `key` is the hash of its content, `path` where that lies."""

    key: str
    name: str
    size: int
    uploaded: datetime
    path: Path


def keep(file: BinaryIO, name: str, now: datetime) -> KeptUpload:
    """Keep a file that was uploaded at `now`. Raises Problem for one that is too large or has no room on the disk."""
    where, digest, size = f"File {name}", hashlib.sha256(), 0
    file.seek(0)
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=_folder(), suffix=".part", delete=False) as draft:
            try:
                while block := file.read(BLOCK):
                    size += len(block)
                    if size > LARGEST:
                        said = f"it is larger than {LARGEST / 1e9:.0f} GB"
                        raise Problem(where, said, "Upload it to S3 and enter its address, or use a sample of the rows")
                    digest.update(block)
                    draft.write(block)
            except BaseException:
                Path(draft.name).unlink()
                raise
        key = digest.hexdigest()[:32]
        place = _folder() / key
        place.mkdir(exist_ok=True)
        Path(draft.name).replace(place / CONTENT)
        local_documents.write(place / DOCUMENT, UploadDocument(name=name, size=size, uploaded=now))
        _opened(place, now)
    except OSError as error:
        raise Problem(where, f"it cannot be kept ({error.strerror})", "Make room on the disk and try again") from error
    remove_old(now, but=key)
    return KeptUpload(key, name, size, now, place / CONTENT)


def find(key: str, now: datetime) -> KeptUpload | None:
    """The upload of this key, which is opened at `now`; None where there is none any more.

    Raises Problem, once, where what is known of it cannot be read.
    """
    place = _folder() / key
    if not HASH.fullmatch(key) or not (place / CONTENT).exists():
        return None
    known = local_documents.read(place / DOCUMENT, UploadDocument)
    if known is None:
        return None
    _opened(place, now)
    return KeptUpload(key, known.name, known.size, known.uploaded, place / CONTENT)


def remove(key: str) -> None:
    """Delete an upload from this computer."""
    if HASH.fullmatch(key):
        shutil.rmtree(_folder() / key, ignore_errors=True)


def remove_old(now: datetime, but: str = "") -> None:
    """Delete the uploads that were not opened for KEPT, and of the others the longest unopened beyond SPACE."""
    opened = {path.parent.name: path.stat() for path in _folder().glob(f"*/{DOCUMENT}")}
    for draft in _folder().glob("*.part"):  # of an upload that was cut short
        if now.timestamp() - draft.stat().st_mtime > CUT_SHORT.total_seconds():
            draft.unlink(missing_ok=True)
    total = 0
    for key in sorted(opened, key=lambda key: (key == but, opened[key].st_mtime), reverse=True):
        content = _folder() / key / CONTENT
        total += content.stat().st_size if content.exists() else 0
        is_old = now.timestamp() - opened[key].st_mtime > KEPT.total_seconds()
        if key != but and (is_old or total > SPACE):
            remove(key)


def _opened(place: Path, now: datetime) -> None:
    os.utime(place / DOCUMENT, (now.timestamp(), now.timestamp()))


def _folder() -> Path:
    return sources.FOLDER / "uploads"
