"""Who reaches the service: this computer, or whom it was opened to; and one service a data folder."""

import fcntl
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.local_service import PROJECT, LocalService

pytestmark = pytest.mark.slow


def serve(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and last words of a service that is not to start."""
    ended = subprocess.run(
        [sys.executable, "-m", "services.local", "serve", "--data-dir", str(folder), *options],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return ended.returncode, ended.stderr.strip()


def status(url: str, host: str) -> int:
    """What a request with this Host header is answered."""
    try:
        return int(urllib.request.urlopen(urllib.request.Request(f"{url}/_health", headers={"Host": host})).status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_a_second_service_on_the_same_folder_refuses_and_names_the_first(own_local: LocalService) -> None:
    message = (
        f"Data folder {own_local.folder}: another service serves it at {own_local.url}. Use that one, or stop it first."
    )
    assert serve(own_local.folder) == (1, message)


def test_a_service_waits_a_moment_for_what_the_last_one_left_to_let_go(own_local: LocalService) -> None:
    own_local.stop()
    with (own_local.folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        threading.Timer(1, fcntl.flock, (held, fcntl.LOCK_UN)).start()
        own_local.start()
    assert own_local.url


def test_after_a_kill_the_folder_is_free_at_once(own_local: LocalService) -> None:
    own_local.kill()
    own_local.start()
    assert own_local.client("s3").list_buckets()["Buckets"] == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "example.com"])
def test_it_does_not_listen_elsewhere_unasked(tmp_path: Path, host: str) -> None:
    code, message = serve(tmp_path / "data", "--host", host)
    assert (code, message) == (
        1,
        f"Address {host}: other computers could reach the service there. Leave --host out, or add --open-to-network if "
        "that is what you want.",
    )


def test_an_address_that_is_not_ours_is_refused_in_a_sentence(tmp_path: Path) -> None:
    code, message = serve(tmp_path / "data", "--host", "192.0.2.7", "--open-to-network")
    assert (code, message.startswith("Address 192.0.2.7, port any: "), "Traceback" in message) == (1, True, False)


def test_a_port_that_is_taken_is_refused_in_a_sentence(own_local: LocalService, tmp_path: Path) -> None:
    port = own_local.url.rpartition(":")[2]
    code, message = serve(tmp_path / "data", "--port", port)
    assert (code, message.startswith(f"Address 127.0.0.1, port {port}: ")) == (1, True)


@pytest.mark.parametrize("host", ["attacker.example", "127.0.0.1.attacker.example", "[", "", "10.0.0.1"])
def test_only_a_loopback_host_is_answered(own_local: LocalService, host: str) -> None:
    assert status(own_local.url, host) in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1234", "[::1]:80"])
def test_every_name_of_this_computer_is_answered(own_local: LocalService, host: str) -> None:
    assert status(own_local.url, host) == 200


def test_opened_to_the_network_it_answers_at_its_address_and_still_asks_for_keys(own_local: LocalService) -> None:
    own_local.stop()
    own_local.start("--host", "0.0.0.0", "--open-to-network")
    port = own_local.url.rpartition(":")[2]
    other = f"http://127.0.0.2:{port}"  # an address of this computer's that is not among its usual names
    unsigned = urllib.request.Request(f"{other}/bucket", method="GET")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(unsigned)
    assert (status(other, f"127.0.0.2:{port}"), status(other, "attacker.example")) == (200, 403)


def test_closed_it_does_not_listen_at_other_addresses(own_local: LocalService) -> None:
    port = int(own_local.url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port), timeout=5):
        pass
