"""The object store by its front door: real boto3, real HTTP, a real folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.local.s3.served_store import Store, application, client_of, open_store, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Starlette, int, Any]]:
    """One application for all tests, its port and a client; each test puts its own store behind it."""
    app = application(open_store(tmp_path_factory.mktemp("unused")))
    with serving(app) as port:
        client = client_of(port)
        yield app, port, client
        client.close()


@pytest.fixture
def store(server: tuple[Starlette, int, Any], tmp_path: Path) -> Store:
    app, port, client = server
    app.state.objects = open_store(tmp_path)
    client.create_bucket(Bucket="bucket")
    return Store(app.state.objects, tmp_path, port, client)
