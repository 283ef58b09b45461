"""Deleting a prepared data set: every object of its folder, the manifest first, so that it never half exists.

Only objects that a person has seen listed are deleted, and none while a job reads them. Scores that are kept of its
rows go with it, as without labels nothing can be said of them. What was made from the set stays: records, model files,
versions, answers of batch transform jobs. What no longer works without it is said before. The name of a set that jobs
learned from is never given again, or they would be evaluated on rows that they may know.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from services import settings
from services.aws import documents, s3
from services.aws.account import Account
from services.aws.documents import ChangedMeanwhileError
from services.aws.s3 import Address
from services.data import prepared_data
from services.data.prepared_data import FILE, SPLITS, TOGETHER, ManifestDocument, PreparedData
from services.data.sets import looks, raw_rows
from services.errors import Problem
from services.evaluation import kept_scores, labelled_rows
from services.lineage import dependents
from services.lineage.dependents import Dependents
from services.shutdown.job_artifacts import File

AT_ONCE = 8  # requests
KINDS = {
    **{f"{split}/{FILE}": f"{split.capitalize()} rows" for split in SPLITS},
    **{f"raw/{split}.parquet": f"Raw {split} rows" for split in raw_rows.KEPT},
    "recipe.json": "Recipe",
    looks.NAME: "Looks at test rows",
    "manifest.json": "Manifest",
}


@dataclass(frozen=True)
class DataDeletion:
    """What deleting a set would do: `files` is every object under its address, its manifest first, and its scores."""

    data: PreparedData
    files: tuple[File, ...]
    dependents: Dependents

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def kind(self, file: File) -> str:
        """What a file is, in words."""
        if kept_scores.FOLDER in file.address.key:
            return "Scores of its rows"
        place = file.address.key.removeprefix(f"{self.data.address.key}/")
        if place.startswith((labelled_rows.PREFIX, f"raw/{labelled_rows.PREFIX}")):
            return "Labelled file"
        if place.startswith(f"{TOGETHER}/"):
            return "Train and validation copies"
        return KINDS.get(place, "Share of an instance" if place.startswith("shards-") else "Other file")


def plan(account: Account, name: str) -> DataDeletion:
    """What deleting the set would do, and what was made from it. Changes nothing. Raises Problem, AwsError."""
    data = prepared_data.load(account, name)
    return DataDeletion(data, _files(account, data), dependents.find(account, data))


def consequences(deletion: DataDeletion) -> tuple[str, ...]:
    """What no longer works without the set, a sentence each; none where nothing was made from it."""
    made, sentences = deletion.dependents, list[str]()
    if made.training_jobs:
        jobs = _counted(len(made.training_jobs), "job")
        whose = "its" if len(made.training_jobs) == 1 else "their"
        sentences.append(f"{jobs} can no longer be evaluated on {whose} test rows, nor trained again on these rows.")
    if made.tuning_jobs:
        jobs = _counted(len(made.tuning_jobs), "tuning job")
        sentences.append(f"{jobs} can no longer be compared on test rows, and no final model can be trained.")
    if made.has_jobs:
        what = "the recipe is deleted" if deletion.data.has_recipe else "the names of their columns are deleted"
        sentences.append(f"The Endpoints page can no longer predict rows or files with models of these jobs: {what}.")
    if made.versions:
        versions = _counted(len(made.versions), "registered version")
        sentences.append(f"{versions} can no longer be measured on these rows; the saved metrics stay.")
    if made.evaluations:
        scores = _counted(len(made.evaluations), "batch evaluation")
        sentences.append(f"{scores} can no longer be opened: the scores stay, but their labels are deleted.")
    return tuple(sentences)


def delete(account: Account, agreed: DataDeletion, now: datetime) -> tuple[File, ...]:
    """Delete the files that were agreed to, the manifest first; returns those that are still there.

    Raises Problem while a job reads the set or when more was made from it meanwhile, ChangedMeanwhileError for another
    set of that name, AwsError.
    """
    where, data = f"Data set {agreed.data.name}", agreed.data
    made = dependents.find(account, data)
    if made.running:
        raise Problem(where, f"{', '.join(made.running)} still reads it", "Stop that first, or wait until it has ended")
    if made != agreed.dependents:
        raise Problem(where, "what was made from it has changed in the meantime", "Open the dialog again")
    settings.check_writable(where)
    address = prepared_data.manifest(data.address)
    stored = documents.read(account, address, ManifestDocument)
    if stored is None or stored.document.created != data.created:
        raise ChangedMeanwhileError(str(address))
    if made.has_jobs:
        prepared_data.reserve_name(account, data, now)
    documents.delete(account, address, stored.etag)
    others = [file.address for file in agreed.files if file.address != address]

    def remove(file: Address) -> None:
        settings.check_writable(where)
        account.call("s3", "delete_object", Bucket=file.bucket, Key=file.key)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(remove, others))
    return _files(account, data)


def _files(account: Account, data: PreparedData) -> tuple[File, ...]:
    folder = Address(data.address.bucket, f"{data.address.key}/")
    found = [File(Address(folder.bucket, key), size) for key, size in s3.keys(account, folder)]
    manifest, mark = prepared_data.manifest(data.address), prepared_data.deleted_mark(data.address)
    found += [File(address, size) for address, size in kept_scores.scored_on(account, data)]
    listed = [file for file in found if file.address != mark]
    return tuple(sorted(listed, key=lambda file: (file.address != manifest, file.address.key)))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
