"""Protection from shutdown, by tags, and what a person must type to confirm.

Pure. A protected resource is never shut down, nor is production while it is locked. A resource that is tagged as
production, or whose tags are unknown, needs its name typed; more resources than the policy's limit need their number
typed.
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
    """How a resource is protected."""

    FREE = "free"
    PRODUCTION = "production"  # tagged as such: its name must be typed
    UNKNOWN = "tags unknown"  # it may be production or protected: its name must be typed, too
    PROTECTED = "protected"  # never shut down

    @property
    def wants_name(self) -> bool:
        """Whether its name must be typed to shut it down."""
        return self in (Guard.PRODUCTION, Guard.UNKNOWN)


@dataclass(frozen=True)
class Confirmation:
    """What a person typed to confirm: names by resource key, and the number of resources."""

    names: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    number: str = ""

    def named(self, resource: BillableResource) -> bool:
        """Whether the name of this resource was typed."""
        return self.names.get(resource.key, "").strip() == resource.name


NOT_CONFIRMED = Confirmation()


def guard(tags: Tags | None) -> Guard:
    """How a resource with these tags is protected, the strongest of its marks; None: its tags could not be read."""
    return next(iter(marks(tags)), Guard.FREE)


def marks(tags: Tags | None) -> tuple[Guard, ...]:
    """Everything that a person must know of a resource before it is shut down, the strongest first; () when free."""
    if tags is None:
        return (Guard.UNKNOWN,)
    lower = [(key.strip().lower(), value.strip().lower()) for key, value in tags]
    found = {
        Guard.PROTECTED: any(key == PROTECTED and value not in UNPROTECTED for key, value in lower),
        Guard.PRODUCTION: any(key in STAGES and value in PRODUCTION for key, value in lower),
    }
    return tuple(mark for mark, tagged in found.items() if tagged)


def refusal_for(tags: Tags | None, locked: bool) -> str:
    """Why a resource with these tags is not shut down, and what to do; "" when it may be. `locked`: production is."""
    level = guard(tags)
    if level is Guard.PROTECTED:
        return f"Protected by its tag {PROTECTED}. Unprotect it first."
    if level is Guard.PRODUCTION and locked:
        return "Tagged as production, and production is locked. Unlock it in Settings first."
    return ""


def check(resources: Sequence[BillableResource], typed: Confirmation, limit: int) -> None:
    """Raises Problem while a name or number that shutting down `resources` needs has not been typed."""
    for resource in resources:
        if guard(resource.tags).wants_name and not typed.named(resource):
            raise Problem(
                f"{resource.kind} {resource.name}", reason_for_name(resource), f"Type {resource.name} to confirm"
            )
    if len(resources) > limit and typed.number.strip() != str(len(resources)):
        reason = f"{len(resources)} resources are selected; more than {limit} at once must be confirmed"
        raise Problem("Shut down", reason, f"Type {len(resources)}, or select fewer")


def reason_for_name(resource: BillableResource) -> str:
    """Why its name must be typed."""
    if guard(resource.tags) is Guard.PRODUCTION:
        return "it is tagged as production"
    if not resource.arn:
        return "its ARN is unknown, so it may be tagged as production"
    return "its tags could not be read, so it may be production"
