"""A real local service for tests: a process of its own over a folder, that can be killed and started again."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from configparser import ConfigParser
from pathlib import Path
from typing import Any

from services.aws.account import Account

PROJECT = Path(__file__).parents[1]
SHARED = PROJECT.parent / "shared" / "data"
ROLE = "arn:aws:iam::000000000000:role/SageDeckExecution"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"


class LocalService:
    """`python -m services.local serve` over `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._output = folder, folder.with_suffix(".said")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self, *options: str) -> None:
        """Start it and wait until it answers; `said` is what it prints."""
        (self.folder / "aws" / "config").unlink(missing_ok=True)
        command = [sys.executable, "-m", "services.local", "serve", "--with-parent", "--data-dir", str(self.folder)]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen([*command, *options], cwd=PROJECT, stdin=subprocess.PIPE, stdout=output)
        eventually(self._answers)

    @property
    def said(self) -> str:
        """What it has printed since it was last started."""
        return self._output.read_text()

    def kill(self) -> None:
        """As `kill -9` does."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdin
        self.process.stdin.close()

    def stop(self) -> None:
        """As Ctrl-C does."""
        assert self.process
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=150)

    @property
    def url(self) -> str:
        """Where it answers."""
        parser = ConfigParser()
        parser.read(self.folder / "aws" / "config")
        return parser.get("profile sagedeck", "endpoint_url", fallback="")

    @property
    def account(self) -> Account:
        """The account that the dashboard would use."""
        files = (self.folder / "aws" / "config", self.folder / "aws" / "credentials")
        return Account("This computer", "us-east-1", "sagedeck", files, role=ROLE)

    def client(self, name: str, **config: Any) -> Any:
        """A plain boto3 client, configured otherwise where `config` says so."""
        import boto3
        from botocore.config import Config

        from services.local.protocol.identity import keys

        own = keys(self.folder)
        return boto3.client(
            name,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=own.access,
            aws_secret_access_key=own.secret,
            config=Config(**config),
        )

    def environment(self) -> dict[str, str]:
        """The variables that `python -m services.local env` exports, with a PATH."""
        printed = subprocess.run(
            [sys.executable, "-m", "services.local", "env", "--data-dir", str(self.folder)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        pairs = (line.removeprefix("export ").partition("=") for line in printed.splitlines())
        return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **{n: v for n, _, v in pairs}}

    def _answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, "the service ended"
        try:
            return bool(self.url) and urllib.request.urlopen(f"{self.url}/_health", timeout=10).status == 200
        except (urllib.error.URLError, TimeoutError):
            return False


def eventually(condition: Any, within: float = 150, every: float = 0.1) -> Any:
    """The first true answer of `condition`; fails when there is none `within` seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(every)
    raise AssertionError(f"not within {within} s: {condition}")
