"""Preparing: split, write three CSV files and upload them, over pandas writing the same frames."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from services.data import prepare as data_preparation
from services.data import split as data_split
from services.data.division.partition import SplitPlan
from tests.local_service import LocalService


class PreparationTime:
    """Both sides; `data` is what was prepared last."""

    def __init__(self, local: LocalService, frame: pd.DataFrame, folder: Path) -> None:
        self._local, self._frame, self._folder, self._numbers = local, frame, folder, itertools.count(1)
        self._splits = data_split.split(frame, "Class", "1", parts=SplitPlan())
        self.ours()

    def ours(self) -> None:
        """As the Data page does unless somebody chooses another split."""
        self.data = data_preparation.prepare(
            self._local.account,
            self._frame,
            name=f"bench-{next(self._numbers)}",
            source="bench",
            target="Class",
            positive="1",
            now=datetime.now(UTC),
            progress=lambda done, total: None,
            parts=SplitPlan(),
        )

    def plain(self) -> None:
        """`to_csv` alone."""
        for split, table in self._splits.tables.items():
            table.to_csv(self._folder / f"{split}.csv", header=False, index=False)
