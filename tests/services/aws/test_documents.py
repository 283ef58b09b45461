"""The store of our JSON: what cannot be read is named, and no writer overwrites another's change."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from services.aws import documents, s3
from services.aws.account import Account
from services.aws.documents import ChangedMeanwhileError, Document, UnreadableDocumentError
from services.aws.errors import AwsError
from services.aws.s3 import Address
from tests.local.factories import unique

NOW = datetime(2026, 11, 28, 18, 0, tzinfo=UTC)


class Shelf(Document):
    books: tuple[str, ...]


@pytest.fixture
def address(account: Account) -> Address:
    s3.ensure_bucket(account, account.default_bucket())
    return Address(account.default_bucket(), f"{unique('documents')}/shelf.json")


def put(account: Account, address: Address, body: bytes) -> None:
    account.call("s3", "put_object", Bucket=address.bucket, Key=address.key, Body=body)


def test_a_document_is_read_as_it_was_written(account: Account, address: Address) -> None:
    documents.create(account, address, Shelf(books=("one",)))
    stored = documents.read(account, address, Shelf)
    assert stored
    assert stored.document == Shelf(books=("one",))


def test_where_nothing_was_written_there_is_none(account: Account, address: Address) -> None:
    assert documents.read(account, address, Shelf) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is not JSON"),
        (b"\xff\xfe", "it is not JSON"),
        (b"[]", "it is not a JSON object"),
        (b"{}", "books: field required"),
        (b'{"books": 7}', "books: input should be"),
        (b'{"version": 2, "books": []}', "a newer SageDeck wrote it (version 2; 1 is known)"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_address(
    account: Account, address: Address, body: bytes, reason: str
) -> None:
    put(account, address, body)
    with pytest.raises(UnreadableDocumentError) as caught:
        documents.read(account, address, Shelf)
    assert caught.value.where == f"Document {address}"
    assert reason in caught.value.said


def test_a_folder_is_read_but_for_what_cannot_be(account: Account, address: Address) -> None:
    folder = Address(address.bucket, address.key.removesuffix("shelf.json"))
    documents.create(account, folder / "a.json", Shelf(books=("one",)))
    put(account, folder / "b.json", b"{}")
    documents.create(account, folder / "c.json", Shelf(books=("two",)))
    found = documents.read_folder(account, folder, Shelf)
    assert list(found.documents.values()) == [Shelf(books=("one",)), Shelf(books=("two",))]
    assert [each.address for each in found.unreadable] == [str(folder / "b.json")]


def test_what_is_set_aside_is_kept_beside_its_place_and_hinders_nobody(account: Account, address: Address) -> None:
    folder = Address(address.bucket, address.key.removesuffix("shelf.json"))
    put(account, address, b"{}")
    aside = documents.set_aside(account, address, NOW)
    assert s3.read_bytes(account, aside) == b"{}"
    assert documents.read(account, address, Shelf) is None
    assert documents.read_folder(account, folder, Shelf).unreadable == ()


def test_the_writer_who_comes_second_is_refused(account: Account, address: Address) -> None:
    documents.create(account, address, Shelf(books=()))
    stored = documents.read(account, address, Shelf)
    assert stored
    documents.replace(account, address, Shelf(books=("first",)), stored.etag)
    with pytest.raises(ChangedMeanwhileError):
        documents.replace(account, address, Shelf(books=("second",)), stored.etag)
    with pytest.raises(ChangedMeanwhileError):
        documents.create(account, address, Shelf(books=("second",)))
    left = documents.read(account, address, Shelf)
    assert left
    assert left.document.books == ("first",)


def test_a_document_that_was_deleted_meanwhile_is_not_written_anew(account: Account, address: Address) -> None:
    etag = documents.create(account, address, Shelf(books=()))
    documents.delete(account, address, etag)
    with pytest.raises(ChangedMeanwhileError):
        documents.replace(account, address, Shelf(books=("second",)), etag)


def test_a_document_that_was_changed_or_deleted_meanwhile_is_not_deleted(account: Account, address: Address) -> None:
    etag = documents.create(account, address, Shelf(books=()))
    changed = documents.replace(account, address, Shelf(books=("second",)), etag)
    with pytest.raises(ChangedMeanwhileError):
        documents.delete(account, address, etag)
    documents.delete(account, address, changed)
    with pytest.raises(ChangedMeanwhileError):
        documents.delete(account, address, changed)


def test_a_change_may_end_in_no_document_unless_another_writer_comes_first(account: Account, address: Address) -> None:
    etag = documents.create(account, address, Shelf(books=("one",)))

    def remove_the_first(shelf: Shelf | None) -> Shelf | None:
        if shelf == Shelf(books=("one",)):
            documents.replace(account, address, Shelf(books=("one", "two")), etag)
        return Shelf(books=shelf.books[1:]) if shelf and len(shelf.books) > 1 else None

    assert documents.update(account, address, Shelf, remove_the_first) == Shelf(books=("two",))
    assert documents.update(account, address, Shelf, remove_the_first) is None
    assert documents.read(account, address, Shelf) is None


def test_of_many_writers_none_is_lost(account: Account, address: Address) -> None:
    def add(book: str) -> None:
        def change(shelf: Shelf | None) -> Shelf:
            return Shelf(books=(*(shelf.books if shelf else ()), book))

        documents.update(account, address, Shelf, change)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, map(str, range(12))))
    stored = documents.read(account, address, Shelf)
    assert stored
    assert sorted(map(int, stored.document.books)) == list(range(12))


def test_what_cannot_be_read_is_never_written_over(account: Account, address: Address) -> None:
    put(account, address, b"{}")
    with pytest.raises(UnreadableDocumentError):
        documents.update(account, address, Shelf, lambda shelf: Shelf(books=("new",)))
    assert s3.read_bytes(account, address) == b"{}"


def test_a_refusal_is_no_missing_document() -> None:
    class Refusing(Account):
        def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
            raise AwsError("Get object", "not allowed", "Ask for s3:GetObject", "AccessDenied")

    with pytest.raises(AwsError):
        documents.read(Refusing("AWS", "us-east-1"), Address("bucket", "key"), Shelf)
