"""The one door to boto3: sessions, clients, paging, and every refusal in our words.

Nothing else in the project catches a botocore exception. This computer and AWS differ only in the profile they are
reached by: an endpoint address, keys and a region in a config file.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from boto3.exceptions import Boto3Error
from botocore import exceptions
from botocore.config import Config
from botocore.loaders import create_loader

from services.aws import profile_faults
from services.aws.errors import ReadOnlyError, translate

# Three adaptive tries ride out throttling; a service that is down answers a person within seconds.
CLIENT = Config(
    retries={"mode": "adaptive", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=20,
    max_pool_connections=32,
)
# This computer throttles nobody: a service that hangs while it is asked frees the page after 20 s.
HERE = CLIENT.merge(Config(retries={"mode": "adaptive", "total_max_attempts": 2}, read_timeout=10))
# An invocation may take a minute, and so may the last call of a large upload.
PATIENT = Config(read_timeout=70)
PATIENT_SERVICES = {"sagemaker-runtime", "s3"}
# The user's config and credentials file, and the variables that move them.
OWN_FILES = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
# Reads AWS's models once for the sessions of all accounts and regions: SageMaker's alone takes 70 ms.
LOADER = create_loader()
_building = threading.Lock()


@dataclass(frozen=True)
class Identity:
    """Who AWS says we are (STS GetCallerIdentity)."""

    account: str
    arn: str


@dataclass(frozen=True)
class Account:
    """An account in a region, as one profile reaches it. A value: equal accounts share their clients.

    title:   what the screen calls it, "This computer" or "AWS".
    profile: the profile's name; None lets boto3's own credential chain decide.
    files:   config and credentials file, where they are not the user's own `~/.aws`.
    role:    ARN of the execution role that jobs and models run under.
    bucket:  where data and models go; None means SageMaker's default bucket.
    read_only: whether every request that would change something is refused before it is sent.
    """

    title: str
    region: str
    profile: str | None = None
    files: tuple[Path, Path] | None = None
    role: str | None = None
    bucket: str | None = None
    read_only: bool = False

    @property
    def bills(self) -> bool:
        """Whether what runs here costs money."""
        return self.files is None

    def at(self, region: str) -> Account:
        """The same account in `region`."""
        return self if region == self.region else replace(self, region=region)

    def client(self, service: str) -> Any:
        """The boto3 client of `service`, made once per account; safe to share between threads."""
        return _client(self, service, self._edition())

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """One request, `operation` in boto3's spelling ("describe_endpoint"). Raises AwsError."""
        with self.speaking(service, operation):
            answer: dict[str, Any] = getattr(self.client(service), operation)(**parameters)
        return answer

    @contextmanager
    def speaking(self, service: str, operation: str) -> Iterator[None]:
        """Turn what botocore raises inside into AwsError: for calls others make, and answers that stream in later."""
        try:
            yield
        except (exceptions.BotoCoreError, exceptions.ClientError, Boto3Error) as error:
            raise translate(error, self, service, operation) from error
        except profile_faults.OF_OTHERS as error:
            if not profile_faults.is_of_credentials(error):
                raise
            raise translate(error, self, service, operation) from error

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Every item under `key` of a paged list, page by page as it is consumed. Raises AwsError."""
        while True:
            answer = self.call(service, operation, **parameters)
            yield from answer[key]
            token = next((name for name in NEXT_TOKENS if answer.get(name)), None)
            if token is None:
                return
            parameters[token] = answer[token]

    def identity(self) -> Identity:
        """Who we are here; asked once per account. Raises AwsError."""
        return _identity(self, self._edition())

    def default_bucket(self) -> str:
        """The bucket of this account's data, by SageMaker's own naming where none is set."""
        return self.bucket or f"sagemaker-{self.region}-{self.identity().account}"

    def session(self) -> boto3.Session:
        """The boto3 session, for the SageMaker SDK, which makes its own clients. Raises AwsError."""
        with self.speaking("", "session"):
            return _session(self, self._edition())

    def _edition(self) -> tuple[int, ...]:
        """When the files behind the profile last changed, so that new keys or a new address count at once."""
        own = [os.environ.get(name, default) for name, default in OWN_FILES.items()]
        files = self.files or [Path(name).expanduser() for name in own]
        return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)


def _only_read(model: Any, **_: Any) -> None:
    """Of every client of a session, the SageMaker SDK's among them: refuse what is not reading."""
    if not model.name.startswith(READING):
        raise ReadOnlyError(operation=model.name)


@lru_cache(maxsize=64)
def _session(account: Account, edition: tuple[int, ...]) -> boto3.Session:
    core = botocore.session.Session(profile=account.profile)
    core.register_component("data_loader", LOADER)
    if account.files:
        core.set_config_variable("config_file", str(account.files[0]))
        core.set_config_variable("credentials_file", str(account.files[1]))
    core.set_config_variable("region", account.region)
    core.set_default_client_config(CLIENT if account.bills else HERE)
    profile_faults.never_ask(core)
    if account.read_only:
        core.register("before-call", _only_read)
    return boto3.Session(botocore_session=core)


@lru_cache(maxsize=512)
def _client(account: Account, service: str, edition: tuple[int, ...]) -> Any:
    with _building:  # boto3 sessions may not build two clients at once
        config = PATIENT if service in PATIENT_SERVICES else None
        return _session(account, edition).client(service, config=config)


@lru_cache(maxsize=64)
def _identity(account: Account, edition: tuple[int, ...]) -> Identity:
    answer = account.call("sts", "get_caller_identity")
    return Identity(answer["Account"], answer["Arn"])


NEXT_TOKENS = ("NextToken", "nextToken", "NextPageToken")  # what services call the way to the next page
# How the names of requests begin that change nothing. Asking an endpoint is one of them.
READING = ("List", "Describe", "Get", "Head", "Search", "BatchGet", "BatchDescribe", "Filter", "Simulate", "Invoke")
