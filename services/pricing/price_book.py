"""What SageMaker charges: a region's prices as a value, and the dated table in `services/pricing/tables/`.

Pure: values in, dollars out. Never asks AWS (`price_list_api.py` does) and never guesses: an unknown price is None.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

# What an instance is used for; AWS prices some types differently by use.
Component = Literal["Hosting", "AsyncInf", "Training", "Notebook", "Studio", "Processing", "Transform", "Cluster"]
Storage = Literal["Hosting", "Training", "Notebook", "Studio", "Processing"]

USD_PER_GB_OUT = 0.09  # from S3 to a computer elsewhere, beyond the first 100 GB of a month
FOLDER = Path(__file__).parent / "tables"
# The usage type of each kind of storage, without its region and its disk.
VOLUMES: dict[str, Storage] = {
    "Host:VolumeUsage": "Hosting",
    "Train:VolumeUsage": "Training",
    "Notebk:VolumeUsage": "Notebook",
    "Studio:VolumeUsage": "Studio",
    "Processing:VolumeUsage": "Processing",
}


@dataclass(frozen=True)
class PriceBook:
    """On-demand prices, and whose they are.

    region:  the region they hold in.
    as_of:   when they were those of AWS (UTC).
    source:  where they are from, in words.
    hours:   dollars for an hour of one instance, by type and use.
    storage: dollars a month for one gigabyte of the volumes of a use.
    refusal: why AWS did not tell newer ones, one sentence; "" when it was not asked, or has.
    """

    region: str
    as_of: datetime
    source: str
    hours: Mapping[str, Mapping[Component, float]]
    storage: Mapping[Storage, float]
    refusal: str = ""

    def usd_per_hour(self, instance_type: str, component: Component) -> float | None:
        """On-demand dollars for one hour of one instance; None when the book does not know it."""
        return self.hours.get(instance_type, {}).get(component)

    def usd_per_gb_month(self, storage: Storage) -> float | None:
        """Dollars a month for one gigabyte of the volumes of that use; None when the book does not know it."""
        return self.storage.get(storage)

    def maximum_of_launch(
        self, instance_type: str, count: int, max_runtime_seconds: float, jobs: int = 1
    ) -> float | None:
        """Dollars that `jobs` training jobs of `count` instances cost if each runs to its limit; None if unknown."""
        rate = self.usd_per_hour(instance_type, "Training")
        return None if rate is None else rate * count * max_runtime_seconds / 3600 * jobs

    def instance_types(self, component: Component) -> list[str]:
        """The types that SageMaker offers for that use and whose price is known, cheapest first."""
        priced = {name: self.usd_per_hour(name, component) for name in _offered(component)}
        return sorted((name for name in priced if priced[name]), key=lambda name: (priced[name], name))

    def told(self, region: str) -> str:
        """Whose prices those shown for `region` are, and of when."""
        return describe_source({region: self})


def describe_source(books: Mapping[str, PriceBook]) -> str:
    """Whose prices those shown for these regions are, each list once."""
    regions: dict[tuple[str, str, datetime], list[str]] = {}
    for region, book in books.items():
        regions.setdefault((book.source, book.region, book.as_of), []).append(region)
    texts = []
    for (source, own, as_of), those in regions.items():
        others = [region for region in those if region != own]
        differ = f" (those of {', '.join(others)} may differ)" if others else ""
        texts.append(f"{source} of {own}, {as_of:%-d %B %Y}{differ}")
    return "; ".join(texts)


def _rates(row: Mapping[str, str]) -> dict[Component, float]:
    """One rate for every use but those that have their own; a cluster's is never the common one."""
    own = dict(variant.split("=") for variant in row["component_variants"].split("; ") if variant)
    common: dict[Component, float] = {
        component: float(row["usd_per_hour"]) for component in get_args(Component) if component != "Cluster"
    }
    return common | {component: float(own[component]) for component in get_args(Component) if component in own}


def _volumes(rows: list[dict[str, str]]) -> dict[Storage, float]:
    found = {usage: row for usage in VOLUMES for row in rows if f"({usage}." in row["kind"]}
    return {VOLUMES[usage]: float(row["usd_per_unit"]) for usage, row in found.items()}


@lru_cache(maxsize=16)
def _offered(component: Component) -> tuple[str, ...]:
    return tuple(row["instance_type"] for row in _read("uses.csv") if component in row["components"].split("; "))


def _read(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / name).read_text("utf-8").splitlines()))


def read_list_prices() -> PriceBook:
    """The dated table, for wherever AWS's own list is not at hand."""
    return PriceBook(
        region="us-east-1",
        as_of=datetime(2026, 9, 28, tzinfo=UTC),
        source="list price",
        hours={row["instance_type"]: _rates(row) for row in _read("us-east-1.csv")},
        storage=_volumes(_read("us-east-1-other.csv")),
    )


LIST_PRICES = read_list_prices()
