"""Model archives that people upload: kept in S3 by the hash of their content, checked before they are.

s3://BUCKET/sagedeck/models/uploaded/SHA256/model.tar.gz
s3://BUCKET/sagedeck/models/uploaded/SHA256/model.json
"""

import hashlib
import shutil
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from services.aws import documents, s3
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address
from services.errors import Problem
from services.evaluation import model_file
from services.evaluation.evaluated_model import EvaluatedModel

LARGEST = 200_000_000  # bytes of an archive
FILE = "model.tar.gz"


class UploadedModelDocument(Document):
    """An archive by the name of its file; `columns` is how many its model was trained on, `size` is in bytes."""

    name: str
    sha256: str
    size: int
    columns: int
    uploaded: datetime


def home(account: Account) -> Address:
    """The prefix all uploaded archives lie under. Raises AwsError."""
    return Address(account.default_bucket(), "sagedeck/models/uploaded/")


def keep(account: Account, file: BinaryIO, name: str, now: datetime) -> UploadedModelDocument:
    """Keep an archive, if it holds a model that is safe to read. Raises Problem, AwsError."""
    where = f"Archive {name}"
    size = file.seek(0, 2)
    if size > LARGEST:
        said = f"it has {size / 1e6:,.0f} MB, and the limit is {LARGEST / 1e6:,.0f} MB"
        raise Problem(where, said, "Register the model, and choose the version here")
    file.seek(0)
    with TemporaryDirectory(prefix="sagedeck-model-") as folder:
        path = Path(folder) / FILE
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        loaded = model_file.of_archive(path, where)
        with path.open("rb") as copy:
            digest = hashlib.file_digest(copy, "sha256").hexdigest()
        place = home(account) / digest
        present = documents.read(account, place / "model.json", UploadedModelDocument)
        if present and s3.exists(account, place / FILE):
            return present.document
        s3.ensure_bucket(account, place.bucket)
        s3.upload(account, path, place / FILE)
    kept = UploadedModelDocument(name=name, sha256=digest, size=size, columns=loaded.columns, uploaded=now)
    return documents.update(account, place / "model.json", UploadedModelDocument, lambda before: before or kept)


def listed(account: Account) -> list[UploadedModelDocument]:
    """Every uploaded archive, the newest first; those whose document is unreadable are left out. Raises AwsError."""
    found = documents.read_all(account, stored(account), UploadedModelDocument).documents
    return sorted(found.values(), key=lambda one: one.uploaded, reverse=True)


def stored(account: Account) -> list[Address]:
    """Where the documents of uploaded archives lie. Raises AwsError."""
    folder = home(account)
    return [Address(folder.bucket, key) for key in s3.folder_keys(account, folder) if key.endswith("/model.json")]


def model_of(account: Account, uploaded: UploadedModelDocument) -> EvaluatedModel:
    """An uploaded archive as a model to evaluate. Raises AwsError."""
    return EvaluatedModel(uploaded.name, str(home(account) / uploaded.sha256 / FILE), None)
