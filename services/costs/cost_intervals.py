"""What was spent and will be, from starts and ends: stretches of time, each at a rate.

Pure. A stretch of unknown price is in no sum, and counts apart.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from services.costs.ledger import LedgerEntry
from services.inventory.resources import BillableResource, ResourceKind
from services.pricing import rates as pricing_rates

HOUR = timedelta(hours=1)
JOBS = (ResourceKind.TRAINING_JOB, ResourceKind.TUNING_JOB)  # told one by one by the list of this month's jobs


@dataclass(frozen=True)
class CostInterval:
    """Something that billed from `start` until `end` (UTC; None: it still does).

    usd_per_hour: None when the price is not known, which is never 0.
    """

    kind: str
    name: str
    region: str
    start: datetime
    end: datetime | None
    usd_per_hour: float | None


@dataclass(frozen=True)
class MonthForecast:
    """Dollars of a month: until now, and at its end if all runs on, or if some of it is stopped now."""

    so_far: float
    running_on: float
    stopping: float


def of_ledger(shutdowns: Iterable[LedgerEntry]) -> list[CostInterval]:
    """What was ended from here, but for the jobs, which are listed one by one."""
    return [
        CostInterval(entry.kind, entry.name, entry.region, entry.since, entry.at, entry.usd_per_hour)
        for entry in shutdowns
        if entry.since and entry.kind not in JOBS
    ]


def of_resources(things: Iterable[BillableResource], told: Iterable[str]) -> list[CostInterval]:
    """What runs, as spans; without the jobs in the regions `told`, whose jobs are listed one by one."""
    told = set(told)
    return [
        CostInterval(thing.kind, thing.name, thing.region, thing.since, None, thing.usd_per_hour)
        for thing in things
        if thing.kind not in JOBS or thing.region not in told
    ]


def month(now: datetime) -> tuple[datetime, datetime]:
    """Beginning and end of the month, in UTC."""
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=calendar.monthrange(now.year, now.month)[1])


def cost_by_resource(spans: Sequence[CostInterval], moments: Sequence[datetime]) -> list[float]:
    """Dollars of all spans from their beginnings until each of the moments."""
    started = np.array([span.start.timestamp() for span in spans])
    ended = np.array([span.end.timestamp() if span.end else np.inf for span in spans])
    usd_per_second = np.array([(span.usd_per_hour or 0.0) / 3600 for span in spans])
    asked = np.array([moment.timestamp() for moment in moments])[:, None]
    seconds = np.clip(np.minimum(asked, ended) - started, 0.0, None)
    return list(map(float, seconds @ usd_per_second))


def cost(spans: Sequence[CostInterval], since: datetime, until: datetime) -> float:
    """Dollars of all spans between two times."""
    before, after = cost_by_resource(spans, [since, until])
    return after - before


def by_hour(spans: Iterable[CostInterval], now: datetime, hours: int = 24) -> Mapping[str, list[float]]:
    """Dollars of each of the last `hours` clock hours, the present one last, by kind, the most expensive first."""
    first = now.replace(minute=0, second=0, microsecond=0) - (hours - 1) * HOUR
    edges = [*(first + place * HOUR for place in range(hours)), now]
    kinds: dict[str, list[CostInterval]] = defaultdict(list)
    for span in spans:
        kinds[span.kind].append(span)
    spent = {kind: list(map(float, np.diff(cost_by_resource(of, edges)))) for kind, of in kinds.items()}
    return {kind: spent[kind] for kind in sorted(spent, key=lambda kind: (-sum(spent[kind]), kind)) if any(spent[kind])}


def forecast(
    spans: Sequence[CostInterval],
    things: Iterable[BillableResource],
    stopped: Iterable[BillableResource],
    now: datetime,
) -> MonthForecast:
    """To the end of the month, at the rates of now."""
    start, end = month(now)
    so_far, left = cost(spans, start, now), pricing_rates.hours(now, end)
    rate, spared = (sum(thing.usd_per_hour or 0.0 for thing in each) for each in (things, stopped))
    return MonthForecast(so_far, so_far + rate * left, so_far + (rate - spared) * left)


def rates(things: Iterable[BillableResource], by: str) -> dict[str, float]:
    """Dollars an hour by "kind", "owner" or "region", the most first; what is not told has a name of its own."""
    sums: dict[str, float] = defaultdict(float)
    for thing in things:
        sums[getattr(thing, by) or "unknown"] += thing.usd_per_hour or 0.0
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))
