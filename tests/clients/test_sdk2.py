"""The SageMaker SDK 2, unchanged, on the local service: the guide from CSV to a deleted endpoint."""

import subprocess
from pathlib import Path

import pytest

from tests.local_service import PROJECT, ROLE, LocalService

pytestmark = pytest.mark.clients
PYTHON = PROJECT / ".venv-clients" / "bin" / "python"
SCRIPT = Path(__file__).with_name("guide_sdk2.py")


def test_the_guide_runs_to_its_end(local: LocalService, tmp_path: Path) -> None:
    environment = {**local.environment(), "HOME": str(tmp_path), "SAGEMAKER_SUPPRESS_V2_WARNING": "1"}
    done = subprocess.run([PYTHON, SCRIPT], env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-3000:]
    said = dict(line.lstrip("!").split(" ", 1) for line in done.stdout.splitlines()[-6:])
    assert said["role"] == f"{ROLE} 000000000000 sagemaker-us-east-1-000000000000"
    assert said["confusion"].startswith("[[5")
    assert (said["trials"], said["best"], said["left"]) == ("9", "True", "[]")
    assert float(said["ranked"]) > 0.95
