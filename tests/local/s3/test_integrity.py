"""Bodies that are not what their headers, checksums or framing promise are refused and leave nothing."""

import hashlib
import os
from base64 import b64encode

import pytest

from tests.local.s3.served_store import (
    Store,
    keys,
    read,
    refusal,
    send,
)


def test_a_body_that_is_not_what_its_md5_says_is_refused(store: Store) -> None:
    wrong = b64encode(hashlib.md5(b"other").digest()).decode()
    refused = refusal(store.client.put_object, Bucket="bucket", Key="key", Body=b"bytes", ContentMD5=wrong)
    assert (refused, store.files()) == (("BadDigest", 400), [])


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
