"""Listings: order, pages, folders and prefixes."""

from pathlib import Path

import pytest

from tests.local.s3.served_store import Store, open_store, put

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_listing_by_folder_is_the_same_in_pages_of_any_size(store: Store, operation: str, size: int) -> None:
    put(store, "a", "b/1", "b/2", "b/3", "c", "d/x/1", "d/x/2", "größe +1", "z")
    pages = store.client.get_paginator(operation).paginate(
        Bucket="bucket", Delimiter="/", PaginationConfig={"PageSize": size}
    )
    entries: list[str] = []
    for page in pages:
        entries += [item["Key"] for item in page.get("Contents", [])]
        entries += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
    assert sorted(entries) == ["a", "b/", "c", "d/", "größe +1", "z"]


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
            "INSERT INTO objects VALUES ('bucket', ?, ?, 1, 'etag', 0, '{}', '[]')",
            ((f"folder{number % 3}/{number:06}", f"file{number}") for number in range(30_000)),
        )
    seen: list[int] = []
    objects.database.reading.set_progress_handler(lambda: seen.append(1), 100)
    listing = objects.page("bucket", delimiter="/")
    assert (listing.prefixes, len(seen) < 10) == (["folder0/", "folder1/", "folder2/"], True)


def test_buckets_are_listed_in_pages_below_a_prefix(store: Store) -> None:
    for name in ("data-a", "data-b", "data-c"):
        store.client.create_bucket(Bucket=name)
    pages = store.client.get_paginator("list_buckets").paginate(Prefix="data-", PaginationConfig={"PageSize": 2})
    assert [[bucket["Name"] for bucket in page["Buckets"]] for page in pages] == [["data-a", "data-b"], ["data-c"]]


@pytest.mark.parametrize(("region", "expected"), [("us-east-1", ["bucket"]), ("eu-west-1", [])])
def test_buckets_are_listed_by_region(store: Store, region: str, expected: list[str]) -> None:
    listed = store.client.list_buckets(BucketRegion=region)["Buckets"]
    assert [bucket["Name"] for bucket in listed] == expected


@pytest.mark.parametrize(
    ("operation", "arguments", "told"),
    [
        ("list_objects", {}, True),
        ("list_objects_v2", {}, False),
        ("list_objects_v2", {"FetchOwner": True}, True),
    ],
)
def test_a_listing_tells_owners_as_its_version_does(
    store: Store, operation: str, arguments: dict[str, bool], told: bool
) -> None:
    put(store, "key")
    item = getattr(store.client, operation)(Bucket="bucket", **arguments)["Contents"][0]
    assert ("Owner" in item) is told


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_every_object_is_the_one_version_of_its_key(store: Store, size: int) -> None:
    put(store, "a", "b/1", "b/2", "c")
    pages = store.client.get_paginator("list_object_versions").paginate(
        Bucket="bucket", PaginationConfig={"PageSize": size}
    )
    versions = [version for page in pages for version in page["Versions"]]
    assert [(version["Key"], version["VersionId"], version["IsLatest"]) for version in versions] == [
        (key, "null", True) for key in ("a", "b/1", "b/2", "c")
    ]


def test_a_bucket_is_emptied_version_by_version(store: Store) -> None:
    put(store, "a", "b")
    versions = store.client.list_object_versions(Bucket="bucket")["Versions"]
    objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
    store.client.delete_objects(Bucket="bucket", Delete={"Objects": objects})
    assert "Contents" not in store.client.list_objects_v2(Bucket="bucket")
