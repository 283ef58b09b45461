"""Answering with 10,000 jobs stored: DescribeTrainingJob over moto's server with the same, and lists by page."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

import boto3

from tests.bench import filled_folders
from tests.local import factories
from tests.local_service import LocalService, eventually

JOBS = 10_000
CALLS = 300
PAGE = 100


class ApiCalls:
    """Our service and moto's, each in a process of its own, over the same jobs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> "ApiCalls":
        self._local = LocalService(self._folder)
        job = factories.train(self._local)
        self._local.stop()
        filled_folders.multiply(self._folder, job["TrainingJobName"], [name(number) for number in range(JOBS)])
        self._local.start()
        self._ours = self._local.client("sagemaker")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "tests.bench.moto_jobs", str(port), str(JOBS)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self._moto = boto3.client(
            "sagemaker",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )
        eventually(lambda: _accepts(port))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._local.stop()
        self._process.terminate()
        self._process.wait()

    def ours(self) -> float:
        """Median seconds of a DescribeTrainingJob."""
        return _describe(self._ours)

    def plain(self) -> float:
        """The same of moto."""
        return _describe(self._moto)

    def page(self, **conditions: Any) -> float:
        """Median seconds of a page of the list of all jobs, or of those that meet `conditions`."""
        pages = self._ours.get_paginator("list_training_jobs").paginate(
            PaginationConfig={"PageSize": PAGE}, **conditions
        )
        times, found, began = [], 0, time.perf_counter()
        for page in pages:
            times.append(time.perf_counter() - began)
            found += len(page["TrainingJobSummaries"])
            began = time.perf_counter()
        assert found >= JOBS
        return median(times)


def name(number: int) -> str:
    """Of a job."""
    return f"bulk-{number:05d}"


def _describe(client: Any) -> float:
    times = []
    for number in range(CALLS):
        wanted = name(number * 37 % JOBS)
        began = time.perf_counter()
        found = client.describe_training_job(TrainingJobName=wanted)
        times.append(time.perf_counter() - began)
        assert found["TrainingJobName"] == wanted
    return median(times)


def _accepts(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0
