"""Which rows are for training, for validation and for the test: positions of rows, by the method that was chosen. Pure.

Stratified parts have the class counts of scikit-learn's `train_test_split(stratify=...)`, which refuses classes of one
row; groups are dealt by rows, since scikit-learn's `GroupShuffleSplit` counts groups and misses the shares of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import pandas as pd
from pandas.api import types
from pydantic import BaseModel, ConfigDict

from services.data.division.row_times import row_times
from services.data.prepared_data import SPLITS
from services.errors import Problem, some

SEED = 1729  # the AWS tutorial's
SHARES = (0.7, 0.2, 0.1)
QUANTILES = 10  # by which the rows of a target that is a number are stratified


class SplitMethod(StrEnum):
    """How rows come to their parts."""

    STRATIFIED = "stratified"  # each class in each part by its share; a number by its tenths
    SHUFFLED = "shuffled"  # the AWS tutorial's
    TIME = "time"  # the oldest rows to train, the newest to test
    GROUP = "group"  # all rows of one value of a column in one part


class SplitPlan(BaseModel):
    """How rows are divided; shares of 1 in the order of SPLITS. `column` holds the times or the groups."""

    model_config = ConfigDict(frozen=True)
    method: SplitMethod = SplitMethod.STRATIFIED
    shares: tuple[float, float, float] = SHARES
    seed: int = SEED
    column: str | None = None

    @property
    def sentence(self) -> str:
        """ "Stratified 70/20/10, seed 1729"."""
        shares = "/".join(f"{share * 100:.4g}" for share in self.shares)
        match self.method:
            case SplitMethod.TIME:
                return f"By time of {self.column} {shares}, newest rows in test"
            case SplitMethod.GROUP:
                return f"By groups of {self.column} {shares}, seed {self.seed}"
            case _:
                return f"{self.method.capitalize()} {shares}, seed {self.seed}"


AS_TUTORIAL = SplitPlan(method=SplitMethod.SHUFFLED)


def partition(frame: pd.DataFrame, labels: pd.Series, plan: SplitPlan) -> dict[str, np.ndarray]:
    """Positions in `frame` of the rows of each part, by its name, in the order in which they are written.

    labels: one a row of `frame`, in its order; a float is a number, anything else the place of a class. The shuffled
    parts are those of the AWS tutorial's
    `np.split(df.sample(frac=1, random_state=1729), [int(0.7 * len(df)), int(0.9 * len(df))])`. Time and groups: rows
    without either go to train. Raises Problem for a part without rows and for a column that does not fit.
    """
    sizes = part_sizes(len(frame), plan.shares)
    shuffled = pd.Series(range(len(frame))).sample(frac=1, random_state=plan.seed).to_numpy()
    match plan.method:
        case SplitMethod.SHUFFLED:
            rows, part = shuffled, np.repeat(range(len(SPLITS)), sizes)
        case SplitMethod.STRATIFIED:
            rows, part = shuffled, _by_stratum(strata(labels)[shuffled], sizes)
        case SplitMethod.TIME:
            times = row_times(_column(frame, plan))
            rows = np.argsort(np.where(np.isnan(times), -np.inf, times), kind="stable")
            part = np.repeat(range(len(SPLITS)), sizes)
        case SplitMethod.GROUP:
            rows, part = shuffled, _by_group(_column(frame, plan).iloc[shuffled], sizes)
    parts = {name: rows[part == place] for place, name in enumerate(SPLITS)}
    _check_rows(parts, len(frame))
    return parts


def part_sizes(rows: int, shares: Sequence[float]) -> tuple[int, int, int]:
    """Rows of each part. Raises Problem for shares that are not positive or do not sum to 1."""
    if abs(sum(shares) - 1) > 1e-6 or min(shares) < 0:
        percents = " + ".join(f"{share:.4%}" for share in shares)
        raise Problem("Split", f"the shares are {percents}", "Choose shares that sum to 100 %")
    # Rounded, because 0.7 + 0.2 is a little less than 0.9.
    first, second = (int(round(share, 9) * rows) for share in np.cumsum(shares[:2]))
    return first, second - first, rows - second


def strata(labels: pd.Series) -> np.ndarray:
    """(rows,) places from 0 of what each row is stratified by: its class, or the tenth that a number lies in."""
    if types.is_float_dtype(labels):
        labels = pd.qcut(labels, QUANTILES, labels=False, duplicates="drop")
    return np.unique(labels.to_numpy(), return_inverse=True)[1]


def notes(frame: pd.DataFrame, labels: pd.Series, plan: SplitPlan, classes: Sequence[str]) -> tuple[str, ...]:
    """What a person should know of how rows come to their parts, a sentence each. Raises Problem as `partition`."""
    if plan.method is SplitMethod.STRATIFIED:
        if types.is_float_dtype(labels):
            return (f"Stratified by {QUANTILES} quantiles of the target.",)
        singles = [classes[place] for place in np.flatnonzero(np.bincount(labels) == 1).tolist()]
        if singles:
            noun = "class" if len(singles) == 1 else "classes"
            return (f"The only row of {noun} {some(singles)} goes to train.",)
    if plan.method in (SplitMethod.TIME, SplitMethod.GROUP):
        column = _column(frame, plan)
        times = plan.method is SplitMethod.TIME
        without = int(np.isnan(row_times(column)).sum() if times else column.isna().sum())
        if without:
            verb = "row goes" if without == 1 else "rows go"
            return (f"{without:,} {verb} to train: no {'time' if times else 'value'} in {plan.column}.",)
    return ()


def _column(frame: pd.DataFrame, plan: SplitPlan) -> pd.Series:
    if plan.column not in frame.columns:
        said = "no column is selected" if not plan.column else f"there is no column {plan.column}"
        raise Problem(f"Split by {plan.method}", said, "Choose one")
    return frame[plan.column]


def _by_stratum(places: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """(rows,) the part of each row, so that each stratum has its share in each part; a single row goes to train."""
    counts = np.bincount(places)
    single = counts == 1
    if single.sum() > sizes[0]:
        raise Problem("Split", f"{single.sum():,} classes have one row only", "Shuffle, or choose another target")
    train = np.where(single, 1, _dealt(np.where(single, 0, counts), sizes[0] - int(single.sum())))
    validation = _dealt(counts - train, sizes[1])
    order = np.argsort(places, kind="stable")
    rank = np.empty(len(places), int)
    rank[order] = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    return (rank >= train[places]).astype(int) + (rank >= (train + validation)[places])


def _dealt(counts: np.ndarray, total: int) -> np.ndarray:
    """`total` rows in proportion to `counts`, whole ones: the largest remainders are rounded up."""
    exact = counts * (total / max(counts.sum(), 1))
    dealt = np.floor(exact).astype(int)
    dealt[np.argsort(dealt - exact, kind="stable")[: total - dealt.sum()]] += 1
    return dealt


def _by_group(groups: pd.Series, sizes: Sequence[int]) -> np.ndarray:
    """(rows,) the part of each row: the largest group first, each to the part that lacks most rows."""
    codes, values = pd.factorize(groups)
    if len(values) < len(SPLITS):
        said = f"it has only {len(values)} different value{'s' * (len(values) != 1)}"
        raise Problem(f"Split by groups of {groups.name}", said, "Choose a column with more")
    counts = np.bincount(codes[codes >= 0])
    lacking = [sizes[0] - int((codes < 0).sum()), *sizes[1:]]
    empty, part = set(range(len(SPLITS))), np.zeros(len(values) + 1, int)  # the last is of rows without a group: train
    for dealt, group in enumerate(np.argsort(-counts, kind="stable")):
        open_to = sorted(empty) if len(values) - dealt <= len(empty) else range(len(SPLITS))
        chosen = max(open_to, key=lambda place: lacking[place])
        empty.discard(chosen)
        lacking[chosen] -= int(counts[group])
        part[group] = chosen
    return part[codes]


def _check_rows(parts: dict[str, np.ndarray], rows: int) -> None:
    for name, places in parts.items():
        if not len(places):
            remedy = "Use a larger table or another share"
            raise Problem(f"Split {name}", f"no row of {rows:,} is left for it", remedy)
