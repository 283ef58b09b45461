"""Choosing a threshold by what a person wants: the least money, a recall, a precision, what can be reviewed, F-beta.

Pure. It is done on rows that the model is not measured on afterwards: a threshold chosen on test rows looks better
there than it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import floor, isfinite

import numpy as np

from services.errors import Problem
from services.evaluation.decision import expected_cost
from services.evaluation.decision.expected_cost import CostMinimum, Costs, ScoreCuts
from services.evaluation.metrics import Confusion, Counts, Scored


class Aim(StrEnum):
    """What the threshold is chosen by."""

    COST = "cost"  # the lowest expected cost of misses and false alarms
    RECALL = "recall"  # the fewest flags that find a wanted share of the positives
    PRECISION = "precision"  # the most flags of which a wanted share is positive
    CAPACITY = "capacity"  # as many flags as can be reviewed
    F_BETA = "F-beta"  # the best balance of precision and recall, which weighs beta times as much
    BY_HAND = "by hand"  # where the slider was put


@dataclass(frozen=True)
class Goal:
    """An aim and its number.

    value: a wanted share of 1, flags, or beta; unused for costs.
    per:   of how many rows `value` may be flagged; 0 for all rows of the set.
    """

    aim: Aim
    value: float = 0.0
    per: int = 0
    costs: Costs | None = None


@dataclass(frozen=True)
class ThresholdProposal:
    """A threshold for a goal, what it flags on the rows it was chosen on, and of costs how sure it is."""

    threshold: float
    confusion: Confusion
    minimum: CostMinimum | None = None


def propose(scored: Scored, goal: Goal) -> ThresholdProposal:
    """The threshold that meets a goal on these rows. Raises Problem where none does."""
    if goal.costs and goal.aim is Aim.COST:
        minimum = expected_cost.minimum(scored, goal.costs)
        return ThresholdProposal(minimum.threshold, scored.at(minimum.threshold), minimum)
    where = f"Threshold by {goal.aim}"
    expected_cost.check_separable(scored, where)
    cuts = ScoreCuts.of(scored)
    threshold = cuts.short_threshold(_PLACES[goal.aim](cuts, goal, scored.rows, where))
    return ThresholdProposal(threshold, scored.at(threshold))


def _recall(cuts: ScoreCuts, goal: Goal, rows: int, where: str) -> int:
    """The highest threshold that finds enough."""
    _check_share(goal, where)
    return int(np.argmax(cuts.tp >= goal.value * cuts.positives - 1e-9))


def _precision(cuts: ScoreCuts, goal: Goal, rows: int, where: str) -> int:
    """The lowest threshold, so the one that finds most, whose flags are right often enough."""
    _check_share(goal, where)
    flagged = cuts.tp + cuts.fp
    enough = np.flatnonzero((cuts.tp >= goal.value * flagged - 1e-9) & (cuts.tp > 0))
    if not len(enough):
        best = float(np.max(cuts.tp / np.maximum(flagged, 1)))
        raise Problem(where, f"no threshold reaches {goal.value:.0%}; the highest is {best:.1%}", "Ask for less")
    return int(enough[-1])


def _capacity(cuts: ScoreCuts, goal: Goal, rows: int, where: str) -> int:
    """The lowest threshold that flags no more than can be reviewed."""
    remedy = "Allow more rows to be flagged"
    if not isfinite(goal.value) or goal.value < 1:
        raise Problem(where, "with a capacity below 1 no row can be reviewed", remedy)
    most = floor(goal.value * rows / goal.per) if goal.per else floor(goal.value)
    flagged: Counts = cuts.tp + cuts.fp
    within = np.flatnonzero((flagged <= most) & (flagged > 0))
    if not len(within):
        least = int(flagged[flagged > 0][0])
        tied = f"the {least:,} highest rows have the same score" if least > 1 else "even one row is more"
        raise Problem(where, f"only {most:,} of these {rows:,} rows may be flagged, and {tied}", remedy)
    return int(within[-1])


def _f_beta(cuts: ScoreCuts, goal: Goal, rows: int, where: str) -> int:
    """The best F-beta (van Rijsbergen 1979), at the highest of several thresholds."""
    if not isfinite(goal.value) or goal.value <= 0:
        raise Problem(where, "beta is not above 0", "Enter 1 to weigh precision and recall alike, 2 for more recall")
    weight = goal.value**2
    flagged = cuts.tp + cuts.fp
    return int(np.argmax((1 + weight) * cuts.tp / (flagged + weight * cuts.positives)))


def _check_share(goal: Goal, where: str) -> None:
    if not 0 < goal.value <= 1:
        raise Problem(where, "the wanted share is not above 0 and at most 100 %", "Enter a share such as 90")


_PLACES: dict[Aim, Callable[[ScoreCuts, Goal, int, str], int]] = {
    Aim.RECALL: _recall,
    Aim.PRECISION: _precision,
    Aim.CAPACITY: _capacity,
    Aim.F_BETA: _f_beta,
}
