"""What the month will have cost at its end, at the rates of now. Pure. An unknown price is in no sum."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.costs.cost_intervals import CostInterval, cost, month
from services.inventory.resources import BillableResource
from services.pricing import rates


@dataclass(frozen=True)
class MonthForecast:
    """Dollars of a month: until now, and at its end if nothing is stopped, or if some resources are stopped now."""

    so_far: float
    running_on: float
    stopping: float


def forecast(
    intervals: Sequence[CostInterval],
    resources: Iterable[BillableResource],
    stopped: Iterable[BillableResource],
    now: datetime,
) -> MonthForecast:
    """The forecast to the end of the month, at current rates."""
    start, end = month(now)
    so_far, left = cost(intervals, start, now), rates.hours(now, end)
    rate, saved = (sum(resource.usd_per_hour or 0.0 for resource in group) for group in (resources, stopped))
    return MonthForecast(so_far, so_far + rate * left, so_far + (rate - saved) * left)
