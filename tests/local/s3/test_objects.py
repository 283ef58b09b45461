"""Buckets and objects: what goes in comes out, is replaced, copied and deleted; what is missing is refused."""

import hashlib
import os

import pytest

from tests.local.s3.served_store import (
    MB,
    Store,
    keys,
    put,
    read,
    refusal,
    send,
)


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
    head_members = {name: head[name] for name in ("ContentType", "CacheControl", "Metadata", "ContentLength", "ETag")}
    assert head_members == {
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


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_the_asker_may_say_how_an_object_is_answered(store: Store, operation: str) -> None:
    put(store, "key")
    wishes = {
        "ContentType": "text/plain",
        "ContentLanguage": "de",
        "CacheControl": "no-store",
        "ContentDisposition": 'attachment; filename="a.txt"',
        "ContentEncoding": "identity",
    }
    asked = {f"Response{name}": value for name, value in wishes.items()}
    answer = getattr(store.client, operation)(Bucket="bucket", Key="key", **asked)
    assert {name: answer[name] for name in wishes} == wishes


@pytest.mark.parametrize("value", ["\u4e2d.csv", "a\r\nX-Injected: 1"], ids=["not ISO-8859-1", "two lines"])
def test_an_answer_that_no_header_can_hold_is_refused(store: Store, value: str) -> None:
    put(store, "key")
    asked = {"Bucket": "bucket", "Key": "key", "ResponseContentDisposition": value}
    assert refusal(store.client.get_object, **asked) == ("InvalidArgument", 400)


@pytest.mark.parametrize("call", ["get_object", "head_object", "delete_object"])
def test_the_version_null_is_the_object(store: Store, call: str) -> None:
    put(store, "key")
    answer = getattr(store.client, call)(Bucket="bucket", Key="key", VersionId="null")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)


@pytest.mark.parametrize(
    "path", ["/bucket?analytics", "/bucket?metrics", "/bucket/key?torrent", "/bucket/key?versionId=1"]
)
def test_what_is_not_offered_says_so(store: Store, path: str) -> None:
    assert send(store, "GET", path) == (501, "NotImplemented")
