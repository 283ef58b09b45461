"""Every checksum that S3 knows: verified, kept, told, and made for what came in parts or was copied."""

import hashlib
import os
import zlib
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from tests.local.s3.served_store import MB, Store, put, refusal, send

pytestmark = pytest.mark.slow

ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
DATA = os.urandom(100_003)


@cache
def table(polynomial: int) -> list[int]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
        return value

    return [entry(value) for value in range(256)]


def crc(data: bytes, polynomial: int, size: int) -> bytes:
    """A CRC byte by byte, as the standards write it."""
    entries, register = table(polynomial), (1 << 8 * size) - 1
    for byte in data:
        register = entries[(register ^ byte) & 0xFF] ^ register >> 8
    return (register ^ (1 << 8 * size) - 1).to_bytes(size, "big")


DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "CRC32C": lambda data: crc(data, 0x82F63B78, 4),
    "CRC64NVME": lambda data: crc(data, 0x9A6C9329AC4BC9B5, 8),
    "SHA1": lambda data: hashlib.sha1(data).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
}


def checksum(algorithm: str, data: bytes) -> str:
    return b64encode(DIGESTS[algorithm](data)).decode()


def head(store: Store, key: str) -> dict[str, Any]:
    answer: dict[str, Any] = store.client.head_object(Bucket="bucket", Key=key, ChecksumMode="ENABLED")
    return answer


def test_the_reference_of_these_tests_has_the_check_values_of_the_standards() -> None:
    checked = {name: DIGESTS[name](b"123456789").hex() for name in ("CRC32C", "CRC64NVME")}
    assert checked == {"CRC32C": "e3069283", "CRC64NVME": "ae8b14860a799888"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 100_003])
def test_a_checksum_that_holds_is_kept_and_told_of(store: Store, algorithm: str, size: int) -> None:
    value = checksum(algorithm, DATA[:size])
    store.client.put_object(Bucket="bucket", Key="key", Body=DATA[:size], **{f"Checksum{algorithm}": value})
    told = head(store, "key")
    assert (told[f"Checksum{algorithm}"], told["ChecksumType"]) == (value, "FULL_OBJECT")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_body_that_is_not_what_its_checksum_says_is_refused(store: Store, algorithm: str) -> None:
    wrong = {f"Checksum{algorithm}": checksum(algorithm, b"other")}
    refused = refusal(store.client.put_object, Bucket="bucket", Key="key", Body=b"bytes", **wrong)
    assert (refused, store.files()) == (("BadDigest", 400), [])


def test_two_checksums_of_one_body_are_refused(store: Store) -> None:
    two = {f"Checksum{name}": checksum(name, b"bytes") for name in ("SHA1", "SHA256")}
    assert refusal(store.client.put_object, Bucket="bucket", Key="key", Body=b"bytes", **two) == ("InvalidRequest", 400)


PARTS = (os.urandom(5 * MB), os.urandom(70_001))


def upload(
    store: Store, algorithm: str, kind: str | None = None, promised: dict[str, str] | None = None, **of_parts: str
) -> dict[str, Any]:
    """The answer to an upload in two parts, whose client tells the checksum of each."""
    asks = {"ChecksumAlgorithm": algorithm, **({"ChecksumType": kind} if kind else {})}
    begun = store.client.create_multipart_upload(Bucket="bucket", Key="key", **asks)
    where = {"Bucket": "bucket", "Key": "key", "UploadId": begun["UploadId"]}
    listed = []
    for number, body in enumerate(PARTS, start=1):
        value = {f"Checksum{algorithm}": checksum_of_part(algorithm, number)}
        etag = store.client.upload_part(**where, PartNumber=number, Body=body, **value)["ETag"]
        listed.append({"PartNumber": number, "ETag": etag, **value, **of_parts})
    answer: dict[str, Any] = store.client.complete_multipart_upload(
        **where, MultipartUpload={"Parts": listed}, **(promised or {})
    )
    return answer


@cache
def checksum_of_part(algorithm: str, number: int) -> str:
    return checksum(algorithm, PARTS[number - 1])


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256"])
def test_a_composite_checksum_is_that_of_the_checksums_of_the_parts(store: Store, algorithm: str) -> None:
    answer = upload(store, algorithm)
    expected = f"{checksum(algorithm, b''.join(DIGESTS[algorithm](part) for part in PARTS))}-2"
    told = head(store, "key")
    assert (answer[f"Checksum{algorithm}"], told[f"Checksum{algorithm}"]) == (expected, expected)
    assert (answer["ChecksumType"], told["ChecksumType"]) == ("COMPOSITE", "COMPOSITE")


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_a_full_object_checksum_is_that_of_all_bytes(store: Store, algorithm: str) -> None:
    answer = upload(store, algorithm, "FULL_OBJECT")
    expected = checksum(algorithm, b"".join(PARTS))
    assert (answer[f"Checksum{algorithm}"], head(store, "key")[f"Checksum{algorithm}"]) == (expected, expected)


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("SHA1", "FULL_OBJECT"), ("SHA256", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE")]
)
def test_a_type_that_an_algorithm_has_not_is_refused(store: Store, algorithm: str, kind: str) -> None:
    asks = {"Bucket": "bucket", "Key": "key", "ChecksumAlgorithm": algorithm, "ChecksumType": kind}
    assert refusal(store.client.create_multipart_upload, **asks) == ("InvalidRequest", 400)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ChecksumCRC32": checksum("CRC32", b"other")}, "InvalidPart"),
        ({"promised": {"ChecksumCRC32": checksum("CRC32", b"other"), "ChecksumType": "FULL_OBJECT"}}, "BadDigest"),
        ({"promised": {"MpuObjectSize": 7}}, "InvalidRequest"),
    ],
    ids=["of a part", "of the object", "size"],
)
def test_what_completing_promises_and_does_not_hold_is_refused(store: Store, changes: Any, code: str) -> None:
    assert refusal(lambda: upload(store, "CRC32", "FULL_OBJECT", **changes)) == (code, 400)


def test_what_completing_promises_and_holds_is_taken(store: Store) -> None:
    whole = b"".join(PARTS)
    promised: Any = {"ChecksumCRC32": checksum("CRC32", whole), "MpuObjectSize": len(whole)}
    assert upload(store, "CRC32", "FULL_OBJECT", promised=promised)["ChecksumType"] == "FULL_OBJECT"


def test_parts_are_listed_with_their_checksums(store: Store) -> None:
    begun = store.client.create_multipart_upload(Bucket="bucket", Key="key", ChecksumAlgorithm="SHA1")
    where = {"Bucket": "bucket", "Key": "key", "UploadId": begun["UploadId"]}
    store.client.upload_part(**where, PartNumber=1, Body=b"bytes", ChecksumAlgorithm="SHA1")
    listed = store.client.list_parts(**where)
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == ("SHA1", "COMPOSITE")
    assert listed["Parts"][0]["ChecksumSHA1"] == checksum("SHA1", b"bytes")


def test_a_part_that_is_copied_has_a_checksum(store: Store) -> None:
    put(store, "source", body=b"0123456789")
    begun = store.client.create_multipart_upload(Bucket="bucket", Key="key", ChecksumAlgorithm="SHA256")
    where = {"Bucket": "bucket", "Key": "key", "UploadId": begun["UploadId"]}
    copied = store.client.upload_part_copy(
        **where, PartNumber=1, CopySource="bucket/source", CopySourceRange="bytes=2-4"
    )["CopyPartResult"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": copied["ETag"], "ChecksumSHA256": copied["ChecksumSHA256"]}]}
    store.client.complete_multipart_upload(**where, MultipartUpload=parts)
    assert copied["ChecksumSHA256"] == checksum("SHA256", b"234")


def in_parts(store: Store, data: bytes) -> None:
    path = store.folder / "large"
    path.write_bytes(data)
    settings = TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB)
    store.client.upload_file(str(path), "bucket", "large", Config=settings)


def test_a_copy_of_what_came_in_parts_has_the_digests_of_a_whole(store: Store) -> None:
    data = b"".join(PARTS)
    in_parts(store, data)
    copied = store.client.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/large")["CopyObjectResult"]
    assert copied["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    assert (copied["ChecksumCRC32"], copied["ChecksumType"]) == (checksum("CRC32", data), "FULL_OBJECT")


def test_a_copy_gets_the_checksum_that_is_asked_for(store: Store) -> None:
    put(store, "key", body=b"bytes")
    store.client.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/key", ChecksumAlgorithm="SHA256")
    assert head(store, "copy")["ChecksumSHA256"] == checksum("SHA256", b"bytes")


def test_a_copy_with_new_metadata_keeps_the_checksum(store: Store) -> None:
    put(store, "key", body=b"bytes")
    store.client.copy_object(
        Bucket="bucket", Key="copy", CopySource="bucket/key", MetadataDirective="REPLACE", Metadata={"run": "7"}
    )
    told = head(store, "copy")
    assert (told["ChecksumCRC32"], told["Metadata"]) == (checksum("CRC32", b"bytes"), {"run": "7"})


def test_listings_tell_which_checksum_an_object_has(store: Store) -> None:
    put(store, "key")
    item = store.client.list_objects_v2(Bucket="bucket")["Contents"][0]
    assert (item["ChecksumAlgorithm"], item["ChecksumType"]) == (["CRC32"], "FULL_OBJECT")


def test_the_attributes_that_are_asked_for_are_told(store: Store) -> None:
    data = b"".join(PARTS)
    in_parts(store, data)
    names = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
    told = store.client.get_object_attributes(Bucket="bucket", Key="large", ObjectAttributes=names)
    assert (told["ObjectSize"], told["StorageClass"]) == (len(data), "STANDARD")
    assert told["ObjectParts"]["TotalPartsCount"] == 2
    assert told["ETag"] == head(store, "large")["ETag"].strip('"')
    assert told["Checksum"]["ChecksumType"] == "COMPOSITE"


def test_attributes_that_are_not_asked_for_are_not_told(store: Store) -> None:
    put(store, "key", body=b"bytes")
    told = store.client.get_object_attributes(Bucket="bucket", Key="key", ObjectAttributes=["ObjectSize"])
    assert ({"ETag", "Checksum", "ObjectParts", "StorageClass"} & {*told}, told["ObjectSize"]) == (set(), 5)


def test_pages_of_parts_have_a_whole_number_of_them(store: Store) -> None:
    headers = {"x-amz-object-attributes": "ObjectParts", "x-amz-max-parts": "many"}
    in_parts(store, b"".join(PARTS))
    assert send(store, "GET", "/bucket/large?attributes", None, headers) == (400, "InvalidArgument")


def test_an_attribute_that_objects_have_not_is_refused(store: Store) -> None:
    put(store, "key")
    asks = {"Bucket": "bucket", "Key": "key", "ObjectAttributes": ["Colour"]}
    assert refusal(store.client.get_object_attributes, **asks) == ("InvalidArgument", 400)
