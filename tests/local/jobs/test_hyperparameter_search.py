"""The search itself: what it asks, what it gives up, what it learns from others."""

from typing import Any

import pytest

from services.local.jobs.hyperparameter_search import HyperparameterSearch


def search(strategy: str = "Random", rounds: int = 27, **config: Any) -> HyperparameterSearch:
    """A search, highest objective over eta in [0.1, 0.5]."""
    ranges = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]}
    objective = {"HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"}}
    return HyperparameterSearch({"Strategy": strategy, "RandomSeed": 1, **objective, **config}, ranges, rounds)


def test_a_trial_worse_than_the_median_of_the_earlier_is_given_up() -> None:
    early = search(TrainingJobEarlyStoppingType="Auto")
    for value in (0.7, 0.8, 0.9):
        trial, _ = early.ask()
        early.hopeless(trial, [value] * 5)
        early.tell(trial, value)
    assert early.hopeless(early.ask()[0], [0.6, 0.6])
    assert not early.hopeless(early.ask()[0], [0.85, 0.85])


def test_nothing_is_given_up_unless_asked() -> None:
    assert not search().stops_early


def test_hyperband_gives_up_the_worst_of_a_rung() -> None:
    band = search("Hyperband", StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 27}})
    verdicts = []
    for number in range(30):
        trial, _ = band.ask()
        verdicts.append(band.hopeless(trial, [1 - number / 100] * 9))
        band.tell(trial, None, given_up=True) if verdicts[-1] else band.tell(trial, 1 - number / 100)
    assert 0 < sum(verdicts) < 30


def test_a_warm_start_searches_where_others_found_it_good() -> None:
    cold, warm = search("Bayesian"), search("Bayesian")
    warm.learn(({"eta": str(0.1 + number / 100)}, 1 - abs(number - 10) / 10) for number in range(30))

    def distance(searched: HyperparameterSearch) -> float:
        return sum(abs(float(searched.ask()[1]["eta"]) - 0.2) for _ in range(40))

    assert distance(warm) < distance(cold)


def test_what_others_tried_outside_the_ranges_is_left_out() -> None:
    warm = search("Bayesian")
    warm.learn([({"eta": "0.9"}, 1.0), ({"gamma": "1"}, 1.0)])
    assert 0.1 <= float(warm.ask()[1]["eta"]) <= 0.5


def test_a_hyperband_that_never_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="MinResource is above MaxResource"):
        search("Hyperband", StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 30}})
