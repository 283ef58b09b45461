"""What may be ended, and what a person has to type before: by tags, and by how many things go at once.

Pure. A protected thing is never ended, nor is production while that is locked. One that is tagged as production, or
whose tags are unknown (so that it may be production), needs its name typed; more things than the blast limit need their
number typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.errors import Problem
from services.inventory.resources import BillableResource, Tags

PROTECTED = "sagedeck:protected"
UNPROTECTED = ("", "0", "no", "false")  # values of that tag, in lower case, that protect nothing
# Tags that say which stage something belongs to, and how production is called there; in lower case.
STAGES = ("env", "environment", "stage", "stack", "tier", "deployment")
PRODUCTION = ("prod", "production", "prd", "live")


class Guard(StrEnum):
    """How well something is guarded."""

    FREE = "free"
    PRODUCTION = "production"  # tagged as such: its name is typed before it is ended
    UNKNOWN = "tags unknown"  # it may be production or protected: its name is typed, too
    PROTECTED = "protected"  # never ended

    @property
    def wants_name(self) -> bool:
        """Whether its name has to be typed before it is ended."""
        return self in (Guard.PRODUCTION, Guard.UNKNOWN)


@dataclass(frozen=True)
class Confirmation:
    """What a person typed before a shutdown: the name beside a thing, by its key, and how many things there are."""

    names: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    number: str = ""

    def named(self, thing: BillableResource) -> bool:
        """Whether the name of this very thing was typed."""
        return self.names.get(thing.key, "").strip() == thing.name


NOT_CONFIRMED = Confirmation()


def guard(tags: Tags | None) -> Guard:
    """How something with these tags is guarded; None: they could not be asked, or it has none that can be."""
    if tags is None:
        return Guard.UNKNOWN
    lower = [(key.strip().lower(), value.strip().lower()) for key, value in tags]
    if any(key == PROTECTED and value not in UNPROTECTED for key, value in lower):
        return Guard.PROTECTED
    if any(key in STAGES and value in PRODUCTION for key, value in lower):
        return Guard.PRODUCTION
    return Guard.FREE


def refusal_for(tags: Tags | None, locked: bool) -> str:
    """Why something with these tags is not ended, and what to do; "" when it may be. `locked`: production is."""
    found = guard(tags)
    if found is Guard.PROTECTED:
        return f"Protected by its tag {PROTECTED}. Unprotect it first."
    if found is Guard.PRODUCTION and locked:
        return "Tagged as production, and production is locked. Unlock it in Settings first."
    return ""


def check(things: Sequence[BillableResource], typed: Confirmation, limit: int) -> None:
    """Raises Problem while something has not been typed that ending `things` together needs."""
    for thing in things:
        if guard(thing.tags).wants_name and not typed.named(thing):
            raise Problem(f"{thing.kind} {thing.name}", reason_for_name(thing), f"Type {thing.name} to confirm")
    if len(things) > limit and typed.number.strip() != str(len(things)):
        said = f"{len(things)} resources are selected; more than {limit} at once must be confirmed"
        raise Problem("Shut down", said, f"Type {len(things)}, or select fewer")


def reason_for_name(thing: BillableResource) -> str:
    """Why its name has to be typed."""
    if guard(thing.tags) is Guard.PRODUCTION:
        return "it is tagged as production"
    if not thing.arn:
        return "its ARN is unknown, so it may be tagged as production"
    return "its tags could not be read, so it may be production"
