"""Ranges and choices: what can be searched, how a range is spread, and how it is widened."""

import pytest

from services.algorithms.algorithm import Algorithm
from services.algorithms.catalogue import ALGORITHMS
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.tuning import search_space
from services.tuning.search_space import Choices, Range


@pytest.mark.parametrize(
    ("searched", "fault"),
    [
        (Range("eta", 0.9, 0.1), "its minimum is above its maximum"),
        (Range("eta", float("nan"), 1), "both ends must be numbers"),
        (Range("eta", 0, 1, scaling="Logarithmic"), "a logarithmic scale starts above 0"),
        (Range("eta", 0.5, 1, scaling="ReverseLogarithmic"), "a reverse logarithmic scale lies between 0 and 1"),
        (Range("max_depth", 0, 3, True, "ReverseLogarithmic"), "a reverse logarithmic scale is for continuous"),
        (Choices("booster", ()), "it has no value to try"),
        (Choices("booster", ("dart", "dart")), "a value is repeated"),
        (Choices("eta", tuple(map(str, range(31)))), "it has more than 30 values"),
    ],
)
def test_what_cannot_be_searched_says_why(searched: Range | Choices, fault: str) -> None:
    assert (searched.fault() or "").startswith(fault)


@pytest.mark.parametrize(
    "searched", [Range("eta", 0.3, 0.3), Range("eta", 0.1, 0.9, scaling="Logarithmic"), Choices("booster", ("dart",))]
)
def test_what_can_be_searched_has_no_fault(searched: Range | Choices) -> None:
    assert searched.fault() is None


@pytest.mark.parametrize(
    ("scaling", "middle"), [("Linear", 0.5005), ("Logarithmic", 0.0316228), ("ReverseLogarithmic", 0.968377)]
)
def test_half_of_the_random_trials_lie_below_the_middle_of_the_scale(scaling: str, middle: float) -> None:
    low, high = (0.001, 1.0) if scaling != "ReverseLogarithmic" else (0.0, 0.999)
    searched = Range("eta", low, high, scaling=scaling)
    expected = middle if scaling != "ReverseLogarithmic" else 1 - 0.0316228
    quarters = search_space.quartile_ranges(searched)
    assert quarters is not None
    assert quarters[2] == pytest.approx(expected, rel=1e-4)
    assert searched.place(quarters[2]) == pytest.approx(0.5)


def test_what_sagemaker_decides_is_not_guessed() -> None:
    assert search_space.quartile_ranges(Range("eta", 0, 1)) is None


@pytest.mark.parametrize(
    ("searched", "upwards", "expected"),
    [
        (Range("alpha", 0, 2), True, (0, 4)),
        (Range("alpha", 2, 4), False, (0, 4)),
        (Range("max_depth", 1, 10, True), True, (1, 19)),
        (Range("lambda", 0.1, 10, scaling="Logarithmic"), True, (0.1, 1000)),
        (Range("eta", 0.1, 0.8), True, (0.1, 1)),
        (Range("subsample", 0.4, 1), False, (0.2, 1)),
    ],
)
def test_a_range_is_widened_as_far_as_the_algorithm_allows(
    searched: Range, upwards: bool, expected: tuple[float, float]
) -> None:
    wider = search_space.widened(searched, upwards)
    assert wider is not None
    assert (wider.low, wider.high) == expected


@pytest.mark.parametrize(("searched", "upwards"), [(Range("eta", 0, 1), True), (Range("alpha", 0, 2), False)])
def test_a_range_that_ends_at_the_algorithms_limit_is_not_widened(searched: Range, upwards: bool) -> None:
    assert search_space.widened(searched, upwards) is None


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda each: each.title)
def test_every_tunable_setting_has_a_range_to_begin_with(algorithm: Algorithm) -> None:
    ranges = [search_space.recommended(algorithm, name) for name in search_space.tunable(algorithm)]
    assert [each.fault() or search_space.at_edge(each) for each in ranges] == [None] * len(ranges)
    assert set(search_space.usual(algorithm)) < set(ranges)


def test_a_tunable_setting_of_two_values_is_tried_at_both() -> None:
    assert search_space.recommended(LINEAR_LEARNER, "use_bias") == Choices("use_bias", ("true", "false"))
