"""Conditional writes and deletes: of two writers that read the same object, only one replaces it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.factories import unique
from tests.local_service import LocalService

OTHER = '"0123456789abcdef0123456789abcdef"'


@pytest.fixture
def s3(local: LocalService) -> Any:
    client = local.client("s3")
    client.create_bucket(Bucket="conditions")
    return client


def put(s3: Any, key: str, body: bytes = b"old", **condition: str) -> str:
    etag: str = s3.put_object(Bucket="conditions", Key=key, Body=body, **condition)["ETag"]
    return etag


def body_of(s3: Any, key: str) -> bytes:
    content: bytes = s3.get_object(Bucket="conditions", Key=key)["Body"].read()
    return content


def refusal(call: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def complete(s3: Any, key: str, **condition: str) -> None:
    upload = s3.create_multipart_upload(Bucket="conditions", Key=key)["UploadId"]
    where = {"Bucket": "conditions", "Key": key, "UploadId": upload}
    etag = s3.upload_part(**where, PartNumber=1, Body=b"new")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(**where, MultipartUpload=parts, **condition)


def copy(s3: Any, key: str, **condition: str) -> None:
    put(s3, "source", b"new")
    s3.copy_object(Bucket="conditions", Key=key, CopySource="conditions/source", **condition)


WRITES: dict[str, Callable[..., Any]] = {
    "put": lambda s3, key, **condition: put(s3, key, b"new", **condition),
    "copy": copy,
    "multipart": complete,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_names_the_present_etag_replaces_the_object(s3: Any, write: Callable[..., Any]) -> None:
    key = unique("key")
    write(s3, key, IfMatch=put(s3, key))
    assert body_of(s3, key) == b"new"


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_names_another_etag_changes_nothing(s3: Any, write: Callable[..., Any]) -> None:
    key = unique("key")
    put(s3, key)
    assert refusal(lambda: write(s3, key, IfMatch=OTHER)) == ("PreconditionFailed", 412)
    assert body_of(s3, key) == b"old"


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_expects_an_object_finds_none(s3: Any, write: Callable[..., Any]) -> None:
    assert refusal(lambda: write(s3, unique("key"), IfMatch=OTHER)) == ("NoSuchKey", 404)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_expects_none_leaves_the_object_that_is_there(s3: Any, write: Callable[..., Any]) -> None:
    key = unique("key")
    put(s3, key)
    assert refusal(lambda: write(s3, key, IfNoneMatch="*")) == ("PreconditionFailed", 412)
    assert body_of(s3, key) == b"old"


def test_if_none_match_takes_a_star_only(s3: Any) -> None:
    assert refusal(lambda: put(s3, unique("key"), IfNoneMatch=OTHER)) == ("NotImplemented", 501)


def test_of_writers_that_read_the_same_object_one_wins(s3: Any) -> None:
    key = unique("key")
    etag = put(s3, key)

    def write(number: int) -> bool:
        try:
            put(s3, key, str(number).encode(), IfMatch=etag)
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 1


def test_an_object_is_deleted_only_while_it_is_the_one_that_was_read(s3: Any) -> None:
    key = unique("key")
    etag = put(s3, key)
    delete = {"Bucket": "conditions", "Key": key}
    assert refusal(lambda: s3.delete_object(**delete, IfMatch=OTHER)) == ("PreconditionFailed", 412)
    assert body_of(s3, key) == b"old"
    s3.delete_object(**delete, IfMatch=etag)
    assert refusal(lambda: body_of(s3, key)) == ("NoSuchKey", 404)


def test_in_a_batch_each_key_has_its_own_condition(s3: Any) -> None:
    stays, goes = unique("stays"), unique("goes")
    put(s3, stays)
    objects = [{"Key": stays, "ETag": OTHER}, {"Key": goes, "ETag": put(s3, goes)}]
    answer = s3.delete_objects(Bucket="conditions", Delete={"Objects": objects})
    assert [entry["Key"] for entry in answer["Deleted"]] == [goes]
    assert [(entry["Key"], entry["Code"]) for entry in answer["Errors"]] == [(stays, "PreconditionFailed")]


LATER, EARLIER = "Fri, 01 Jan 2100 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"
HOLDS: list[dict[str, str]] = [
    {"CopySourceIfMatch": "ETAG"},
    {"CopySourceIfNoneMatch": OTHER},
    {"CopySourceIfModifiedSince": EARLIER},
    {"CopySourceIfUnmodifiedSince": LATER},
    {"CopySourceIfMatch": "ETAG", "CopySourceIfUnmodifiedSince": EARLIER},
]
FAILS: list[dict[str, str]] = [
    {"CopySourceIfMatch": OTHER},
    {"CopySourceIfNoneMatch": "ETAG"},
    {"CopySourceIfModifiedSince": LATER},
    {"CopySourceIfUnmodifiedSince": EARLIER},
    {"CopySourceIfNoneMatch": "ETAG", "CopySourceIfModifiedSince": EARLIER},
]


def copy_part(s3: Any, key: str, **condition: str) -> None:
    upload = s3.create_multipart_upload(Bucket="conditions", Key=key)["UploadId"]
    where = {"Bucket": "conditions", "Key": key, "UploadId": upload, "PartNumber": 1}
    s3.upload_part_copy(**where, CopySource="conditions/source", **condition)


def copy_source(s3: Any, key: str, **condition: str) -> None:
    s3.copy_object(Bucket="conditions", Key=key, CopySource="conditions/source", **condition)


COPIES: dict[str, Callable[..., None]] = {"object": copy_source, "part": copy_part}


def of_source(s3: Any, condition: dict[str, str]) -> dict[str, str]:
    etag = put(s3, "source", b"new")
    return {name: etag if value == "ETAG" else value for name, value in condition.items()}


@pytest.mark.parametrize("condition", HOLDS, ids=" ".join)
@pytest.mark.parametrize("call", COPIES.values(), ids=COPIES)
def test_a_copy_is_made_while_its_source_is_as_demanded(
    s3: Any, call: Callable[..., None], condition: dict[str, str]
) -> None:
    call(s3, unique("copy"), **of_source(s3, condition))


@pytest.mark.parametrize("condition", FAILS, ids=" ".join)
@pytest.mark.parametrize("call", COPIES.values(), ids=COPIES)
def test_no_copy_is_made_of_a_source_that_is_not_as_demanded(
    s3: Any, call: Callable[..., None], condition: dict[str, str]
) -> None:
    demand = of_source(s3, condition)
    assert refusal(lambda: call(s3, unique("copy"), **demand)) == ("PreconditionFailed", 412)


@pytest.mark.parametrize("condition", [{"IfMatchSize": 3}, {"IfMatchLastModifiedTime": EARLIER}], ids=" ".join)
def test_a_delete_with_a_condition_of_directory_buckets_deletes_nothing(s3: Any, condition: dict[str, Any]) -> None:
    key = unique("key")
    put(s3, key)
    delete = {"Bucket": "conditions", "Key": key, **condition}
    assert (refusal(lambda: s3.delete_object(**delete)), body_of(s3, key)) == (("NotImplemented", 501), b"old")


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"Size": 3}, "NotImplemented"),
        ({"LastModifiedTime": EARLIER}, "NotImplemented"),
        ({"VersionId": "7"}, "InvalidArgument"),
    ],
    ids=["size", "time", "version"],
)
def test_in_a_batch_a_condition_that_cannot_be_kept_deletes_nothing(
    s3: Any, condition: dict[str, Any], code: str
) -> None:
    key = unique("key")
    put(s3, key)
    answer = s3.delete_objects(Bucket="conditions", Delete={"Objects": [{"Key": key, **condition}]})
    assert ([entry["Code"] for entry in answer["Errors"]], body_of(s3, key)) == ([code], b"old")
