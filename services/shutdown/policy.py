"""The shutdown policy: idle limits, the number above which a confirmation is asked for, and the production lock; in S3.

    s3://BUCKET/sagedeck/precautions.json

Every shutdown by SageDeck follows it; AWS itself does not know it.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import BaseModel, Field, PositiveFloat

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address
from services.costs.idleness import Thresholds
from services.errors import Problem


@dataclass(frozen=True)
class ShutdownPolicy:
    """Idle limits, and what is confirmed or refused before a shutdown.

    bulk_confirm_threshold:     above this many resources their number must be typed.
    production_lock: whether resources tagged as production are never shut down.
    """

    idle: Thresholds = field(default_factory=Thresholds)
    bulk_confirm_threshold: int = 5
    production_lock: bool = False


# Where it is not known what is allowed: nothing that may be production is shut down.
STRICTEST = ShutdownPolicy(production_lock=True)


class ThresholdsDocument(BaseModel):
    """Thresholds of idleness as they lie in S3: hours, and a share of 1 for jobs."""

    endpoint: PositiveFloat = Thresholds.endpoint
    app: PositiveFloat = Thresholds.app
    warm_pool: PositiveFloat = Thresholds.warm_pool
    job: float = Field(default=Thresholds.job, gt=0, le=1)


class PolicyDocument(Document):
    """The policy as it lies in S3."""

    idle: ThresholdsDocument
    blast_limit: int = Field(ge=1)
    production_lock: bool = False


def load(account: Account) -> ShutdownPolicy:
    """What is set; the defaults where nothing was ever saved. Raises UnreadableDocumentError, AwsError."""
    stored = documents.read(account, address(account), PolicyDocument)
    if stored is None:
        return ShutdownPolicy()
    document = stored.document
    return ShutdownPolicy(Thresholds(**document.idle.model_dump()), document.blast_limit, document.production_lock)


def load_or_strictest(account: Account) -> tuple[ShutdownPolicy, Problem | None]:
    """What is set; where that cannot be read, the strictest, and why."""
    try:
        return load(account), None
    except Problem as problem:
        return STRICTEST, problem


def save(account: Account, policy: ShutdownPolicy) -> None:
    """Set the whole policy. Raises as `change` does."""
    members = asdict(policy.idle) | {"job_percent": policy.idle.job * 100}
    del members["job"]
    change(
        account,
        bulk_confirm_threshold=policy.bulk_confirm_threshold,
        production_lock=policy.production_lock,
        **members,
    )


def change(account: Account, **members: Any) -> None:
    """Set some of the policy, leaving the rest as it is.

    members: `endpoint`, `app`, `warm_pool` (hours), `job_percent`, `bulk_confirm_threshold`, `production_lock`.
    Raises Problem for values that make no sense, UnreadableDocumentError, AwsError.
    """
    for name in members.keys() & {"endpoint", "app", "warm_pool", "job_percent"}:
        if members[name] <= 0:
            raise Problem("Idle", f"{name.replace('_', ' ')} is {members[name]:g}", "Enter a number above 0")
    if members.get("job_percent", 0) > 100:
        raise Problem("Idle", "a job cannot run longer than its time limit", "Enter at most 100 %")
    if members.get("bulk_confirm_threshold", 1) < 1:
        raise Problem("Confirmation limit", f"it is {members['bulk_confirm_threshold']}", "Enter 1 or more")
    idle: dict[str, float] = {name: members[name] for name in ("endpoint", "app", "warm_pool") if name in members}
    if "job_percent" in members:
        idle["job"] = members["job_percent"] / 100
    own = {name: members[name] for name in members.keys() & {"production_lock"}}
    if "bulk_confirm_threshold" in members:
        own["blast_limit"] = members["bulk_confirm_threshold"]

    def changed(document: PolicyDocument | None) -> PolicyDocument:
        present = document or _document(ShutdownPolicy())
        return present.model_copy(update={**own, "idle": present.idle.model_copy(update=idle)})

    documents.update(account, address(account), PolicyDocument, changed)


def _document(policy: ShutdownPolicy) -> PolicyDocument:
    return PolicyDocument(
        idle=ThresholdsDocument(**asdict(policy.idle)),
        blast_limit=policy.bulk_confirm_threshold,
        production_lock=policy.production_lock,
    )


def address(account: Account) -> Address:
    """Address of the policy."""
    return Address(account.default_bucket(), "sagedeck/precautions.json")
