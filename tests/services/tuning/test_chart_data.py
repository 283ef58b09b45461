"""What trials show as numbers, worked out from trials that were never run."""

from datetime import timedelta

import numpy as np
import pytest

from services.training.jobs import JobStatus
from services.tuning import chart_data
from services.tuning.jobs import Trial
from services.tuning.search_space import Choices, Range
from tests.services.tuning.trial_factory import START, make_trial

ETA = Range("eta", 0, 1)


def test_the_best_so_far_counts_scored_trials_only() -> None:
    found = [make_trial(1, 0.7), make_trial(2, status=JobStatus.FAILED), make_trial(3, 0.6), make_trial(4, 0.9)]
    seen = chart_data.progress(found, maximise=True)
    assert seen.numbers == (1, 3, 4)
    assert seen.best.tolist() == [0.7, 0.7, 0.9]


def test_the_lowest_is_best_when_it_is_minimised() -> None:
    assert chart_data.progress([make_trial(1, 0.7), make_trial(2, 0.6)], maximise=False).best.tolist() == [0.7, 0.6]


@pytest.mark.parametrize(("maximise", "order"), [(True, [2, 0, 1, 3]), (False, [0, 2, 1, 3])])
def test_trials_are_ranked_best_first_and_those_without_a_value_last(maximise: bool, order: list[int]) -> None:
    found = [make_trial(1, 0.5), make_trial(2), make_trial(3, 0.9), make_trial(4)]
    assert chart_data.ranked(found, maximise) == order


def test_a_trial_costs_its_time_on_its_instances() -> None:
    assert chart_data.dollars(make_trial(1, took=90), 2.0, START) == pytest.approx(0.05)
    assert chart_data.dollars(make_trial(1, took=None), 2.0, START + timedelta(seconds=1800)) == pytest.approx(1.0)
    assert chart_data.dollars(make_trial(1), None, START) is None


def test_a_choice_has_a_place_for_each_of_its_values() -> None:
    found = [make_trial(1, 0.5, booster="dart"), make_trial(2, 0.6, booster="gbtree"), make_trial(3, 0.6)]
    axis = chart_data.axis(Choices("booster", ("gbtree", "dart")), found)
    np.testing.assert_equal(axis.places, [1, 0, np.nan])
    assert axis.ticks == ((0, "gbtree"), (1, "dart"))


def test_a_logarithmic_range_is_laid_out_on_its_own_scale() -> None:
    axis = chart_data.axis(Range("eta", 0.01, 1, scaling="Logarithmic"), [make_trial(1, 0.5, eta=0.1)])
    assert axis.places[0] == pytest.approx(0.5)
    assert [text for _, text in axis.ticks] == ["0.01", "0.0316", "0.1", "0.316", "1"]


def test_whole_numbers_are_labelled_with_whole_numbers() -> None:
    ticks = chart_data.axis(Range("max_depth", 1, 4, integer=True), []).ticks
    assert [text for _, text in ticks] == ["1", "2", "3", "4"]


def test_what_sagemaker_chose_itself_is_read_off_the_trials() -> None:
    found = [make_trial(1, 0.5, eta=0.2, max_depth=3, booster="dart"), make_trial(2, 0.5, eta=0.4, max_depth=5)]
    assert chart_data.settings((ETA,), found) == (
        ETA,
        Range("max_depth", 3, 5, integer=True),
        Choices("booster", ("dart",)),
    )


def test_the_map_passes_through_the_trials_and_is_blank_far_from_them() -> None:
    found = [make_trial(1, 0.9, eta=0, alpha=0), make_trial(2, 0.5, eta=0.1, alpha=0.1), make_trial(3, eta=1, alpha=1)]
    axes = [chart_data.axis(Range(name, 0, 1), found) for name in ("eta", "alpha")]
    ground = chart_data.landscape(axes[0], axes[1], [trial.value for trial in found])
    assert ground.values[0, 0] == pytest.approx(0.9, abs=0.01)
    assert np.isnan(ground.values[-1, -1])


def test_a_map_of_choices_has_a_field_for_each_pair() -> None:
    found = [make_trial(1, 0.9, booster="dart", eta=0.5), make_trial(2, 0.1, booster="gbtree", eta=0.5)]
    axes = [chart_data.axis(each, found) for each in (Choices("booster", ("gbtree", "dart")), ETA)]
    ground = chart_data.landscape(axes[0], axes[1], [0.9, 0.1])
    assert ground.values.shape == (chart_data.STEPS, 2)
    middle = ground.values[chart_data.STEPS // 2]
    assert middle[1] > middle[0]


def test_a_map_of_nothing_is_blank() -> None:
    axis = chart_data.axis(ETA, [])
    assert np.isnan(chart_data.landscape(axis, axis, []).values).all()


def test_trials_that_overlap_lie_in_lanes_of_their_own() -> None:
    found = [make_trial(1, at=0, took=60), make_trial(2, at=1, took=10), make_trial(3, at=11, took=5)]
    assert [(lane.number, lane.lane) for lane in chart_data.timeline_lanes(found, START)] == [
        (1, 0),
        (2, 1),
        (3, 1),
    ]


def test_a_trial_that_runs_lasts_until_now_and_one_that_waits_has_no_lane() -> None:
    waits = Trial("waits", JobStatus.IN_PROGRESS, None, {}, None, None, None)
    now = START + timedelta(seconds=30)
    (lane,) = chart_data.timeline_lanes([waits, make_trial(2, took=None)], now)
    assert (lane.number, lane.ended) == (2, now)


def test_money_is_counted_as_trials_end_whether_or_not_they_succeed() -> None:
    found = [
        make_trial(1, 0.7, at=0, took=3600),
        make_trial(2, status=JobStatus.FAILED, at=0, took=1800),
        make_trial(3, 0.9, at=3600, took=1800),
        make_trial(4, 0.8, at=5400, took=1800),
    ]
    spent = chart_data.cost_curve(found, True, 2.0)
    assert spent.dollars.tolist() == [1, 3, 4, 5]
    np.testing.assert_equal(spent.best, [np.nan, 0.7, 0.9, 0.9])
    assert chart_data.last_gain(spent) == 2


def test_nothing_found_is_no_last_gain() -> None:
    assert chart_data.last_gain(chart_data.cost_curve([make_trial(1, status=JobStatus.FAILED)], True, 1.0)) is None


def test_a_search_is_measured_from_its_first_trial_whichever_ended_first() -> None:
    found = [make_trial(1, 0.7, took=3600), make_trial(2, 0.9, took=60), make_trial(3, 0.95, took=60)]
    assert chart_data.gain_over_first(found, maximise=True) == (1, 0.95 - 0.7)
    assert chart_data.gain_over_first([make_trial(1, 0.7), make_trial(2, 0.8)], maximise=False) == (1, 0.0)


def test_a_first_trial_without_a_value_gives_way_to_the_next() -> None:
    found = [make_trial(1, status=JobStatus.FAILED), make_trial(2, 0.6), make_trial(3, 0.8)]
    assert chart_data.gain_over_first(found, maximise=True) == (2, 0.8 - 0.6)
    assert chart_data.gain_over_first(found[:1], maximise=True) is None
