"""Prepared data: three CSV splits in S3 and, beside them, a manifest that says what they are.

The manifest (`manifest.json`, written last) is what makes a folder a prepared data set: whoever trains, tunes or
judges reads names and counts from it instead of guessing them from the files.

    s3://BUCKET/sagedeck/data/NAME/train/data.csv        no header, target first, numbers only
    s3://BUCKET/sagedeck/data/NAME/validation/data.csv
    s3://BUCKET/sagedeck/data/NAME/test/data.csv
    s3://BUCKET/sagedeck/data/NAME/raw/test.parquet      raw rows of validation and test, see `sets/raw_rows.py`
    s3://BUCKET/sagedeck/data/NAME/recipe.json           how raw rows became features, where they are not as they were
    s3://BUCKET/sagedeck/data/NAME/manifest.json

A set is called by its name in every address that a job, a version or an evaluation points to, so it is never moved:
whoever renames it gives it another display name, which stands in its manifest and is shown wherever sets are.

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
LONGEST_TITLE = 60  # characters


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
    divided:   how rows came to their split, e.g. "Stratified 70/20/10, seed 1729"; "" in sets of before.
    resampled: how the train rows were resampled and what changed, in words; "" where they were not.
    class_rows_before: train rows of each class before resampling; empty without it.
    has_recipe: whether raw rows became features by a recipe, see `load_recipe`.
    missing_cells: empty cells of all splits by feature, of those that have any; None in sets of before.
    title:     what somebody called it since; empty for its name.
    source_sha256: of the table it was made of, see `content_hash.py`; empty in sets of before.
    weighted:  whether training begins with settings by which both classes count alike.
    raw_rows:  splits whose raw rows lie beside the set; none in sets of before.
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
    divided: str = ""
    resampled: str = ""
    class_rows_before: tuple[int, ...] = ()
    missing_cells: Mapping[str, int] | None = None
    title: str = ""
    source_sha256: str = ""
    weighted: bool = False
    raw_rows: tuple[str, ...] = ()

    @property
    def display_name(self) -> str:
        """What it is called on the screen."""
        return self.title or self.name

    def channel(self, split: str) -> str:
        """S3 address of a split's folder, as a training channel takes it."""
        return f"{self.address / split}/"

    def file(self, split: str) -> Address:
        """S3 address of a split's one file."""
        return self.address / split / FILE

    def raw_file(self, split: str) -> Address:
        """S3 address of a split's raw rows; no channel of training has this prefix."""
        return self.address / "raw" / f"{split}.parquet"

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
    divided: str = ""
    resampled: str = ""
    class_rows_before: tuple[int, ...] = ()
    missing_cells: dict[str, int] | None = None
    title: str = ""
    source_sha256: str = ""
    weighted: bool = False
    raw_rows: tuple[str, ...] = ()

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
        raise gone(name)
    return stored.document.data(Address(address.bucket, address.key.removesuffix("/manifest.json")))


def names(account: Account) -> list[str]:
    """Names of all prepared sets; empty while the bucket does not exist. Raises AwsError."""
    prefix, manifest = home(account), "/manifest.json"
    found = [key.removeprefix(prefix.key) for key in s3.folder_keys(account, prefix)]
    return [key.removesuffix(manifest) for key in found if key.endswith(manifest)]


def display_names(account: Account) -> dict[str, str]:
    """What each prepared set is called on the screen, by its name; its name where its manifest cannot be read.

    Raises AwsError.
    """
    found = {manifest_of(account, name): name for name in names(account)}
    read = documents.read_all(account, found, ManifestDocument).documents
    return {name: read[address].title or name if address in read else name for address, name in found.items()}


def rename(account: Account, name: str, title: str) -> None:
    """Show the set `name` as `title` from now on; its address stays, so that whatever was made from it still works.

    Raises Problem for a title that another set has as its name or display name, and for none that can be shown.
    """
    title, where = " ".join(title.split()), f"Display name {title!r}"
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        said = f"it has {len(title)} characters" if title.isprintable() else "it has characters that cannot be shown"
        raise Problem(where, said, f"Use 1 to {LONGEST_TITLE} letters, digits, spaces and signs")
    for other, shown in display_names(account).items():
        if other != name and title.casefold() in (other.casefold(), shown.casefold()):
            raise Problem(where, "another data set is called that", "Choose another name")

    def renamed(present: ManifestDocument | None) -> ManifestDocument:
        if present is None:
            raise gone(name)
        return present.model_copy(update={"title": "" if title == name else title})

    documents.update(account, manifest_of(account, name), ManifestDocument, renamed)


class DeletedSetDocument(Document):
    """What stays in the folder of a deleted set that jobs learned from, so that its name is never given again."""

    deleted: datetime


def deleted_mark(folder: Address) -> Address:
    """Where a DeletedSetDocument lies."""
    return folder / "deleted.json"


def reserve_name(account: Account, data: PreparedData, now: datetime) -> None:
    """Never give the name of `data` to another set: its jobs would be evaluated on rows they may know. Raises AwsError.

    Call it before the manifest is deleted.
    """
    mark = DeletedSetDocument(deleted=now)
    documents.update(account, deleted_mark(data.address), DeletedSetDocument, lambda earlier: earlier or mark)


def gone(name: str) -> Problem:
    """What is said of a set that is not there."""
    return Problem(f"Data set {name}", "there is no prepared data set of that name", "Prepare it on the Data page")


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
