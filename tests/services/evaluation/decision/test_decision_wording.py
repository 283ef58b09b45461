"""Money and reasons as sentences."""

import pytest

from services.evaluation.decision import decision_wording, threshold_aims
from services.evaluation.decision.expected_cost import Costs
from services.evaluation.decision.threshold_aims import Aim, Goal
from services.evaluation.metrics import Confusion
from tests.services.evaluation.decision.test_expected_cost import make_scored


def test_the_cost_of_a_threshold_is_told_with_its_own_counts() -> None:
    said = decision_wording.cost_sentence(Confusion(40, 12, 3, 2793), 0.31, Costs(500, 10))
    assert said == (
        "At 0.31: 12 false alarms cost $120, 3 misses $1,500: $1,620 for 2,848 rows; "
        "flagging none costs $21,500, flagging all $28,050."
    )


def test_what_hits_gain_is_taken_off_the_cost() -> None:
    said = decision_wording.cost_sentence(Confusion(1, 1, 1, 7), 0.5, Costs(2, 0.5, 10))
    assert "1 false alarm cost $0.50, 1 miss $2, 1 hit gains $10: −$7.50 for 10 rows" in said


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "$0"), (1620, "$1,620"), (12.5, "$12.50"), (1234.56, "$1,235"), (-0.001, "$0")]
)
def test_cents_are_said_only_where_they_carry_something(amount: float, text: str) -> None:
    assert decision_wording.money(amount) == text


def test_few_positives_make_the_interval_a_rough_one() -> None:
    goal = Goal(Aim.COST, costs=Costs(50, 1))
    few, many = (
        decision_wording.proposal_sentence(threshold_aims.propose(make_scored(rows), goal), goal, "validation rows")
        for rows in (100, 1000)
    )
    assert "this is rough" in few
    assert "this is rough" not in many


def test_a_reason_names_the_costs_it_was_taken_with() -> None:
    said = decision_wording.reason(Goal(Aim.COST, costs=Costs(500, 10)), "2,848 validation rows")
    assert said == "Lowest expected cost on 2,848 validation rows: a miss costs $500, a false alarm $10"
