"""The checksums that S3 knows: computed as bytes come in, and those of a whole from those of its parts.

Source: Amazon S3 user guide, "Checking object integrity in Amazon S3".
"""

import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from services.local.s3.errors import S3Error

HEADER = "x-amz-checksum-"
ALGORITHM, TYPE = f"{HEADER}algorithm", f"{HEADER}type"
FULL_OBJECT, COMPOSITE = "FULL_OBJECT", "COMPOSITE"


class Hash(Protocol):
    """What takes in bytes, and has a digest of all so far."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


class _Crc:
    def __init__(self, name: str) -> None:
        from services.local.s3.crc import polynomial

        self._polynomial, self._value = polynomial(name), 0

    def update(self, data: bytes, /) -> None:
        self._value = self._polynomial.joined(self._value, self._polynomial.of(data), len(data))

    def digest(self) -> bytes:
        return self._value.to_bytes(self._polynomial.size, "big")


ALGORITHMS: Mapping[str, Callable[[], Hash]] = {
    "crc32": _Crc32,
    "crc32c": lambda: _Crc("crc32c"),
    "crc64nvme": lambda: _Crc("crc64nvme"),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}
ONLY_COMPOSITE, ONLY_FULL = ("sha1", "sha256"), ("crc64nvme",)


def algorithm(headers: Mapping[str, str]) -> str | None:
    """The algorithm, in lower case, that x-amz-checksum-algorithm asks for, if any. Raises InvalidRequest."""
    name = headers.get(ALGORITHM, "").lower()
    if name and name not in ALGORITHMS:
        raise S3Error("InvalidRequest", "Checksum algorithm provided is unsupported.", 400)
    return name or None


def wanted(headers: Mapping[str, str]) -> dict[str, str]:
    """Algorithm and type that x-amz-checksum-algorithm and -type ask of a multipart upload; empty for none.

    Raises InvalidRequest.
    """
    name = algorithm(headers)
    if name is None:
        return {}
    kind = headers.get(TYPE, "").upper() or (FULL_OBJECT if name in ONLY_FULL else COMPOSITE)
    if name in {COMPOSITE: ONLY_FULL, FULL_OBJECT: ONLY_COMPOSITE}.get(kind, ALGORITHMS):
        message = f"The {kind} checksum type cannot be used with the {name} checksum algorithm."
        raise S3Error("InvalidRequest", message, 400)
    return {ALGORITHM: name.upper(), TYPE: kind}


def member(name: str) -> str:
    """How XML documents call the checksum by an algorithm."""
    return f"Checksum{name.upper()}"


def digest_headers(name: str, value: str, kind: str = FULL_OBJECT) -> dict[str, str]:
    """A checksum as the headers that tell it."""
    return {f"{HEADER}{name}": value, TYPE: kind}


def algorithm_of(headers: Mapping[str, str]) -> str | None:
    """The algorithm of the checksum among an object's headers, in lower case."""
    return next((name for name in ALGORITHMS if f"{HEADER}{name}" in headers), None)


def members(headers: Mapping[str, str]) -> dict[str, str]:
    """The checksum among an object's headers as members of an XML document."""
    name = algorithm_of(headers)
    if name is None:
        return {}
    return {member(name): headers[f"{HEADER}{name}"], "ChecksumType": headers.get(TYPE, FULL_OBJECT)}


def of_parts(upload: Mapping[str, str], parts: Sequence[tuple[str, int]]) -> dict[str, str]:
    """The checksum, as headers, of an object made of `parts`: (checksum in base64, bytes).

    upload: what `wanted` gave.
    """
    name, kind = upload[ALGORITHM].lower(), upload[TYPE]
    digests = [b64decode(value) for value, _ in parts]
    if kind == COMPOSITE:
        whole = ALGORITHMS[name]()
        whole.update(b"".join(digests))
        return digest_headers(name, f"{b64encode(whole.digest()).decode()}-{len(parts)}", kind)
    from services.local.s3.crc import polynomial

    crc = polynomial(name)
    value = 0
    for digest, (_, size) in zip(digests, parts, strict=True):
        value = crc.joined(value, int.from_bytes(digest, "big"), size)
    return digest_headers(name, b64encode(value.to_bytes(crc.size, "big")).decode(), kind)
