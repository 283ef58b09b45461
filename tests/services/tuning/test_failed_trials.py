"""Trials that learned nothing, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.training.jobs import JobStatus
from services.tuning import constant_answer, failed_trials
from services.tuning.failed_trials import FailedTrials
from services.tuning.jobs import Trial, TuningJob
from services.tuning.search_space import TUTORIAL_RANGES
from tests.services.training.test_launch_warnings import make_plan
from tests.services.tuning.trial_factory import make_trial

FRAUD = make_plan({}, positives=348, rows=199_364).data
STUCK: dict[str, Any] = {"eta": 0.5, "min_child_weight": 6}
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"


def make_search(**given: Any) -> TuningJob:
    """A search that has ended, which nobody has launched."""
    return TuningJob(
        **{
            **{"name": "search", "arn": "arn", "status": JobStatus.COMPLETED, "objective": "validation:auc"},
            **{"maximise": True, "strategy": "Random", "ranges": TUTORIAL_RANGES, "train_channel": "s3://mine/train"},
            **{"fixed": {"objective": "binary:logistic"}, "max_jobs": 4, "parallel": 2, "max_runtime": None},
            **{"parents": (), "launched": 4, "done": 4, "created": datetime(2026, 11, 24, tzinfo=UTC), "ended": None},
            **{"instance_type": "ml.m5.xlarge", "instance_count": 1, "best": "trial-1", "best_value": 0.98},
            **{"overall_best": None, "overall_value": None, "failure": None, "image": IMAGE},
            **given,
        }
    )


def found(*trials: Trial, **given: Any) -> FailedTrials | None:
    """Those of `trials` on card fraud that learned nothing."""
    return failed_trials.find(make_search(**given), trials, FRAUD, constant_answer.of_classes("auc", FRAUD))


def test_trials_near_a_constant_answer_failed_and_the_others_did_not() -> None:
    failed = found(make_trial(1, 0.98), make_trial(2, 0.43), make_trial(3, 0.5), make_trial(4, 0.91))
    assert failed is not None
    assert sorted(failed.names) == ["trial-2", "trial-3"]
    assert (failed.scored, failed.constant) == (4, 0.5)


def test_steps_too_large_for_the_class_are_named_with_their_remedy() -> None:
    failed = found(make_trial(1, 0.98, eta=0.1, min_child_weight=6), make_trial(2, 0.43, **STUCK))
    assert failed is not None
    assert (failed.overshot, failed.positives, failed.remedy) == (1, 348, {"max_delta_step": "1"})
    assert failed.positive_weight == pytest.approx(0.607, abs=0.001)


@pytest.mark.parametrize(
    ("settings", "given"),
    [
        ({"eta": 0.05, "min_child_weight": 6}, {}),
        (STUCK, {"image": IMAGE.replace("3.2-0", "1.7-1")}),
        (STUCK, {"fixed": {"objective": "binary:logistic", "max_delta_step": "1"}}),
    ],
    ids=["small steps", "an image that starts from 0.5", "limited steps"],
)
def test_no_cause_is_named_that_does_not_hold(settings: dict[str, Any], given: dict[str, Any]) -> None:
    failed = found(make_trial(1, 0.98), make_trial(2, 0.43, **settings), **given)
    assert failed is not None
    assert not failed.remedy


def test_trials_that_were_stopped_failed_or_have_no_value_are_not_counted() -> None:
    others = [
        make_trial(2, 0.4, status=JobStatus.STOPPED),
        make_trial(3, status=JobStatus.FAILED),
        make_trial(4),
    ]
    assert found(make_trial(1, 0.98), *others) is None


def test_on_unknown_data_the_failure_is_told_and_no_cause() -> None:
    trials = [make_trial(1, 0.98), make_trial(2, 0.43, **STUCK)]
    failed = failed_trials.find(make_search(), trials, None, constant_answer.of_ranking("auc"))
    assert failed is not None
    assert sorted(failed.names) == ["trial-2"]
    assert not failed.remedy


def test_where_a_constant_answer_is_unknown_nothing_is_said() -> None:
    assert failed_trials.find(make_search(), [make_trial(1, 0.1)], FRAUD, None) is None
