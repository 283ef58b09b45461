"""Every page, when who it asks is down or refuses: sentences that say what to do, and never a traceback."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.app import NAMES, errors, open_page, stand_at
from tests.profiles import KEYS, closed_port, write_profiles

pytestmark = pytest.mark.slow

EXPIRED = "The security token included in the request is expired"


class Expired(http.server.BaseHTTPRequestHandler):
    """An AWS to which every key has expired, in JSON or XML as it was asked."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "X-Amz-Target" in self.headers:
            body = f'{{"__type": "ExpiredTokenException", "message": "{EXPIRED}"}}'
        else:
            body = f"<E><Error><Code>ExpiredToken</Code><Message>{EXPIRED}</Message></Error></E>"
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def expired() -> Iterator[str]:
    """The address of an AWS to which every key has expired."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Expired) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def said(name: str, **query: str) -> list[str]:
    page = open_page(name, **query)
    return [*errors(page), *(error.value for error in page.sidebar.error)]


@pytest.mark.parametrize("name", NAMES)
def test_a_service_that_is_down_is_told_with_its_remedy(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "aws"
    folder.mkdir()
    (folder / "config").write_text(f"[profile sagedeck]\nregion = us-east-1\nendpoint_url = {closed_port()}\n")
    (folder / "credentials").write_text("[sagedeck]\naws_access_key_id = a\naws_secret_access_key = b\n")
    stand_at(monkeypatch, tmp_path)
    sentences = said(name)
    assert len(sentences) >= 2
    assert all(each.endswith("Start the service with make run, then reload this page.") for each in sentences)


@pytest.mark.parametrize("name", NAMES)
def test_a_service_that_never_ran_is_told_with_its_remedy(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_at(monkeypatch, tmp_path)
    sentences = said(name)
    assert len(sentences) >= 2
    assert all(each.endswith("Start the service with make run, then reload this page.") for each in sentences)


@pytest.mark.parametrize("name", NAMES)
def test_expired_credentials_say_how_to_sign_in_again(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, expired: str
) -> None:
    stand_at(monkeypatch, tmp_path)
    write_profiles(monkeypatch, tmp_path, **{tmp_path.name: {**KEYS, "endpoint_url": expired}})
    sentences = said(name, account=tmp_path.name)
    remedy = f"{EXPIRED}. Sign in again, e.g. aws sso login --profile {tmp_path.name}."
    assert len(sentences) >= 2
    assert all(each.endswith(remedy) for each in sentences)


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_aws_configuration_leaves_this_computer_usable(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_at(monkeypatch, tmp_path)
    write_profiles(monkeypatch, tmp_path)
    (tmp_path / "config").write_text("region = nowhere\n")
    sentences = said(name)
    assert any(each.startswith("AWS configuration: Unable to parse config file") for each in sentences)
    assert any(each.endswith("Start the service with make run, then reload this page.") for each in sentences)
