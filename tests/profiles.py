"""AWS profiles in files of a test's own, so that no test sees the profiles or keys of whoever runs it."""

import socket
from configparser import ConfigParser
from pathlib import Path

import pytest

KEYS = {"aws_access_key_id": "AKIATESTING", "aws_secret_access_key": "secret"}


def write_profiles(monkeypatch: pytest.MonkeyPatch, folder: Path, **profiles: dict[str, str]) -> None:
    """Make `profiles` the only ones there are, and nothing else lead to keys."""
    config = ConfigParser()
    config.read_dict({f"profile {name}": {"region": "us-east-1", **given} for name, given in profiles.items()})
    with (folder / "config").open("w") as file:
        config.write(file)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def closed_port() -> str:
    """An address where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
