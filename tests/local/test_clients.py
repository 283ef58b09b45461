"""Other clients than boto3, unchanged: the AWS CLI and the SageMaker SDK, as `env` points them here."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.local import factories
from tests.local_service import LocalService

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("sdk_script.py")


def aws(local: LocalService, *arguments: str) -> str:
    command = [sys.executable, "-m", "awscli", *arguments, "--output", "json"]
    done = subprocess.run(command, env=local.environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_aws_cli_copies_a_large_file_there_and_back(local: LocalService, tmp_path: Path) -> None:
    factories.put_data(local)
    source, back = tmp_path / "source.bin", tmp_path / "back.bin"
    source.write_bytes(bytes(range(256)) * 80_000)  # 20 MB: several parts
    aws(local, "s3", "cp", str(source), f"s3://{factories.BUCKET}/cli/large.bin")
    aws(local, "s3", "cp", f"s3://{factories.BUCKET}/cli/large.bin", str(back))
    assert back.read_bytes() == source.read_bytes()


def test_an_address_that_the_aws_cli_presigned_opens(local: LocalService) -> None:
    local.client("s3").create_bucket(Bucket=factories.BUCKET)
    local.client("s3").put_object(Bucket=factories.BUCKET, Key="cli/shared.csv", Body=b"shared")
    url = aws(local, "s3", "presign", f"s3://{factories.BUCKET}/cli/shared.csv").strip()
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert answer.read() == b"shared"


def test_the_aws_cli_knows_who_it_is(local: LocalService) -> None:
    assert json.loads(aws(local, "sts", "get-caller-identity"))["Account"] == "000000000000"


def test_the_aws_cli_lists_training_jobs(local: LocalService) -> None:
    name = factories.train(local)["TrainingJobName"]
    listed = json.loads(aws(local, "sagemaker", "list-training-jobs"))["TrainingJobSummaries"]
    assert name in {job["TrainingJobName"] for job in listed}


def test_the_sagemaker_sdk_takes_a_model_from_data_to_a_deleted_endpoint(local: LocalService) -> None:
    data = factories.put_data(local)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), data], env=local.environment(), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-8:] == [
        "trained Completed",
        "tuned 12 best True True",
        "logged tuning 12 True matrix",
        "registered 1 PendingManualApproval",
        "approved The best of twelve",
        "scored 400",
        "invoked True",
        "left 0",
    ]
