"""In which encoding a text file is written, and its bytes as UTF-8."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Protocol

from services.errors import Problem

BLOCK = 1 << 20
START = 4096  # bytes that tell UTF-16 from UTF-8
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What Western European text in Windows-1252 does not hold: unassigned and control characters, characters of UTF-8,
# long runs of letters beyond ASCII (Cyrillic, Greek, Chinese), signs within words (Mac Roman, DOS, Central European).
NOT_WESTERN = re.compile(
    rb"[\x00-\x08\x0e-\x1f\x81\x8d\x8f\x90\x9d]|[\xc2-\xdf][\x80-\xbf]"
    rb"|[\xc0-\xd6\xd8-\xf6\xf8-\xff]{3}|[\x80-\xff]{4}|[A-Za-z][\x82\x84\x8a\x8e]"
    rb"|[A-Za-z][\x80-\x8b\x8e-\x91\x93-\x9b\x9e-\x9f\xa1-\xac\xae-\xb3\xb5\xb6\xb8-\xbf\xd7\xf7][A-Za-z]"
)
ACCENTED = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
LONGEST = 30  # characters of a word that a sentence quotes


class TextEncoding(StrEnum):
    """How characters are written as bytes; the values are Python's names."""

    UTF8 = "utf-8"
    WESTERN = "cp1252"  # Windows-1252, of which Latin-1's letters are a part
    UTF16 = "utf-16"  # begins with a mark that tells the order of its bytes
    UTF16_LE = "utf-16-le"
    UTF16_BE = "utf-16-be"

    @property
    def label(self) -> str:
        """As people call it."""
        return {"utf-8": "UTF-8", "cp1252": "Windows-1252 (Latin-1)"}.get(self.value, "UTF-16")


class UndecodableText(Problem):
    """Text that is not in the encoding it was read in."""


class Readable(Protocol):
    """Bytes that are read one block after another."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; none at the end."""


class Decoded(io.RawIOBase):
    """The text of a stream as UTF-8. Reading raises UndecodableText where it is in another encoding."""

    def __init__(self, source: Readable, encoding: TextEncoding, name: str) -> None:
        self.source, self.encoding, self.label = source, encoding, name
        self._decoder = codecs.getincrementaldecoder(encoding.value)()
        self._ready, self._rows, self._over = b"", 1, False

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes of UTF-8; none at the end."""
        while not self._over and (size < 0 or not self._ready):
            self._ready += self._more()
        taken = len(self._ready) if size < 0 else size
        block, self._ready = self._ready[:taken], self._ready[taken:]
        return block

    def readinto(self, buffer: Any) -> int:
        """As `read`, into a buffer."""
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def _more(self) -> bytes:
        packed = self.source.read(BLOCK)
        self._over = not packed
        try:
            text = self._decoder.decode(packed, final=self._over)
        except UnicodeDecodeError as error:
            raise undecodable(self.label, self.encoding) from error
        return text.encode("utf-8", "replace")


def of_start(start: bytes) -> TextEncoding:
    """UTF-16 where the first bytes of a file show that, or else UTF-8."""
    if start.startswith(UTF16_MARKS):
        return TextEncoding.UTF16
    even, odd = start[0:START:2].count(0), start[1:START:2].count(0)
    half = len(start[:START]) // 2
    if half > 1 and not even and 3 * odd > half:
        return TextEncoding.UTF16_LE
    if half > 1 and not odd and 3 * even > half:
        return TextEncoding.UTF16_BE
    return TextEncoding.UTF8


def western_word(stream: Readable) -> str | None:
    """A word with an accent, of text that is safely Windows-1252; None for any other."""
    word = ""
    for block in _overlapping(stream):
        if NOT_WESTERN.search(block):
            return None
        found = None if word else ACCENTED.search(block)
        word = found[0].decode("cp1252")[:LONGEST] if found else word
    return word or None


def _overlapping(stream: Readable) -> Iterator[bytes]:
    before = b""
    while block := stream.read(BLOCK):
        yield before + block
        before = block[-4:]


def undecodable(name: str, encoding: TextEncoding, where: str = "") -> UndecodableText:
    """Text that is not in this encoding; `where` names the column or the row, with a space before it."""
    said = f"its text{where} is not {encoding.label}"
    return UndecodableText(name, said, "Correct its encoding, or save it again with the encoding UTF-8")
