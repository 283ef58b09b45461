"""Clients of S3 that are not boto3, unchanged, on the local service: each goes the same way and sees the same."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local_service import PROJECT, LocalService

PYTHON = PROJECT / ".venv-clients" / "bin" / "python"
SCRIPT = Path(__file__).with_name("s3_clients.py")
OF_THEIR_OWN = ("s3fs", "awswrangler", "minio", "s3cmd", "rclone")  # in requirements-clients.txt, or a program


def walk(local: LocalService, python: Path, client: str) -> dict[str, object]:
    """What the client said that it saw."""
    done = subprocess.run(
        [python, SCRIPT, client], env=local.environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return seen


def expected(folder: str) -> dict[str, object]:
    here = [f"{folder}/deep", f"{folder}/large.bin", f"{folder}/small.bin"]
    return {
        "listed": here,
        "found": [f"{folder}/deep/er/größe 1+1.csv"],
        "same": True,
        "copied": True,
        "left": [f"{folder}/copies", here[0], here[2]],
    }


@pytest.mark.slow
@pytest.mark.parametrize("client", ["pyarrow", "s3fs"])
def test_a_client_that_sagedeck_itself_has_is_whole(local: LocalService, client: str) -> None:
    assert walk(local, Path(sys.executable), client) == expected(client)


@pytest.mark.clients
@pytest.mark.parametrize("client", OF_THEIR_OWN)
def test_a_client_with_an_environment_of_its_own_is_whole(local: LocalService, client: str) -> None:
    if client == "rclone" and not shutil.which("rclone"):
        pytest.skip("rclone is not installed here")
    assert walk(local, PYTHON, client) == expected(client)
