"""Importance by fANOVA, and when there is none."""

import numpy as np
import pytest

from services.training.jobs import JobStatus
from services.tuning import fanova
from services.tuning.jobs import Trial
from services.tuning.search_space import Choices, Range
from tests.services.tuning.trial_factory import make_trial

SEARCHED = (Range("eta", 0.01, 1, scaling="Logarithmic"), Range("alpha", 0, 2), Choices("booster", ("gbtree", "dart")))


def made(count: int, seed: int = 1) -> list[Trial]:
    """Trials whose objective is that of alpha and some noise."""
    random = np.random.default_rng(seed)
    return [
        make_trial(
            number,
            float((alpha := 2 * random.random()) + 0.1 * random.normal()),
            eta=random.uniform(0.01, 1),
            alpha=alpha,
            booster=random.choice(["gbtree", "dart"]),
        )
        for number in range(count)
    ]


@pytest.mark.slow
def test_the_setting_that_made_the_objective_explains_most_and_more_than_chance() -> None:
    found = fanova.explained(SEARCHED, made(24))
    name, share = found.shares[0]
    assert name == "alpha"
    assert share > found.chance
    assert all(other < found.chance for _, other in found.shares[1:])


@pytest.mark.parametrize(
    ("trials", "sentence"),
    [
        (made(19), "fANOVA needs at least 20 trials with a value. There are 19."),
        (
            [*made(6), make_trial(7, status=JobStatus.FAILED), make_trial(8, status=JobStatus.STOPPED)],
            "There are 6; 2 more failed, were stopped or still run.",
        ),
        (
            [make_trial(number, 0.5, eta=0.1, alpha=number / 20, booster="dart") for number in range(20)],
            "All trials have the same objective, so no setting explains it.",
        ),
        (
            [make_trial(number, number / 20, eta=0.1, alpha=1, booster="dart") for number in range(20)],
            "No setting has more than one value in these trials.",
        ),
    ],
    ids=["few", "failed", "alike", "one value"],
)
def test_trials_that_cannot_be_analysed_say_why(trials: list[Trial], sentence: str) -> None:
    said = fanova.obstacle(SEARCHED, trials)
    assert said is not None
    assert said.endswith(sentence)


def test_a_setting_of_one_value_and_trials_without_a_setting_are_left_out() -> None:
    trials = [make_trial(number, number / 20, eta=0.1, alpha=number / 20, booster="dart") for number in range(20)]
    assert fanova.obstacle(SEARCHED, [*trials, make_trial(21, 0.3, eta=0.1)]) is None
