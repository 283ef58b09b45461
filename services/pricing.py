"""What SageMaker charges, from the price table in `services/prices/`.

Pure: values in, dollars out. Never asks AWS and never guesses: a price that is not in the table is None.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

# What an instance is used for; AWS prices some types differently by use.
Component = Literal["Hosting", "Training", "Notebook", "Studio", "Processing", "Transform"]
Storage = Literal["Hosting", "Training", "Notebook", "Studio", "Processing"]

AS_OF = date(2026, 9, 28)
REGION = "us-east-1"
USD_PER_GB_OUT = 0.09  # from S3 to a computer elsewhere, beyond the first 100 GB of a month
FOLDER = Path(__file__).parent / "prices"
# The usage type that names each kind of storage in the table of other prices.
_VOLUMES: dict[Storage, str] = {
    "Hosting": "Host:VolumeUsage",
    "Training": "Train:VolumeUsage",
    "Notebook": "Notebk:VolumeUsage",
    "Studio": "Studio:VolumeUsage",
    "Processing": "Processing:VolumeUsage",
}


@dataclass(frozen=True)
class Book:
    """The prices of one region, and of when they are."""

    region: str = REGION
    as_of: date = AS_OF

    def usd_per_hour(self, instance_type: str, component: Component) -> float | None:
        """On-demand dollars for one hour of one instance; None when the book does not know the type."""
        return usd_per_hour(instance_type, component)

    def usd_per_gb_month(self, storage: Storage) -> float:
        """Dollars a month for one gigabyte of the volumes of that use."""
        return usd_per_gb_month(storage)


def usd_per_hour(instance_type: str, component: Component) -> float | None:
    """On-demand dollars for one hour of one instance in us-east-1; None when the table does not know the type."""
    row = _rates().get(instance_type)
    if row is None:
        return None
    variants = dict(variant.split("=") for variant in row["component_variants"].split("; ") if variant)
    return float(variants.get(component, row["usd_per_hour"]))


def instance_types(component: Component) -> list[str]:
    """The types that SageMaker offers for that use and whose price is known, cheapest first."""
    offered = {row["instance_type"]: row["components"].split("; ") for row in _read("uses.csv")}
    priced = {name: usd_per_hour(name, component) for name, uses in offered.items() if component in uses}
    return sorted(priced, key=lambda name: (priced[name], name))


def maximum_of_launch(instance_type: str, count: int, max_runtime_seconds: float, jobs: int = 1) -> float | None:
    """Dollars that `jobs` training jobs of `count` instances cost if each runs to its time limit; None if unknown."""
    rate = usd_per_hour(instance_type, "Training")
    return None if rate is None else rate * count * max_runtime_seconds / 3600 * jobs


def usd_per_gb_month(storage: Storage) -> float:
    """Dollars a month for one gigabyte of the volumes of that use."""
    rates = {row["kind"]: float(row["usd_per_unit"]) for row in _read("us-east-1-other.csv")}
    return next(rate for kind, rate in rates.items() if f"({_VOLUMES[storage]}" in kind)


LISTED = Book()


@lru_cache(maxsize=1)
def _rates() -> dict[str, dict[str, str]]:
    return {row["instance_type"]: row for row in _read("us-east-1.csv")}


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
