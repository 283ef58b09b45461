"""The S3 operations that move an object's bytes: download, upload, copy, and the steps of a multipart upload."""

import hashlib
import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from email.utils import formatdate
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.local.s3.call import S3Call
from services.local.s3.conditions import byte_range, check_copy, is_unmodified
from services.local.s3.documents import from_xml, malformed_xml, timestamp
from services.local.s3.files import BATCH, Incoming
from services.local.s3.listings import xml
from services.local.s3.objects import S3Error, StoredObject, damaged_object

log = logging.getLogger(__name__)
COPY_RANGE = re.compile(r"bytes=\d{1,18}-\d{1,18}", re.ASCII)
CHECKSUM = "x-amz-checksum-"


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


def put_object(call: S3Call, incoming: Incoming, checksums: Mapping[str, str]) -> Response:
    """PutObject. ACLs, tags, storage classes and encryption that the request names are not kept."""
    headers = {**call.stored_headers(), **checksums}
    stored = call.store.put(call.bucket, call.key, incoming, headers, call.write_condition())
    return Response(headers={"ETag": f'"{stored.etag}"', **checksums})


def copy_object(call: S3Call, body: bytes) -> Response:
    """CopyObject; headers are the source's, or the request's when it says REPLACE."""
    source = call.store.get(*call.copy_source())
    check_copy(source, call.headers)
    replaces = call.headers.get("x-amz-metadata-directive", "COPY") == "REPLACE"
    if not replaces and call.copy_source() == (call.bucket, call.key):
        raise S3Error("InvalidRequest", "An object is copied onto itself only to replace its metadata.", 400)
    checksums = {name: value for name, value in source.headers.items() if name.startswith(CHECKSUM)}
    headers = {**call.stored_headers(), **checksums} if replaces else source.headers
    stored = call.store.copy(source, call.bucket, call.key, headers, call.write_condition())
    return xml("CopyObjectResult", {"ETag": f'"{stored.etag}"', "LastModified": timestamp(stored.modified)})


def create_upload(call: S3Call, body: bytes) -> Response:
    """CreateMultipartUpload."""
    upload = call.uploads.begin(call.bucket, call.key, call.stored_headers())
    return xml("InitiateMultipartUploadResult", {"Bucket": call.bucket, "Key": call.key, "UploadId": upload})


def upload_part(call: S3Call, incoming: Incoming, checksums: Mapping[str, str]) -> Response:
    """UploadPart."""
    number = call.number("partNumber", 0)
    part = call.uploads.put_part(call.bucket, call.key, call.query["uploadId"], number, incoming)
    return Response(headers={"ETag": f'"{part.etag}"', **checksums})


def copy_part(call: S3Call, body: bytes) -> Response:
    """UploadPartCopy: a part from an object that is there, or from a range of it."""
    source, file = call.store.open(*call.copy_source())
    with file, call.store.files.incoming() as incoming:
        _append_range(call, source, file, incoming)
        number = call.number("partNumber", 0)
        part = call.uploads.put_part(call.bucket, call.key, call.query["uploadId"], number, incoming)
    return xml("CopyPartResult", {"ETag": f'"{part.etag}"', "LastModified": timestamp(part.modified)})


def _append_range(call: S3Call, source: StoredObject, file: IO[bytes], incoming: Incoming) -> None:
    check_copy(source, call.headers)
    range_header = call.headers.get("x-amz-copy-source-range")
    if range_header is not None and not COPY_RANGE.fullmatch(range_header):
        raise S3Error("InvalidArgument", "x-amz-copy-source-range must be of the form bytes=first-last.", 400)
    first, length = byte_range(range_header, source.size) or (0, source.size)
    file.seek(first)
    incoming.append(file, length)


def complete_upload(call: S3Call, body: bytes) -> Response:
    """CompleteMultipartUpload."""
    document = from_xml(body, "CompleteMultipartUpload")
    try:
        listed_parts = [
            (int(part.findtext("PartNumber", "")), part.findtext("ETag", "").strip('"'))
            for part in document.findall("Part")
        ]
    except ValueError:
        raise malformed_xml() from None
    if not listed_parts:
        raise malformed_xml()
    upload = call.query["uploadId"]
    stored = call.uploads.complete(call.bucket, call.key, upload, listed_parts, call.write_condition())
    address = f"/{call.bucket}/{call.key}"
    answer = {"Location": address, "Bucket": call.bucket, "Key": call.key, "ETag": f'"{stored.etag}"'}
    return xml("CompleteMultipartUploadResult", answer)


def abort_upload(call: S3Call, body: bytes) -> Response:
    """AbortMultipartUpload."""
    call.uploads.abort(call.bucket, call.key, call.query["uploadId"])
    return Response(status_code=204)


def _extent(call: S3Call, stored: StoredObject) -> tuple[int, dict[str, str], int, int]:
    """Status, headers, first byte and length of the answer."""
    part = byte_range(call.headers.get("range"), stored.size)
    first, length = part or (0, stored.size)
    headers = {**_validators(stored), "Accept-Ranges": "bytes", "Content-Length": str(length), **stored.headers}
    if part or call.headers.get("x-amz-checksum-mode", "").upper() != "ENABLED":
        headers = {name: value for name, value in headers.items() if not name.startswith(CHECKSUM)}
    if part:
        headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{stored.size}"
    return 206 if part else 200, headers, first, length


def _validators(stored: StoredObject) -> dict[str, str]:
    return {"ETag": f'"{stored.etag}"', "Last-Modified": formatdate(stored.modified, usegmt=True)}
