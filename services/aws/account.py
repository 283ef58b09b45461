"""The one door to boto3: sessions, clients, paging, and every refusal in our words.

Nothing else in the project catches a botocore exception. This computer and AWS differ only in the profile they are
reached by: an endpoint address, keys and a region in a config file.
"""

from __future__ import annotations

import os
import re
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
from botocore import exceptions, xform_name
from botocore.config import Config
from botocore.loaders import create_loader

from services.errors import Problem

# Three adaptive tries ride out throttling; a service that is down answers a person within seconds.
CLIENT = Config(
    retries={"mode": "adaptive", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=20,
    max_pool_connections=32,
)
# An invocation may take a minute, and so may the last call of a large upload.
PATIENT = Config(read_timeout=70)
PATIENT_SERVICES = {"sagemaker-runtime", "s3"}
# The user's config and credentials file, and the variables that move them.
OWN_FILES = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
# Reads AWS's models once for the sessions of all accounts and regions: SageMaker's alone takes 70 ms.
LOADER = create_loader()
_building = threading.Lock()


class AwsError(Problem):
    """A request that was refused or never answered. `code` is AWS's error code, or botocore's exception name."""

    def __init__(self, where: str, said: str, remedy: str, code: str) -> None:
        super().__init__(where, said, remedy)
        self.args, self.code = (where, said, remedy, code), code

    @property
    def is_missing(self) -> bool:
        """Whether what was asked for does not exist (any more); SageMaker mostly says so in words."""
        said = self.said.lower()
        return self.code in MISSING or (
            self.code == "ValidationException" and any(words in said for words in MISSING_WORDS)
        )


class ReadOnly(exceptions.BotoCoreError):
    """A change was asked for while this dashboard only reads."""

    fmt = "this dashboard is in read-only mode, and {operation} changes something"


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
            raise translated(error, self, service, operation) from error

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


def profiles() -> list[str]:
    """The profiles of the user's own AWS files, in the order of the file. Raises Problem for files that are broken."""
    try:
        found: list[str] = botocore.session.Session().available_profiles
    except exceptions.BotoCoreError as error:
        raise Problem("AWS configuration", _said(error), "Correct the file, then reload this page") from error
    return found


def regions(profile: str | None) -> list[str]:
    """The regions SageMaker is in, the profile's own first. Raises Problem for a profile that is not there."""
    core = botocore.session.Session(profile=profile)
    try:
        own = core.get_config_variable("region") or "us-east-1"
    except exceptions.BotoCoreError as error:
        raise Problem("AWS configuration", _said(error), "Correct the file, or name another profile") from error
    return [own, *(region for region in core.get_available_regions("sagemaker") if region != own)]


@dataclass(frozen=True)
class Elsewhere:
    """An account in its other regions; `refusal`: why these are only the ones that every account begins with."""

    accounts: tuple[Account, ...]
    refusal: AwsError | None = None


def elsewhere(account: Account) -> Elsewhere:
    """The account in every other region that is switched on for it; none on this computer. Raises AwsError."""
    if not account.bills:
        return Elsewhere(())
    wanted = {"RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"], "MaxResults": 50}
    found, refusal = list(FIRST_REGIONS), None
    try:
        found = [item["RegionName"] for item in account.pages("account", "list_regions", "Regions", **wanted)]
    except AwsError as error:
        refusal = error
    with account.speaking("", "session"):
        offered = account.session().get_available_regions("sagemaker")
    return Elsewhere(tuple(account.at(name) for name in found if name in offered and name != account.region), refusal)


def _only_read(model: Any, **_: Any) -> None:
    """Of every client of a session, the SageMaker SDK's among them: refuse what is not reading."""
    if not model.name.startswith(READING):
        raise ReadOnly(operation=model.name)


@lru_cache(maxsize=64)
def _session(account: Account, edition: tuple[int, ...]) -> boto3.Session:
    core = botocore.session.Session(profile=account.profile)
    core.register_component("data_loader", LOADER)
    if account.files:
        core.set_config_variable("config_file", str(account.files[0]))
        core.set_config_variable("credentials_file", str(account.files[1]))
    core.set_config_variable("region", account.region)
    core.set_default_client_config(CLIENT)
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
# AWS says "not there" in as many ways as it has teams.
MISSING = {"404", "NoSuchKey", "NoSuchBucket", "ResourceNotFound", "ResourceNotFoundException"}
MISSING_WORDS = ("could not find", "not found", "recordnotfound", "does not exist")
# On for every account. Reference: AWS Account Management, regions that are enabled by default
FIRST_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1"),
    *("ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
)
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
# Requests to S3 whose IAM action has another name. Reference: Service Authorization Reference, Amazon S3
ACTIONS = {
    "CopyObject": "PutObject",
    "HeadBucket": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadObject": "GetObject",
}
# Services whose actions have another prefix.
PREFIXES = {
    "sagemaker-runtime": "sagemaker",
    "sagemaker-metrics": "sagemaker",
    "sagemaker-a2i-runtime": "sagemaker",
    "resourcegroupstaggingapi": "tag",
}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
REFUSED_KEYS = {
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "AuthFailure",
}
THROTTLED = {
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "SlowDown",
    "RequestLimitExceeded",
}
LONG_LIST = re.compile(r"\[[^\]]{300,}\]")  # AWS answers a wrong instance type with the names of all others
REMEDIES = {
    "ResourceInUse": "Choose another name: SageMaker keeps each name for ever",
    "ResourceLimitExceeded": "Ask for a higher quota in the Service Quotas console, or stop something first",
    "ResourceNotFound": "It may have been deleted meanwhile; refresh the page",
    "NoSuchKey": "It may have been deleted meanwhile; refresh the page",
    "NoSuchBucket": "Set an existing bucket in Settings, or prepare the data again",
    "OptInRequiredException": "Opt in on the console of Compute Optimizer; it costs nothing and begins within a day",
    "ModelError": "Check that the rows have the columns the model was trained on",
}


def translated(error: Exception, account: Account, service: str, operation: str) -> AwsError:
    """What botocore or boto3 raised as one sentence: where it was asked, what was answered, what to do."""
    where = f"{xform_name(operation).replace('_', ' ').capitalize()} on {account.title}, {account.region}"
    if isinstance(error, Boto3Error):  # a transfer's own error hides who refused a part of it
        error = getattr(error, "last_exception", None) or error.__context__ or error
    if isinstance(error, exceptions.ClientError):
        code = error.response["Error"].get("Code", "Unknown")
        said = LONG_LIST.sub("[…]", error.response["Error"].get("Message") or code)
        if code in DENIED:
            return AwsError(where, said, f"Ask for the IAM action {_action(said, service, operation)}", code)
        return AwsError(where, said, _remedy(code, account), code)
    code = type(error).__name__
    return AwsError(where, _said(error), _connection_remedy(error, account), code)


def spelled(operation: str) -> str:
    """An operation as AWS spells it: "list_auto_ml_jobs" is "ListAutoMLJobs"."""
    return "".join(word.upper() if word in ("ai", "ml") else word.capitalize() for word in operation.split("_"))


def action_of(service: str, operation: str) -> str:
    """The IAM action of a request: "s3:ListBucket" of s3 and list_objects_v2."""
    name = spelled(operation)
    return f"{PREFIXES.get(service, service)}:{ACTIONS.get(name, name)}"


def _action(said: str, service: str, operation: str) -> str:
    """The IAM action that is missing: AWS mostly names it, and it may be another one, e.g. iam:PassRole."""
    named = re.search(r"not authorized to perform:? ([a-z-]+:\w+)", said)
    return named[1] if named else action_of(service, operation)


def _remedy(code: str, account: Account) -> str:
    if code in EXPIRED:
        return f"Sign in again, e.g. aws sso login{f' --profile {account.profile}' if account.profile else ''}"
    if code in REFUSED_KEYS:
        return f"Check the keys of profile {account.profile or 'default'} with aws sts get-caller-identity"
    if code in THROTTLED:
        return "Wait a moment and try again: AWS limits how often this may be asked"
    return REMEDIES.get(code, "Correct it and try again")


def _said(error: Exception) -> str:
    if isinstance(error, exceptions.EndpointConnectionError | exceptions.ConnectTimeoutError):
        return f"nothing answers at {error.kwargs.get('endpoint_url', 'its address')}"
    return " ".join(str(error).split())


def _connection_remedy(error: Exception, account: Account) -> str:
    if isinstance(error, ReadOnly):
        return "Switch the mode off in Settings, if you may"
    if isinstance(error, exceptions.ParamValidationError):
        return "Correct the value and try again"
    if account.files:
        return "Start the service with make run, then reload this page"
    if isinstance(
        error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError | exceptions.ProfileNotFound
    ):
        return "Run aws configure, or choose another account in the sidebar"
    if isinstance(error, exceptions.TokenRetrievalError | exceptions.SSOError):
        return f"Sign in again, e.g. aws sso login --profile {account.profile}"
    return "Check the network and the region, then reload this page"
