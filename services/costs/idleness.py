"""Whether what runs is used, for how long it has not been, and what stopping the idle would save.

Pure. An endpoint, an app and a warm pool are idle after so many hours without use. A job works for as long as it runs,
so it is judged by how much of the time it may take is gone. Of what AWS does not tell (a notebook instance's use),
nothing is said: unknown is neither idle nor in use.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.inventory.resources import BillableResource, LastUse, ResourceKind
from services.pricing.rates import hours

HOURS_A_DAY, HOURS_A_MONTH = 24, 730  # a month as AWS counts it in its price examples


class Use(StrEnum):
    """What is known about the use of something that runs."""

    IDLE = "idle"  # for at least as long as the threshold of its kind
    IN_USE = "in use"  # or not idle for long enough
    UNKNOWN = "unknown"  # AWS does not say, or could not be asked


@dataclass(frozen=True)
class Thresholds:
    """From when on something is idle: after hours without use; a job, once that share of its maximum is gone."""

    endpoint: float = 24.0  # one that is asked in working hours only is not idle at night
    app: float = 4.0  # half a working day, longer than any meeting
    warm_pool: float = 0.5  # half of the hour that one is kept at most
    job: float = 0.9  # one so near its maximum is mostly stuck, and will be cut off unfinished


@dataclass(frozen=True)
class Saving:
    """What stopping things now would save, dollars; `unpriced` of them have no known price and are not in it."""

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
    """How much of the time that it may run is gone, 0 to 1 and beyond; None where it has no maximum."""
    return hours(resource.since, now) / resource.max_hours if resource.max_hours else None


def idle(resources: Iterable[BillableResource], thresholds: Thresholds, now: datetime) -> list[BillableResource]:
    """Those that are idle and bill for it, or may: one that costs nothing while it waits is no one's concern."""
    return [
        resource for resource in resources if use(resource, thresholds, now) is Use.IDLE and resource.usd_per_hour != 0
    ]


def saving(resources: Iterable[BillableResource], now: datetime) -> Saving:
    """What stopping `things` now saves, as if each had gone on for as long as it could."""
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
    """Hours until AWS itself ends it."""
    if resource.max_hours is None:
        return float("inf")
    return max(0.0, resource.max_hours - hours(resource.since, now))
