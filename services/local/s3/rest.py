"""The HTTP front of the object store: which S3 operation a request asks for, and refusals as S3 words them.

The table OPERATIONS, with UPLOADS, is the list of what is supported; all else is answered NotImplemented. Requests
are path style. Who may ask is not checked here.
"""

import uuid
from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from services.local.s3 import bodies, listings, transfers
from services.local.s3.call import S3Call, read_call
from services.local.s3.documents import error_xml, from_xml, malformed_xml
from services.local.s3.files import Incoming
from services.local.s3.listings import xml
from services.local.s3.objects import ObjectStore, S3Error, WriteCondition
from services.local.store import full_disk

Operation = Callable[[S3Call, bytes], Response]
Upload = Callable[[S3Call, Incoming, Mapping[str, str]], Response]
# What the request is about, its method, and the names in its query that choose an operation.
Choice = tuple[str, str, frozenset[str]]

REGION = "us-east-1"
MOST_DELETED = 1000
COPY = "x-amz-copy-source"
# Names in the query that say how, not what.
PARAMETERS = {
    *("prefix", "delimiter", "encoding-type", "max-keys", "marker", "continuation-token", "start-after", "fetch-owner"),
    *("key-marker", "upload-id-marker", "max-uploads", "part-number-marker", "max-parts", "max-buckets", "x-id"),
}


async def handle(request: Request, store: ObjectStore) -> Response:
    """The answer to a path-style S3 request, also when it is a refusal."""
    request_id = uuid.uuid4().hex
    try:
        response = await _answer(request, store)
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
        await run_in_threadpool(_expect_upload, call)
        with store.files.incoming() as incoming:
            checksums = await bodies.receive(request, incoming.write)
            return await run_in_threadpool(UPLOADS[choice], call, incoming, checksums)
    if choice not in OPERATIONS:
        operation = " ".join([call.method, *sorted(choice[2])])
        raise S3Error(
            "NotImplemented", f"{operation} on a {choice[0]} is not offered on this computer; AWS has it.", 501
        )
    return await run_in_threadpool(OPERATIONS[choice], call, await bodies.document(request))


def _choice(call: S3Call) -> Choice:
    about = "object" if call.key else "bucket" if call.bucket else "service"
    names = {name for name in call.query if name not in PARAMETERS and not name.lower().startswith("x-amz-")}
    if call.method == "PUT" and COPY in call.headers:
        names.add(COPY)
    return about, call.method, frozenset(names)


def _expect_upload(call: S3Call) -> None:
    """Refuse before the body comes what would be refused after it."""
    call.store.require_bucket(call.bucket)
    if "uploadId" in call.query:
        call.uploads.require(call.bucket, call.key, call.query["uploadId"])


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
    call.store.delete_if(call.bucket, call.key, call.write_condition())
    return Response(status_code=204)


def delete_objects(call: S3Call, body: bytes) -> Response:
    """DeleteObjects."""
    document = from_xml(body, "Delete")
    items = document.findall("Object")
    etags = {item.findtext("Key", ""): item.findtext("ETag") for item in items}
    if not 0 < len(items) <= MOST_DELETED or "" in etags:
        raise malformed_xml()
    refusals = {}
    for key, etag in etags.items():
        if etag:
            try:
                call.store.delete_if(call.bucket, key, WriteCondition(etag.strip('"')))
            except S3Error as refusal:
                refusals[key] = refusal
    call.store.delete(call.bucket, *(key for key, etag in etags.items() if not etag))
    quiet = document.findtext("Quiet", "false").lower() == "true"
    deleted = [] if quiet else [{"Key": key} for key in etags if key not in refusals]
    errors = [{"Key": key, "Code": error.code, "Message": error.message} for key, error in refusals.items()]
    return xml("DeleteResult", {"Deleted": deleted, "Error": errors})


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
    ("bucket", "POST", frozenset({"delete"})): delete_objects,
    ("object", "GET", frozenset()): transfers.get_object,
    ("object", "HEAD", frozenset()): transfers.head_object,
    ("object", "DELETE", frozenset()): delete_object,
    ("object", "PUT", frozenset({COPY})): transfers.copy_object,
    ("object", "POST", frozenset({"uploads"})): transfers.create_upload,
    ("object", "PUT", frozenset({"uploadId", "partNumber", COPY})): transfers.copy_part,
    ("object", "POST", frozenset({"uploadId"})): transfers.complete_upload,
    ("object", "DELETE", frozenset({"uploadId"})): transfers.abort_upload,
    ("object", "GET", frozenset({"uploadId"})): listings.list_parts,
}
