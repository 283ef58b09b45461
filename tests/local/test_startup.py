"""The start-up file that `env` puts on PYTHONPATH: the SDK finds its role and asks STS on this computer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local_service import PROJECT, ROLE, LocalService

pytestmark = pytest.mark.slow


def say(environment: dict[str, str], script: str) -> str:
    """What a Python with that environment prints."""
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_the_sdk_finds_role_account_and_bucket_without_being_told(local: LocalService) -> None:
    script = (
        "from sagemaker.core.helper.session_helper import Session, get_execution_role\n"
        "print(get_execution_role(), Session().account_id(), Session().default_bucket())"
    )
    said = say(local.environment(), script)
    assert said.splitlines()[-1] == f"{ROLE} 000000000000 sagemaker-us-east-1-000000000000"


def test_without_the_address_of_the_service_the_sdk_is_as_it_was(local: LocalService) -> None:
    environment = {name: value for name, value in local.environment().items() if name != "AWS_ENDPOINT_URL"}
    script = (
        "from sagemaker.core.helper import session_helper as helper\n"
        "print(helper.NOTEBOOK_METADATA_FILE, helper.sts_regional_endpoint('us-east-1'))"
    )
    said = say(environment, script)
    assert said.splitlines()[-1] == "/opt/ml/metadata/resource-metadata.json https://sts.us-east-1.amazonaws.com"


def test_a_start_up_file_of_others_is_still_read(local: LocalService, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('theirs')")
    environment = local.environment()
    environment["PYTHONPATH"] += os.pathsep + str(tmp_path)
    assert say(environment, "print('ours')").split() == ["theirs", "ours"]


def test_what_is_on_pythonpath_stays_there_and_the_folder_is_put_there_once(local: LocalService) -> None:
    command = [sys.executable, "-m", "services.local", "env", "--data-dir", str(local.folder)]

    def python_path(before: str) -> str:
        environment = {**os.environ, "PYTHONPATH": before}
        printed = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
        line = next(line for line in printed.stdout.splitlines() if line.startswith("export PYTHONPATH="))
        return line.removeprefix("export PYTHONPATH=")

    once = python_path("/theirs")
    assert once.endswith("/startup:/theirs")
    assert python_path(once) == once
