"""Whether a resource is in use, for how long it has been idle, and what shutting down the idle ones would save.

Pure. An endpoint, an app and a warm pool are idle after so many hours without use. A job works for as long as it runs,
so it counts as idle by how much of its time limit is used. Where AWS does not report use (a notebook instance),
it is unknown: neither idle nor in use.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf

from services.inventory.resources import BillableResource, LastUse, ResourceKind
from services.pricing.rates import hours

HOURS_A_DAY, HOURS_A_MONTH = 24, 730  # a month as AWS counts it in its price examples


class Use(StrEnum):
    """Whether a resource is in use."""

    IDLE = "idle"  # for at least as long as the threshold of its kind
    IN_USE = "in use"  # or not idle for long enough
    UNKNOWN = "unknown"  # AWS does not report it, or it could not be read


@dataclass(frozen=True)
class Thresholds:
    """When a resource counts as idle: hours without use; for a job, the used share of its time limit."""

    endpoint: float = 24.0  # one that is called in working hours only is not idle at night
    app: float = 4.0  # half a working day, longer than any meeting
    warm_pool: float = 0.5  # half of the hour that one is kept at most
    job: float = 0.9  # one so near its maximum is mostly stuck, and will be cut off unfinished


@dataclass(frozen=True)
class Saving:
    """Dollars saved by shutting down resources now; `unpriced` of them have no known price and are not included."""

    per_hour: float
    per_day: float
    per_month: float
    unpriced: int


def use(resource: BillableResource, thresholds: Thresholds, now: datetime) -> Use:
    """Whether it is idle."""
    if resource.last_use is LastUse.UNKNOWN:
        return Use.UNKNOWN
    if resource.last_use is LastUse.WORKING:
        gone = share_gone(resource, now)
        return Use.IDLE if gone is not None and gone >= thresholds.job else Use.IN_USE
    limits = {ResourceKind.STUDIO_APP: thresholds.app, ResourceKind.WARM_POOL: thresholds.warm_pool}
    limit = limits.get(resource.kind, thresholds.endpoint)
    return Use.IDLE if resource.idle_hours is not None and resource.idle_hours >= limit else Use.IN_USE


def share_gone(resource: BillableResource, now: datetime) -> float | None:
    """Used share of its time limit, 0 to 1 and beyond; None without a limit."""
    return hours(resource.since, now) / resource.max_hours if resource.max_hours else None


def idle(resources: Iterable[BillableResource], thresholds: Thresholds, now: datetime) -> list[BillableResource]:
    """The idle resources, without those that are known to cost nothing."""
    return [
        resource for resource in resources if use(resource, thresholds, now) is Use.IDLE and resource.usd_per_hour != 0
    ]


def saving(resources: Iterable[BillableResource], now: datetime) -> Saving:
    """What shutting down `resources` now saves, assuming each would have run for as long as it may."""
    stopped = list(resources)
    priced = [
        (resource.usd_per_hour, _left(resource, now)) for resource in stopped if resource.usd_per_hour is not None
    ]
    return Saving(
        per_hour=sum(rate for rate, _ in priced),
        per_day=sum(rate * min(left, HOURS_A_DAY) for rate, left in priced),
        per_month=sum(rate * min(left, HOURS_A_MONTH) for rate, left in priced),
        unpriced=len(stopped) - len(priced),
    )


def _left(resource: BillableResource, now: datetime) -> float:
    """Hours until AWS itself stops it."""
    if resource.max_hours is None:
        return inf
    return max(0.0, resource.max_hours - hours(resource.since, now))
