"""The bytes of a CSV file wherever they lie: in a file as it is, gzipped, or in a zip file; never those of a bomb.

Whatever is wrong with the container becomes a Problem in one sentence; nothing here knows what the bytes mean.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyarrow as pa

from services.data.reading.encodings import Decoded, TextEncoding
from services.errors import Problem

LIMIT = 4_000_000_000  # bytes unpacked; a table of that size no longer fits a workstation's memory twice
RATIO = 200  # unpacked over packed; CSV of real measurements stays below 20
SMALL = 100_000_000  # bytes unpacked, below which no ratio harms
ZIP, GZIP = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
TEXTS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson")
# What Python's zip reader raises for bytes that were changed, by where they lie.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    OverflowError,
    UnicodeError,
    ValueError,
)


@dataclass(frozen=True)
class Text:
    """The plain bytes of a CSV file, opened as often as needed.

    member:   the zip file and the file in it that is read; None outside a zip file.
    alone:    whether the zip file holds no other file.
    encoding: of the text.
    """

    file: BinaryIO
    name: str
    member: tuple[zipfile.ZipFile, zipfile.ZipInfo] | None = None
    alone: bool = True
    notes: tuple[str, ...] = field(default=())
    encoding: TextEncoding = TextEncoding.UTF8

    @contextmanager
    def opened(self) -> Iterator[Stream | Decoded]:
        """The text as UTF-8 from the beginning, as `unpacked`. Reading it raises UndecodableText, too."""
        with self.unpacked() as stream:
            yield stream if self.encoding is TextEncoding.UTF8 else Decoded(stream, self.encoding, self.name)

    @contextmanager
    def unpacked(self) -> Iterator[Stream]:
        """The bytes from the beginning. Reading them raises Problem where the file is damaged or a bomb."""
        if self.member:
            archive, info = self.member
            try:
                unpacked = archive.open(info)  # never yields more than the size that was checked
            except DAMAGE as error:
                raise _damaged_zip(self.name) from error
            with unpacked:
                yield Stream(unpacked, _damaged_zip(self.name))
            return
        self.file.seek(0)
        packed = self.file.read(2) == GZIP
        size = self.file.seek(0, io.SEEK_END)
        self.file.seek(0)
        if not packed:
            yield Stream(self.file, Problem(self.name, "the file cannot be read", "Copy it again"))
            return
        damaged = Problem(self.name, "the gzip file is damaged", "Compress the CSV file again")
        with pa.CompressedInputStream(Stream(self.file, damaged), "gzip") as unpacked:
            yield Stream(unpacked, damaged, packed=size, name=self.name)


class Stream(io.RawIOBase):
    """Bytes that are counted, and whose damage is a Problem. Closing it leaves open what it reads."""

    def __init__(self, source: Any, damaged: Problem, *, packed: int | None = None, name: str = "") -> None:
        self.source, self.damaged, self.packed, self.label, self.done = source, damaged, packed, name, 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, none at the end; counted, as gzip does not say beforehand how large it becomes."""
        try:
            block: bytes = self.source.read(size if size >= 0 else None)
        except DAMAGE as error:
            raise self.damaged from error
        self.done += len(block)
        if self.packed is not None:
            check_bomb(self.done, self.packed, self.label)
        return block

    def readinto(self, buffer: Any) -> int:
        """As `read`, into a buffer."""
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


@contextmanager
def opened_zip(file: BinaryIO, name: str) -> Iterator[zipfile.ZipFile]:
    """A zip file. Raises Problem when it is damaged."""
    try:
        archive = zipfile.ZipFile(file)
    except DAMAGE as error:
        raise _damaged_zip(name) from error
    with archive:
        yield archive


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether a zip file is an Excel workbook (.xlsx)."""
    return "xl/workbook.xml" in archive.namelist()


def largest_text(file: BinaryIO, archive: zipfile.ZipFile, name: str) -> Text:
    """The largest text file with a table in a zip file. Raises Problem when it has none, is locked or a bomb."""
    inside = set(archive.namelist())
    if "xl/workbook.bin" in inside:
        raise workbook(name, "a binary Excel workbook (.xlsb)")
    if "mimetype" in inside and "content.xml" in inside:
        raise workbook(name, "a LibreOffice document")
    members = [member for member in archive.infolist() if not member.filename.startswith("__MACOSX/")]
    tables = [member for member in members if member.filename.lower().endswith(TEXTS)]
    if not tables:
        raise Problem(name, "there is no CSV or JSON file in the zip file", "Add the CSV file to the zip file")
    largest = max(tables, key=lambda member: member.file_size)
    if largest.flag_bits & 1:
        raise Problem(name, "the zip file is encrypted", "Zip the CSV file without a password")
    check_bomb(largest.file_size, largest.compress_size, name)
    notes: tuple[str, ...] = ()
    if len(tables) > 1:
        notes = (f"{largest.filename} was read, the largest of {len(tables)} files with a table in {name}.",)
    return Text(file, name, (archive, largest), len(archive.infolist()) == 1, notes)


def workbook(name: str, kind: str = "an old or locked Excel workbook (.xls)") -> Problem:
    """A spreadsheet program's own file that is not read, and what to do with it."""
    return Problem(name, f"it is {kind}", "Open it, save it as .xlsx without a password, and choose that file")


def check_bomb(unpacked: int, packed: int, name: str) -> None:
    """Raises Problem for what unpacks to more than LIMIT bytes, or to suspiciously many."""
    if unpacked > LIMIT:
        said = f"it unpacks to more than {LIMIT / 1e9:.0f} GB"
        raise Problem(name, said, "Use a sample of the rows, or fewer columns")
    if unpacked > SMALL and unpacked > RATIO * packed:
        said = f"it unpacks to more than {RATIO} times its size, like a zip bomb"
        raise Problem(name, said, "Unpack it yourself if you trust it, and choose the CSV file")


def _damaged_zip(name: str) -> Problem:
    return Problem(name, "the zip file is damaged or of an unknown kind", "Zip the CSV file again")
