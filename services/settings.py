"""Where the user works: the accounts to choose from, and each one's role and bucket.

The only file, beside `aws.py`, that knows that this computer is one of them. What is set is kept in
`settings.json` of the data folder; nothing here talks to a service.
"""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.aws import Account
from services.problems import Problem

DATA_FOLDER = Path(os.environ.get("SAGEDECK_DATA", Path(__file__).parents[1] / ".sagedeck")).resolve()
THIS_COMPUTER = "This computer"
# The profile that `python -m services.local serve` writes into its data folder at every start.
LOCAL_FILES = (DATA_FOLDER / "aws" / "config", DATA_FOLDER / "aws" / "credentials")
LOCAL_REGION = "us-east-1"
LOCAL_ROLE = "arn:aws:iam::000000000000:role/SageDeckExecution"


def account(title: str, region: str) -> Account:
    """The account behind `title` (THIS_COMPUTER, or the name of one of the user's AWS profiles) in `region`."""
    if title == THIS_COMPUTER:
        return Account(THIS_COMPUTER, LOCAL_REGION, "sagedeck", LOCAL_FILES, role=LOCAL_ROLE)
    kept = _kept().get(f"{title} {region}", {})
    return Account("AWS", region, title, role=kept.get("role"), bucket=kept.get("bucket"))


def keep(of: Account, *, role: str | None, bucket: str | None) -> Account:
    """Remember role ARN and bucket for this profile and region; returns the account with them."""
    everything = _kept() | {f"{of.profile} {of.region}": {"role": role, "bucket": bucket}}
    DATA_FOLDER.mkdir(parents=True, exist_ok=True)
    draft = _file().with_suffix(".part")
    draft.write_text(json.dumps({"version": 1, "accounts": everything}, indent=2))
    draft.rename(_file())
    return replace(of, role=role, bucket=bucket)


def checked_role(arn: str) -> str | None:
    """A role's ARN as typed; None for nothing. Raises Problem for what is none."""
    arn = arn.strip()
    if arn and not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", arn):
        raise Problem(f"Role {arn!r}", "it is not the ARN of a role", "Copy it from the IAM console")
    return arn or None


def _file() -> Path:
    return DATA_FOLDER / "settings.json"


def _kept() -> dict[str, dict[str, Any]]:
    if not _file().exists():
        return {}
    kept: dict[str, dict[str, Any]] = json.loads(_file().read_text())["accounts"]
    return kept
