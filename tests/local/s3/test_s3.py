"""The object store by its front door: real boto3, real HTTP, a real folder."""

import hashlib
import io
import os
import re
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.local.s3.objects import ObjectStore
from services.local.s3.rest import handle
from services.local.store.database import Database

MB = 1 << 20


@dataclass(frozen=True)
class Store:
    """A store that is being served: its port, a client of it, and the folder with its bytes."""

    objects: ObjectStore
    folder: Path
    port: int
    client: Any

    def files(self) -> list[Path]:
        """Every file on the disk that holds bytes of objects, parts or what is on its way in."""
        return [path for name in ("objects", "incoming") for path in (self.folder / name).rglob("*") if path.is_file()]


def open_store(folder: Path) -> ObjectStore:
    return ObjectStore(Database(folder / "service.sqlite"), folder)


def application(objects: ObjectStore) -> Starlette:
    """An application over `objects`, which may be exchanged for others in its state."""

    async def answer(request: Request) -> Response:
        return await handle(request, request.app.state.objects)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "PUT", "POST", "HEAD", "DELETE"])])
    app.state.objects = objects
    return app


def client_of(port: int) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


@contextmanager
def serving(app: Starlette) -> Iterator[int]:
    """The port at which `app` is served."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Starlette, int, Any]]:
    """One application for all tests, its port and a client; each test puts its own store behind it."""
    app = application(open_store(tmp_path_factory.mktemp("unused")))
    with serving(app) as port:
        client = client_of(port)
        yield app, port, client
        client.close()


@pytest.fixture
def store(server: tuple[Starlette, int, Any], tmp_path: Path) -> Store:
    app, port, client = server
    app.state.objects = open_store(tmp_path)
    client.create_bucket(Bucket="bucket")
    return Store(app.state.objects, tmp_path, port, client)


def put(store: Store, *keys: str, body: bytes = b"bytes") -> None:
    for key in keys:
        store.client.put_object(Bucket="bucket", Key=key, Body=body)


def read(store: Store, key: str, **arguments: Any) -> bytes:
    body = store.client.get_object(Bucket="bucket", Key=key, **arguments)["Body"]
    with body:
        data: bytes = body.read()
        return data


def keys(store: Store) -> list[str]:
    return [stored.key for stored in store.objects.list("bucket", "")]


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def send(
    store: Store, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Status of a request that boto3 would not send, and the error code in its answer."""
    connection = HTTPConnection("127.0.0.1", store.port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        code = re.search(r"<Code>(\w+)</Code>", response.read().decode(errors="replace"))
        return response.status, code[1] if code else ""
    finally:
        connection.close()


# ---- buckets


def test_buckets_are_made_listed_and_deleted(store: Store) -> None:
    store.client.create_bucket(Bucket="another")
    listed = [bucket["Name"] for bucket in store.client.list_buckets()["Buckets"]]
    store.client.delete_bucket(Bucket="another")
    assert (listed, refusal(store.client.head_bucket, Bucket="another")) == (["another", "bucket"], ("404", 404))


def test_making_a_bucket_again_keeps_its_objects(store: Store) -> None:
    put(store, "key")
    store.client.create_bucket(Bucket="bucket")
    assert keys(store) == ["key"]


def test_a_bucket_with_objects_is_not_deleted(store: Store) -> None:
    put(store, "key")
    assert refusal(store.client.delete_bucket, Bucket="bucket") == ("BucketNotEmpty", 409)


@pytest.mark.parametrize("name", ["ab", "Upper", "dots..twice", "192.168.0.1", "-dash", "a" * 64])
def test_a_bucket_name_that_aws_refuses_is_refused(store: Store, name: str) -> None:
    assert send(store, "PUT", f"/{name}") == (400, "InvalidBucketName")


def test_the_location_of_a_bucket_is_us_east_1(store: Store) -> None:
    assert store.client.get_bucket_location(Bucket="bucket")["LocationConstraint"] is None


# ---- objects


def test_a_large_file_goes_up_in_parts_and_comes_down_the_same(store: Store, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(20 * MB + 1))
    settings = TransferConfig(multipart_threshold=8 * MB, multipart_chunksize=8 * MB)
    store.client.upload_file(str(source), "bucket", "large", Config=settings)
    store.client.download_file("bucket", "large", str(target), Config=settings)
    assert source.read_bytes() == target.read_bytes()


def test_the_etag_of_an_upload_in_parts_is_the_md5_of_their_md5s(store: Store) -> None:
    data = os.urandom(12 * MB)
    settings = TransferConfig(multipart_threshold=8 * MB, multipart_chunksize=8 * MB)
    store.client.upload_fileobj(io.BytesIO(data), "bucket", "large", Config=settings)
    md5s = hashlib.md5(data[: 8 * MB]).digest() + hashlib.md5(data[8 * MB :]).digest()
    etag = store.client.head_object(Bucket="bucket", Key="large")["ETag"]
    assert etag == f'"{hashlib.md5(md5s).hexdigest()}-2"'


def test_the_parts_are_gone_from_the_disk_once_they_are_an_object(store: Store) -> None:
    settings = TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB)
    store.client.upload_fileobj(io.BytesIO(bytes(11 * MB)), "bucket", "large", Config=settings)
    assert [path.stat().st_size for path in store.files()] == [11 * MB]


@pytest.mark.parametrize(
    "key", ["with space", "plus+sign", "größe/数据.csv", "a//b///", "/leading", "per%20cent", "a&<b>", "..", "a/../b"]
)
def test_a_key_is_kept_character_by_character(store: Store, key: str) -> None:
    put(store, key)
    listed = store.client.list_objects_v2(Bucket="bucket")["Contents"]
    assert ([item["Key"] for item in listed], keys(store)) == ([key], [key])


def test_headers_and_metadata_come_back_with_the_object(store: Store) -> None:
    store.client.put_object(
        Bucket="bucket", Key="key", Body=b"a,b", ContentType="text/csv", CacheControl="no-store", Metadata={"run": "7"}
    )
    head = store.client.head_object(Bucket="bucket", Key="key")
    kept = {name: head[name] for name in ("ContentType", "CacheControl", "Metadata", "ContentLength", "ETag")}
    assert kept == {
        "ContentType": "text/csv",
        "CacheControl": "no-store",
        "Metadata": {"run": "7"},
        "ContentLength": 3,
        "ETag": f'"{hashlib.md5(b"a,b").hexdigest()}"',
    }


def test_an_object_written_again_is_replaced_and_its_old_bytes_are_gone(store: Store) -> None:
    put(store, "key", body=b"old")
    put(store, "key", body=b"newer")
    assert (read(store, "key"), [path.read_bytes() for path in store.files()]) == (b"newer", [b"newer"])


def test_a_download_under_way_is_not_disturbed_by_a_new_version(store: Store) -> None:
    old = os.urandom(20 * MB)
    put(store, "key", body=old)
    with store.client.get_object(Bucket="bucket", Key="key")["Body"] as body:
        start = body.read(100)
        put(store, "key", body=b"new")
        assert start + body.read() == old


def test_an_empty_object_is_an_object(store: Store) -> None:
    put(store, "empty", body=b"")
    assert read(store, "empty") == b""


def test_writing_only_if_new_leaves_what_is_there(store: Store) -> None:
    put(store, "key", body=b"first")
    refused = refusal(store.client.put_object, Bucket="bucket", Key="key", Body=b"second", IfNoneMatch="*")
    assert (refused, read(store, "key")) == (("PreconditionFailed", 412), b"first")


def test_a_copy_has_the_bytes_and_the_headers(store: Store) -> None:
    store.client.put_object(Bucket="bucket", Key="a b+c", Body=b"bytes", ContentType="text/csv")
    store.client.copy_object(Bucket="bucket", Key="copy", CopySource={"Bucket": "bucket", "Key": "a b+c"})
    store.client.delete_object(Bucket="bucket", Key="a b+c")
    head = store.client.head_object(Bucket="bucket", Key="copy")
    assert (read(store, "copy"), head["ContentType"]) == (b"bytes", "text/csv")


def test_a_copy_onto_itself_may_only_replace_the_metadata(store: Store) -> None:
    put(store, "key")
    same = {"Bucket": "bucket", "Key": "key", "CopySource": "bucket/key"}
    refused = refusal(store.client.copy_object, **same)
    store.client.copy_object(**same, MetadataDirective="REPLACE", Metadata={"run": "8"})
    head = store.client.head_object(Bucket="bucket", Key="key")
    assert (refused, head["Metadata"], read(store, "key")) == (("InvalidRequest", 400), {"run": "8"}, b"bytes")


def test_a_large_copy_goes_in_ranges(store: Store) -> None:
    data = os.urandom(11 * MB)
    put(store, "large", body=data)
    settings = TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB)
    store.client.copy({"Bucket": "bucket", "Key": "large"}, "bucket", "copy", Config=settings)
    assert read(store, "copy") == data


def test_many_objects_are_deleted_at_once(store: Store) -> None:
    put(store, "a", "b+c", "d")
    gone = [{"Key": "a"}, {"Key": "b+c"}, {"Key": "never there"}]
    answer = store.client.delete_objects(Bucket="bucket", Delete={"Objects": gone})
    assert (answer["Deleted"], keys(store), len(store.files())) == (gone, ["d"], 1)


def test_missing_keys_and_buckets_are_told_apart(store: Store) -> None:
    get = store.client.get_object
    missing = refusal(get, Bucket="bucket", Key="none"), refusal(get, Bucket="nobucket", Key="none")
    assert missing == (("NoSuchKey", 404), ("NoSuchBucket", 404))


def test_writing_into_a_missing_bucket_is_refused(store: Store) -> None:
    refused = refusal(store.client.put_object, Bucket="nobucket", Key="key", Body=b"x")
    assert (refused, store.files()) == (("NoSuchBucket", 404), [])


def test_a_refused_upload_does_not_disturb_the_next_request_of_the_connection(store: Store) -> None:
    for _ in range(3):
        refusal(store.client.put_object, Bucket="nobucket", Key="key", Body=bytes(MB))
        put(store, "key")
    assert keys(store) == ["key"]


@pytest.mark.parametrize("path", ["/bucket?acl", "/bucket?policy", "/bucket/key?tagging", "/bucket/key?versionId=1"])
def test_what_is_not_offered_says_so(store: Store, path: str) -> None:
    assert send(store, "GET", path) == (501, "NotImplemented")


# ---- ranges and conditions


@pytest.mark.parametrize(
    ("asked", "expected"), [("bytes=0-3", b"0123"), ("bytes=7-", b"789"), ("bytes=-2", b"89"), ("bytes=8-99", b"89")]
)
def test_a_range_is_answered_with_its_bytes(store: Store, asked: str, expected: bytes) -> None:
    put(store, "key", body=b"0123456789")
    assert read(store, "key", Range=asked) == expected


def test_a_range_outside_the_object_is_refused(store: Store) -> None:
    put(store, "key", body=b"0123456789")
    assert refusal(store.client.get_object, Bucket="bucket", Key="key", Range="bytes=10-") == ("InvalidRange", 416)


def test_an_object_the_asker_has_is_not_sent_again(store: Store) -> None:
    put(store, "key")
    head = store.client.head_object(Bucket="bucket", Key="key")
    ask = {"call": store.client.get_object, "Bucket": "bucket", "Key": "key"}
    by_etag = refusal(**ask, IfNoneMatch=head["ETag"])
    assert (by_etag, refusal(**ask, IfModifiedSince=head["LastModified"])) == (("304", 304), ("304", 304))


def test_a_download_can_demand_a_version(store: Store) -> None:
    put(store, "key")
    demand = {"Bucket": "bucket", "Key": "key", "IfMatch": '"0123"'}
    assert refusal(store.client.get_object, **demand) == ("PreconditionFailed", 412)


# ---- listings


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_listing_by_folder_is_the_same_in_pages_of_any_size(store: Store, operation: str, size: int) -> None:
    put(store, "a", "b/1", "b/2", "b/3", "c", "d/x/1", "d/x/2", "größe +1", "z")
    pages = store.client.get_paginator(operation).paginate(
        Bucket="bucket", Delimiter="/", PaginationConfig={"PageSize": size}
    )
    found: list[str] = []
    for page in pages:
        found += [item["Key"] for item in page.get("Contents", [])]
        found += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
    assert sorted(found) == ["a", "b/", "c", "d/", "größe +1", "z"]


def test_a_listing_is_in_order_of_bytes_not_of_any_language(store: Store) -> None:
    put(store, "b", "ä", "B", "a", "\U0001f600", "\uffee")
    listed = store.client.list_objects_v2(Bucket="bucket")["Contents"]
    assert [item["Key"] for item in listed] == ["B", "a", "b", "ä", "\uffee", "\U0001f600"]


def test_a_prefix_ends_where_the_next_begins(store: Store) -> None:
    put(store, "data", "data/1", "data/2", "data0", "datb")
    listed = store.client.list_objects_v2(Bucket="bucket", Prefix="data/", StartAfter="data/1")
    assert [item["Key"] for item in listed["Contents"]] == ["data/2"]


def test_a_folder_costs_one_step_however_much_is_in_it(tmp_path: Path) -> None:
    objects = open_store(tmp_path)
    objects.create_bucket("bucket")
    with objects.database.writing() as connection:
        connection.executemany(
            "INSERT INTO objects VALUES ('bucket', ?, ?, 1, 'etag', 0, '{}')",
            ((f"folder{number % 3}/{number:06}", f"file{number}") for number in range(30_000)),
        )
    seen: list[int] = []
    objects.database.reading.set_progress_handler(lambda: seen.append(1), 100)
    listing = objects.page("bucket", delimiter="/")
    assert (listing.prefixes, len(seen) < 10) == (["folder0/", "folder1/", "folder2/"], True)


# ---- integrity


def test_a_body_that_is_not_what_its_md5_says_is_refused(store: Store) -> None:
    wrong = b64encode(hashlib.md5(b"other").digest()).decode()
    refused = refusal(store.client.put_object, Bucket="bucket", Key="key", Body=b"bytes", ContentMD5=wrong)
    assert (refused, store.files()) == (("BadDigest", 400), [])


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_a_body_that_is_not_what_its_checksum_says_is_refused(store: Store, algorithm: str) -> None:
    wrong = {f"Checksum{algorithm}": b64encode(hashlib.new("sha256", b"other").digest()[:4]).decode()}
    refused = refusal(store.client.put_object, Bucket="bucket", Key="key", Body=b"bytes", **wrong)
    assert (refused, store.files()) == (("BadDigest", 400), [])


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_a_checksum_that_holds_is_kept_for_the_download(store: Store, algorithm: str) -> None:
    put_back = store.client.put_object(Bucket="bucket", Key="key", Body=b"bytes", ChecksumAlgorithm=algorithm)
    got = store.client.head_object(Bucket="bucket", Key="key", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == put_back[f"Checksum{algorithm}"]


def framed(*chunks: bytes, signed: bool, trailer: str = "") -> bytes:
    sign = b";chunk-signature=" + b"0" * 64 if signed else b""
    sizes = b"".join(f"{len(chunk):x}".encode() + sign + b"\r\n" + chunk + b"\r\n" for chunk in chunks)
    return sizes + b"0" + sign + b"\r\n" + (f"{trailer}\r\n" if trailer else "").encode() + b"\r\n"


@pytest.mark.parametrize(
    ("scheme", "signed", "trailer"),
    [
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", False, "x-amz-checksum-crc64nvme:AAAAAAAAAAA="),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", True, ""),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", True, "x-amz-checksum-crc32c:AAAAAA=="),
    ],
)
def test_the_framing_of_a_streamed_body_is_taken_off(store: Store, scheme: str, signed: bool, trailer: str) -> None:
    chunks = (os.urandom(100_000), b"\r\n0\r\n\r\n", b"end")
    length = str(sum(map(len, chunks)))
    headers = {
        "x-amz-content-sha256": scheme,
        "x-amz-decoded-content-length": length,
        "content-encoding": "aws-chunked",
    }
    send(store, "PUT", "/bucket/key", framed(*chunks, signed=signed, trailer=trailer), headers)
    assert read(store, "key") == b"".join(chunks)


@pytest.mark.parametrize(
    ("body", "length", "code"),
    [
        (framed(b"bytes", signed=False, trailer="x-amz-checksum-crc32:AAAAAA=="), 5, "BadDigest"),
        (framed(b"bytes", signed=False), 6, "IncompleteBody"),
        (b"5\r\nbytes\r\n", 5, "IncompleteBody"),
        (b"5\r\nbytesmore\r\n0\r\n\r\n", 5, "IncompleteBody"),
        (b"-5\r\nbytes\r\n0\r\n\r\n", 5, "IncompleteBody"),
        (b"5" * 20_000, 5, "IncompleteBody"),
    ],
)
def test_a_streamed_body_with_a_fault_leaves_nothing(store: Store, body: bytes, length: int, code: str) -> None:
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": str(length),
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    refused = send(store, "PUT", "/bucket/key", body, headers)
    assert (refused, store.files(), keys(store)) == ((400, code), [], [])


@pytest.mark.parametrize(
    "document", [b"", b"<Delete>", b"<Other/>", b'<!DOCTYPE Delete [<!ENTITY a "b">]><Delete><Object/></Delete>']
)
def test_a_document_that_is_not_the_one_expected_is_refused(store: Store, document: bytes) -> None:
    assert send(store, "POST", "/bucket?delete", document) == (400, "MalformedXML")


# ---- uploads in parts


def begin(store: Store, key: str = "key") -> dict[str, str]:
    upload = store.client.create_multipart_upload(Bucket="bucket", Key=key)
    return {"Bucket": "bucket", "Key": key, "UploadId": upload["UploadId"]}


def upload_parts(store: Store, upload: dict[str, str], *bodies: bytes) -> list[dict[str, Any]]:
    return [
        {"PartNumber": number, "ETag": store.client.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(bodies, start=1)
    ]


@pytest.mark.parametrize(
    ("sizes", "change", "code"),
    [
        ((5 * MB, 1), lambda parts: parts[::-1], "InvalidPartOrder"),
        ((5 * MB, 1), lambda parts: [*parts, {"PartNumber": 3, "ETag": '"00"'}], "InvalidPart"),
        ((5 * MB, 1), lambda parts: [parts[0], {"PartNumber": 2, "ETag": parts[0]["ETag"]}], "InvalidPart"),
        ((1, 1), lambda parts: parts, "EntityTooSmall"),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    store: Store, sizes: tuple[int, ...], change: Callable[[list[Any]], list[Any]], code: str
) -> None:
    upload = begin(store)
    parts = change(upload_parts(store, upload, *map(bytes, sizes)))
    refused = refusal(store.client.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts})
    assert (refused, keys(store)) == ((code, 400), [])


def test_an_aborted_upload_leaves_nothing(store: Store) -> None:
    upload = begin(store)
    upload_parts(store, upload, b"one")
    store.client.abort_multipart_upload(**upload)
    assert (refusal(store.client.list_parts, **upload), store.files()) == (("NoSuchUpload", 404), [])


def test_unfinished_uploads_and_their_parts_are_listed_in_pages(store: Store) -> None:
    first, second = begin(store, "a"), begin(store, "b")
    upload_parts(store, first, b"one", b"three")
    ask = store.client.get_paginator
    uploads = ask("list_multipart_uploads").paginate(Bucket="bucket", PaginationConfig={"PageSize": 1})
    parts = ask("list_parts").paginate(**first, PaginationConfig={"PageSize": 1})
    found = [upload["UploadId"] for page in uploads for upload in page.get("Uploads", [])]
    sizes = [part["Size"] for page in parts for part in page.get("Parts", [])]
    assert (found, sizes) == ([first["UploadId"], second["UploadId"]], [3, 5])


# ---- crashes and restarts


def test_objects_and_unfinished_uploads_outlive_a_restart(
    store: Store, server: tuple[Starlette, int, Any], tmp_path: Path
) -> None:
    put(store, "key", body=b"kept")
    upload = begin(store, "parts")
    parts = upload_parts(store, upload, b"part")
    server[0].state.objects = open_store(tmp_path)
    store.client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert (read(store, "key"), read(store, "parts")) == (b"kept", b"part")


def test_what_a_crash_left_is_swept_at_the_next_start(tmp_path: Path) -> None:
    objects = open_store(tmp_path)
    objects.create_bucket("bucket")
    kept = objects.put_bytes("bucket", "key", b"kept")
    (tmp_path / "incoming" / "half").write_bytes(b"half")
    (kept.path.parent / "orphan").write_bytes(b"orphan")
    open_store(tmp_path)
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != tmp_path]
    assert left == [kept.path]


def test_an_upload_that_breaks_off_leaves_nothing(store: Store) -> None:
    put(store, "key", body=b"old")
    connection = HTTPConnection("127.0.0.1", store.port)
    connection.putrequest("PUT", "/bucket/key")
    connection.putheader("Content-Length", str(10 * MB))
    connection.endheaders(bytes(3 * MB))
    incoming = store.folder / "incoming"
    wait_until(lambda: any(path.stat().st_size >= MB for path in incoming.iterdir()))
    connection.close()
    wait_until(lambda: not any(incoming.iterdir()))
    assert (read(store, "key"), len(store.files())) == (b"old", 1)


def wait_until(condition: Callable[[], bool]) -> None:
    """The disk tells nobody when a file comes or goes."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("It did not happen within 10 seconds.")


def test_a_file_put_in_is_not_changed_by_its_owner_later(tmp_path: Path) -> None:
    objects = open_store(tmp_path)
    objects.create_bucket("bucket")
    archive = tmp_path / "model.tar.gz"
    archive.write_bytes(b"model")
    stored = objects.put_file("bucket", "model.tar.gz", archive)
    archive.write_bytes(b"other")
    assert stored.path.read_bytes() == b"model"


def test_of_many_writers_one_wins_and_the_others_leave_nothing(tmp_path: Path) -> None:
    objects = open_store(tmp_path)
    objects.create_bucket("bucket")
    bodies = [str(number).encode() * 1000 for number in range(32)]
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda body: objects.put_bytes("bucket", "key", body), bodies))
    stored = objects.get("bucket", "key")
    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert (files, stored.etag) == ([stored.path], hashlib.md5(stored.path.read_bytes()).hexdigest())


# Killed where the row would be written, the new file being in place, or where the old file would be deleted.
DIES = """
import os, sys
from pathlib import Path
from services.local.store.database import Database
from services.local.s3.objects import ObjectStore
folder = Path(sys.argv[1])
objects = ObjectStore(Database(folder / "service.sqlite"), folder)
def die(*arguments):
    os.kill(os.getpid(), 9)
setattr(objects.files if sys.argv[2] == "remove" else objects, sys.argv[2], die)
objects.put_bytes("bucket", "key", b"new")
"""


@pytest.mark.parametrize(("step", "expected"), [("replace", b"old"), ("remove", b"new")])
def test_killed_at_any_point_the_old_or_the_new_object_is_there(tmp_path: Path, step: str, expected: bytes) -> None:
    objects = open_store(tmp_path)
    objects.create_bucket("bucket")
    objects.put_bytes("bucket", "key", b"old")
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path), step], check=False)
    left = open_store(tmp_path).get("bucket", "key").path
    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert (left.read_bytes(), files) == (expected, [left])


SERVES = """
import sys
from pathlib import Path
import uvicorn
from tests.local.s3.test_s3 import application, open_store
uvicorn.run(application(open_store(Path(sys.argv[1]))), fd=int(sys.argv[2]), log_level="error", lifespan="off")
"""


def resident(pid: int, measure: str) -> int:
    """Bytes of memory of a process: VmRSS now, VmHWM at its highest."""
    found = re.search(rf"{measure}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


@pytest.mark.slow
def test_memory_does_not_grow_with_the_size_of_an_upload(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, descriptor = listening.getsockname()[1], listening.fileno()
        command = [sys.executable, "-c", SERVES, str(tmp_path), str(descriptor)]
        with subprocess.Popen(command, pass_fds=[descriptor]) as process:
            try:
                grown = growth_by_transfer(port, process.pid, tmp_path / "large")
            finally:
                process.terminate()
    assert grown < 100 * MB


def growth_by_transfer(port: int, pid: int, large: Path) -> int:
    """How much the server's memory rose at its highest while 600 MB went up, and came down again."""
    with large.open("wb") as file:
        file.truncate(600 * MB)
    client = client_of(port)
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="small", Body=b"x")
    before = resident(pid, "VmRSS")
    with large.open("rb") as file:
        client.put_object(Bucket="bucket", Key="large", Body=file)
    client.upload_file(str(large), "bucket", "parts")
    client.download_file("bucket", "parts", os.devnull)
    client.close()
    return resident(pid, "VmHWM") - before
