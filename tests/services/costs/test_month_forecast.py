"""The month's cost at its end, at the rates of now."""

from datetime import UTC, datetime

import pytest

from services.costs import month_forecast
from services.costs.cost_intervals import HOUR, CostInterval
from tests.services.costs.test_cost_intervals import make_running


def test_the_forecast_goes_on_at_todays_rate_and_spares_what_is_stopped() -> None:
    now = datetime(2026, 11, 30, 14, tzinfo=UTC)  # ten hours before the month's end
    spent = [CostInterval("Endpoint", "x", "us-east-1", now - 5 * HOUR, None, 3.0)]
    kept, stopped = make_running(1.0), make_running(2.0)

    ahead = month_forecast.forecast(spent, [kept, stopped], [stopped], now)

    assert (ahead.so_far, ahead.running_on, ahead.stopping) == pytest.approx((15.0, 45.0, 25.0))
    unpriced = make_running(None)
    assert month_forecast.forecast(spent, [kept, stopped, unpriced], [stopped, unpriced], now) == ahead
