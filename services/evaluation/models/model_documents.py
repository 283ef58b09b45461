"""Documents about a model: beside its file, or in SageDeck's own bucket where nobody may write there.

    s3://…/JOB/output/NAME.json                                  beside model.tar.gz
    s3://BUCKET/sagedeck/models/documents/HASH/NAME.json         of a model whose folder is somebody else's

The hash is that of the model's address. A document beside the model is the one that counts.
"""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.errors import DENIED, AwsError
from services.aws.s3 import Address
from services.evaluation.evaluated_model import EvaluatedModel

D = TypeVar("D", bound=Document)


def own_folder(account: Account, model: EvaluatedModel) -> Address:
    """Where documents lie that cannot lie beside the model. Raises AwsError."""
    digest = hashlib.sha256(model.uri.encode()).hexdigest()[:32]
    return Address(account.default_bucket(), f"sagedeck/models/documents/{digest}")


def read(account: Account, model: EvaluatedModel, name: str, kind: type[D]) -> D | None:
    """The document `name` of a model; None where there is none. Raises UnreadableDocumentError, AwsError."""
    for folder in (model.folder, own_folder(account, model)):
        try:
            stored = documents.read(account, folder / name, kind)
        except AwsError as error:
            if error.code not in DENIED:
                raise
            continue
        if stored:
            return stored.document
    return None


def update(account: Account, model: EvaluatedModel, name: str, kind: type[D], change: Callable[[D | None], D]) -> D:
    """Change the document `name` of a model, where it lies or may lie; returns what is now there.

    Raises UnreadableDocumentError, ChangedMeanwhileError, AwsError.
    """
    try:
        return documents.update(account, model.folder / name, kind, change)
    except AwsError as error:
        if error.code not in DENIED:
            raise
    return documents.update(account, own_folder(account, model) / name, kind, change)


def remove(account: Account, model: EvaluatedModel, name: str, kind: type[D]) -> None:
    """Delete the document `name` of a model wherever it lies. Raises UnreadableDocumentError, AwsError."""
    for folder in (model.folder, own_folder(account, model)):
        try:
            documents.update(account, folder / name, kind, lambda present: None)
        except AwsError as error:
            if error.code not in DENIED:
                raise
