"""More rows of rare classes, or fewer of common ones, among the training rows. Pure; never validation or test rows.

imbalanced-learn makes the rows. It cuts whole numbers down and takes no flag for a category unless it is named one, so
numbers are given to it as floats, and flags are named; flags that exclude each other, such as those of a one-hot
encoded column, are given to it as one category.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd
from pandas.api import types
from pydantic import BaseModel, ConfigDict, Field

from services.data.division.partition import SEED
from services.errors import Problem, some

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEIGHBOURS = 5


class ResamplingMethod(StrEnum):
    """How the rows of classes become more alike in number."""

    OVER = "random over-sampling"  # rows of the rarer classes are repeated
    UNDER = "random under-sampling"  # rows of the more frequent classes are left out
    SMOTE = "SMOTE"  # new rows between neighbours of the same class
    SMOTENC = "SMOTENC"  # the same; flags keep to 0 and 1


class Resampling(BaseModel):
    """How the training rows are resampled.

    ratio:      rows of each rarer class over those of the largest one, afterwards.
    neighbours: of SMOTE and SMOTENC, between which a new row may lie.
    """

    model_config = ConfigDict(frozen=True)
    method: ResamplingMethod
    ratio: Annotated[float, Field(gt=0, le=1)] = 1.0
    seed: int = SEED
    neighbours: Annotated[int, Field(ge=1)] = NEIGHBOURS

    @property
    def makes_rows(self) -> bool:
        """Whether rows come of it that nobody observed."""
        return self.method in (ResamplingMethod.SMOTE, ResamplingMethod.SMOTENC)


@dataclass(frozen=True)
class ResamplingEffect:
    """What resampling made of the training rows.

    before, after: rows by class, in the order of the classes.
    flags: by name of each feature that was 0 or 1 throughout, the mean before and after.
    mixed: flags that hold other values than 0 and 1 afterwards.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    flags: Mapping[str, tuple[float, float]]
    mixed: tuple[str, ...] = ()

    def sentence(self, plan: Resampling, classes: Sequence[str]) -> str:
        """ "SMOTE, ratio 1, seed 1729: 344 → 199,020 training rows of 1"."""
        changed = [
            f"{before:,} → {after:,} training rows of {name}"
            for name, before, after in zip(classes, self.before, self.after, strict=True)
            if before != after
        ]
        method = f"{plan.method[0].upper()}{plan.method[1:]}"
        return f"{method}, ratio {plan.ratio:g}, seed {plan.seed}: {some(changed)}"


def resample(table: pd.DataFrame, classes: int, plan: Resampling) -> tuple[pd.DataFrame, ResamplingEffect]:
    """The training rows after resampling, shuffled by its seed, and what changed.

    table: the label first, a place from 0; then features, numbers. classes: how many; 0 for a number. Rows keep the
    index of those they are or repeat; -1 for those that were made. Raises Problem for what the method cannot take.
    """
    if not classes:
        said = "the target is a number, and only classes can be resampled"
        raise Problem("Resampling", said, "Choose no resampling")
    label = table.columns[0]
    before = np.bincount(table[label].to_numpy(int), minlength=classes)
    wanted = _wanted(before, plan)
    rows = _made(table, plan, wanted) if plan.makes_rows else _chosen(table, plan, wanted)
    after = np.bincount(rows[label].to_numpy(int), minlength=classes)
    flags = flags_of(table)
    shares = {name: (float(table[name].mean()), float(rows[name].mean())) for name in flags}
    mixed = tuple(name for name in flags if not rows[name].isin((0, 1)).all())
    effect = ResamplingEffect(tuple(before.tolist()), tuple(after.tolist()), shares, mixed)
    return rows.sample(frac=1, random_state=plan.seed), effect


def flags_of(table: pd.DataFrame) -> tuple[str, ...]:
    """The features of a table, its label first, that hold 0 and 1 and nothing else."""
    return tuple(str(name) for name in table.columns[1:] if table[name].isin((0, 1)).all())


def flag_groups(table: pd.DataFrame) -> list[list[str]]:
    """The flags of a table: together those of the same name up to "=" of which no row has two, others alone."""
    by_column: dict[str, list[str]] = {}
    for name in flags_of(table):
        by_column.setdefault(name.partition("=")[0], []).append(name)
    groups: list[list[str]] = []
    for names in by_column.values():
        exclusive = bool((table[names].sum(axis=1) <= 1).all())
        groups += [names] if exclusive else [[name] for name in names]
    return groups


def _wanted(before: NDArray[np.int_], plan: Resampling) -> dict[int, int]:
    """Rows that each class is to have, by its place, of those that change. Raises Problem when none does."""
    present = {place: rows for place, rows in enumerate(before.tolist()) if rows}
    if plan.method is ResamplingMethod.UNDER:
        most = int(round(min(present.values()) / plan.ratio, 9))
        wanted = {place: most for place, rows in present.items() if rows > most}
    else:
        least = int(round(max(present.values()) * plan.ratio, 9))
        wanted = {place: least for place, rows in present.items() if rows < least}
    if not wanted:
        ratio = min(present.values()) / max(present.values())
        said = f"the rarest class has {ratio:.3g} of the rows of the largest one already"
        raise Problem("Resampling", said, "Choose a higher ratio, or no resampling")
    return wanted


def _chosen(table: pd.DataFrame, plan: Resampling, wanted: dict[int, int]) -> pd.DataFrame:
    """Rows of the table, some repeated or left out."""
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.under_sampling import RandomUnderSampler

    sampler = RandomUnderSampler if plan.method is ResamplingMethod.UNDER else RandomOverSampler
    by_chance = sampler(sampling_strategy=wanted, random_state=plan.seed)
    places = np.arange(len(table))[:, None]
    chosen = by_chance.fit_resample(places, table.iloc[:, 0].to_numpy(int))[0]
    return table.iloc[chosen[:, 0]]


def _made(table: pd.DataFrame, plan: Resampling, wanted: dict[int, int]) -> pd.DataFrame:
    """The table and below it rows that lie between neighbours of their class."""
    from imblearn.over_sampling import SMOTE, SMOTENC

    _check(table, plan, wanted)
    features, groups = table.iloc[:, 1:].astype(float), []
    options: dict[str, Any] = {
        "sampling_strategy": wanted,
        "random_state": plan.seed,
        "k_neighbors": plan.neighbours,
    }
    if plan.method is ResamplingMethod.SMOTENC:
        groups = flag_groups(table)
        features, categories = _grouped(features, groups)
        sampler = SMOTENC(categorical_features=categories, **options)
    else:
        sampler = SMOTE(**options)
    made, labels = sampler.fit_resample(features, table.iloc[:, 0].to_numpy(int))
    made = _ungrouped(made, groups)[table.columns[1:].tolist()].iloc[len(table) :]
    made.insert(0, table.columns[0], labels[len(table) :])
    made.index = pd.Index([-1] * len(made))
    table = table.astype(dict.fromkeys(table.select_dtypes("bool").columns, "int8"))
    whole = [name for name in table.columns if types.is_integer_dtype(table[name]) and not (made[name] % 1).any()]
    return pd.concat([table, made.astype({name: table.dtypes[name] for name in whole})])


def _check(table: pd.DataFrame, plan: Resampling, wanted: dict[int, int]) -> None:
    """Raise Problem for empty cells, and for too few rows or columns for the method."""
    empty = [str(name) for name in table.columns[1:] if table[name].isna().any()]
    if empty:
        said = f"{plan.method} takes no empty cells, and these columns have some: {some(empty)}"
        raise Problem("Resampling", said, "Fill or exclude them, or choose random over-sampling")
    rows = table.iloc[:, 0].value_counts()
    fewest = min(int(rows[place]) for place in wanted)
    if fewest <= plan.neighbours:
        count = f"{fewest} training row{'s' * (fewest != 1)}"
        said = f"a class has {count}, and {plan.method} needs more than {plan.neighbours}"
        raise Problem("Resampling", said, "Choose fewer neighbours, or random over-sampling")
    if plan.method is ResamplingMethod.SMOTENC:
        flags = len(flags_of(table))
        if not flags or flags == table.shape[1] - 1:
            said = "every feature is 0 or 1" if flags else "no feature is 0 or 1"
            other = "random over-sampling" if flags else "SMOTE"
            raise Problem("Resampling", f"{said}, and SMOTENC needs other numbers beside such features", f"Use {other}")


def _grouped(features: pd.DataFrame, groups: Iterable[Sequence[str]]) -> tuple[pd.DataFrame, list[str]]:
    """Features with each group of flags as one column: the place of the flag that is 1, from 1; 0 for none."""
    kept = features.drop(columns=[name for names in groups for name in names])
    codes = {names[0]: features[list(names)].to_numpy() @ np.arange(1, len(names) + 1) for names in groups}
    return kept.assign(**codes), list(codes)


def _ungrouped(features: pd.DataFrame, groups: Iterable[Sequence[str]]) -> pd.DataFrame:
    flags = {
        name: (features[names[0]] == place).astype(float) for names in groups for place, name in enumerate(names, 1)
    }
    return features.assign(**flags)
