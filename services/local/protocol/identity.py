"""Who one is on this computer: the account, its keys and its role, and the files that tell clients so.

Keys are made at the first start and kept, readable by their owner only, in the form of AWS's own config files: so the
dashboard, the AWS CLI and notebooks reach this computer as they reach AWS, by a profile.
"""

import configparser
import hashlib
import json
import os
import secrets
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "000000000000"
REGION = "us-east-1"
PROFILE = "sagedeck"
MEMBERS = {"aws_access_key_id", "aws_secret_access_key"}
ROLE_NAME = "SageDeckExecution"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{ROLE_NAME}"
STARTUP = Path(__file__).parents[1] / "startup"
BUCKET = f"sagemaker-{REGION}-{ACCOUNT}"


@dataclass(frozen=True)
class Keys:
    """An access key pair."""

    access: str
    secret: str


def keys(folder: Path) -> Keys:
    """The keys kept in the data folder; made, at mode 0600, when there are none."""
    path = folder / "aws" / "credentials"
    parser = read_config(path) or ConfigParser()
    if PROFILE not in parser:
        made = Keys(f"AKIALOCAL{secrets.token_hex(6).upper()}", secrets.token_urlsafe(30))
        parser[PROFILE] = {"aws_access_key_id": made.access, "aws_secret_access_key": made.secret}
        _write(path, parser)
    section = parser[PROFILE]
    return Keys(section["aws_access_key_id"], section["aws_secret_access_key"])


def of_folder(folder: Path) -> str:
    """What the service of this data folder answers to a health check, so that no other is taken for it."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()


def set_damaged_keys_aside(folder: Path) -> list[str]:
    """Make room for new keys where those that were kept cannot be read; says so, in a phrase."""
    path = folder / "aws" / "credentials"
    parser = read_config(path)
    if not path.exists() or (parser and PROFILE in parser and {*parser[PROFILE]} >= MEMBERS):
        return []
    path.rename(path.with_suffix(".damaged"))
    return [
        "the keys in aws/credentials were unreadable and have been replaced: run `python -m services.local env` again"
    ]


def read_config(path: Path) -> ConfigParser | None:
    """One of AWS's own config files, with a section for our profile. None when it cannot be read."""
    parser = ConfigParser()
    try:
        parser.read(path)
    except (configparser.Error, UnicodeDecodeError):
        return None
    return parser


def write_profile(folder: Path, url: str) -> None:
    """Tell clients, by a profile in `folder/aws/config`, that the service answers at `url`."""
    parser = ConfigParser()
    parser[f"profile {PROFILE}"] = {"region": REGION, "endpoint_url": url}
    _write(folder / "aws" / "config", parser)


def write_sdk_config(folder: Path) -> Path:
    """The SageMaker SDK's config file for this account; returns its path.

    It names the default bucket, which the SDK would otherwise ask STS at an internet address for, and switches its
    telemetry off. Source: the SDK's configuration schema, `sagemaker.core.config`.
    """
    path = folder / "aws" / "sagemaker.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "SchemaVersion: '1.0'\n"
        "SageMaker:\n"
        "  PythonSDK:\n"
        "    Modules:\n"
        f"      Session:\n        DefaultS3Bucket: {BUCKET}\n"
        "      TelemetryOptOut: true\n"
    )
    return path


def write_notebook_metadata(folder: Path) -> None:
    """The file in which the SageMaker SDK finds the role of a notebook instance; `startup` leads it there."""
    document = {"ResourceName": PROFILE, "ExecutionRoleArn": ROLE}
    (folder / "aws" / "resource-metadata.json").write_text(json.dumps(document))


def exports(folder: Path, url: str, python_path: str = "") -> dict[str, str]:
    """The environment variables that point boto3, the AWS CLI and the SageMaker SDK at this computer.

    `python_path` is what PYTHONPATH is already.
    """
    own, config = keys(folder), write_sdk_config(folder)
    write_notebook_metadata(folder)
    paths = [str(STARTUP), *(path for path in python_path.split(os.pathsep) if path not in ("", str(STARTUP)))]
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": own.access,
        "AWS_SECRET_ACCESS_KEY": own.secret,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "SAGEMAKER_ROLE": ROLE,
        "SAGEMAKER_VALIDATE_ROLE": "false",
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(config),
        "PYTHONPATH": os.pathsep.join(paths),
    }


def _write(path: Path, parser: ConfigParser) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.touch(mode=0o600)
    with draft.open("w") as file:
        parser.write(file)
    draft.rename(path)
