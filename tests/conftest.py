"""Fixtures that several rooms of the tests share."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_service import LocalService

# Threads of OpenMP that share a busy core wait for each other in a loop: ten times the time for small tables, and more.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OMP_THREAD_LIMIT"), "1")


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


def pytest_configure() -> None:
    """Nothing of what is collected is garbage, and looking for some takes a third of the time."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a browser first, then those with a service: a long one at the end would keep one worker alone."""
    weights: dict[Path, int] = {}
    for item in items:
        weight = next((weight for weight, name in ((2, "browser"), (1, "slow")) if item.get_closest_marker(name)), 0)
        weights[item.path] = max(weight, weights.get(item.path, 0))
    items.sort(key=lambda item: -weights[item.path])


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
