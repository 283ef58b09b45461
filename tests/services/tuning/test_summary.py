"""What a search was worth, found in trials that were made up for it."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.evaluation.model_comparison import MetricDifference, ModelComparison
from services.training.jobs import JobStatus
from services.tuning import summary as tuning_summary
from services.tuning.importance import Importance, Importances, Weight
from services.tuning.jobs import Trial
from services.tuning.search_space import Choices, Range, SearchedParameter
from services.tuning.summary import TuningSummary
from tests.services.tuning.trial_factory import START, make_trial

ALPHA, ETA, DEPTH = Range("alpha", 0, 2), Range("eta", 0, 1), Range("max_depth", 1, 10, integer=True)
LAMBDA = Range("lambda", 0.1, 10, scaling="Logarithmic")


def reached(found: Sequence[Trial], *ranges: SearchedParameter, **given: Any) -> TuningSummary:
    return tuning_summary.summarize(
        ranges or (ALPHA,),
        found,
        **{
            "maximise": True,
            "unlearned": (),
            "best": "trial-1",
            "usd_per_hour": 3.6,
            "comparison": None,
            "importances": None,
            "now": START,
            **given,
        },
    )


def gained(before: float, after: float, low: float, high: float) -> ModelComparison:
    return ModelComparison(MetricDifference(before, after, low, high), MetricDifference(0.9, 0.9, -0.1, 0.1), 1000, 100)


@pytest.mark.parametrize(
    ("searched", "value", "expected"),
    [
        (ALPHA, 1.97, (True, Range("alpha", 0, 4))),
        (ALPHA, 1.95, None),
        (ALPHA, 0.01, (False, None)),
        (ETA, 0.999, (True, None)),
        (DEPTH, 10, (True, Range("max_depth", 1, 19, integer=True))),
        (DEPTH, 9, None),
        (LAMBDA, 0.105, (False, Range("lambda", 0.001, 10, scaling="Logarithmic"))),
        (Range("eta", 0.3, 0.3), 0.3, None),
        (Choices("booster", ("dart", "gbtree")), "dart", None),
    ],
)
def test_a_best_value_at_the_end_of_its_range_is_found_with_the_range_to_try_next(
    searched: SearchedParameter, value: Any, expected: tuple[bool, Range | None] | None
) -> None:
    edges = reached([make_trial(1, 0.9, **{searched.name: value})], searched).edges
    assert [(edge.upwards, edge.wider) for edge in edges] == ([expected] if expected else [])


def test_only_the_best_trial_is_looked_at_for_edges() -> None:
    found = [make_trial(1, 0.9, alpha=1), make_trial(2, 0.8, alpha=2)]
    assert reached(found).edges == ()


def test_dollars_are_those_of_all_trials() -> None:
    found = [make_trial(1, 0.9, took=100), make_trial(2, status=JobStatus.FAILED, took=50)]
    assert reached(found).dollars == pytest.approx(0.15)
    assert reached(found, usd_per_hour=None).dollars is None


def test_each_point_gained_has_its_price() -> None:
    found = [make_trial(1, 0.9, took=1000)]
    assert reached(found, comparison=gained(0.70, 0.75, 0.01, 0.09)).dollars_a_point == pytest.approx(0.2)


@pytest.mark.parametrize("difference", [(0.70, 0.71, -0.01, 0.03), (0.70, 0.65, -0.09, -0.01)])
def test_a_gain_within_the_noise_or_a_loss_has_no_price(difference: tuple[float, float, float, float]) -> None:
    assert reached([make_trial(1, 0.9)], comparison=gained(*difference)).dollars_a_point is None


def test_settings_are_sorted_by_what_the_trials_say_of_them() -> None:
    weights = {"eta": Weight.MATTERS, "alpha": Weight.FLAT, "max_depth": Weight.UNCLEAR}
    settings = tuple(Importance(name, 0.3, 10, weight) for name, weight in weights.items())
    found = reached([make_trial(1, 0.9)], importances=Importances(settings, 0.1, 40, True))
    assert (found.matters, found.flat, found.unclear) == (("eta",), ("alpha",), ("max_depth",))


def test_failed_and_stopped_trials_are_waste_with_their_price() -> None:
    found = [
        make_trial(1, 0.9),
        make_trial(2, status=JobStatus.FAILED, took=10),
        make_trial(3, 0.8, status=JobStatus.STOPPED, took=20),
    ]
    waste = reached(found).waste
    assert (waste.failed, waste.stopped, waste.hopeless, waste.trials) == (1, 1, 0, 2)
    assert waste.dollars == pytest.approx(0.03)


def test_trials_completed_without_a_value_are_waste() -> None:
    found = [make_trial(1, 0.9, took=100), make_trial(2, status=JobStatus.COMPLETED, took=50)]
    waste = reached(found).waste
    assert (waste.unmeasured, waste.trials) == (1, 1)
    assert waste.dollars == pytest.approx(0.05)


@pytest.mark.parametrize("maximise", [True, False])
def test_a_trial_far_behind_the_others_was_hopeless(maximise: bool) -> None:
    sign = 1 if maximise else -1
    found = [make_trial(number, sign * (0.9 + number / 1000)) for number in range(10)]
    behind = make_trial(11, sign * 0.5)
    assert reached([*found, behind], maximise=maximise).waste.hopeless == 1
    assert reached([*found, make_trial(11, sign * 1.5)], maximise=maximise).waste.hopeless == 0


def test_a_trial_no_better_than_a_constant_answer_was_hopeless() -> None:
    found = [make_trial(1, 0.9), make_trial(2, 0.5), make_trial(3, 0.51)]
    assert reached(found, unlearned={"trial-2"}).waste.hopeless == 1


def test_the_best_trial_is_no_waste_even_if_it_was_stopped() -> None:
    assert reached([make_trial(1, 0.9, status=JobStatus.STOPPED)]).waste.trials == 0


def test_few_trials_call_none_hopeless() -> None:
    found = [make_trial(number, 0.9) for number in range(6)]
    assert reached([*found, make_trial(7, 0.1)]).waste.hopeless == 0


def test_without_a_best_trial_there_are_no_edges() -> None:
    assert reached([make_trial(1, status=JobStatus.FAILED, alpha=2)], best=None).edges == ()
