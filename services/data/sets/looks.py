"""How often the test rows of a prepared set were looked at: a small document beside the set, a line a look.

Whoever chooses by test rows makes their result optimistic, a little with each choice. A look is one scoring of the test
rows, counted when its result is first shown; showing the same scores again is no further look.

    s3://BUCKET/sagedeck/data/NAME/test-looks.json
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address
from services.data import prepared_data
from services.data.prepared_data import PreparedData

NAME = "test-looks.json"


class RowLook(BaseModel):
    """A look: the model's name, and when the rows were scored, by which a look is known."""

    model_config = ConfigDict(frozen=True)

    model: str
    scored: datetime


class RowLooksDocument(Document):
    """All looks at the test rows of one set, the first one first."""

    looks: tuple[RowLook, ...]

    @property
    def models(self) -> int:
        """By how many models the rows were looked at."""
        return len({look.model for look in self.looks})

    def has(self, model: str, scored: datetime) -> bool:
        """Whether this look was counted."""
        return RowLook(model=model, scored=scored) in self.looks


def address(data: PreparedData) -> Address:
    """Where the document lies."""
    return data.address / NAME


def address_of(account: Account, name: str) -> Address:
    """Where the document of a set lies, by the set's name. Raises AwsError."""
    return Address(prepared_data.home(account).bucket, f"sagedeck/data/{name}/{NAME}")


def read(account: Account, data: PreparedData) -> RowLooksDocument:
    """The looks so far. Raises UnreadableDocumentError, AwsError."""
    stored = documents.read(account, address(data), RowLooksDocument)
    return stored.document if stored else RowLooksDocument(looks=())


def count(account: Account, data: PreparedData, model: str, scored: datetime) -> RowLooksDocument:
    """Count a look unless it was; all looks then. Raises UnreadableDocumentError, ChangedMeanwhileError, AwsError."""

    def counted(present: RowLooksDocument | None) -> RowLooksDocument:
        earlier = present or RowLooksDocument(looks=())
        if earlier.has(model, scored):
            return earlier
        return earlier.model_copy(update={"looks": (*earlier.looks, RowLook(model=model, scored=scored))})

    return documents.update(account, address(data), RowLooksDocument, counted)
