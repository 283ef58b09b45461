"""Prepared data: three CSV splits in S3 and, beside them, a manifest that says what they are.

The manifest (`manifest.json`, written last) is what makes a folder a prepared data set: whoever trains, tunes or
judges reads names and counts from it instead of guessing them from the files.

    s3://BUCKET/sagedeck/data/NAME/train/data.csv        no header, target first, numbers only
    s3://BUCKET/sagedeck/data/NAME/validation/data.csv
    s3://BUCKET/sagedeck/data/NAME/test/data.csv
    s3://BUCKET/sagedeck/data/NAME/manifest.json

A last training may learn from train and validation rows together; their copies then lie in one folder of their own,
`NAME/train-and-validation/`, since a channel of training is the files under one prefix.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.errors import Problem

SPLITS = ("train", "validation", "test")
FILE = "data.csv"
TOGETHER = "train-and-validation"


@dataclass(frozen=True)
class PreparedData:
    """A prepared binary classification set.

    source:    where it came from, in words or as an address.
    target:    name of the target column; class 0 and class 1 of the files are `classes[0]` and `classes[1]`.
    features:  names of the other columns, in file order.
    rows:      rows by split; `positives`: how many of them are class 1.
    seed:      of the shuffle.
    """

    name: str
    address: Address
    source: str
    target: str
    classes: tuple[str, str]
    features: tuple[str, ...]
    rows: Mapping[str, int]
    positives: Mapping[str, int]
    seed: int
    created: datetime

    def channel(self, split: str) -> str:
        """S3 address of a split's folder, as a training channel takes it."""
        return f"{self.address / split}/"

    def file(self, split: str) -> Address:
        """S3 address of a split's one file."""
        return self.address / split / FILE


def home(account: Account) -> Address:
    """The prefix all prepared data of an account lies under. Raises AwsError."""
    return Address(account.default_bucket(), "sagedeck/data/")


def save_manifest(account: Account, data: PreparedData) -> None:
    """Make the folder a prepared data set. Call it last. Raises AwsError."""
    document = {
        "version": 1,
        "name": data.name,
        "source": data.source,
        "target": data.target,
        "classes": list(data.classes),
        "features": list(data.features),
        "rows": dict(data.rows),
        "positives": dict(data.positives),
        "seed": data.seed,
        "created": data.created.isoformat(),
    }
    s3.write_json(account, data.address / "manifest.json", document)


def load(account: Account, name: str) -> PreparedData:
    """One prepared set by name. Raises Problem when there is none, AwsError when it cannot be asked."""
    address = Address(home(account).bucket, f"sagedeck/data/{name}")
    try:
        document = s3.read_json(account, address / "manifest.json")
    except AwsError as error:
        if error.is_missing:
            raise Problem(
                f"Data set {name}", "there is no prepared data set of that name", "Prepare it on the Data page"
            ) from error
        raise
    return _from_document(document, address)


def names(account: Account) -> list[str]:
    """Names of all prepared sets; empty while the bucket does not exist. Raises AwsError."""
    prefix, manifest = home(account), "/manifest.json"
    found = [key.removeprefix(prefix.key) for key in s3.folder_keys(account, prefix)]
    return [key.removesuffix(manifest) for key in found if key.endswith(manifest)]


def trained_on(account: Account, channel: str) -> PreparedData:
    """The set that a training channel's S3 address belongs to. Raises Problem for data prepared elsewhere."""
    prefix, address = home(account), Address.parse(channel)
    name = address.key.removeprefix(prefix.key).partition("/")[0]
    if address.bucket != prefix.bucket or not address.key.startswith(prefix.key) or not name:
        raise Problem(
            f"Training data {channel}",
            "it was not prepared here, so its test rows are unknown",
            "Choose a prepared data set",
        )
    return load(account, name)


def put_together(account: Account, data: PreparedData) -> None:
    """Copy the train and validation rows into the folder that a last training learns from. Raises AwsError."""
    for split in ("train", "validation"):
        s3.copy(account, data.file(split), data.address / TOGETHER / f"{split}.csv")


def _from_document(document: dict[str, Any], address: Address) -> PreparedData:
    negative, positive = document["classes"]
    return PreparedData(
        name=document["name"],
        address=address,
        source=document["source"],
        target=document["target"],
        classes=(negative, positive),
        features=tuple(document["features"]),
        rows=document["rows"],
        positives=document["positives"],
        seed=document["seed"],
        created=datetime.fromisoformat(document["created"]),
    )
