"""What the parts of a split would hold, from the target's column alone, before anything is prepared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.data import target as targets
from services.data.class_names import class_name
from services.data.division import partition as partitions
from services.data.division.partition import SplitPlan
from services.data.target_kind import TargetKind
from services.errors import some

FEW = 5  # rows of a class in a part, below which its metrics say little


@dataclass(frozen=True)
class SplitPreview:
    """The parts of a split.

    rows:       by part.
    class_rows: rows of each class by part, in the order of `classes`; empty for a number.
    notes:      what a person should know of the method, sentences.
    """

    rows: Mapping[str, int]
    classes: tuple[str, ...]
    class_rows: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each part that lacks a class, or has fewer than `FEW` rows of one."""
        return tuple(said for part, rows in self.class_rows.items() for said in self._warnings(part, rows))

    def _warnings(self, part: str, rows: tuple[int, ...]) -> list[str]:
        named = [class_name(name) for name in self.classes]
        absent = [name for name, count in zip(named, rows, strict=True) if not count]
        few = [f"{name} ({count})" for name, count in zip(named, rows, strict=True) if 0 < count < FEW]
        use = "learned" if part == "train" else "measured"
        said = [f"No rows of {some(absent)} in {part}: nothing can be {use} there."] if absent else []
        return [*said, *([f"Few rows in {part} of {some(few)}: little can be {use} there."] if few else [])]


def preview(
    frame: pd.DataFrame,
    target: str | None,
    positive: str | None,
    *,
    kind: TargetKind | None,
    parts: SplitPlan,
    drop_missing_target: bool,
) -> SplitPreview:
    """What `split.split` would put into each part. Raises Problem as it does for the target and the split."""
    needed = dict.fromkeys(name for name in (target, parts.column) if name in frame.columns)
    narrow = frame[[*needed]]
    goal = targets.read(narrow, target, kind, positive, drop_missing_target)
    rows = narrow.loc[goal.labels.index]
    places = partitions.partition(rows, goal.labels, parts)
    labels, classes = goal.labels.to_numpy(), goal.classes
    return SplitPreview(
        {name: len(part) for name, part in places.items()},
        classes,
        {name: _counts(labels[part], len(classes)) for name, part in places.items()} if classes else {},
        partitions.notes(rows, goal.labels, parts, classes),
    )


def _counts(labels: np.ndarray, classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(labels.astype(int), minlength=classes).tolist())
