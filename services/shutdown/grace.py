"""The ten minutes between a rule that has come due and what it does, in which anybody can keep the resource.

    sagedeck:stop-at    = "2026-11-28T17:10:00Z"     a rule shuts the resource down then
    sagedeck:keep-until = "2026-11-29T17:00:00Z"     no rule shuts it down before then

Both are tags of the resource, so that every tab, every dashboard and the reaper share them. What cannot be tagged has
its own in s3://BUCKET/sagedeck/graces.json.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel

from services.aws import documents, tags
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.errors import Problem
from services.inventory.resources import BillableResource
from services.shutdown.execute import current_tags
from services.shutdown.plan import Key
from services.shutdown.rules import Due

STOP_AT, KEEP_UNTIL = "sagedeck:stop-at", "sagedeck:keep-until"
GRACE = timedelta(minutes=10)
KEPT_FOR = timedelta(hours=24)
STALE = timedelta(hours=2)  # nobody applied the rule for so long: who looks now has not been told, so it begins anew


class Mark(BaseModel):
    """When a rule shuts a resource down, and until when none does (UTC); None for neither."""

    stop_at: AwareDatetime | None = None
    keep_until: AwareDatetime | None = None


class GracesDocument(Document):
    """The marks of what cannot be tagged, by the parts of its key joined with "/"."""

    marks: dict[str, Mark]


NO_MARKS = GracesDocument(marks={})


@dataclass(frozen=True)
class Decision:
    """What is to become of what is due.

    act:     its time has come. pending: it has not, or somebody keeps the resource.
    begin:   it has come due just now. release: marked, and no longer due.
    """

    act: tuple[Due, ...] = ()
    pending: tuple[Due, ...] = ()
    begin: tuple[Due, ...] = ()
    release: tuple[BillableResource, ...] = ()


def decide(
    due: Iterable[Due], listed: Iterable[BillableResource], marks: Mapping[Key, Mark], now: datetime
) -> Decision:
    """What becomes of what is due. Pure. `marks`: by key, of whatever has one."""
    act, pending, begin = list[Due](), list[Due](), list[Due]()
    for one in due:
        mark = marks.get(one.resource.key, Mark())
        if mark.keep_until and now < mark.keep_until:
            pending.append(one)
        elif mark.stop_at is None or now - mark.stop_at > STALE:
            begin.append(one)
        elif now < mark.stop_at:
            pending.append(one)
        else:
            act.append(one)
    due_now = {*act, *pending, *begin}
    # The disk of a notebook instance has the tags of its instance.
    arns, keys = {one.resource.arn for one in due_now}, {one.resource.key for one in due_now}
    release = [
        resource
        for resource in listed
        if marks.get(resource.key, Mark()).stop_at and resource.key not in keys and resource.arn not in arns
    ]
    return Decision(tuple(act), tuple(pending), tuple(begin), tuple(release))


def marks(resources: Sequence[BillableResource], stored: GracesDocument) -> dict[Key, Mark]:
    """The marks of resources, by their keys, from their tags and the document: a tag that could not be set is there."""
    found = {}
    for resource in resources:
        own = dict(resource.tags or ())
        noted = stored.marks.get(_name(resource), Mark())
        kept = [moment for moment in (_moment(own.get(KEEP_UNTIL)), noted.keep_until) if moment]
        mark = Mark(stop_at=_moment(own.get(STOP_AT)) or noted.stop_at, keep_until=max(kept, default=None))
        if mark != Mark():
            found[resource.key] = mark
    return found


def load(account: Account) -> GracesDocument:
    """The marks of what cannot be tagged. Raises UnreadableDocumentError, AwsError."""
    stored = documents.read(account, address(account), GracesDocument)
    return stored.document if stored else NO_MARKS


def begin(account: Account, resource: BillableResource, now: datetime) -> None:
    """Have a rule shut the resource down in ten minutes. Raises AwsError."""
    _save(account, resource, Mark(stop_at=now + GRACE))


def keep(account: Account, resource: BillableResource, now: datetime) -> None:
    """Have no rule shut the resource down for a day. Raises AwsError."""
    _save(account, resource, Mark(keep_until=now + KEPT_FOR))


def why_kept(account: Account, resource: BillableResource, now: datetime) -> str:
    """Why no rule shuts the resource down, by its marks as they are right now; "" when one may. Never raises."""
    current = replace(resource, tags=current_tags(account, resource.arn, resource.region))
    try:
        mark = marks([current], load(account)).get(resource.key, Mark())
    except Problem as problem:
        return f"Whether somebody keeps it is unknown. {problem}"
    return f"Somebody keeps it until {_text(mark.keep_until)}." if mark.keep_until and now < mark.keep_until else ""


def release(account: Account, resource: BillableResource) -> None:
    """Take the mark away. Raises AwsError."""
    _save(account, resource, Mark())


def _save(account: Account, resource: BillableResource, mark: Mark) -> None:
    """Set the tags of the resource, or else what stands in the document."""
    wanted = {STOP_AT: _text(mark.stop_at), KEEP_UNTIL: _text(mark.keep_until)}
    present = dict(resource.tags or ())
    changes = {key: value for key, value in wanted.items() if value or key in present}
    if resource.arn:
        try:
            tags.save(account.at(resource.region or account.region), resource.arn, changes)
        except AwsError:
            pass  # a kind that takes no tags, or nobody who may set them
        else:
            return
    name = _name(resource)

    def change(document: GracesDocument | None) -> GracesDocument:
        others = {key: kept for key, kept in (document or NO_MARKS).marks.items() if key != name}
        return GracesDocument(marks=others | ({name: mark} if mark != Mark() else {}))

    documents.update(account, address(account), GracesDocument, change)


def _text(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _moment(text: str | None) -> datetime | None:
    """The moment in a tag; None for a text that is none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _name(resource: BillableResource) -> str:
    return "/".join(resource.key)


def address(account: Account) -> Address:
    """Address of the marks of what cannot be tagged."""
    return Address(account.default_bucket(), "sagedeck/graces.json")
