"""Unpacking the archives that others made: only files, only inside, and never more than the disk can take.

A member that is a link is refused, wherever it points: no model needs one, and chains of links are how archives have
left folders in spite of checks (CVE-2025-4517).
"""

import gzip
import io
import tarfile
import zlib
from pathlib import Path
from typing import IO

from services.local.store import full_disk

BATCH = 1 << 20
MOST_BYTES = 2 << 30  # unpacked, of all members together
MOST_MEMBERS = 10_000
_GZIP = b"\x1f\x8b"
UNSOUND = "The model data is not a valid tar.gz archive: "
TOO_LARGE = f"The model archive is larger than {MOST_BYTES >> 30} GB unpacked, the limit of this computer."


class _Bounded(io.RawIOBase):
    """What comes out of a decompressor, as far as it may: a bomb can lie in a header, which is read whole."""

    def __init__(self, source: IO[bytes] | gzip.GzipFile) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= 2 * MOST_BYTES - self.tell():
            raise ValueError(TOO_LARGE)
        return self._source.read(size)


def unpack(archive: IO[bytes], folder: Path) -> None:
    """The members of a tar or tar.gz in a new `folder`. Raises ValueError, which says what is wrong with it."""
    try:
        folder.mkdir(parents=True)
        zipped = archive.read(len(_GZIP)) == _GZIP
        archive.seek(0)
        source = _Bounded(gzip.GzipFile(fileobj=archive) if zipped else archive)
        with tarfile.open(fileobj=source, mode="r:") as tar:
            _extract(tar, folder)
        while source.read(BATCH):  # to the end, where gzip's checksum is
            pass
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        message = full_disk.SENTENCE if full_disk.is_full(error) else f"{UNSOUND}{error}"
        raise ValueError(message) from error


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    size = 0
    for number, member in enumerate(tar, start=1):
        size += member.size
        if size > MOST_BYTES:
            raise ValueError(TOO_LARGE)
        if number > MOST_MEMBERS:
            raise ValueError(f"The model archive has more than {MOST_MEMBERS} members, the limit of this computer.")
        if not (member.isreg() or member.isdir()):
            raise ValueError(f"{UNSOUND}{member.name!r} is a link or a device. Pack plain files only.")
        tar.extract(member, folder, filter="data")
