"""A document of ours that cannot be read is named where it is needed, set aside in Settings, and hinders no page."""

from collections.abc import Iterator

import pytest

from pages.components.shell import sitemap
from services import stored_documents
from services.aws import documents, s3
from services.aws.account import Account
from services.aws.s3 import Address
from services.data.sets import looks
from tests.local_service import LocalService
from tests.pages.app import errors, open_page, stand_at, words

DAMAGE = {"not JSON": b"<html>", "no object": b"[]", "empty": b"{}", "a newer version": b'{"version": 99}'}
PAGES = [name for section in sitemap.SECTIONS.values() for name, _, _ in section]
STOPPED = "stopped it"  # what a person reads of a fault that nobody foresaw


def places(account: Account) -> list[Address]:
    """An address of every kind of document."""
    listed = [address for address, _ in stored_documents.kinds(account)]
    broken = Address(account.default_bucket(), "sagedeck/data/broken/")
    of_a_set = [broken / "manifest.json", broken / "recipe.json", broken / looks.NAME]
    return [*(address / "broken.json" if address.key.endswith("/") else address for address in listed), *of_a_set]


@pytest.fixture(scope="module", params=[*DAMAGE])
def damaged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    """A service whose account has a damaged document of every kind."""
    service = LocalService(tmp_path_factory.mktemp("service"))
    account = service.account
    s3.ensure_bucket(account, account.default_bucket())
    for address in places(account):
        account.call("s3", "put_object", Bucket=address.bucket, Key=address.key, Body=DAMAGE[request.param])
    yield service
    service.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_with_damaged_documents(
    damaged: LocalService, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    stand_at(monkeypatch, damaged.folder)
    page = open_page(name)
    assert not page.exception
    assert not [problem for problem in errors(page) if STOPPED in problem]


@pytest.mark.slow
def test_costs_and_settings_name_what_cannot_be_read(damaged: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_at(monkeypatch, damaged.folder)
    costs, settings = open_page("costs"), words(open_page("settings"))
    told = "\n".join(message.value for message in (*costs.warning, *costs.error))
    for address in places(damaged.account):
        assert f"Document {address}" in settings
        if any(folder in address.key for folder in ("/ledger/", "/parked/", "/shutdowns/")):
            assert f"Document {address}" in told


@pytest.mark.slow
def test_a_damaged_limit_lets_nothing_be_launched(damaged: LocalService) -> None:
    from services.costs import launch_budget

    with pytest.raises(documents.UnreadableDocumentError):
        launch_budget.load(damaged.account)


@pytest.mark.slow
def test_documents_that_are_set_aside_are_kept_and_no_longer_told(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    account = own_local.account
    s3.ensure_bucket(account, account.default_bucket())
    (address, *_) = places(account)
    account.call("s3", "put_object", Bucket=address.bucket, Key=address.key, Body=b"{}")
    page = open_page("settings")
    page.button(key=f"set_aside_{address}").click().run()
    assert f"Document {address}" not in words(page)
    assert any(documents.ASIDE in key for key in s3.folder_keys(account, Address(address.bucket, address.key)))
