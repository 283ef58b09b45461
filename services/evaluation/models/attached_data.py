"""The data of a model that was not trained on a set prepared here: attached once by a person, kept with the model.

Either a prepared set, or the columns, the target and the classes alone; rows to evaluate are then labelled files.
"""

from datetime import datetime
from typing import Self

from pydantic import model_validator

from services.aws.account import Account
from services.aws.documents import Document, UnreadableDocumentError
from services.aws.errors import AwsError
from services.data import prepared_data
from services.data.prepared_data import SPLITS, PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem, some
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.models import model_documents

NAME = "model-data.json"


class ModelColumns(Document):
    """What each column of the rows is called that a model was trained on, and what it predicts.

    features: in the order of training. classes: of two the second is the positive one; empty for a number.
    """

    features: tuple[str, ...]
    target: str
    kind: TargetKind = TargetKind.TWO_CLASSES
    classes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fit(self) -> Self:
        where, wanted = "Columns of the model", {TargetKind.TWO_CLASSES: 2, TargetKind.NUMBER: 0}.get(self.kind)
        names = [*self.features, self.target]
        twice = sorted({name for name in names if names.count(name) > 1})
        if not self.features or not all(names):
            raise Problem(where, "a name is missing", "Name the target and every column")
        if twice:
            raise Problem(where, f"these names stand there twice: {some(twice)}", "Give each column a name of its own")
        if len({*self.classes}) != len(self.classes) or not all(self.classes):
            raise Problem(where, "the classes are not all different", "Name each class once")
        if (len(self.classes) < 3) if wanted is None else (len(self.classes) != wanted):
            need = "no class" if wanted == 0 else "two classes" if wanted else "three classes or more"
            raise Problem(where, f"a target of this kind has {need}, and {len(self.classes)} are named", "Correct them")
        return self


class ModelDataDocument(Document):
    """What was attached to a model, and when: the name of a prepared set, or else columns."""

    data: str = ""
    columns: ModelColumns | None = None
    attached: datetime


def find(account: Account, model: EvaluatedModel) -> ModelDataDocument | None:
    """What was attached to a model. Raises UnreadableDocumentError, AwsError."""
    return model_documents.read(account, model, NAME, ModelDataDocument)


def attach(account: Account, model: EvaluatedModel, attached: ModelDataDocument) -> None:
    """Keep what a model was trained on with the model; replaces what was attached before. Raises Problem, AwsError."""
    model_documents.update(account, model, NAME, ModelDataDocument, lambda before: attached)


def detach(account: Account, model: EvaluatedModel) -> None:
    """Forget what was attached to a model. Raises UnreadableDocumentError, AwsError."""
    model_documents.remove(account, model, NAME, ModelDataDocument)


def check_columns(model: EvaluatedModel, known: int, features: tuple[str, ...]) -> None:
    """Raise Problem where the model's file takes another number of columns (`known`) than there are features."""
    if known != len(features):
        said = f"it was trained on {known:,} columns, and {len(features):,} are named: {some(features)}"
        raise Problem(f"Model {model.name}", said, "Choose the data set it was trained on, or name its columns")


def data_of(account: Account, model: EvaluatedModel) -> PreparedData | None:
    """The set that a model learned from, by its job, its registration or what was attached; None where nobody says.

    Raises UnreadableDocumentError, AwsError; Problem where the attached set is gone.
    """
    if model.job:
        try:
            return prepared_data.trained_on(account, model.job.channels.get("train", ""))
        except (AwsError, UnreadableDocumentError):
            raise
        except Problem:  # prepared elsewhere, or deleted
            pass
    if model.data:
        try:
            return prepared_data.load(account, model.data)
        except (AwsError, UnreadableDocumentError):
            raise
        except Problem:
            pass
    attached = find(account, model)
    if not attached:
        return None
    return of_columns(account, model, attached) if attached.columns else prepared_data.load(account, attached.data)


def is_attached(model: EvaluatedModel, data: PreparedData) -> bool:
    """Whether a person attached the data to the model, rather than its job or its registration naming them."""
    channel = model.job.channels.get("train", "") if model.job else ""
    return data.name != model.data and not channel.startswith(f"{data.address}/")


def of_columns(account: Account, model: EvaluatedModel, attached: ModelDataDocument) -> PreparedData:
    """A set without rows, to which labelled files are added, of columns that were attached. Raises AwsError."""
    assert attached.columns
    folder, columns = model_documents.own_folder(account, model), attached.columns
    none = dict.fromkeys(SPLITS, 0)
    return PreparedData(
        name=f"columns-{folder.key.rpartition('/')[2][:12]}",
        address=folder,
        source=model.uri,
        target=columns.target,
        classes=columns.classes,
        features=columns.features,
        rows=none,
        positives=none if columns.kind is TargetKind.TWO_CLASSES else {},
        class_rows={split: (0,) * len(columns.classes) for split in SPLITS},
        seed=0,
        created=attached.attached,
        kind=columns.kind,
        title=f"Columns of {model.name}",
    )
