"""The pictures of a search, as Plotly is asked for them."""

import numpy as np
import pytest

from pages.components.tune import charts as tuning_charts
from services.tuning import chart_data
from services.tuning.search_space import Choices, Range, SearchedParameter
from tests.services.tuning.trial_factory import make_trial

FOUND = [
    make_trial(1, 0.7, eta=0.1, max_depth=2, booster="dart"),
    make_trial(2, 0.9, eta=1, max_depth=4, booster="gbtree"),
    make_trial(3),
]


def dimension(searched: SearchedParameter) -> dict[str, object]:
    """A setting's axis of the parallel coordinates."""
    axis = chart_data.axis(searched, FOUND)
    figure = tuning_charts.parallel([axis], [trial.value for trial in FOUND], "validation:auc", True)
    shown: dict[str, object] = figure.data[0].dimensions[0].to_plotly_json()
    return shown


@pytest.mark.parametrize(
    ("searched", "values"),
    [(Range("eta", 0, 1), [0.1, 1]), (Range("eta", 0.01, 1, scaling="Logarithmic"), [-1, 0])],
)
def test_an_axis_of_any_number_has_no_ticks_that_a_pick_would_snap_to(
    searched: SearchedParameter, values: list[float]
) -> None:
    shown = dimension(searched)
    assert "tickvals" not in shown
    np.testing.assert_allclose(np.asarray(shown["values"], dtype=float), values, atol=1e-9)


@pytest.mark.parametrize(
    ("searched", "ticks"),
    [
        (Range("max_depth", 1, 4, integer=True), ["1", "2", "3", "4"]),
        (Choices("booster", ("gbtree", "dart")), ["gbtree", "dart"]),
    ],
)
def test_an_axis_of_few_values_has_a_tick_for_each(searched: SearchedParameter, ticks: list[str]) -> None:
    assert list(dimension(searched)["ticktext"]) == ticks  # type: ignore[call-overload]


@pytest.mark.parametrize("maximise", [True, False])
def test_the_best_trials_wear_the_strongest_colour(maximise: bool) -> None:
    axis = chart_data.axis(Range("eta", 0, 1), FOUND)
    figure = tuning_charts.parallel([axis], [trial.value for trial in FOUND], "validation:auc", maximise)
    assert figure.layout.coloraxis.reversescale is not maximise


def test_trials_without_a_value_are_left_out() -> None:
    assert len(list(dimension(Range("eta", 0, 1))["values"])) == 2  # type: ignore[call-overload]


@pytest.mark.parametrize("enough", [True, False])
def test_the_dots_wear_the_objectives_colours_where_there_is_no_surface_to_do_so(enough: bool) -> None:
    axes = [chart_data.axis(searched, FOUND) for searched in (Range("eta", 0, 1), Range("max_depth", 1, 4, True))]
    values = [trial.value for trial in FOUND]
    ground = chart_data.landscape(axes[0], axes[1], values) if enough else None
    figure = tuning_charts.landscape(ground, axes[0], axes[1], values, ["", "", ""], True)
    assert [trace.type for trace in figure.data] == (["contour", "scatter"] if enough else ["scatter"])
    assert (figure.data[-1].marker.coloraxis == "coloraxis") is not enough
