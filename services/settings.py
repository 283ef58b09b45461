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

from services.aws.account import Account
from services.errors import Problem

DATA_FOLDER = Path(os.environ.get("SAGEDECK_DATA", Path(__file__).parents[1] / ".sagedeck")).resolve()
THIS_COMPUTER = "This computer"
# The profile that `python -m services.local serve` writes into its data folder at every start.
LOCAL_FILES = (DATA_FOLDER / "aws" / "config", DATA_FOLDER / "aws" / "credentials")
LOCAL_REGION = "us-east-1"
LOCAL_ROLE = "arn:aws:iam::000000000000:role/SageDeckExecution"


def account(title: str, region: str) -> Account:
    """The account behind `title` (THIS_COMPUTER, or the name of one of the user's AWS profiles) in `region`."""
    reads = read_only()
    if title == THIS_COMPUTER:
        return Account(THIS_COMPUTER, LOCAL_REGION, "sagedeck", LOCAL_FILES, role=LOCAL_ROLE, read_only=reads)
    kept = _kept("accounts").get(f"{title} {region}", {})
    return Account("AWS", region, title, role=kept.get("role"), bucket=kept.get("bucket"), read_only=reads)


def save(of: Account, *, role: str | None, bucket: str | None) -> Account:
    """Remember role ARN and bucket for this profile and region; returns the account with them."""
    _write(accounts=_kept("accounts") | {f"{of.profile} {of.region}": {"role": role, "bucket": bucket}})
    return replace(of, role=role, bucket=bucket)


def read_only() -> bool:
    """Whether this dashboard only reads: as kept, or for good where whoever runs it has set SAGEDECK_READ_ONLY."""
    return read_only_by_environment() or bool(_kept("mode").get("read_only"))


def read_only_by_environment() -> bool:
    """Whether the environment says so, so that nobody can switch it off from the screen."""
    return os.environ.get("SAGEDECK_READ_ONLY", "") not in ("", "0")


def save_read_only(on: bool) -> None:
    """Switch the mode on or off, for every account of this dashboard."""
    _write(mode={"read_only": on})


def checked_role(arn: str) -> str | None:
    """A role's ARN as typed; None for nothing. Raises Problem for what is none."""
    arn = arn.strip()
    if arn and not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", arn):
        raise Problem(f"Role {arn!r}", "it is not a role ARN", "Copy it from the IAM console")
    return arn or None


def _file() -> Path:
    return DATA_FOLDER / "settings.json"


def _write(**parts: dict[str, Any]) -> None:
    """Keep these parts, and the others as they are."""
    document = _document() | {"version": 1, **parts}
    DATA_FOLDER.mkdir(parents=True, exist_ok=True)
    draft = _file().with_suffix(".part")
    draft.write_text(json.dumps(document, indent=2))
    draft.rename(_file())


def _kept(part: str) -> dict[str, Any]:
    kept: dict[str, Any] = _document().get(part, {})
    return kept


def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_file().read_text()) if _file().exists() else {}
    return document
