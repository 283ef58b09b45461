"""Uploads in parts: begun, listed, completed and aborted; large files go up and are copied in parts."""

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from tests.local.s3.served_store import (
    MB,
    Store,
    begin,
    keys,
    put,
    read,
    refusal,
    upload_parts,
)

pytestmark = pytest.mark.slow


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


def test_a_large_copy_goes_in_ranges(store: Store) -> None:
    data = os.urandom(11 * MB)
    put(store, "large", body=data)
    settings = TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB)
    store.client.copy({"Bucket": "bucket", "Key": "large"}, "bucket", "copy", Config=settings)
    assert read(store, "copy") == data


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
    upload_ids = [upload["UploadId"] for page in uploads for upload in page.get("Uploads", [])]
    sizes = [part["Size"] for page in parts for part in page.get("Parts", [])]
    assert (upload_ids, sizes) == ([first["UploadId"], second["UploadId"]], [3, 5])


def two_parts(store: Store) -> None:
    upload = begin(store)
    parts = upload_parts(store, upload, bytes(5 * MB), b"second")
    store.client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def test_a_part_is_read_by_its_number(store: Store) -> None:
    two_parts(store)
    answer = store.client.get_object(Bucket="bucket", Key="key", PartNumber=2)
    told = {name: answer[name] for name in ("PartsCount", "ContentRange", "ContentLength")}
    assert (answer["Body"].read(), told) == (
        b"second",
        {"PartsCount": 2, "ContentRange": f"bytes {5 * MB}-{5 * MB + 5}/{5 * MB + 6}", "ContentLength": 6},
    )


def test_what_came_whole_is_its_one_part(store: Store) -> None:
    put(store, "key", body=b"whole")
    assert read(store, "key", PartNumber=1) == b"whole"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"PartNumber": 3}, ("InvalidPartNumber", 416)),
        ({"PartNumber": 1, "Range": "bytes=0-1"}, ("InvalidRequest", 400)),
    ],
)
def test_a_part_that_is_not_there_is_refused(store: Store, arguments: dict[str, Any], code: tuple[str, int]) -> None:
    two_parts(store)
    assert refusal(store.client.get_object, Bucket="bucket", Key="key", **arguments) == code


def test_the_parts_of_an_object_are_told_of_in_pages(store: Store) -> None:
    two_parts(store)
    asks = {"Bucket": "bucket", "Key": "key", "ObjectAttributes": ["ObjectParts"], "MaxParts": 1}
    first = store.client.get_object_attributes(**asks)["ObjectParts"]
    second = store.client.get_object_attributes(**asks, PartNumberMarker=first["NextPartNumberMarker"])["ObjectParts"]
    assert [(page["Parts"], page["IsTruncated"]) for page in (first, second)] == [
        ([{"PartNumber": 1, "Size": 5 * MB}], True),
        ([{"PartNumber": 2, "Size": 6}], False),
    ]


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_unfinished_uploads_are_listed_by_folder(store: Store, size: int) -> None:
    for key in ("a/1", "a/2", "b", "c/1"):
        begin(store, key)
    pages = store.client.get_paginator("list_multipart_uploads").paginate(
        Bucket="bucket", Delimiter="/", PaginationConfig={"PageSize": size}
    )
    entries: list[str] = []
    for page in pages:
        entries += [item["Key"] for item in page.get("Uploads", [])]
        entries += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
    assert sorted(entries) == ["a/", "b", "c/"]
