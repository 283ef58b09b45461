"""Past cost from intervals of time, each at a rate; what is ahead is in `month_forecast.py`.

Pure. An interval of unknown price is in no sum.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from services.costs.ledger import LedgerEntry
from services.inventory.resources import BillableResource, ResourceKind

HOUR = timedelta(hours=1)
JOBS = (ResourceKind.TRAINING_JOB, ResourceKind.TUNING_JOB)  # listed one by one as this month's jobs


@dataclass(frozen=True)
class CostInterval:
    """A resource that billed from `start` until `end` (UTC; None: it still does).

    usd_per_hour: None when the price is not known, which is never 0.
    """

    kind: str
    name: str
    region: str
    start: datetime
    end: datetime | None
    usd_per_hour: float | None


def intervals_of_ledger(shutdowns: Iterable[LedgerEntry]) -> list[CostInterval]:
    """Intervals of what was shut down with SageDeck, without jobs, which are listed one by one."""
    return [
        CostInterval(entry.kind, entry.name, entry.region, entry.since, entry.at, entry.usd_per_hour)
        for entry in shutdowns
        if entry.since and entry.kind not in JOBS
    ]


def intervals_of_resources(
    resources: Iterable[BillableResource], complete_regions: Iterable[str]
) -> list[CostInterval]:
    """Intervals of what runs, without the jobs of `complete_regions`, which are listed one by one."""
    complete_regions = set(complete_regions)
    return [
        CostInterval(resource.kind, resource.name, resource.region, resource.since, None, resource.usd_per_hour)
        for resource in resources
        if resource.kind not in JOBS or resource.region not in complete_regions
    ]


def month(now: datetime) -> tuple[datetime, datetime]:
    """Beginning and end of the month, in UTC."""
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=calendar.monthrange(now.year, now.month)[1])


def cost_by_resource(intervals: Sequence[CostInterval], moments: Sequence[datetime]) -> list[float]:
    """Dollars of all intervals from their starts until each of the moments."""
    started = np.array([interval.start.timestamp() for interval in intervals])
    ended = np.array([interval.end.timestamp() if interval.end else np.inf for interval in intervals])
    usd_per_second = np.array([(interval.usd_per_hour or 0.0) / 3600 for interval in intervals])
    until = np.array([moment.timestamp() for moment in moments])[:, None]
    seconds = np.clip(np.minimum(until, ended) - started, 0.0, None)
    return list(map(float, seconds @ usd_per_second))


def cost(intervals: Sequence[CostInterval], since: datetime, until: datetime) -> float:
    """Dollars of all intervals between two times."""
    before, after = cost_by_resource(intervals, [since, until])
    return after - before


def by_hour(intervals: Iterable[CostInterval], now: datetime, hours: int = 24) -> Mapping[str, list[float]]:
    """Dollars of each of the last `hours` clock hours, the present one last, by kind, the most expensive first."""
    first_hour = now.replace(minute=0, second=0, microsecond=0) - (hours - 1) * HOUR
    edges = [*(first_hour + place * HOUR for place in range(hours)), now]
    kinds: dict[str, list[CostInterval]] = defaultdict(list)
    for interval in intervals:
        kinds[interval.kind].append(interval)
    spent = {
        kind: list(map(float, np.diff(cost_by_resource(intervals_of_kind, edges))))
        for kind, intervals_of_kind in kinds.items()
    }
    return {kind: spent[kind] for kind in sorted(spent, key=lambda kind: (-sum(spent[kind]), kind)) if any(spent[kind])}


def rates(resources: Iterable[BillableResource], by: str) -> dict[str, float]:
    """Dollars an hour by "kind", "owner" or "region", the highest first; missing values are summed as "unknown"."""
    sums: dict[str, float] = defaultdict(float)
    for resource in resources:
        sums[getattr(resource, by) or "unknown"] += resource.usd_per_hour or 0.0
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))
