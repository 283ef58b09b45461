"""S3 as the project uses it, against a running local service."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.errors import Problem
from tests.local.factories import unique


@pytest.fixture
def home(account: Account) -> Address:
    """An empty bucket."""
    bucket = unique("bucket")
    s3.ensure_bucket(account, bucket)
    return Address(bucket, "")


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("s3://bucket/a/b.csv", Address("bucket", "a/b.csv")),
        (" s3://bucket/a/ \n", Address("bucket", "a/")),
        ("s3://bucket", Address("bucket", "")),
    ],
)
def test_an_address_is_read_as_people_write_it(uri: str, address: Address) -> None:
    assert Address.parse(uri) == address


@pytest.mark.parametrize("uri", ["", "bucket/key", "https://bucket/key", "s3:///key"])
def test_what_is_no_address_says_how_one_is_written(uri: str) -> None:
    with pytest.raises(Problem, match=r"it is not an S3 address. Write it as s3://bucket/folder/file.csv"):
        Address.parse(uri)


@pytest.mark.parametrize(("key", "joined"), [("", "s3://b/x"), ("a", "s3://b/a/x"), ("a/", "s3://b/a/x")])
def test_joining_puts_one_slash_between(key: str, joined: str) -> None:
    assert str(Address("b", key) / "x") == joined


def test_a_document_comes_back_as_it_was_written(account: Account, home: Address) -> None:
    document = {"name": "Zürich", "rows": {"train": 7}}
    s3.write_json(account, home / "a.json", document)
    assert s3.read_json(account, home / "a.json") == document


def test_a_file_goes_up_and_comes_down_with_its_progress(account: Account, home: Address, tmp_path: Path) -> None:
    content = bytes(range(256)) * 50_000  # 12.8 MB: several parts
    (tmp_path / "up").write_bytes(content)
    seen: list[tuple[int, int]] = []
    s3.upload(account, tmp_path / "up", home / "large", lambda *at: seen.append(at))
    assert (len(content), len(content)) in seen
    seen.clear()
    s3.download(account, home / "large", tmp_path / "down", lambda *at: seen.append(at))
    assert (len(content), len(content)) in seen
    assert (tmp_path / "down").read_bytes() == content


def test_keys_are_listed_with_their_sizes_beyond_the_first_page(account: Account, home: Address) -> None:
    for number in range(3):
        s3.write_json(account, home / "in" / f"{number}.json", {})
    s3.write_json(account, home / "out.json", {})
    assert list(s3.keys(account, home / "in/")) == [(f"in/{number}.json", 2) for number in range(3)]


def test_a_bucket_that_is_there_is_left_alone(account: Account, home: Address) -> None:
    s3.write_json(account, home / "kept.json", {})
    s3.ensure_bucket(account, home.bucket)
    assert [key for key, _ in s3.keys(account, home)] == ["kept.json"]


@pytest.mark.parametrize(
    "read",
    [
        s3.head,
        s3.read_bytes,
        lambda account, address: s3.read_beginning(account, address, 10),
        lambda account, address: s3.download(account, address, Path("never written")),
    ],
    ids=["head", "read_bytes", "read_beginning", "download"],
)
def test_a_missing_object_is_missing_and_named(
    account: Account, home: Address, read: Callable[[Account, Address], object]
) -> None:
    with pytest.raises(AwsError) as raised:
        read(account, home / "nothing")
    assert raised.value.is_missing
    assert raised.value.said == f"there is no {home / 'nothing'}"
    assert "may have been deleted in the meantime" in raised.value.remedy


def test_an_upload_into_a_missing_bucket_says_so(account: Account, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")
    with pytest.raises(AwsError, match=r"Put object on This computer.* Set an existing bucket in Settings") as raised:
        s3.upload(account, tmp_path / "file", Address("nowhere", "key"))
    assert raised.value.code == "NoSuchBucket"
