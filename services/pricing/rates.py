"""From machines and hours to dollars; an unknown price stays unknown, also in a sum."""

from collections.abc import Iterable
from datetime import datetime

from services.pricing.price_book import Component, PriceBook

Machines = list[tuple[str, int]]  # instance type ("" when it is not told) and how many


def rate(machines: Machines, component: Component, book: PriceBook) -> float | None:
    """Dollars an hour of all machines together; None as soon as the price of one is not known."""
    prices = [(book.usd_per_hour(instance_type, component), count) for instance_type, count in machines]
    return total(None if price is None else price * count for price, count in prices)


def total(amounts: Iterable[float | None]) -> float | None:
    """The sum; None as soon as one part is unknown."""
    result = 0.0
    for amount in amounts:
        if amount is None:
            return None
        result += amount
    return result


def spent(usd_per_hour: float | None, start: datetime | None, end: datetime) -> float | None:
    """Dollars from `start` (None: it has not begun to bill) until `end`."""
    if start is None:
        return 0.0
    return None if usd_per_hour is None else usd_per_hour * hours(start, end)


def a_month(gigabytes: int, usd_per_gb_month: float | None) -> str:
    """ "$2.80 a month", what a disk costs."""
    return "price unknown" if usd_per_gb_month is None else f"${gigabytes * usd_per_gb_month:.2f} a month"


def hours(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600


def types(machines: Machines) -> str:
    """Their types, each once: "ml.m5.xlarge + ml.c5.large"."""
    return " + ".join(dict.fromkeys(instance_type for instance_type, _ in machines if instance_type))
