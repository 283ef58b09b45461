"""Fixtures of the pages over a running local service; a page over a fake has an `account` of its own."""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from pages.components.queries import inventory as inventory_queries
from services import service_health, settings
from services.aws import regions as aws_regions
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.shutdown import background
from services.shutdown.background import Background
from tests.local_service import LocalService
from tests.pages.app import stand_at
from tests.services.training_factory import make_data


@pytest.fixture(autouse=True, scope="session")
def _components_are_looked_for_once() -> Iterator[None]:
    """Every AppTest searches all installed packages for Streamlit components, which takes longer than most pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def _main_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """An AppTest leaves its page behind as `__main__`, which every process started later would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing that somebody kept on this machine, e.g. prices, is in a test."""
    monkeypatch.setattr(settings, "DATA_FOLDER", tmp_path)


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages wait for the service and for all of what runs, however busy the machine is."""
    for waits in (inventory_queries, service_health):
        monkeypatch.setattr(waits, "PATIENCE", 30.0)


@pytest.fixture(autouse=True)
def _two_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account whose regions cannot be listed has two: each is asked some fifty questions by every page."""
    monkeypatch.setattr(aws_regions, "DEFAULT_REGIONS", ("us-east-1", "eu-west-1"))


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Background]:
    """A background thread of the test's own, so that no other test's shutdown goes on in it. It watches no rules."""
    running = Background()
    monkeypatch.setattr(background, "SERVER", running)
    monkeypatch.setattr(background, "PACE", 0.05)
    monkeypatch.setattr(background, "QUIET", 0.1)
    monkeypatch.setattr(running, "watch", lambda account: None)
    yield running
    running.close()


@pytest.fixture
def account(local: LocalService, monkeypatch: pytest.MonkeyPatch) -> Account:
    """This computer, for the page and for the test."""
    stand_at(monkeypatch, local.folder)
    return local.account


@pytest.fixture(scope="module")
def data(local: LocalService) -> PreparedData:
    return make_data(local.account)
