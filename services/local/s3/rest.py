"""The HTTP front of the object store: which S3 operation a request asks for, and refusals as S3 words them.

The table OPERATIONS, with UPLOADS, is the list of what is supported; all else is answered NotImplemented. Requests
are path style. Who may ask is not checked here.
"""

import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from xml.etree.ElementTree import Element

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from services.local.s3 import bodies, checksums, conditions, forms, listings, settings, transfers
from services.local.s3.call import S3Call, read_call
from services.local.s3.conditions import WriteCondition
from services.local.s3.documents import error_xml, from_xml, malformed_xml
from services.local.s3.errors import S3Error
from services.local.s3.files import Incoming
from services.local.s3.listings import NO_VERSION, xml
from services.local.s3.objects import ObjectStore
from services.local.store import full_disk

Operation = Callable[[S3Call, bytes], Response]
Upload = Callable[[S3Call, Incoming, Mapping[str, str]], Response]
# What the request is about, its method, and the names in its query that choose an operation.
Choice = tuple[str, str, frozenset[str]]

REGION = "us-east-1"
MOST_DELETED = 1000
COPY = "x-amz-copy-source"
# Names in the query that say how, not what, and how others of them begin.
PARAMETERS = {
    *("prefix", "delimiter", "encoding-type", "max-keys", "marker", "continuation-token", "start-after", "fetch-owner"),
    *("key-marker", "upload-id-marker", "version-id-marker", "max-uploads", "part-number-marker"),
    *("max-parts", "max-buckets", "bucket-region", "x-id"),
    *("AWSAccessKeyId", "Signature", "Expires", "content-type", "content-md5"),
}
MANNERS = ("x-amz-", "response-")
# Conditions that only directory buckets have: element of DeleteObjects, header of DeleteObject.
DIRECTORY_CONDITIONS = {"LastModifiedTime": "x-amz-if-match-last-modified-time", "Size": "x-amz-if-match-size"}


async def handle(request: Request, store: ObjectStore) -> Response:
    """The answer to a path-style S3 request, also when it is a refusal."""
    return await _guarded(request, _answer(request, store))


def is_form(request: Request) -> bool:
    """Whether a browser's form is posted, whose signature is among its fields."""
    form = request.headers.get("content-type", "").startswith("multipart/form-data")
    return form and request.method == "POST" and "authorization" not in request.headers


async def handle_form(
    request: Request, store: ObjectStore, verify: Callable[[Mapping[str, str]], None], now: float
) -> Response:
    """The answer to a posted form, also when it is a refusal; `verify` raises unless its policy is signed."""
    return await _guarded(request, forms.post_object(request, store, verify, now))


async def _guarded(request: Request, answer: Awaitable[Response]) -> Response:
    request_id = uuid.uuid4().hex
    try:
        response = await answer
    except ClientDisconnect:
        response = _refusal(request, bodies.incomplete_body(), request_id)
    except S3Error as error:
        response = _refusal(request, error, request_id)
    except OSError as fault:
        if not full_disk.is_full(fault):
            raise
        response = _refusal(request, S3Error(full_disk.CODE, full_disk.SENTENCE, full_disk.STATUS), request_id)
    response.headers["x-amz-request-id"] = request_id
    if "expect" in request.headers and response.status_code >= 400:
        # The client may never send the body it announced, and its next request would be taken for it.
        response.headers["Connection"] = "close"
    return response


async def _answer(request: Request, store: ObjectStore) -> Response:
    call = read_call(request, store)
    choice = _choice(call)
    if choice in UPLOADS:
        wants = await run_in_threadpool(_expect_upload, call)
        with store.files.incoming() as incoming:
            digests = await bodies.receive(request, call.headers, incoming.write, wants)
            return await run_in_threadpool(UPLOADS[choice], call, incoming, digests)
    if choice not in OPERATIONS:
        operation = " ".join([call.method, *sorted(choice[2])])
        raise S3Error(
            "NotImplemented", f"{operation} on a {choice[0]} is not offered on this computer; AWS has it.", 501
        )
    return await run_in_threadpool(OPERATIONS[choice], call, await bodies.document(request, _about_body(call)))


def _choice(call: S3Call) -> Choice:
    about = "object" if call.key else "bucket" if call.bucket else "service"
    names = {name for name in call.query if name not in PARAMETERS and not name.lower().startswith(MANNERS)}
    if call.query.get("versionId") == NO_VERSION:
        names.discard("versionId")
    if call.method == "PUT" and COPY in call.headers:
        names.add(COPY)
    return about, call.method, frozenset(names)


def _expect_upload(call: S3Call) -> str | None:
    """Refuse before the body comes what would be refused after it; the checksum algorithm that is wanted of it."""
    call.store.require_bucket(call.bucket)
    if "uploadId" in call.query:
        return call.upload().checksum_algorithm
    return checksums.algorithm(call.headers)


def _about_body(call: S3Call) -> Mapping[str, str]:
    """The headers that promise something of the body: a checksum of CompleteMultipartUpload is the object's."""
    completes = call.method == "POST" and "uploadId" in call.query
    return {
        name: value for name, value in call.headers.items() if not (completes and name.startswith(checksums.HEADER))
    }


def refuse(request: Request, code: str, message: str, status: int) -> Response:
    """A refusal in S3's words, for what is refused before it comes here."""
    return _refusal(request, S3Error(code, message, status), uuid.uuid4().hex)


def _refusal(request: Request, error: S3Error, request_id: str) -> Response:
    if request.method == "HEAD":
        return Response(status_code=error.status)
    body = error_xml(error, request.scope["path"], request_id)
    return Response(body, error.status, media_type="application/xml")


def create_bucket(call: S3Call, body: bytes) -> Response:
    """CreateBucket. The location constraint is not kept: there is one region."""
    call.store.create_bucket(call.bucket)
    return Response(headers={"Location": f"/{call.bucket}"})


def head_bucket(call: S3Call, body: bytes) -> Response:
    """HeadBucket."""
    call.store.require_bucket(call.bucket)
    return Response(headers={"x-amz-bucket-region": REGION})


def delete_bucket(call: S3Call, body: bytes) -> Response:
    """DeleteBucket."""
    call.store.delete_bucket(call.bucket)
    return Response(status_code=204)


def get_bucket_location(call: S3Call, body: bytes) -> Response:
    """GetBucketLocation; S3 answers nothing for us-east-1."""
    call.store.require_bucket(call.bucket)
    return xml("LocationConstraint", {})


def delete_object(call: S3Call, body: bytes) -> Response:
    """DeleteObject, on the condition that If-Match names."""
    _refuse_directory_conditions(name for name in DIRECTORY_CONDITIONS.values() if name in call.headers)
    call.store.delete_if(call.bucket, call.key, conditions.of_write(call.headers))
    return Response(status_code=204)


def delete_objects(call: S3Call, body: bytes) -> Response:
    """DeleteObjects."""
    document = from_xml(body, "Delete")
    items = document.findall("Object")
    etags = {item.findtext("Key", ""): item.findtext("ETag") for item in items}
    if not 0 < len(items) <= MOST_DELETED or "" in etags:
        raise malformed_xml()
    refusals = {}
    for item in items:
        key = item.findtext("Key", "")
        try:
            _delete_one(call, key, item)
        except S3Error as refusal:
            refusals[key] = refusal
    call.store.delete(call.bucket, *(key for key, etag in etags.items() if not etag and key not in refusals))
    quiet = document.findtext("Quiet", "false").lower() == "true"
    deleted = [] if quiet else [{"Key": key} for key in etags if key not in refusals]
    errors = [{"Key": key, "Code": error.code, "Message": error.message} for key, error in refusals.items()]
    return xml("DeleteResult", {"Deleted": deleted, "Error": errors})


def _delete_one(call: S3Call, key: str, item: Element) -> None:
    """Delete what one entry of DeleteObjects names if it has a condition. Raises S3Error for what cannot be done."""
    if item.findtext("VersionId", NO_VERSION) != NO_VERSION:
        raise S3Error("InvalidArgument", "Invalid version id specified", 400)
    _refuse_directory_conditions(name for name in DIRECTORY_CONDITIONS if item.findtext(name))
    if etag := item.findtext("ETag"):
        call.store.delete_if(call.bucket, key, WriteCondition(etag.strip('"')))


def _refuse_directory_conditions(given: Iterable[str]) -> None:
    """Deletes must not happen where a condition was not looked at."""
    if name := next(iter(given), None):
        raise S3Error("NotImplemented", f"{name} is a condition of directory buckets. Use the ETag.", 501)


UPLOADS: dict[Choice, Upload] = {
    ("object", "PUT", frozenset()): transfers.put_object,
    ("object", "PUT", frozenset({"uploadId", "partNumber"})): transfers.upload_part,
}
OPERATIONS: dict[Choice, Operation] = {
    ("service", "GET", frozenset()): listings.list_buckets,
    ("bucket", "PUT", frozenset()): create_bucket,
    ("bucket", "HEAD", frozenset()): head_bucket,
    ("bucket", "DELETE", frozenset()): delete_bucket,
    ("bucket", "GET", frozenset({"location"})): get_bucket_location,
    ("bucket", "GET", frozenset()): listings.list_objects,
    ("bucket", "GET", frozenset({"list-type"})): listings.list_objects_v2,
    ("bucket", "GET", frozenset({"uploads"})): listings.list_uploads,
    ("bucket", "GET", frozenset({"versions"})): listings.list_versions,
    **{("bucket", "GET", frozenset({name})): operation for name, operation in settings.OF_BUCKET.items()},
    ("bucket", "POST", frozenset({"delete"})): delete_objects,
    ("object", "GET", frozenset()): transfers.get_object,
    ("object", "HEAD", frozenset()): transfers.head_object,
    ("object", "GET", frozenset({"partNumber"})): transfers.get_object,
    ("object", "HEAD", frozenset({"partNumber"})): transfers.head_object,
    ("object", "GET", frozenset({"attributes"})): transfers.get_attributes,
    ("object", "DELETE", frozenset()): delete_object,
    ("object", "PUT", frozenset({COPY})): transfers.copy_object,
    ("object", "POST", frozenset({"uploads"})): transfers.create_upload,
    ("object", "PUT", frozenset({"uploadId", "partNumber", COPY})): transfers.copy_part,
    ("object", "POST", frozenset({"uploadId"})): transfers.complete_upload,
    ("object", "DELETE", frozenset({"uploadId"})): transfers.abort_upload,
    ("object", "GET", frozenset({"uploadId"})): listings.list_parts,
    **{("object", "GET", frozenset({name})): operation for name, operation in settings.OF_OBJECT.items()},
}
