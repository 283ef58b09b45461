"""The numbers of the charts of costs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pages.components.costs import charts as cost_charts
from pages.components.costs.breakdown import sentence
from services.costs.cost_intervals import CostInterval
from services.costs.month_forecast import MonthForecast
from tests.services.costs.test_cost_intervals import make_running

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
AHEAD = MonthForecast(so_far=3.0, running_on=60.0, stopping=8.0)


def test_the_dearest_thing_is_on_top_and_what_has_no_price_is_left_out() -> None:
    (bars,) = cost_charts.resources([make_running(2.0), make_running(0.5), make_running(None)]).data

    assert list(bars.x) == [0.5, 2.0]


def test_things_of_one_name_in_two_regions_are_two_bars() -> None:
    here, there = make_running(2.0), replace(make_running(0.5), region="eu-west-1")

    figure = cost_charts.resources([here, there])

    assert list(figure.data[0].y) == [0, 1]
    assert list(figure.layout.yaxis.ticktext) == ["x, eu-west-1 ", "x, us-east-1 "]


def test_twelve_bars_are_the_most() -> None:
    (bars,) = cost_charts.rates({str(number): 20.0 - number for number in range(20)}).data

    assert (len(bars.x), max(bars.x), min(bars.x)) == (12, 20.0, 9.0)


def test_a_day_has_a_bar_for_each_clock_hour_and_a_colour_for_each_kind() -> None:
    endpoints, jobs = cost_charts.day({"Endpoint": [0.5, 2.0, 1.0], "Training job": [0.0, 0.0, 0.2]}, NOW).data

    assert (list(endpoints.y), list(jobs.y)) == ([0.5, 2.0, 1.0], [0.0, 0.0, 0.2])
    assert [moment.hour for moment in endpoints.x] == [10, 11, 12]


def test_the_month_is_drawn_to_now_and_on_to_its_end() -> None:
    spent = [CostInterval("Endpoint", "x", "us-east-1", NOW - timedelta(hours=3), None, 1.0)]

    so_far, running_on, stopping = cost_charts.month(spent, AHEAD, NOW).data

    assert (so_far.y[0], so_far.y[-1]) == (0.0, pytest.approx(3.0))
    assert (list(running_on.y), list(stopping.y)) == ([3.0, 60.0], [3.0, 8.0])
    assert running_on.x[-1] == datetime(2026, 12, 1, tzinfo=UTC)


def test_without_anything_to_stop_there_is_one_way_on() -> None:
    assert len(cost_charts.month([], MonthForecast(3.0, 60.0, 60.0), NOW).data) == 2


def test_the_month_in_words() -> None:
    assert sentence(AHEAD, 0) == "At least $3.00 so far; $60.00 by the end of the month if nothing is stopped."
    assert sentence(AHEAD, 2).endswith("if nothing is stopped; $8.00 if 2 resources are stopped now.")
