"""Which settings matter, from trials whose objective is made by a known formula."""

import numpy as np
import pytest

from services.tuning import importance
from services.tuning.importance import Importances, Weight
from services.tuning.jobs import Trial
from services.tuning.search_space import Choices, Range
from tests.services.tuning.trial_factory import make_trial

SEARCHED = (Range("eta", 0, 1), Range("alpha", 0, 2), Choices("booster", ("gbtree", "dart")))


def made(count: int, noise: float = 0.01, seed: int = 1) -> list[Trial]:
    """Trials whose objective is that of eta and noise alone."""
    random = np.random.default_rng(seed)
    return [
        make_trial(
            number,
            float(eta := random.random()) ** 2 + noise * random.normal(),
            eta=eta,
            alpha=2 * random.random(),
            booster=random.choice(["gbtree", "dart"]),
        )
        for number in range(count)
    ]


def weighed(found: list[Trial]) -> Importances:
    answer = importance.importances(SEARCHED, found)
    assert answer is not None
    return answer


def test_the_setting_that_made_the_objective_matters_and_the_others_are_flat() -> None:
    assert {each.name: each.weight for each in weighed(made(60)).settings} == {
        "eta": Weight.MATTERS,
        "alpha": Weight.FLAT,
        "booster": Weight.FLAT,
    }


def test_the_most_useful_setting_comes_first() -> None:
    shares = [each.share for each in weighed(made(60)).settings]
    assert shares == sorted(shares, reverse=True)
    assert weighed(made(60)).settings[0].name == "eta"


def test_a_choice_that_made_the_objective_matters() -> None:
    found = [
        make_trial(number, float(number % 2) + 0.001 * number, eta=0.5, alpha=1, booster=("gbtree", "dart")[number % 2])
        for number in range(40)
    ]
    assert weighed(found).settings[0].name == "booster"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_pure_noise_makes_nothing_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = [
        make_trial(number, random.random(), eta=random.random(), alpha=random.random(), booster="dart")
        for number in range(60)
    ]
    assert Weight.MATTERS not in {each.weight for each in weighed(found).settings}


def test_few_trials_call_nothing_flat() -> None:
    answer = weighed(made(12))
    assert not answer.enough
    assert Weight.FLAT not in {each.weight for each in answer.settings}


def test_the_same_trials_always_get_the_same_answer() -> None:
    assert weighed(made(20)) == weighed(made(20))


@pytest.mark.parametrize("found", [made(9), [make_trial(number, 0.5, eta=number / 20) for number in range(20)]])
def test_too_few_trials_or_all_alike_say_nothing(found: list[Trial]) -> None:
    assert importance.importances(SEARCHED, found) is None
