"""Listings: order, pages, folders and prefixes."""

from pathlib import Path

import pytest

from tests.local.s3.served_store import Store, open_store, put


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
            "INSERT INTO objects VALUES ('bucket', ?, ?, 1, 'etag', 0, '{}')",
            ((f"folder{number % 3}/{number:06}", f"file{number}") for number in range(30_000)),
        )
    seen: list[int] = []
    objects.database.reading.set_progress_handler(lambda: seen.append(1), 100)
    listing = objects.page("bucket", delimiter="/")
    assert (listing.prefixes, len(seen) < 10) == (["folder0/", "folder1/", "folder2/"], True)
