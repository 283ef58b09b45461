"""Two prepared sets beside each other: how far the training rows of the one differ from those of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.data.sets import drift, set_rows
from services.data.sets.drift import ColumnDrift, TableDrift


@dataclass(frozen=True)
class SetDrift:
    """What changed from one set to another.

    features: columns as the model sees them, after the recipe.
    target:   None where one set has classes and the other numbers.
    balance:  share of each class before and after, by name; empty for numbers.
    """

    features: TableDrift
    target: ColumnDrift | None
    balance: Mapping[str, tuple[float, float]]


def compare(account: Account, before: PreparedData, after: PreparedData) -> SetDrift:
    """The training rows of two sets. Raises Problem for rows that cannot be read, AwsError."""
    earlier, later = (set_rows.read(account, data, "train") for data in (before, after))
    targets = earlier.pop(before.target), later.pop(after.target)
    alike = bool(before.classes) == bool(after.classes)
    target = replace(drift.column_drift(*targets), column=after.target) if alike else None
    names = dict.fromkeys((*before.classes, *after.classes)) if alike else {}
    balance = {name: (float((targets[0] == name).mean()), float((targets[1] == name).mean())) for name in names}
    return SetDrift(drift.table_drift(earlier, later), target, balance)
