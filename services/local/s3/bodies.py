"""Request bodies on their way to the disk: unframed, checked against what their headers and trailers promise.

Never holds more than a batch. Verified are lengths, Content-MD5, x-amz-content-sha256 and every x-amz-checksum-*; the
signatures of aws-chunked frames are not.
Source: Amazon S3 API reference, "Checking object integrity" and "Authenticating requests: chunked upload".
"""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from services.local.s3.checksums import ALGORITHMS, HEADER, Hash
from services.local.s3.documents import DOCUMENT_LIMIT
from services.local.s3.errors import S3Error
from services.local.s3.files import BATCH

CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}")
LENGTH = re.compile(r"\d{1,18}", re.ASCII)
LINE_LIMIT = 8192  # bytes of a line of aws-chunked framing
_CHECKSUMS = {f"{HEADER}{name}": make for name, make in ALGORITHMS.items()}


class Digests:
    """The digests that a request promises or that somebody `wants`, computed while its body comes in."""

    def __init__(self, headers: Mapping[str, str], wants: str | None = None) -> None:
        """`wants` is the name of a checksum algorithm in lower case. Raises InvalidRequest."""
        self._promised = {name: headers[name] for name in _CHECKSUMS if name in headers}
        if len(self._promised) > 1:
            message = "Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed."
            raise S3Error("InvalidRequest", message, 400)
        trailing = {name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",")}
        self._wanted = {f"{HEADER}{wants}"} if wants else set()
        names = _CHECKSUMS.keys() & {*self._promised, *trailing, *self._wanted}
        self._running: dict[str, Hash] = {name: _CHECKSUMS[name]() for name in names}
        if "content-md5" in headers:
            self._promised["content-md5"] = headers["content-md5"]
            self._running["content-md5"] = hashlib.md5(usedforsecurity=False)
        if re.fullmatch("[0-9a-f]{64}", signed := headers.get("x-amz-content-sha256", "")):
            self._promised["x-amz-content-sha256"] = b64encode(bytes.fromhex(signed)).decode()
            self._running["x-amz-content-sha256"] = hashlib.sha256()

    def update(self, data: bytes) -> None:
        """Take in the next bytes of the body."""
        for running in self._running.values():
            running.update(data)

    def verified(self, trailers: Mapping[str, str]) -> dict[str, str]:
        """The x-amz-checksum-* that hold, as headers. Raises BadDigest and its kin for what does not."""
        for name, promised in {**self._promised, **trailers}.items():
            if name in self._running and self._running[name].digest() != _decode_base64(name, promised):
                code = "XAmzContentSHA256Mismatch" if name == "x-amz-content-sha256" else "BadDigest"
                raise S3Error(code, f"The {name} of the request does not match the bytes received.", 400)
        return {
            name: b64encode(running.digest()).decode()
            for name, running in self._running.items()
            if name in _CHECKSUMS and name in {*self._promised, *trailers, *self._wanted}
        }


def _decode_base64(name: str, value: str) -> bytes:
    try:
        return b64decode(value, validate=True)
    except ValueError:
        raise S3Error("InvalidDigest", f"The {name} of the request is not valid base64.", 400) from None


class AwsChunked:
    """Takes the aws-chunked framing off a body; `trailers` are there once it is `done`."""

    def __init__(self) -> None:
        self.trailers: dict[str, str] = {}
        self.done = False
        self._line, self._left = b"", 0
        self._take_line = self._take_size

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The content in the next bytes of the body. Raises IncompleteBody for what is no framing."""
        position = 0
        while position < len(data):
            if self._left:
                piece = data[position : position + self._left]
                position += len(piece)
                self._left -= len(piece)
                yield piece
                continue
            end = data.find(b"\n", position) + 1 or len(data)
            self._line += data[position:end]
            position = end
            if len(self._line) > LINE_LIMIT or self.done:
                raise incomplete_body()
            if self._line.endswith(b"\n"):
                line, self._line = self._line.rstrip(b"\r\n"), b""
                self._take_line(line)

    def _take_size(self, line: bytes) -> None:
        size = line.partition(b";")[0]
        if not CHUNK_SIZE.fullmatch(size):
            raise incomplete_body()
        self._left = int(size, 16)
        self._take_line = self._take_end_of_chunk if self._left else self._take_trailer

    def _take_end_of_chunk(self, line: bytes) -> None:
        if line:
            raise incomplete_body()
        self._take_line = self._take_size

    def _take_trailer(self, line: bytes) -> None:
        name, _, value = line.decode("latin-1").partition(":")
        if name:
            self.trailers[name.strip().lower()] = value.strip()
        self.done = not name


def incomplete_body() -> S3Error:
    """The answer to a body that ends early, late or in disorder."""
    return S3Error("IncompleteBody", "The body does not have the length or framing that its headers declare.", 400)


async def receive(
    request: Request, headers: Mapping[str, str], write: Callable[[bytes], None], wants: str | None = None
) -> dict[str, str]:
    """Write the body away, batch by batch, in a thread; its verified x-amz-checksum-* headers.

    `headers` are those of the request, with what its address says instead; `wants` as in Digests.

    Raises MissingContentLength, IncompleteBody, InvalidRequest, BadDigest, InvalidDigest, XAmzContentSHA256Mismatch.
    """
    framing = AwsChunked() if _is_framed(request) else None
    expected = _declared_length(request, framed=framing is not None)
    digests = Digests(headers, wants)
    arrived = 0

    def take(batch: bytes) -> None:
        write(batch)
        digests.update(batch)

    batches = _batches(request, framing)
    async for batch in batches:
        arrived += len(batch)
        try:
            await run_in_threadpool(take, batch)
        except OSError:
            async for _ in batches:  # most clients read no answer before they have sent everything
                pass
            raise
    if arrived != expected or (framing and not framing.done):
        raise incomplete_body()
    return digests.verified(framing.trailers if framing else {})


async def document(request: Request, headers: Mapping[str, str]) -> bytes:
    """A body that is a document, whole; `headers` as in `receive`, and raises as that does, MalformedXML."""
    declared = request.headers.get("content-length", "0")
    if "transfer-encoding" not in request.headers and declared == "0":
        return b""
    body = bytearray()

    def write(batch: bytes) -> None:
        body.extend(batch)
        if len(body) > DOCUMENT_LIMIT:
            raise S3Error("MalformedXML", f"A document has at most {DOCUMENT_LIMIT} bytes.", 400)

    await receive(request, headers, write)
    return bytes(body)


async def _batches(request: Request, framing: AwsChunked | None) -> AsyncIterator[bytes]:
    batch = bytearray()
    async for chunk in request.stream():
        for piece in framing.feed(chunk) if framing else (chunk,):
            batch += piece
        if len(batch) >= BATCH:
            yield bytes(batch)
            batch.clear()
    if batch:
        yield bytes(batch)


def _is_framed(request: Request) -> bool:
    return request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-")


def _declared_length(request: Request, *, framed: bool) -> int:
    declared = request.headers.get("x-amz-decoded-content-length" if framed else "content-length", "")
    if not LENGTH.fullmatch(declared):
        raise S3Error("MissingContentLength", "The length of the content must be declared in the headers.", 411)
    return int(declared)
