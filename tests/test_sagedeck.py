"""The dashboard's own service, as real processes: found, taken over, started again, and told when it hangs."""

import contextlib
import http.server
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import service_health, settings
from services.service_health import Health
from tests.local_service import PROJECT, LocalService, eventually
from tests.pages.app import errors, open_page, stand_at

pytestmark = pytest.mark.slow
KEEP = """
import sys, sagedeck
keeper = sagedeck.ServiceKeeper()
keeper.start()
print(keeper._child.pid if keeper._child else 0, flush=True)
sys.stdin.read()
keeper.close()
"""


class Dashboard:
    """The part of a dashboard that keeps a service on `folder`, as a process; `service` is its child's id, or 0."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", KEEP],
            cwd=PROJECT,
            env={**os.environ, "SAGEDECK_DATA": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        lines = iter(self.process.stdout.readline, "")
        self.service = int(next(line for line in lines if line.strip().isdigit()))

    def end(self) -> None:
        """As closing its terminal does."""
        self.process.communicate(timeout=150)


@contextlib.contextmanager
def dashboard(folder: Path) -> Iterator[Dashboard]:
    started = Dashboard(folder)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.end()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    stand_at(monkeypatch, tmp_path / "data")
    return tmp_path / "data"


def answers() -> bool:
    return service_health.check() is Health.OURS


def address() -> str:
    return settings.LOCAL_FILES[0].read_text()


class Web(http.server.BaseHTTPRequestHandler):
    """A program that answers everything with 200."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class NoWeb(socketserver.BaseRequestHandler):
    """A program that speaks no HTTP."""

    def handle(self) -> None:
        self.request.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


@pytest.mark.parametrize("program", [Web, NoWeb])
def test_another_program_on_the_old_port_is_not_taken_for_the_service(
    folder: Path, program: type[socketserver.BaseRequestHandler]
) -> None:
    (folder / "aws").mkdir(parents=True)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), program) as other:
        threading.Thread(target=other.serve_forever).start()
        url = f"http://127.0.0.1:{other.server_address[1]}"
        settings.LOCAL_FILES[0].write_text(f"[profile sagedeck]\nregion = us-east-1\nendpoint_url = {url}\n")
        assert service_health.check() is Health.OTHER
        assert errors(open_page("start"))[0] == (
            f"Service on this computer at `{url}`: another program answers there. Wait a moment, or restart SageDeck."
        )
        with dashboard(folder) as first:
            assert first.service
            assert answers()
            assert url not in address()
        other.shutdown()


def test_the_service_of_another_data_folder_is_not_taken_for_this_ones(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = LocalService(tmp_path_factory.mktemp("other"))
    (folder / "aws").mkdir(parents=True)
    settings.LOCAL_FILES[0].write_bytes((other.folder / "aws" / "config").read_bytes())
    assert service_health.check() is Health.OTHER
    other.stop()


@pytest.mark.parametrize("killed", [False, True])
def test_of_two_dashboards_on_one_folder_the_second_takes_over_when_the_first_ends(folder: Path, killed: bool) -> None:
    with dashboard(folder) as first, dashboard(folder) as second:
        assert first.service
        assert not second.service
        if killed:
            first.process.kill()
        first.end()
        eventually(lambda: not alive(first.service))
        eventually(answers)


def test_a_service_that_was_killed_is_started_again(folder: Path) -> None:
    with dashboard(folder) as first:
        os.kill(first.service, signal.SIGKILL)
        eventually(lambda: not answers())
        eventually(answers)
    assert service_health.check() is Health.DOWN


def test_a_service_that_hangs_is_told_within_five_seconds_and_the_page_returns_with_it(folder: Path) -> None:
    with dashboard(folder) as first:
        began = time.monotonic()
        assert not errors(open_page("start"))
        usual = time.monotonic() - began
        os.kill(first.service, signal.SIGSTOP)
        try:
            began = time.monotonic()
            page = open_page("start")
            assert time.monotonic() - began < usual + 5
            assert "it has not answered for 2 s. Wait a moment, or restart SageDeck." in errors(page)[0]
            assert page.sidebar.selectbox(key="account").options
        finally:
            os.kill(first.service, signal.SIGCONT)
        eventually(answers)
        assert not errors(open_page("start"))


def test_a_dashboard_whose_service_hangs_still_ends_and_the_service_with_it(folder: Path) -> None:
    with dashboard(folder) as first:
        os.kill(first.service, signal.SIGSTOP)
    assert not alive(first.service)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
