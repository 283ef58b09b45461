"""What a search was worth on several classes and on numbers, in one sentence."""

import pytest
from streamlit.testing.v1 import AppTest

from services.data.target_kind import TargetKind
from services.evaluation.model_comparison import MetricDifference


def drawn(found: MetricDifference | None, kind: TargetKind, loss: MetricDifference | None = None) -> AppTest:
    page = AppTest.from_function(_headline, args=(found, kind, loss), default_timeout=150)
    page.run()
    assert not page.exception
    return page


def _headline(found, kind, loss):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    from pages.components.tune import other_targets
    from tests.pages.test_caches import DATA

    other_targets.headline(found, replace(DATA, kind=kind, rows={"validation": 490}), "validation", loss)


def test_a_higher_accuracy_is_an_improvement() -> None:
    page = drawn(MetricDifference(0.661, 0.682, 0.005, 0.037), TargetKind.CLASSES)
    assert page.success[0].value == (
        "The search improved the model. On 490 validation rows, accuracy went from 0.661 to 0.682 "
        "(95 % interval of the difference +0.005 to +0.037)."
    )


def test_a_lower_error_is_an_improvement_and_a_higher_one_is_not() -> None:
    assert drawn(MetricDifference(2.0, 1.5, -0.6, -0.4), TargetKind.NUMBER).success
    assert drawn(MetricDifference(1.5, 2.0, 0.4, 0.6), TargetKind.NUMBER).warning


@pytest.mark.parametrize("kind", [TargetKind.CLASSES, TargetKind.NUMBER])
def test_what_chance_explains_is_no_improvement(kind: TargetKind) -> None:
    assert drawn(MetricDifference(1.0, 1.1, -0.1, 0.3), kind).info[0].value.startswith("No significant improvement.")


def test_few_rows_say_nothing() -> None:
    assert "too few" in drawn(None, TargetKind.NUMBER).info[0].value


def test_the_log_loss_of_probabilities_is_told_beside_accuracy() -> None:
    moved, loss = MetricDifference(0.661, 0.682, 0.005, 0.037), MetricDifference(0.91, 0.8, -0.15, -0.07)
    page = drawn(moved, TargetKind.CLASSES, loss)
    assert (
        "Log loss went from 0.910 to 0.800 (95 % interval of the difference −0.150 to −0.070)." in page.success[0].value
    )
