"""The ledger of shutdowns: who shut down what, when, and what that saves; append-only, in S3 beside the data.

S3 cannot append, so each shutdown is an object of one JSON line, and its key begins with the time: together, in the
order of their keys, they are the ledger. Nothing here ever overwrites or deletes one, and a shutdown that is recorded
twice is in it once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import AwareDatetime

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import ChangedMeanwhileError, Document, UnreadableDocumentError
from services.aws.s3 import Address
from services.inventory.resources import BillableResource, ResourceKind

FOLDER = "sagedeck/ledger/"


@dataclass(frozen=True)
class LedgerEntry:
    """One shutdown.

    at:           when it was accepted (UTC).
    by:           the ARN of who shut it down.
    kind, name:   the resource, as the inventory names it.
    calls:        the requests that were made, as AWS spells them.
    usd_per_hour: what it billed until then; None when its price is not known, which is never 0.
    state:        its status right after the calls.
    region:       where it ran; "" in older entries.
    since:        since when it had billed (UTC); None in older entries.
    why:          the rule that shut it down; "" when a person did.
    status_before: as it was listed; "" in older entries.
    """

    at: datetime
    by: str
    kind: str
    name: str
    calls: tuple[str, ...]
    usd_per_hour: float | None
    state: str
    region: str = ""
    since: datetime | None = None
    why: str = ""
    status_before: str = ""

    @property
    def never_ran(self) -> bool:
        """Whether it is an endpoint that failed at creation: whether it billed at all, only AWS's bill says."""
        failed = self.kind == ResourceKind.ENDPOINT and self.status_before == "Failed"
        return failed and self.usd_per_hour is None


@dataclass(frozen=True)
class Savings:
    """What the shutdowns of a ledger save.

    unpriced:  how many have no known price; failed: how many never ran. Neither is in the dollars.
    """

    usd_per_hour: float
    usd_so_far: float
    unpriced: int
    failed: int = 0


class LedgerDocument(Document):
    """A ledger entry as it lies in S3: one line of JSON."""

    INDENT = None

    at: AwareDatetime
    by: str
    kind: str
    name: str
    calls: tuple[str, ...]
    usd_per_hour: float | None
    state: str
    region: str = ""
    since: AwareDatetime | None = None
    why: str = ""
    status_before: str = ""

    def entry(self) -> LedgerEntry:
        """The entry it holds."""
        return LedgerEntry(**self.model_dump(exclude={"version"}))


@dataclass(frozen=True)
class Ledger:
    """Every shutdown, oldest first, and the entries that cannot be read."""

    entries: tuple[LedgerEntry, ...]
    unreadable: tuple[UnreadableDocumentError, ...] = ()


def append(account: Account, entry: LedgerEntry, name: str) -> None:
    """Write one entry; `name` tells it from others, and writing it again changes nothing. Raises AwsError."""
    key = f"{FOLDER}{entry.at.astimezone(UTC):%Y-%m/%Y-%m-%dT%H%M%S}-{name}.jsonl"
    document = LedgerDocument(**{**vars(entry), "at": entry.at.astimezone(UTC)})
    with suppress(ChangedMeanwhileError):
        documents.create(account, Address(account.default_bucket(), key), document)


def load(account: Account) -> Ledger:
    """The whole ledger; empty while the bucket does not exist. Raises AwsError."""
    folder = documents.read_folder(account, Address(account.default_bucket(), FOLDER), LedgerDocument)
    return Ledger(tuple(document.entry() for document in folder.documents.values()), folder.unreadable)


def of_day(account: Account, now: datetime) -> list[LedgerEntry]:
    """The shutdowns of the UTC day of `now`. Raises UnreadableDocumentError when one cannot be read, AwsError."""
    keys = Address(account.default_bucket(), f"{FOLDER}{now.astimezone(UTC):%Y-%m/%Y-%m-%d}T")
    folder = documents.read_folder(account, keys, LedgerDocument)
    for error in folder.unreadable:
        raise error
    return [document.entry() for document in folder.documents.values()]


def savings(shutdowns: Iterable[LedgerEntry], now: datetime, running: Iterable[BillableResource] = ()) -> Savings:
    """What `shutdowns` have saved by `now`, assuming everything had kept running.

    Of a resource that bills again, e.g. a resumed endpoint, only the time between counts: a later shutdown of the same
    resource shows it, or its presence in `running`.
    """
    saved = _resumed(shutdowns, running)
    return Savings(
        usd_per_hour=sum(entry.usd_per_hour or 0.0 for entry, again in saved if again is None),
        usd_so_far=sum(_dollars(entry, again, now) for entry, again in saved),
        unpriced=sum(entry.usd_per_hour is None and not entry.never_ran for entry, _ in saved),
        failed=sum(entry.never_ran for entry, _ in saved),
    )


def saved_over_time(
    shutdowns: Sequence[LedgerEntry], now: datetime, running: Iterable[BillableResource] = ()
) -> list[tuple[datetime, float]]:
    """(time, dollars saved until then) at each shutdown and at `now`; `shutdowns` oldest first."""
    saved = _resumed(shutdowns, running)
    moments = [*(entry.at for entry in shutdowns), now]
    return [(moment, sum(_dollars(entry, again, moment) for entry, again in saved)) for moment in moments]


def _resumed(
    shutdowns: Iterable[LedgerEntry], running: Iterable[BillableResource]
) -> list[tuple[LedgerEntry, datetime | None]]:
    """Each shutdown, and when the same resource began to bill again."""
    entries = list(shutdowns)
    begun = defaultdict[tuple[str, str, str], list[datetime]](list)
    records: list[LedgerEntry | BillableResource] = [*entries, *running]
    for record in records:
        if record.since:
            begun[record.region, record.kind, record.name].append(record.since)
    starts = ([since for since in begun[entry.region, entry.kind, entry.name] if since > entry.at] for entry in entries)
    return [(entry, min(after, default=None)) for entry, after in zip(entries, starts, strict=True)]


def _dollars(entry: LedgerEntry, again: datetime | None, now: datetime) -> float:
    until = min(again, now) if again else now
    return (entry.usd_per_hour or 0.0) * max(0.0, (until - entry.at).total_seconds() / 3600)
