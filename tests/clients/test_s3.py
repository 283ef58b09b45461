"""Clients of S3 that are not boto3, unchanged, on the local service: each goes the same way and sees the same."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.factories import unique
from tests.local_service import PROJECT, LocalService

PYTHON = PROJECT / ".venv-clients" / "bin" / "python"
SCRIPT = Path(__file__).with_name("s3_clients.py")
OF_THEIR_OWN = ("s3fs", "awswrangler", "minio", "s3cmd", "rclone")  # in requirements-clients.txt, or a program


def require_whole(local: LocalService, python: Path, client: str) -> None:
    """Fails unless the client sees on its way what is there."""
    folder = unique(client)
    done = subprocess.run(
        [python, SCRIPT, client, folder],
        env=local.environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    here = [f"{folder}/deep", f"{folder}/large.bin", f"{folder}/small.bin"]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "listed": here,
        "found": [f"{folder}/deep/er/größe 1+1.csv"],
        "same": True,
        "copied": True,
        "left": [f"{folder}/copies", here[0], here[2]],
    }


@pytest.mark.slow
@pytest.mark.parametrize("client", ["pyarrow", "s3fs"])
def test_a_client_that_sagedeck_itself_has_is_whole(local: LocalService, client: str) -> None:
    require_whole(local, Path(sys.executable), client)


@pytest.mark.clients
@pytest.mark.parametrize("client", OF_THEIR_OWN)
def test_a_client_with_an_environment_of_its_own_is_whole(local: LocalService, client: str) -> None:
    if client == "rclone" and not shutil.which("rclone"):
        pytest.skip("rclone is not installed here")
    require_whole(local, PYTHON, client)
