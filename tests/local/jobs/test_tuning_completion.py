"""When a search has found enough."""

from typing import Any

import pytest

from services.local.jobs.tuning_completion import jobs_without_improvement, met_criterion


@pytest.mark.parametrize(
    ("values", "maximise", "calm"),
    [
        ([], True, 0),
        ([0.5], True, 0),
        ([0.5, 0.7, 0.7, 0.6], True, 2),
        ([0.5, 0.7, 0.4], False, 0),
        ([0.8, 0.807, 0.8], True, 2),  # less than 1 % better
        ([0.5, 0.505], True, 0),
        ([0.5, 0.496], False, 1),
        ([-2.0, -1.99, -1.9], True, 0),
        ([0.0, 0.0], True, 1),
        ([0.0, 0.001], True, 0),
    ],
)
def test_jobs_that_are_not_better_by_1_percent_are_counted(values: list[float], maximise: bool, calm: int) -> None:
    assert jobs_without_improvement(values, maximise) == calm


@pytest.mark.parametrize(
    ("criteria", "values", "maximise", "met"),
    [
        ({}, [0.9] * 99, True, None),
        ({"TargetObjectiveMetricValue": 0.8}, [0.7], True, None),
        ({"TargetObjectiveMetricValue": 0.8}, [0.7, 0.8], True, "TargetObjectiveMetricValue"),
        ({"TargetObjectiveMetricValue": 0.8}, [0.9, 0.7], False, "TargetObjectiveMetricValue"),
        (
            {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 2}},
            [0.9, 0.8, 0.9],
            True,
            "BestObjectiveNotImproving",
        ),
        (
            {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 2}},
            [0.9, 0.901, 0.902],
            True,
            "BestObjectiveNotImproving",
        ),
        ({"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}, [0.9] * 10, True, None),
        ({"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}, [0.9] * 13, True, "ConvergenceDetected"),
        (
            {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}},
            [0.9 + number / 1000 for number in range(13)],
            True,
            None,
        ),
        ({"ConvergenceDetected": {"CompleteOnConvergence": "Disabled"}}, [0.9] * 13, True, None),
    ],
)
def test_a_criterion_is_met_by_its_own_rule(
    criteria: dict[str, Any], values: list[float], maximise: bool, met: str | None
) -> None:
    assert met_criterion(criteria, values, maximise, searched=4) == met
