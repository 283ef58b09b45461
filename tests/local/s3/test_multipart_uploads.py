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
