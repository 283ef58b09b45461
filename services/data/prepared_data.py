"""Prepared data: three CSV splits in S3 and, beside them, a manifest that says what they are.

The manifest (`manifest.json`, written last) is what makes a folder a prepared data set: whoever trains, tunes or
judges reads names and counts from it instead of guessing them from the files.

    s3://BUCKET/sagedeck/data/NAME/train/data.csv        no header, target first, numbers only
    s3://BUCKET/sagedeck/data/NAME/validation/data.csv
    s3://BUCKET/sagedeck/data/NAME/test/data.csv
    s3://BUCKET/sagedeck/data/NAME/recipe.json           how raw rows became features, where they are not as they were
    s3://BUCKET/sagedeck/data/NAME/manifest.json

A last training may learn from train and validation rows together; their copies then lie in one folder of their own,
`NAME/train-and-validation/`, since a channel of training is the files under one prefix.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field

from services.aws import documents, s3
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address
from services.data.recipe.recipe import Recipe
from services.data.target_kind import TargetKind
from services.errors import Problem

SPLITS = ("train", "validation", "test")
FILE = "data.csv"
TOGETHER = "train-and-validation"


@dataclass(frozen=True)
class PreparedData:
    """A prepared set.

    source:    where it came from, in words or as an address.
    target:    name of the target column. The files hold for it the place of a row's class in `classes`, or, where
               `kind` is a number, that number.
    classes:   names of the classes; of two the second is the positive one. Empty for a number.
    features:  names of the other columns, in file order.
    rows:      rows by split; `positives`: how many of them are the positive class of two, otherwise empty.
    class_rows: rows of each class by split, in the order of `classes`; empty for a number and in sets of before.
    seed:      of the shuffle.
    has_recipe: whether raw rows became features by a recipe, see `load_recipe`.
    weighted:  whether training begins with settings by which both classes count alike.
    """

    name: str
    address: Address
    source: str
    target: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    rows: Mapping[str, int]
    positives: Mapping[str, int]
    seed: int
    created: datetime
    has_recipe: bool = False
    kind: TargetKind = TargetKind.TWO_CLASSES
    class_rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    weighted: bool = False

    def channel(self, split: str) -> str:
        """S3 address of a split's folder, as a training channel takes it."""
        return f"{self.address / split}/"

    def file(self, split: str) -> Address:
        """S3 address of a split's one file."""
        return self.address / split / FILE

    def only_class(self, split: str) -> str | None:
        """The class that every row of a split has; None where it has rows of both, or none."""
        if self.kind is not TargetKind.TWO_CLASSES:
            counts = self.class_rows.get(split, ())
            return self.classes[counts.index(max(counts))] if sum(map(bool, counts)) == 1 else None
        rows, positives = self.rows[split], self.positives[split]
        return self.classes[positives > 0] if rows and positives in (0, rows) else None


def home(account: Account) -> Address:
    """The prefix all prepared data of an account lies under. Raises AwsError."""
    return Address(account.default_bucket(), "sagedeck/data/")


class ManifestDocument(Document):
    """The manifest as it lies in S3."""

    name: str
    source: str
    target: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    rows: dict[str, int]
    positives: dict[str, int]
    seed: int
    created: datetime
    has_recipe: bool = False
    kind: TargetKind = TargetKind.TWO_CLASSES
    class_rows: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    weighted: bool = False

    def data(self, address: Address) -> PreparedData:
        """The prepared set that lies at `address`."""
        return PreparedData(address=address, **self.model_dump(exclude={"version"}))


def save_manifest(account: Account, data: PreparedData) -> None:
    """Make the folder a prepared data set. Call it last. Raises ChangedMeanwhileError where it is one, AwsError."""
    members = {name: value for name, value in vars(data).items() if name != "address"}
    documents.create(account, manifest(data.address), ManifestDocument(**members))


def save_recipe(account: Account, folder: Address, recipe: Recipe) -> None:
    """Keep the recipe of the set that is to lie in `folder`. Raises AwsError."""
    documents.update(account, folder / "recipe.json", Recipe, lambda left_unfinished: recipe)


def load_recipe(account: Account, data: PreparedData) -> Recipe | None:
    """How raw rows become the features of `data`; None where they are its numbers as they are.

    Raises Problem when it is gone, UnreadableDocumentError, AwsError.
    """
    if not data.has_recipe:
        return None
    stored = documents.read(account, data.address / "recipe.json", Recipe)
    if stored is None:
        raise Problem(f"Data set {data.name}", "its recipe.json is gone", "Prepare the table again")
    return stored.document


def recipe_of(account: Account, name: str) -> Address:
    """Where the recipe of a set lies, by the set's name; not every set has one. Raises AwsError."""
    return Address(home(account).bucket, f"sagedeck/data/{name}/recipe.json")


def manifest(folder: Address) -> Address:
    """Where the manifest of the set in `folder` lies."""
    return folder / "manifest.json"


def manifest_of(account: Account, name: str) -> Address:
    """Where the manifest of a set lies, by the set's name. Raises AwsError."""
    return manifest(Address(home(account).bucket, f"sagedeck/data/{name}"))


def load(account: Account, name: str) -> PreparedData:
    """One prepared set by name. Raises Problem when there is none, UnreadableDocumentError, AwsError."""
    address = manifest_of(account, name)
    stored = documents.read(account, address, ManifestDocument)
    if stored is None:
        raise Problem(f"Data set {name}", "there is no prepared data set of that name", "Prepare it on the Data page")
    return stored.document.data(Address(address.bucket, address.key.removesuffix("/manifest.json")))


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
