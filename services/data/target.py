"""What is predicted: two classes, several classes or a number, and the labels that the files hold for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from services.data import class_names
from services.data.profiling import profile
from services.data.target_kind import TargetKind
from services.errors import Problem


@dataclass(frozen=True, eq=False)
class Target:
    """A target that can be learned.

    labels:  one a row that has a target, named after its column: the place of the row's class in `classes`, or the
             number itself; the index is the table's.
    classes: names by their place; empty for numbers. Of two classes the positive one is the second.
    """

    kind: TargetKind
    labels: pd.Series
    classes: tuple[str, ...]


def read(frame: pd.DataFrame, target: str | None, kind: TargetKind, positive: str | None, drop_missing: bool) -> Target:
    """The target of a table. Raises Problem for one that cannot be learned."""
    if target not in frame.columns:
        raise Problem("Target", "no column is selected" if not target else f"there is no column {target}", "Choose one")
    column = frame[target]
    missing = int(column.isna().sum())
    if missing and not drop_missing:
        said = f"{missing:,} of {len(column):,} cells are empty"
        raise Problem(f"Target {target}", said, "Drop these rows, or choose another column")
    column = column.dropna()
    names = list(profile.class_balance(column).counts)
    if len(names) == 1:
        raise Problem(f"Target {target}", f"it has only one class, {names[0]}", "Choose a column with two classes")
    if len(names) > 2:
        said = f"it has {len(names)} classes: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
        raise Problem(f"Target {target}", said, "Choose a column with two classes")
    if positive not in names:
        raise Problem(f"Target {target}", f"it has no class {positive}", f"Choose {names[0]} or {names[1]}")
    negative = next(name for name in names if name != positive)
    labels = (class_names.class_names(column) == positive).astype("int8").rename(target)
    return Target(TargetKind.TWO_CLASSES, labels, (negative, str(positive)))
