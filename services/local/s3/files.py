"""The bytes of objects and parts: immutable files under names nobody can guess or choose.

A file is written in `incoming/`, flushed to the disk and only then renamed into `objects/`; what a crash leaves
unnamed by any row is swept at the next start. Knows nothing of buckets, keys or HTTP.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

BATCH = 1 << 20  # bytes read or written at a time


class Incoming:
    """A file on its way in. `size` in bytes and `md5` grow as it is written."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path, self._file, self.size = path, file, 0
        self.md5 = hashlib.md5(usedforsecurity=False)

    def write(self, data: bytes) -> None:
        """Append `data`."""
        self._file.write(data)
        self.md5.update(data)
        self.size += len(data)

    def append(self, source: IO[bytes], length: int | None = None) -> None:
        """Append the next `length` bytes of `source`, or all of them, never holding more than a batch."""
        left = length
        while data := source.read(BATCH if left is None else min(BATCH, left)):
            self.write(data)
            left = None if left is None else left - len(data)

    def join(self, source: IO[bytes]) -> None:
        """Append all of `source`, whose digests are known: `size` and `md5` leave it out."""
        shutil.copyfileobj(source, self._file, BATCH)

    def flush(self) -> None:
        """Return once the disk has it."""
        self._file.flush()
        os.fsync(self._file.fileno())


class Files:
    """The files under `folder/objects`, spread by the first two characters of their names."""

    def __init__(self, folder: Path) -> None:
        self._objects, self._incoming = folder / "objects", folder / "incoming"
        self._objects.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(exist_ok=True)

    def path(self, name: str) -> Path:
        """Where the file `name` lies."""
        return self._objects / name[:2] / name

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """A new file to write. It is gone when the block ends, unless `keep` took it."""
        path = self._incoming / uuid.uuid4().hex
        try:
            with path.open("xb") as file:
                yield Incoming(path, file)
        finally:
            path.unlink(missing_ok=True)

    def keep(self, incoming: Incoming) -> str:
        """Move a file that is whole among the others; its name there."""
        incoming.flush()
        # Jobs read objects through hard links: writing into a job's input must not change the object.
        incoming.path.chmod(0o444)
        target = self._place(incoming.path.name)
        incoming.path.rename(target)
        _flush_folder(target.parent)
        return target.name

    def link(self, name: str) -> str:
        """A second name for the same bytes. Raises FileNotFoundError when `name` has gone."""
        target = self._place(uuid.uuid4().hex)
        target.hardlink_to(self.path(name))
        _flush_folder(target.parent)
        return target.name

    def remove(self, *names: str) -> None:
        """Delete the files; one that has gone already is fine."""
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def sweep(self, expected_sizes: Mapping[str, int]) -> tuple[int, list[str]]:
        """Delete what a crash left behind: everything incoming, and every file that no row names.

        expected_sizes: bytes by file name.
        Returns how many files were incoming, and the expected files that are missing or have another size.
        """
        incoming, sound = list(self._incoming.iterdir()), set()
        for path in incoming:
            path.unlink()
        for path in self._objects.glob("*/*"):
            if path.name not in expected_sizes:
                path.unlink()
            elif path.stat().st_size == expected_sizes[path.name]:
                sound.add(path.name)
        return len(incoming), sorted(expected_sizes.keys() - sound)

    def _place(self, name: str) -> Path:
        path = self.path(name)
        path.parent.mkdir(exist_ok=True)
        return path


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
