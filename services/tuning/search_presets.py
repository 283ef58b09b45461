"""Search spaces to begin with, each for a reason. Pure: values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.algorithms.algorithm import Algorithm
from services.algorithms.xgboost import XGBOOST
from services.data.prepared_data import PreparedData
from services.training import presets as training_presets
from services.training import rare_class
from services.training.plan import TrainingPlan
from services.tuning import search_space
from services.tuning.search_space import TUTORIAL_RANGES, Range, SearchedParameter

RECOMMENDED, TUTORIAL = "Recommended ranges", "AWS tutorial ranges"
# Rounds at most, and rounds without a better validation metric after which a trial ends. Measured with XGBoost 3.2.0 on
# the card fraud set (validation rows, max_depth 5, min_child_weight 2, max_delta_step 1): with eta 0.01 aucpr is 0.63
# after 100 rounds and 0.77 after 300, with 0.03 0.78 and 0.85, with 0.1 0.86 from round 90 on. Waiting 10 rounds ends a
# trial with eta 0.03 after 18 rounds, at an AUC of 0.979; waiting 30 reaches 0.989, of the 0.991 of all 300.
ROUNDS, PATIENCE = 300, 30


@dataclass(frozen=True)
class SearchPreset:
    """What a search varies, and what else it sets.

    ranges: what is varied.
    fixed:  settings that keep a value in every trial, besides those that a form begins with.
    rounds: how many passes a trial has at most.
    """

    name: str
    description: str
    ranges: tuple[Range, ...]
    fixed: Mapping[str, str]
    rounds: int


def presets(algorithm: Algorithm, data: PreparedData) -> tuple[SearchPreset, ...]:
    """What a search on `data` may begin with; the first is what nobody has to ask for."""
    usual = training_presets.usual(algorithm, data)
    ranges, rounds = search_space.usual(algorithm), algorithm.rounds(usual)
    if algorithm != XGBOOST:
        return (SearchPreset(RECOMMENDED, f"The ranges that AWS recommends for {algorithm.title}", ranges, {}, rounds),)
    description = (
        f"Steps (eta) from 0.01 to 0.3 on a logarithmic scale, at most {ROUNDS} rounds; a trial ends after {PATIENCE} "
        "rounds without improvement"
    )
    fixed = {"early_stopping_rounds": str(PATIENCE)}
    if _may_overshoot(ranges, data, usual):
        fixed |= rare_class.REMEDY
        description += f". The class {data.classes[1]} is rare, so max_delta_step limits each step"
    tutorial = "eta from 0 to 1, for card fraud and XGBoost 1; on a rare class some trials may learn nothing today"
    return (
        SearchPreset(RECOMMENDED, description, ranges, fixed, ROUNDS),
        SearchPreset(TUTORIAL, tutorial, TUTORIAL_RANGES, {}, rounds),
    )


def name_of(algorithm: Algorithm, ranges: Sequence[SearchedParameter]) -> str | None:
    """What a search space is called; None for one of somebody's own."""
    known = {search_space.usual(algorithm): RECOMMENDED, TUTORIAL_RANGES: TUTORIAL}
    return known.get(tuple(ranges))  # type: ignore[arg-type]


def after(first: TrainingPlan, objective: str) -> tuple[TrainingPlan, tuple[Range, ...]]:
    """What the trials of a search share that follows a training, and its ranges: the recommended ones."""
    preset = presets(first.algorithm, first.data)[0]
    given = {**preset.fixed, **first.hyperparameters, **first.algorithm.measuring(objective)}
    return replace(first, hyperparameters=given), preset.ranges


def _may_overshoot(ranges: Sequence[Range], data: PreparedData, usual: Mapping[str, str]) -> bool:
    by_name = {each.name: each for each in ranges}
    weights = by_name["min_child_weight"]
    weight = rare_class.riskiest_weight(data, usual, weights.low, weights.high)
    return rare_class.may_fail(data, {**usual, "eta": by_name["eta"].high, "min_child_weight": weight})
