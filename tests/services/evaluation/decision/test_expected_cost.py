"""What errors cost at every threshold, held against counting by hand."""

import numpy as np
import pytest

from services.errors import Problem
from services.evaluation.decision import expected_cost
from services.evaluation.decision.expected_cost import Costs, ScoreCuts, shortest_between
from services.evaluation.metrics import Scored

COSTS = Costs(miss=500, false_alarm=10, hit_gain=3)


def make_scored(rows: int, seed: int = 4, share: float = 0.1, digits: int = 3) -> Scored:
    """Rows whose scores tie often, as those of trees do."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < share).astype(int)
    labels[:2] = 0, 1
    return Scored.of(labels, np.round(1 / (1 + np.exp(2 - 2 * labels - random.normal(size=rows))), digits))


def counted(scored: Scored, threshold: float, costs: Costs) -> float:
    """Row by row, without our arithmetic."""
    labels, flagged = np.diff(scored.positives_below), scored.scores >= threshold
    gains = costs.hit_gain * (flagged & (labels == 1)).sum()
    return float(
        costs.miss * (~flagged & (labels == 1)).sum() + costs.false_alarm * (flagged & (labels == 0)).sum() - gains
    )


@pytest.mark.parametrize("seed", range(8))
def test_no_threshold_is_cheaper_than_the_minimum(seed: int) -> None:
    scored = make_scored(400, seed)
    found = expected_cost.minimum(scored, COSTS)
    assert found.cost == min(counted(scored, threshold, COSTS) for threshold in (*scored.scores, 1.0))
    assert counted(scored, found.threshold, COSTS) == found.cost


@pytest.mark.parametrize("seed", range(4))
def test_every_point_of_the_curve_is_the_cost_of_its_threshold(seed: int) -> None:
    scored = make_scored(3000, seed, digits=9)
    curve = expected_cost.curve(scored, COSTS)
    assert curve.costs.tolist() == [counted(scored, threshold, COSTS) for threshold in curve.thresholds]
    assert curve.costs.min() == expected_cost.minimum(scored, COSTS).cost


def test_the_curve_of_many_rows_stays_small_enough_to_draw() -> None:
    assert len(expected_cost.curve(make_scored(200_000, digits=9), COSTS).thresholds) < 1000


def test_a_cut_flags_nothing_only_where_a_threshold_of_1_does() -> None:
    assert ScoreCuts.of(Scored.of([0, 1], [0.2, 0.9])).tp.tolist() == [0, 1, 1]
    assert ScoreCuts.of(Scored.of([0, 1], [0.2, 1.0])).tp.tolist() == [1, 1]


def test_flagging_none_is_chosen_where_false_alarms_cost_more_than_hits_are_worth() -> None:
    scored = Scored.of([1, 0, 1, 0], [0.2, 0.4, 0.6, 0.8])
    found = expected_cost.minimum(scored, Costs(miss=1, false_alarm=10))
    assert (found.cost, scored.at(found.threshold).flagged) == (2, 0)


def test_the_interval_of_the_minimum_holds_it_and_narrows_with_rows() -> None:
    few, many = (expected_cost.minimum(make_scored(rows, 7, digits=9), COSTS) for rows in (300, 30_000))
    for found in (few, many):
        assert found.threshold_interval[0] <= found.threshold <= found.threshold_interval[1]
        assert found.cost_interval[0] <= found.cost <= found.cost_interval[1]
    width = [np.diff(found.threshold_interval)[0] for found in (few, many)]
    assert width[1] < width[0]


def test_three_positives_all_found_still_may_cost_a_miss() -> None:
    scored = Scored.of([0] * 97 + [1] * 3, [0.1] * 97 + [0.9] * 3)
    found = expected_cost.minimum(scored, Costs(miss=1000, false_alarm=1))
    assert found.cost == 0
    assert found.cost_interval[1] > 1000


def test_the_cost_of_a_threshold_on_new_rows_is_inside_its_interval_about_95_times_in_100() -> None:
    random, costs = np.random.default_rng(11), Costs(100, 5)
    world = make_scored(400_000, 1, 0.1, 6)
    labels = np.diff(world.positives_below)
    inside = 0
    for _ in range(200):
        drawn = random.integers(0, world.rows, 1000)
        at = Scored.of(labels[drawn], world.scores[drawn]).at(0.3)
        low, high = expected_cost.cost_interval(at, costs, 1000, random)
        inside += low <= costs.of(world.at(0.3)) * 1000 / world.rows <= high
    assert 183 <= inside <= 198


@pytest.mark.parametrize(
    ("low", "high", "short"),
    [(0.3, 0.7, 0.5), (0.31, 0.312, 0.311), (0.99971, 0.99982, 0.9998), (0.9, 1.0, 1.0), (-1.0, 0.2, 0.0)],
)
def test_a_threshold_between_two_scores_has_the_fewest_digits(low: float, high: float, short: float) -> None:
    assert shortest_between(low, high) == short


def test_neighbouring_floats_still_have_a_threshold_between_them() -> None:
    low = 0.1234567890123
    high = float(np.nextafter(low, 1))
    assert low < shortest_between(low, high) <= high


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ((-1, 2, 0), "of a miss is negative"),
        ((1, float("nan"), 0), "of a false alarm is not a number"),
        ((1, 2, float("inf")), "gained by a hit is not a number"),
        ((0, 0, 0), "all amounts are 0"),
    ],
)
def test_costs_that_cannot_be_are_one_sentence(amounts: tuple[float, float, float], said: str) -> None:
    with pytest.raises(Problem, match=said):
        Costs(*amounts)


@pytest.mark.parametrize(
    ("labels", "scores", "said"),
    [
        ([0, 0], [0.1, 0.2], "no positive rows"),
        ([1, 1], [0.1, 0.2], "no negative rows"),
        ([0, 1], [0.4, 0.4], "all 2 rows have the same score, 0.4"),
    ],
)
def test_rows_that_choose_nothing_are_one_sentence(labels: list[int], scores: list[float], said: str) -> None:
    with pytest.raises(Problem, match=said):
        expected_cost.minimum(Scored.of(labels, scores), COSTS)


@pytest.mark.slow
@pytest.mark.parametrize(("share", "rows"), [(0.02, 200), (0.1, 400)])
def test_the_intervals_of_a_chosen_threshold_hold_the_truth_about_95_times_in_100(share: float, rows: int) -> None:
    random, costs, rounds = np.random.default_rng(5), Costs(100, 5), 200
    world = make_scored(400_000, 1, share, 12)
    labels = np.diff(world.positives_below)
    best = expected_cost.minimum(world, costs, rounds=2).threshold
    inside = np.zeros(2)
    for _ in range(rounds):
        while not labels[drawn := random.integers(0, world.rows, rows)].any():
            pass  # rows without a positive choose no threshold
        found = expected_cost.minimum(Scored.of(labels[drawn], world.scores[drawn]), costs, 200)
        truth = costs.of(world.at(found.threshold)) * rows / world.rows
        for place, (interval, value) in enumerate(((found.cost_interval, truth), (found.threshold_interval, best))):
            inside[place] += interval[0] <= value <= interval[1]
    assert (inside / rounds > 0.89).all(), inside / rounds
