"""Auto-shutdown rules: on a resource, as a tag, and for all resources with a tag, in S3.

    sagedeck:stop = "idle 2h"                      on the resource itself; "idle 2h delete" deletes an endpoint
    s3://BUCKET/sagedeck/schedules.json            for all resources with a tag

A rule is text, the same in both places, in characters that a tag may hold. It stops compute and never deletes storage:
the disk of a stopped notebook instance still carries the tag that stopped it. `janitor.py` applies the rules.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from math import inf
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address
from services.costs.cost_intervals import CostInterval, cost
from services.errors import Problem
from services.inventory.resources import BillableResource, ResourceKind

TAG = "sagedeck:stop"
# Storage: shutting it down would delete what is stored in it.
KEPT = (
    *(ResourceKind.NOTEBOOK_VOLUME, ResourceKind.SPACE_VOLUME, ResourceKind.DOMAIN_FILES),
    *(ResourceKind.ONLINE_STORE, ResourceKind.MLFLOW_APP, ResourceKind.PARTNER_APP),
)
FORMS = "idle 2h, at 18:00 Europe/Berlin, spent 20 USD, or until 2026-12-01T18:00"
DELETE = " delete"  # at the end of a rule


@dataclass(frozen=True)
class Condition(ABC):
    """When a rule comes due; `deletes`: endpoints are deleted then, and not paused."""

    deletes: bool = field(default=False, kw_only=True)

    def __str__(self) -> str:
        return f"{self.text}{DELETE if self.deletes else ''}"

    @property
    @abstractmethod
    def text(self) -> str:
        """As in a tag, without what is done then."""


@dataclass(frozen=True)
class IdleFor(Condition):
    """Once it has not been used for `hours`."""

    hours: float

    @property
    def text(self) -> str:
        """ "idle 2h"."""
        return f"idle {self.hours:g}h"


@dataclass(frozen=True)
class DailyAt(Condition):
    """Every day at a local time, e.g. 18:00 in Europe/Berlin."""

    time: time
    zone: str = "UTC"

    @property
    def text(self) -> str:
        """ "at 18:00 Europe/Berlin"."""
        return f"at {self.time:%H:%M} {self.zone}"


@dataclass(frozen=True)
class DailyCostAbove(Condition):
    """Once it has cost `usd` dollars today (UTC); for a tag, all its resources together."""

    usd: float

    @property
    def text(self) -> str:
        """ "spent 20 USD"."""
        return f"spent {self.usd:g} USD"


@dataclass(frozen=True)
class AtDate(Condition):
    """From a moment on (UTC)."""

    moment: datetime

    @property
    def text(self) -> str:
        """ "until 2026-12-01T18:00"."""
        return f"until {self.moment.astimezone(UTC):%Y-%m-%dT%H:%M}"


When = IdleFor | DailyAt | DailyCostAbove | AtDate


@dataclass(frozen=True)
class Rule:
    """Shut down what carries the tag `key`=`value` once `when` holds; an empty value matches any. by: an ARN."""

    key: str
    value: str
    when: When
    by: str = ""

    def holds_for(self, resource: BillableResource) -> bool:
        """Whether the resource carries the tag."""
        return any(key == self.key and self.value in ("", value) for key, value in resource.tags or ())


@dataclass(frozen=True)
class Due:
    """A resource that is due for shutdown, and why.

    from_own_tag: whether the rule is a tag of the resource itself. deletes: an endpoint is deleted, and not paused.
    """

    resource: BillableResource
    reason: str
    from_own_tag: bool
    deletes: bool = False


def parse(text: str) -> When:
    """The rule in a text such as "idle 2h" or "idle 2h delete". Raises Problem for any other text."""
    if text.strip().endswith(DELETE):
        return replace(parse(text.strip().removesuffix(DELETE)), deletes=True)
    word, _, rest = text.strip().partition(" ")
    try:
        match word:
            case "idle":
                return IdleFor(_positive(rest.strip().removesuffix("h")))
            case "spent":
                return DailyCostAbove(_positive(rest.strip().removesuffix("USD")))
            case "until":
                moment = datetime.fromisoformat(rest.strip())
                return AtDate(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
            case "at":
                clock, _, zone = rest.strip().partition(" ")
                ZoneInfo(zone or "UTC")
                return DailyAt(_clock(clock), zone or "UTC")
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise Problem(f"Rule {text!r}", f"it cannot be read ({error})", f"Write {FORMS}") from error
    raise Problem(f"Rule {text!r}", "it is not a rule", f"Write {FORMS}")


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < inf:
        raise ValueError("the number must be above 0")
    return number


def _clock(text: str) -> time:
    if not re.fullmatch(r"\d{1,2}:\d{2}", text):
        raise ValueError("a time is written 18:00")
    hours, minutes = map(int, text.split(":"))
    return time(hours, minutes)


def own_rule(resource: BillableResource) -> When | None:
    """The rule on the resource itself, None without one. Raises Problem for an invalid one."""
    text = dict(resource.tags or ()).get(TAG)
    return parse(text) if text else None


def due_rules(
    resources: Iterable[BillableResource], rules: Iterable[Rule], now: datetime
) -> tuple[list[Due], list[Problem]]:
    """What is due for shutdown, each resource once; and tags that hold no valid rule."""
    resources = list(resources)
    machines = [resource for resource in resources if resource.kind not in KEPT]
    due: dict[tuple[str, ...], Due] = {}
    problems: list[Problem] = []
    for resource in machines:
        try:
            when = own_rule(resource)
        except Problem as problem:
            problems.append(Problem(f"{resource.kind} {resource.name}", str(problem), "Correct its tag"))
            continue
        if when and (reason := _reason(when, resource, [resource], now)):
            due[resource.key] = Due(resource, reason, from_own_tag=True, deletes=when.deletes)
    for rule in rules:
        carrying = [resource for resource in resources if rule.holds_for(resource)]  # disks count in the cost of a tag
        for resource in machines:
            if (
                rule.holds_for(resource)
                and resource.key not in due
                and (reason := _reason(rule.when, resource, carrying, now))
            ):
                tag = f"{rule.key}={rule.value}" if rule.value else rule.key
                due[resource.key] = Due(resource, f"{reason} (tag {tag})", False, rule.when.deletes)
    return list(due.values()), problems


def _reason(when: When, resource: BillableResource, together: Iterable[BillableResource], now: datetime) -> str:
    """Why `thing` is due for shutdown; "" when it is not."""
    match when:
        case IdleFor(hours) if resource.idle_hours is not None and resource.idle_hours >= hours:
            return f"idle for {resource.idle_hours:.1f} h; the limit is {hours:g} h"
        case DailyAt(clock, zone) if resource.since <= _last(clock, zone, now):
            return f"past {clock:%H:%M} {zone}"
        case DailyCostAbove(usd):
            spent = spent_today(together, now)
            return f"${spent:,.2f} spent today; the limit is ${usd:,.2f}" if spent >= usd else ""
        case AtDate(moment) if now >= moment:
            return f"past {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return ""


def _last(clock: time, zone: str, now: datetime) -> datetime:
    """When it was last that time of day there."""
    local_now = now.astimezone(ZoneInfo(zone))
    today = datetime.combine(local_now.date(), clock, ZoneInfo(zone))
    return today if today <= local_now else today - timedelta(days=1)


def spent_today(resources: Iterable[BillableResource], now: datetime) -> float:
    """Dollars of what runs, since midnight UTC; what has no known price is in no sum."""
    intervals = [
        CostInterval(resource.kind, resource.name, resource.region, resource.since, None, resource.usd_per_hour)
        for resource in resources
    ]
    return cost(intervals, now.replace(hour=0, minute=0, second=0, microsecond=0), now)


class RuleDocument(BaseModel):
    """A rule for a tag as it lies in S3; `when` is text, as in a tag."""

    key: str
    value: str
    when: str
    by: str


class RulesDocument(Document):
    """The rules for tags as they lie in S3."""

    rules: tuple[RuleDocument, ...]


@dataclass(frozen=True)
class TagRules:
    """The rules for tags that can be read, and what is wrong with the others."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...] = ()


def load(account: Account) -> TagRules:
    """The rules for tags; none where nothing was ever saved. Raises UnreadableDocumentError, AwsError."""
    stored = documents.read(account, address(account), RulesDocument)
    rules, problems = list[Rule](), list[Problem]()
    for document in stored.document.rules if stored else ():
        try:
            rules.append(Rule(document.key, document.value, parse(document.when), document.by))
        except Problem as problem:
            problems.append(Problem(f"Rule for tag {document.key}", str(problem), "Remove it in Costs"))
    return TagRules(tuple(rules), tuple(problems))


class RulesRunDocument(Document):
    """When the rules were applied last, by the dashboard or the reaper, and what was wrong then."""

    at: AwareDatetime
    by: str
    problems: tuple[str, ...] = ()


def last_run(account: Account) -> RulesRunDocument | None:
    """When the rules were applied last; None for never. Raises UnreadableDocumentError, AwsError."""
    stored = documents.read(account, run_address(account), RulesRunDocument)
    return stored.document if stored else None


def note_run(account: Account, at: datetime, by: str, problems: Iterable[str]) -> None:
    """Store that the rules have been applied. Raises UnreadableDocumentError, AwsError."""
    document = RulesRunDocument(at=at.astimezone(UTC), by=by, problems=tuple(problems))
    documents.update(account, run_address(account), RulesRunDocument, lambda _: document)


def run_address(account: Account) -> Address:
    """Address of when the rules were applied last."""
    return Address(account.default_bucket(), "sagedeck/rules-run.json")


def add(account: Account, rule: Rule) -> None:
    """Add a rule for a tag, whatever others add at the same time. Raises UnreadableDocumentError, AwsError."""
    _change(account, lambda rules: (*(document for document in rules if document != _document(rule)), _document(rule)))


def remove(account: Account, rule: Rule) -> None:
    """Remove a rule for a tag; one that is not there is fine. Raises UnreadableDocumentError, AwsError."""
    _change(account, lambda rules: tuple(document for document in rules if document != _document(rule)))


def remove_invalid(account: Account) -> None:
    """Remove the rules for tags that cannot be read. Raises UnreadableDocumentError, AwsError."""
    _change(account, lambda rules: tuple(document for document in rules if _is_valid(document.when)))


def _is_valid(when: str) -> bool:
    try:
        parse(when)
    except Problem:
        return False
    return True


def _change(account: Account, change: Callable[[tuple[RuleDocument, ...]], tuple[RuleDocument, ...]]) -> None:
    documents.update(
        account,
        address(account),
        RulesDocument,
        lambda document: RulesDocument(rules=change(document.rules if document else ())),
    )


def _document(rule: Rule) -> RuleDocument:
    return RuleDocument(key=rule.key, value=rule.value, when=str(rule.when), by=rule.by)


def address(account: Account) -> Address:
    """Address of the rules for tags."""
    return Address(account.default_bucket(), "sagedeck/schedules.json")
