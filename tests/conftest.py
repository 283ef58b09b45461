"""Fixtures that several rooms of the tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_service import LocalService


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    """A running local service, shared by the tests of a worker: give what you make names of your own."""
    service = LocalService(tmp_path_factory.mktemp("service"))
    yield service
    service.stop()


@pytest.fixture
def own_local(tmp_path: Path) -> Iterator[LocalService]:
    """A running local service of the test's own, to kill and restart."""
    service = LocalService(tmp_path / "service")
    yield service
    service.stop()
