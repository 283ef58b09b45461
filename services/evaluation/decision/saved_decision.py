"""The threshold that was decided for a model, with its reason: one JSON document beside the model file.

    s3://…/JOB/output/model.tar.gz
    s3://…/JOB/output/decision.json

Endpoints and batch transform return scores and know nothing of it: SageDeck and the scripts it shows apply it.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field, field_validator

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document, Stored, UnreadableDocumentError
from services.aws.s3 import Address
from services.errors import Problem
from services.evaluation.decision.expected_cost import Costs
from services.evaluation.decision.threshold_aims import Aim

DEFAULT_THRESHOLD = 0.5  # where nobody has decided
FILE = "decision.json"


class UnusableDecisionError(Problem):
    """A document at `address` that is no decision for the model beside it."""

    def __init__(self, address: Address, reason: str, remedy: str) -> None:
        super().__init__(f"Decision {address}", reason, remedy)
        self.args, self.address = (address, reason, remedy), address


class CostsMembers(Document):
    """Costs as JSON, in dollars."""

    miss: float
    false_alarm: float
    hit_gain: float = 0.0


class ChosenOn(Document):
    """The rows a threshold was chosen on: a split of a prepared data set, or a labelled file that was added to it.

    called: what they are called after their number; "" for those of a split.
    """

    data: str
    split: str
    rows: int
    positives: int
    called: str = ""

    def __str__(self) -> str:
        """ "2,848 validation rows"."""
        return f"{self.rows:,} {self.called or f'{self.split} rows'}"


class SavedDecision(Document):
    """`decision.json`. `value` and `per` are those of `Goal`; `positive` is the name of the class that is flagged."""

    model: str
    threshold: float = Field(ge=0, le=1)
    positive: str
    aim: Aim
    value: float = 0.0
    per: int = 0
    costs: CostsMembers | None = None
    reason: str
    chosen_on: ChosenOn
    decided_by: str
    decided_at: datetime

    @field_validator("decided_at")
    @classmethod
    def _has_timezone(cls, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("has no timezone")
        return moment

    @property
    def money(self) -> Costs | None:
        """The costs it was taken with. Raises Problem for costs that cannot be."""
        return Costs(self.costs.miss, self.costs.false_alarm, self.costs.hit_gain) if self.costs else None


@dataclass(frozen=True)
class AppliedThreshold:
    """The threshold that a score of a model is held against, and where it comes from.

    fault: why a saved decision is not applied; empty where it is, and where there is none.
    """

    threshold: float = DEFAULT_THRESHOLD
    decision: SavedDecision | None = None
    fault: str = ""

    def __str__(self) -> str:
        """One sentence."""
        if self.fault:
            return f"{self.fault} The usual threshold {self.threshold:g} is applied."
        if self.decision is None:
            return f"No decision is saved for this model: the usual threshold {self.threshold:g} is applied."
        reason = self.decision.reason.rstrip(".")
        return f"Threshold {self.threshold:g}, decided by {self.decision.decided_by}: {reason}."


def address(model_uri: str) -> Address:
    """Where the decision for the model at this S3 address lies. Raises Problem for what is no address."""
    file = Address.parse(model_uri)
    return Address(file.bucket, f"{file.key.rpartition('/')[0]}/{FILE}".lstrip("/"))


def read(account: Account, model_uri: str) -> Stored[SavedDecision] | None:
    """The decision for a model; None where none was saved.

    Raises UnusableDecisionError for a damaged one, and for one of another model in the same folder; AwsError.
    """
    place = address(model_uri)
    try:
        stored = documents.read(account, place, SavedDecision)
    except UnreadableDocumentError as error:
        raise UnusableDecisionError(place, error.reason, "Set it aside on the Evaluate page, or correct it") from error
    if stored and stored.document.model != model_uri:
        said = f"it is of another model in the same folder, {stored.document.model}"
        raise UnusableDecisionError(place, said, "Set it aside on the Evaluate page, or move one of the models")
    return stored


def save(account: Account, decision: SavedDecision, seen: str | None) -> str:
    """Save a decision beside its model, over the one with the ETag `seen`; None where there was none. Returns the ETag.

    Raises ChangedMeanwhileError where somebody else saved another one, AwsError.
    """
    place = address(decision.model)
    if seen is None:
        return documents.create(account, place, decision)
    return documents.replace(account, place, decision, seen)


def applied(account: Account, model_uris: set[str]) -> AppliedThreshold:
    """The threshold for scores of the models behind an endpoint, usually one; the usual one where that is not known."""
    if len(model_uris) != 1:
        many = f"{len(model_uris)} models answer here, each with a decision of its own."
        return AppliedThreshold(fault=many if model_uris else "The model's address is unknown.")
    try:
        stored = read(account, *model_uris)
    except Problem as problem:  # the score is worth showing without it, and the sentence says why
        return AppliedThreshold(fault=str(problem))
    return AppliedThreshold(stored.document.threshold, stored.document) if stored else AppliedThreshold()


def decided_by(account: Account) -> str:
    """Who decides: the caller as AWS names it, without the account's number ("user/ana"). Raises AwsError."""
    return account.identity().arn.rpartition(":")[2]
