"""The S3 operations that move an object's bytes: download, upload, copy, and the steps of a multipart upload."""

import hashlib
import logging
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from email.utils import formatdate
from typing import IO, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.local.s3 import checksums, conditions
from services.local.s3.bodies import Digests
from services.local.s3.call import STORED_HEADERS, S3Call, sendable
from services.local.s3.conditions import byte_range, check_copy, is_unmodified
from services.local.s3.documents import from_xml, malformed_xml, timestamp
from services.local.s3.errors import S3Error
from services.local.s3.files import BATCH, Incoming
from services.local.s3.listings import PAGE, xml
from services.local.s3.objects import StoredObject, damaged_object
from services.local.s3.uploads import ListedPart, Part

log = logging.getLogger(__name__)
COPY_RANGE = re.compile(r"bytes=\d{1,18}-\d{1,18}", re.ASCII)
ATTRIBUTES = {"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"}
OVERRIDE = "response-"  # what a header's name begins with in the query that sets it in the answer


class Download(StreamingResponse):
    """The next `length` bytes of an open file, which is closed when they are sent or nobody takes them.

    With their `md5`, the last batch is only sent when it holds: what is damaged breaks off and is never whole.
    """

    def __init__(self, file: IO[bytes], length: int, md5: str | None, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(_batches(file, length, md5), status, headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._file:
            try:
                await super().__call__(scope, receive, send)
            except S3Error as damage:
                log.error("%s %s: %s", scope["method"], scope["path"], damage)  # the server closes the connection


async def _batches(file: IO[bytes], length: int, md5: str | None) -> AsyncIterator[bytes]:
    seen = hashlib.md5(usedforsecurity=False)

    def read() -> bytes:
        batch = file.read(min(BATCH, length))
        if md5:
            seen.update(batch)
        return batch

    while length:
        batch = await run_in_threadpool(read)
        length -= len(batch)
        if not batch or (md5 and not length and seen.hexdigest() != md5):
            raise S3Error("InternalError", "The bytes on the disk are not those that were stored.", 500)
        yield batch


def get_object(call: S3Call, body: bytes) -> Response:
    """GetObject: whole or a range, and only if its conditions hold."""
    stored, file = call.store.open(call.bucket, call.key)
    with ExitStack() as unless_sent:
        unless_sent.enter_context(file)
        if is_unmodified(stored, call.headers):
            return Response(status_code=304, headers=_validators(stored))
        status, headers, first, length = _extent(call, stored)
        # The ETag of what came in parts is none of the whole, and a range is none.
        md5 = stored.etag if length == stored.size and "-" not in stored.etag else None
        if md5 and length <= BATCH:
            content = file.read()
            if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
                raise damaged_object(stored.key)
            return Response(content, status, headers)
        file.seek(first)
        unless_sent.pop_all()
    return Download(file, length, md5, status, headers)


def head_object(call: S3Call, body: bytes) -> Response:
    """HeadObject: what GetObject would answer, without the bytes."""
    stored = call.store.get(call.bucket, call.key)
    if is_unmodified(stored, call.headers):
        return Response(status_code=304, headers=_validators(stored))
    status, headers, _, _ = _extent(call, stored)
    return Response(status_code=status, headers=headers)


def put_object(call: S3Call, incoming: Incoming, digests: Mapping[str, str]) -> Response:
    """PutObject. ACLs, tags, storage classes and encryption that the request names are not kept."""
    checksum = {**digests, checksums.TYPE: checksums.FULL_OBJECT} if digests else {}
    headers = {**call.stored_headers(), **checksum}
    stored = call.store.put(call.bucket, call.key, incoming, headers, conditions.of_write(call.headers))
    return Response(headers={"ETag": f'"{stored.etag}"', **checksum})


def copy_object(call: S3Call, body: bytes) -> Response:
    """CopyObject; headers are the source's, or the request's when it says REPLACE."""
    source = call.store.get(*call.copy_source())
    check_copy(source, call.headers)
    replaces = call.headers.get("x-amz-metadata-directive", "COPY") == "REPLACE"
    if not replaces and call.copy_source() == (call.bucket, call.key):
        raise S3Error("InvalidRequest", "An object is copied onto itself only to replace its metadata.", 400)
    etag, checksum = _digests_of_copy(call, source)
    kept = {name: value for name, value in source.headers.items() if not name.startswith(checksums.HEADER)}
    headers = {**(call.stored_headers() if replaces else kept), **checksum}
    stored = call.store.copy(source, call.bucket, call.key, headers, etag, conditions.of_write(call.headers))
    answer = {"ETag": f'"{stored.etag}"', "LastModified": timestamp(stored.modified), **checksums.members(headers)}
    return xml("CopyObjectResult", answer)


def _digests_of_copy(call: S3Call, source: StoredObject) -> tuple[str, dict[str, str]]:
    """ETag and checksum headers of a copy: those of a whole, also where the source came in parts."""
    present = checksums.algorithm_of(source.headers)
    name = checksums.algorithm(call.headers) or present
    digests = {name: value for name, value in source.headers.items() if name.startswith(checksums.HEADER)}
    if "-" not in source.etag and name == present:
        return source.etag, digests
    md5, digest = hashlib.md5(usedforsecurity=False), checksums.ALGORITHMS[name]() if name else None
    _, file = call.store.open(*call.copy_source())
    with file:
        while batch := file.read(BATCH):
            md5.update(batch)
            if digest:
                digest.update(batch)
    value = b64encode(digest.digest()).decode() if digest else ""
    return md5.hexdigest(), checksums.digest_headers(name, value) if name else {}


def create_upload(call: S3Call, body: bytes) -> Response:
    """CreateMultipartUpload."""
    checksum = checksums.wanted(call.headers)
    upload = call.uploads.begin(call.bucket, call.key, {**call.stored_headers(), **checksum})
    answer = xml("InitiateMultipartUploadResult", {"Bucket": call.bucket, "Key": call.key, "UploadId": upload})
    answer.headers.update(checksum)
    return answer


def upload_part(call: S3Call, incoming: Incoming, digests: Mapping[str, str]) -> Response:
    """UploadPart."""
    part = _put_part(call, incoming, digests)
    return Response(headers={"ETag": f'"{part.etag}"', **digests})


def copy_part(call: S3Call, body: bytes) -> Response:
    """UploadPartCopy: a part from an object that is there, or from a range of it."""
    source, file = call.store.open(*call.copy_source())
    name = call.upload().checksum_algorithm
    with file, call.store.files.incoming() as incoming:
        digests = Digests({}, name)
        for batch in _range_to_copy(call, source, file):
            incoming.write(batch)
            digests.update(batch)
        part = _put_part(call, incoming, digests.verified({}))
    answer = {"ETag": f'"{part.etag}"', "LastModified": timestamp(part.modified)}
    return xml("CopyPartResult", answer | ({checksums.member(name): part.checksum} if name else {}))


def _put_part(call: S3Call, incoming: Incoming, digests: Mapping[str, str]) -> Part:
    number, upload = call.number("partNumber", 0), call.upload()
    checksum = digests.get(f"{checksums.HEADER}{upload.checksum_algorithm}", "")
    return call.uploads.put_part(call.bucket, call.key, upload.id, number, incoming, checksum)


def _range_to_copy(call: S3Call, source: StoredObject, file: IO[bytes]) -> Iterator[bytes]:
    check_copy(source, call.headers)
    range_header = call.headers.get("x-amz-copy-source-range")
    if range_header is not None and not COPY_RANGE.fullmatch(range_header):
        raise S3Error("InvalidArgument", "x-amz-copy-source-range must be of the form bytes=first-last.", 400)
    first, left = byte_range(range_header, source.size) or (0, source.size)
    file.seek(first)
    while batch := file.read(min(BATCH, left)):
        left -= len(batch)
        yield batch


def complete_upload(call: S3Call, body: bytes) -> Response:
    """CompleteMultipartUpload."""
    document = from_xml(body, "CompleteMultipartUpload")
    name = call.upload().checksum_algorithm
    try:
        listed_parts = [
            ListedPart(
                int(part.findtext("PartNumber", "")),
                part.findtext("ETag", "").strip('"'),
                part.findtext(checksums.member(name)) if name else None,
            )
            for part in document.findall("Part")
        ]
    except ValueError:
        raise malformed_xml() from None
    if not listed_parts:
        raise malformed_xml()
    stored = call.uploads.complete(
        call.bucket, call.key, call.query["uploadId"], listed_parts, call.headers, conditions.of_write(call.headers)
    )
    answer = {"Location": f"/{call.bucket}/{call.key}", "Bucket": call.bucket, "Key": call.key}
    return xml(
        "CompleteMultipartUploadResult",
        {**answer, "ETag": f'"{stored.etag}"', **checksums.members(stored.headers)},
    )


def abort_upload(call: S3Call, body: bytes) -> Response:
    """AbortMultipartUpload."""
    call.uploads.abort(call.bucket, call.key, call.query["uploadId"])
    return Response(status_code=204)


def get_attributes(call: S3Call, body: bytes) -> Response:
    """GetObjectAttributes; the checksums of parts are not kept."""
    names = [name.strip() for name in call.headers.get("x-amz-object-attributes", "").split(",")]
    if not {*names} <= ATTRIBUTES:
        message = f"x-amz-object-attributes must name some of {', '.join(sorted(ATTRIBUTES))}."
        raise S3Error("InvalidArgument", message, 400)
    stored = call.store.get(call.bucket, call.key)
    attributes = {
        "ETag": stored.etag,
        "Checksum": checksums.members(stored.headers) or None,
        "ObjectParts": _parts(call, stored) if stored.part_sizes else None,
        "StorageClass": "STANDARD",
        "ObjectSize": stored.size,
    }
    answer = {name: value for name, value in attributes.items() if name in names}
    return xml("GetObjectAttributesResponse", answer, {"Last-Modified": _validators(stored)["Last-Modified"]})


def _parts(call: S3Call, stored: StoredObject) -> dict[str, Any]:
    marker = call.header_number("x-amz-part-number-marker", 0)
    limit = min(call.header_number("x-amz-max-parts", PAGE), PAGE)
    sizes = [*enumerate(stored.part_sizes, start=1)][marker : marker + limit]
    last = sizes[-1][0] if sizes else marker
    return {
        "PartsCount": len(stored.part_sizes),
        "PartNumberMarker": marker,
        "NextPartNumberMarker": last,
        "MaxParts": limit,
        "IsTruncated": last < len(stored.part_sizes),
        "Part": [{"PartNumber": number, "Size": size} for number, size in sizes],
    }


def _extent(call: S3Call, stored: StoredObject) -> tuple[int, dict[str, str], int, int]:
    """Status, headers, first byte and length of the answer."""
    part = (
        _part_range(call, stored) if "partNumber" in call.query else byte_range(call.headers.get("range"), stored.size)
    )
    first, length = part or (0, stored.size)
    headers = {**_validators(stored), "Accept-Ranges": "bytes", "Content-Length": str(length), **stored.headers}
    if part or call.headers.get("x-amz-checksum-mode", "").upper() != "ENABLED":
        headers = {name: value for name, value in headers.items() if not name.startswith(checksums.HEADER)}
    headers |= {
        name: sendable(name, value) for name in STORED_HEADERS if (value := call.query.get(f"{OVERRIDE}{name}"))
    }
    if part:
        headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{stored.size}"
    if "partNumber" in call.query and stored.part_sizes:
        headers["x-amz-mp-parts-count"] = str(len(stored.part_sizes))
    return 206 if part else 200, headers, first, length


def _part_range(call: S3Call, stored: StoredObject) -> tuple[int, int]:
    """First byte and length of the part that partNumber names; what did not come in parts is one."""
    if "range" in call.headers:
        raise S3Error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter", 400)
    number, sizes = call.number("partNumber", 0), stored.part_sizes or (stored.size,)
    if not 1 <= number <= len(sizes):
        raise S3Error("InvalidPartNumber", "The requested partnumber is not satisfiable", 416)
    return sum(sizes[: number - 1]), sizes[number - 1]


def _validators(stored: StoredObject) -> dict[str, str]:
    return {"ETag": f'"{stored.etag}"', "Last-Modified": formatdate(stored.modified, usegmt=True)}
