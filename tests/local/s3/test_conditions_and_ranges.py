"""Conditional and ranged downloads."""

import pytest

from tests.local.s3.served_store import Store, put, read, refusal


@pytest.mark.parametrize(
    ("range_header", "expected"),
    [("bytes=0-3", b"0123"), ("bytes=7-", b"789"), ("bytes=-2", b"89"), ("bytes=8-99", b"89")],
)
def test_a_range_is_answered_with_its_bytes(store: Store, range_header: str, expected: bytes) -> None:
    put(store, "key", body=b"0123456789")
    assert read(store, "key", Range=range_header) == expected


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
