"""What an instance type is made of: facts for both sides of the wire, from `pricing/tables/`."""

import csv
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "pricing" / "tables" / "instance_specs.csv"
GIB = {"GiB": 1, "TiB": 1024}


def vcpus(instance_type: str) -> int | None:
    """Virtual processors of one instance; None when the table does not know the type."""
    row = _specs().get(instance_type)
    return int(row["vcpu"]) if row else None


def memory(instance_type: str) -> float | None:
    """Memory of one instance in GiB; None when the table does not know the type."""
    row = _specs().get(instance_type)
    if row is None:
        return None
    number, unit = row["memory"].split()
    return float(number) * GIB[unit]


@lru_cache(maxsize=1)
def _specs() -> dict[str, dict[str, str]]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        return {row["instance_type"]: row for row in csv.DictReader(file)}
