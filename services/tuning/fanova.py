"""Importance by functional ANOVA: the share of the objective's variation that each setting explains on its own.

Hutter, Hoos & Leyton-Brown 2014, in Optuna's implementation. It always finds some shares, of noise too, so the same is
worked out for objectives that were dealt anew among the trials, where no setting matters: a share that is not above
the highest of those says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from services.tuning import chart_data
from services.tuning.jobs import Trial
from services.tuning.search_space import Choices, SearchedParameter

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

# Trials with a value. Of four settings of which one makes the objective (with noise of 0.3 of its range), it came first
# and above a typical shuffle in 12 of 12 simulated searches of 20 or of 30 trials, in 8 of 15 trials and in 6 of 10.
FEWEST = 20
SHUFFLES = 9  # so the best of settings that do nothing is above all of them in 1 of 10 searches
TREES = 32


@dataclass(frozen=True)
class ExplainedVariation:
    """Shares from 0 to 1 by setting, the largest first; `chance` is the highest of all shuffles."""

    shares: tuple[tuple[str, float], ...]
    chance: float
    trials: int


def obstacle(searched: Sequence[SearchedParameter], found: Sequence[Trial]) -> str | None:
    """Why these trials cannot be analysed, in words; None when they can."""
    varied, _, values = _table(searched, found)
    left_out = len(found) - len(values)
    if len(values) < FEWEST:
        besides = f"; {left_out} more failed, were stopped or still run" if left_out else ""
        return f"fANOVA needs at least {FEWEST} trials with a value. There are {len(values)}{besides}."
    if np.ptp(values) == 0:
        return "All trials have the same objective, so no setting explains it."
    return None if varied else "No setting has more than one value in these trials."


def explained(searched: Sequence[SearchedParameter], found: Sequence[Trial], seed: int = 0) -> ExplainedVariation:
    """From trials without an obstacle."""
    varied, places, values = _table(searched, found)
    random = np.random.default_rng(seed)
    own = _shares(varied, places, values, seed)
    dealt = [max(_shares(varied, places, random.permutation(values), seed).values()) for _ in range(SHUFFLES)]
    ordered = sorted(((each.name, own[each.name]) for each in varied), key=lambda share: -share[1])
    return ExplainedVariation(tuple(ordered), max(dealt), len(values))


def _table(
    searched: Sequence[SearchedParameter], found: Sequence[Trial]
) -> tuple[list[SearchedParameter], NDArray[np.float64], NDArray[np.float64]]:
    """Settings of which several values were tried, (trials, settings) places on their scales, and (trials,) values."""
    scored = [trial for trial in found if trial.value is not None and np.isfinite(trial.value)]
    columns = np.array([chart_data.axis(each, scored).places for each in searched]).T.reshape(len(scored), -1)
    whole = np.isfinite(columns).all(axis=1)
    columns, values = columns[whole], np.array([trial.value for trial in scored], dtype=np.float64)[whole]
    varied = np.ptp(columns, axis=0) > 0 if len(columns) else np.zeros(len(searched), dtype=bool)
    return [each for each, varies in zip(searched, varied, strict=True) if varies], columns[:, varied], values


def _shares(
    varied: Sequence[SearchedParameter], places: NDArray[np.float64], values: NDArray[np.float64], seed: int
) -> dict[str, float]:
    import optuna
    from optuna.importance import FanovaImportanceEvaluator
    from optuna.trial import create_trial

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study()
    distributions = {each.name: _distribution(each, column) for each, column in zip(varied, places.T, strict=True)}
    for row, value in zip(places, values, strict=True):
        params: dict[str, Any] = {each.name: float(place) for each, place in zip(varied, row, strict=True)}
        study.add_trial(create_trial(params=params, distributions=distributions, value=float(value)))
    return FanovaImportanceEvaluator(n_trees=TREES, seed=seed).evaluate(study)


def _distribution(searched: SearchedParameter, places: NDArray[np.float64]) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if isinstance(searched, Choices):
        return CategoricalDistribution(sorted({float(place) for place in places}))
    return FloatDistribution(min(0.0, float(places.min())), max(1.0, float(places.max())))
