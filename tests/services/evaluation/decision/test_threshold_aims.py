"""Thresholds by recall, precision, capacity and F-beta, held against trying every score."""

import numpy as np
import pytest
from sklearn.metrics import fbeta_score

from services.errors import Problem
from services.evaluation.decision import threshold_aims
from services.evaluation.decision.expected_cost import Costs
from services.evaluation.decision.threshold_aims import Aim, Goal
from services.evaluation.metrics import Confusion, Scored
from tests.services.evaluation.decision.test_expected_cost import make_scored

SEEDS = pytest.mark.parametrize("seed", range(6))


def reached(scored: Scored, goal: Goal) -> Confusion:
    """What the proposed threshold really flags."""
    found = threshold_aims.propose(scored, goal)
    assert found.confusion == scored.at(found.threshold)
    return found.confusion


def every(scored: Scored) -> list[Confusion]:
    return [scored.at(threshold) for threshold in np.unique(scored.scores)]


@SEEDS
def test_a_wanted_recall_is_reached_with_the_fewest_flags(seed: int) -> None:
    scored = make_scored(300, seed)
    enough = [at for at in every(scored) if (at.recall or 0) >= 0.8]
    assert reached(scored, Goal(Aim.RECALL, 0.8)) == min(enough, key=lambda at: at.flagged)


@SEEDS
def test_a_wanted_precision_is_reached_with_the_most_flags(seed: int) -> None:
    scored = make_scored(300, seed)
    enough = [at for at in every(scored) if (at.precision or 0) >= 0.4]
    assert reached(scored, Goal(Aim.PRECISION, 0.4)) == max(enough, key=lambda at: at.flagged)


@SEEDS
@pytest.mark.parametrize(("value", "per", "most"), [(20, 1000, 6), (25, 0, 25)])
def test_no_more_rows_are_flagged_than_can_be_reviewed(seed: int, value: float, per: int, most: int) -> None:
    scored = make_scored(300, seed, digits=6)
    assert reached(scored, Goal(Aim.CAPACITY, value, per)).flagged == most


def test_tied_scores_are_flagged_together_or_not_at_all() -> None:
    scored = Scored.of([0, 0, 1, 1], [0.1, 0.5, 0.5, 0.9])
    assert reached(scored, Goal(Aim.CAPACITY, 2)).flagged == 1


@SEEDS
@pytest.mark.parametrize("beta", [0.5, 1, 2])
def test_the_best_f_beta_is_that_of_scikit_learn(seed: int, beta: float) -> None:
    scored = make_scored(100, seed, digits=1)
    labels = np.diff(scored.positives_below)
    best = max(fbeta_score(labels, scored.scores >= each, beta=beta) for each in np.unique(scored.scores))
    threshold = threshold_aims.propose(scored, Goal(Aim.F_BETA, beta)).threshold
    assert fbeta_score(labels, scored.scores >= threshold, beta=beta) == pytest.approx(best)


def test_the_lowest_cost_comes_with_its_interval() -> None:
    found = threshold_aims.propose(make_scored(300), Goal(Aim.COST, costs=Costs(50, 1)))
    assert found.minimum
    assert found.minimum.threshold == found.threshold


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (Goal(Aim.CAPACITY, 0, 1000), "capacity below 1"),
        (Goal(Aim.CAPACITY, float("nan")), "capacity below 1"),
        (Goal(Aim.CAPACITY, 1, 1000), "only 0 of these 4 rows may be flagged"),
        (Goal(Aim.CAPACITY, 1), "the 2 highest rows have the same score"),
        (Goal(Aim.PRECISION, 1.0), "no threshold reaches 100%; the highest is 66.7%"),
        (Goal(Aim.RECALL, 0.0), "not above 0"),
        (Goal(Aim.PRECISION, 1.5), "at most 100 %"),
        (Goal(Aim.F_BETA, 0.0), "beta is not above 0"),
    ],
)
def test_a_goal_that_cannot_be_met_is_one_sentence(goal: Goal, said: str) -> None:
    scored = Scored.of([0, 0, 1, 1], [0.1, 0.9, 0.9, 0.5])
    with pytest.raises(Problem, match=said):
        threshold_aims.propose(scored, goal)


@pytest.mark.parametrize("aim", [Aim.RECALL, Aim.PRECISION, Aim.CAPACITY, Aim.F_BETA])
def test_rows_of_one_class_choose_no_threshold(aim: Aim) -> None:
    with pytest.raises(Problem, match="no positive rows"):
        threshold_aims.propose(Scored.of([0, 0], [0.1, 0.9]), Goal(aim, 1))
