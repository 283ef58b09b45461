"""docs/local-service.md tells what is there, all of it and nothing else."""

import re
import subprocess
import sys

import pytest

from services.local.api import trial_components
from services.local.jobs import quotas
from services.local.jobs.quotas import Quota
from services.local.protocol.wire import service_model
from services.local.s3 import rest
from services.local.server import ENDPOINT_PATH, OPERATIONS
from tests.local_service import PROJECT

TEXT = (PROJECT / "docs" / "local-service.md").read_text()


def documented() -> dict[str, list[str]]:
    """The operations of each service's table, in the order they stand there."""
    chapter = TEXT.partition("## What it does\n")[2].partition("\n## ")[0]
    sections = re.split(r"^### ", chapter, flags=re.MULTILINE)[1:]
    return {
        section.partition("\n")[0]: re.findall(r"^\| (\w+) \| ?(?:[^|]*)\|$", section, re.MULTILINE)[1:]
        for section in sections
    }


def offered() -> dict[str, set[str]]:
    """What the tables of the service have. S3's functions name their operation in their docstring's first word."""
    s3 = [*rest.OPERATIONS.values(), *rest.UPLOADS.values()]
    runtime = service_model("sagemaker-runtime")
    paths = {name: runtime.operation_model(name).http["requestUri"] for name in runtime.operation_names}
    return {
        **{name: set(operations) for name, operations in OPERATIONS.values()},
        "s3": {re.split(r"\W", function.__doc__ or "")[0] for function in s3},
        "sagemaker-metrics": set(trial_components.METRICS_OPERATIONS),
        "sagemaker-runtime": {name for name, path in paths.items() if ENDPOINT_PATH.fullmatch(path)},
    }


def test_services_are_told_of() -> None:
    assert set(documented()) == set(offered())


@pytest.mark.parametrize("service", sorted(offered()))
def test_every_operation_has_a_row_and_every_row_an_operation(service: str) -> None:
    assert set(documented()[service]) == offered()[service]


@pytest.mark.parametrize("service", sorted(offered()))
def test_rows_are_in_order_and_stand_once(service: str) -> None:
    assert documented()[service] == sorted(set(documented()[service]))


def test_every_operation_of_s3_is_one_that_aws_has() -> None:
    assert offered()["s3"] <= set(service_model("s3").operation_names)


def test_the_quotas_are_those_that_are_kept() -> None:
    limits = {quota.name: quota.limit for quota in vars(quotas).values() if isinstance(quota, Quota)}
    chapter = TEXT.partition("## Limits\n")[2].partition("\n## ")[0]
    assert {name: int(limit) for name, limit in re.findall(r"^\| (.+) \| (\d+) \|$", chapter, re.MULTILINE)} == limits


@pytest.mark.parametrize("command", sorted(set(re.findall(r"python -m services\.local ([\w-]+)", TEXT))))
def test_commands_are_there(command: str) -> None:
    command_line = [sys.executable, "-m", "services.local", command, "--help"]
    assert subprocess.run(command_line, cwd=PROJECT, capture_output=True, timeout=300).returncode == 0
