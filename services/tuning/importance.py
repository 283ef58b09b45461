"""Which settings the objective depended on, as far as the trials can tell.

A forest learns the objective from the settings and from shuffled copies of them, which cannot matter. A setting counts
when it is of more use to the forest than the best of those copies, time and again: so few trials give no false
certainty. This is the idea of Boruta (Kursa & Rudnicki 2010), with extremely randomised trees (Geurts et al. 2006).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from services.tuning import chart_data
from services.tuning.jobs import Trial
from services.tuning.search_space import SearchedParameter

ROUNDS = 20  # forests, each with other shuffled copies
SURE = 19  # wins: of settings that do nothing the best gets as many in 5 % of searches, as of any permutation test
POOR = 5  # wins at most of a setting that is called flat
TREES = 40
LEAVES = 50  # of a tree, at most: split further, a long search only teaches its noise, and takes twice as long
FEWEST = 10  # trials that say anything
FEWEST_EACH = 8  # the same, for each setting


class Weight(StrEnum):
    """What the trials say of a setting."""

    MATTERS = "matters"  # of more use than chance
    UNCLEAR = "unclear"  # these trials cannot tell
    FLAT = "flat"  # of no more use than chance, with trials enough to have seen it


@dataclass(frozen=True)
class Importance:
    """One setting: its share of what the forest made use of, and how often it beat the best shuffled copy."""

    name: str
    share: float
    wins: int
    weight: Weight


@dataclass(frozen=True)
class Importances:
    """The settings, most useful first; `chance` is the share that the best shuffled copy reached on average.

    enough: whether there are trials enough to call a setting flat.
    """

    settings: tuple[Importance, ...]
    chance: float
    trials: int
    enough: bool


def importances(searched: Sequence[SearchedParameter], found: Sequence[Trial], seed: int = 0) -> Importances | None:
    """From the scored trials; None below ten of them, or when all scored the same."""
    scored = [trial for trial in found if trial.value is not None]
    values = np.array([trial.value for trial in scored], dtype=np.float64)
    if len(scored) < FEWEST or not searched or np.ptp(values) == 0:
        return None
    columns = np.column_stack([np.nan_to_num(chart_data.axis(each, scored).places, nan=-1.0) for each in searched])
    shares = np.array([_shares(columns, values, seed + number) for number in range(ROUNDS)])
    own, shuffled = shares[:, : len(searched)], shares[:, len(searched) :].max(axis=1)
    wins, means = (own > shuffled[:, None]).sum(axis=0), own.mean(axis=0)
    enough = len(scored) >= FEWEST_EACH * len(searched)
    order = np.argsort(-means, kind="stable")
    settings = tuple(
        Importance(searched[place].name, float(means[place]), int(wins[place]), _weight(int(wins[place]), enough))
        for place in order
    )
    return Importances(settings, float(shuffled.mean()), len(scored), enough)


def _shares(columns: NDArray[np.float64], values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    from sklearn.ensemble import ExtraTreesRegressor  # seconds to import: only once importance is asked for

    shuffled = np.random.default_rng(seed).permuted(columns, axis=0)
    forest = ExtraTreesRegressor(TREES, min_samples_leaf=max(2, len(values) // LEAVES), random_state=seed)
    forest.fit(np.hstack([columns, shuffled]), values)
    shares: NDArray[np.float64] = forest.feature_importances_
    return shares


def _weight(wins: int, enough: bool) -> Weight:
    if wins >= SURE:
        return Weight.MATTERS
    return Weight.FLAT if enough and wins <= POOR else Weight.UNCLEAR
