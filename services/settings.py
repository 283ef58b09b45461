"""Where the user works: the accounts to choose from, and each one's role and bucket.

The only file, beside `aws.py`, that knows that this computer is one of them. What is set is kept in
`settings.json` of the data folder; nothing here talks to a service.
"""

import fcntl
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, Field

from services.aws.account import Account
from services.aws.documents import ASIDE, Document, UnreadableDocumentError, parse, to_json
from services.errors import Problem

DATA_FOLDER = Path(os.environ.get("SAGEDECK_DATA", Path(__file__).parents[1] / ".sagedeck")).resolve()
THIS_COMPUTER = "This computer"
# The profile that `python -m services.local serve` writes into its data folder at every start.
LOCAL_FILES = (DATA_FOLDER / "aws" / "config", DATA_FOLDER / "aws" / "credentials")
LOCAL_REGION = "us-east-1"
LOCAL_ROLE = "arn:aws:iam::000000000000:role/SageDeckExecution"


class AccountSettings(BaseModel):
    """Role ARN and bucket of a profile in a region; None where none is set."""

    role: str | None = None
    bucket: str | None = None


class ModeSettings(BaseModel):
    """How the dashboard works, whatever the account."""

    read_only: bool = False


class SettingsDocument(Document):
    """`settings.json`; accounts by "PROFILE REGION"."""

    accounts: dict[str, AccountSettings] = Field(default_factory=dict)
    mode: ModeSettings = ModeSettings()


def account(title: str, region: str) -> Account:
    """The account behind `title` (THIS_COMPUTER, or the name of one of the user's AWS profiles) in `region`."""
    reads = read_only()
    if title == THIS_COMPUTER:
        return Account(THIS_COMPUTER, LOCAL_REGION, "sagedeck", LOCAL_FILES, role=LOCAL_ROLE, read_only=reads)
    own = AccountSettings() if unreadable() else _document().accounts.get(f"{title} {region}", AccountSettings())
    return Account("AWS", region, title, role=own.role, bucket=own.bucket, read_only=reads)


def save(of: Account, **members: str | None) -> Account:
    """Save `role` (an ARN), `bucket` or both for this profile and region; returns the account with them.

    Raises Problem for a role that is none, UnreadableDocumentError.
    """
    if members.get("role"):
        members["role"] = checked_role(members["role"] or "")
    name = f"{of.profile} {of.region}"

    def change(document: SettingsDocument) -> SettingsDocument:
        own = document.accounts.get(name, AccountSettings()).model_copy(update=members)
        return document.model_copy(update={"accounts": document.accounts | {name: own}})

    _change(change)
    own = _document().accounts[name]
    return replace(of, role=own.role, bucket=own.bucket)


def read_only() -> bool:
    """Whether this dashboard only reads: as saved, or by SAGEDECK_READ_ONLY; also while the settings cannot be read."""
    return read_only_by_environment() or unreadable() is not None or _document().mode.read_only


def read_only_by_environment() -> bool:
    """Whether the environment says so, so that nobody can switch it off from the screen."""
    return os.environ.get("SAGEDECK_READ_ONLY", "") not in ("", "0")


def as_now(account: Account) -> Account:
    """The account in the mode of now: a dialog or a fragment has it from when its page was drawn."""
    mode = read_only()
    return account if account.read_only == mode else replace(account, read_only=mode)


def check_writable(where: str) -> None:
    """Raise Problem in read-only mode: right before a call of what was begun earlier, with an account of that time."""
    if read_only():
        raise Problem(where, "read-only mode was switched on", "Switch it off in Settings to go on")


def save_read_only(on: bool) -> None:
    """Switch the mode on or off, for every account of this dashboard. Raises UnreadableDocumentError."""
    _change(lambda document: document.model_copy(update={"mode": ModeSettings(read_only=on)}))


def checked_role(arn: str) -> str | None:
    """A role's ARN as typed; None for nothing. Raises Problem for what is none."""
    arn = arn.strip()
    if arn and not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", arn):
        raise Problem(f"Role {arn!r}", "it is not a role ARN", "Copy it from the IAM console")
    return arn or None


def _file() -> Path:
    return DATA_FOLDER / "settings.json"


def unreadable() -> UnreadableDocumentError | None:
    """What is wrong with the settings file; None when it can be read or does not exist."""
    try:
        _document()
    except UnreadableDocumentError as error:
        return error
    return None


def set_aside(now: datetime) -> Path:
    """Rename a settings file that cannot be read; returns its new path. The defaults hold from then on."""
    aside = _file().with_name(f"{_file().name}{ASIDE}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    with _locked():
        _file().rename(aside)
    return aside


def _change(change: Callable[[SettingsDocument], SettingsDocument]) -> None:
    """Write the settings that `change` makes of the present ones; other programs wait until that is done."""
    with _locked():
        document = change(_document())
        with tempfile.NamedTemporaryFile(dir=DATA_FOLDER, suffix=".part", delete=False) as draft:
            draft.write(to_json(document))
        Path(draft.name).replace(_file())


@contextmanager
def _locked() -> Iterator[None]:
    """Only one program and one thread at a time, by a lock on a file beside the settings."""
    DATA_FOLDER.mkdir(parents=True, exist_ok=True)
    with _file().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _document() -> SettingsDocument:
    """The settings; the defaults where there is no file. Raises UnreadableDocumentError."""
    try:
        return parse(SettingsDocument, _file().read_bytes(), str(_file()))
    except FileNotFoundError:
        return SettingsDocument()
