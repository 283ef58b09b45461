"""What a job will take, told from jobs like it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.training.estimates import Estimate, expected_cost, spot_saving
from services.training.jobs import JobStatus, TrainingJob

WHEN = datetime(2026, 11, 24, tzinfo=UTC)
CHANNEL = "s3://bucket/sagedeck/data/cards/train/"


def make_job(name: str, rounds: int = 100, seconds: int | None = 60, status: str = "Completed") -> TrainingJob:
    return TrainingJob(
        name=name,
        status=JobStatus(status),
        secondary=status,
        transitions=(),
        hyperparameters={"num_round": str(rounds)},
        channels={"train": CHANNEL},
        image="1.dkr/xgboost:1",
        instance_type="ml.m4.xlarge",
        instance_count=1,
        max_runtime=3600,
        created=WHEN,
        started=WHEN,
        ended=WHEN,
        billable_seconds=seconds,
        metrics={},
        model_uri=None,
        failure=None,
        tuning_job=None,
    )


def estimate(*past: TrainingJob, rounds: int | None = 100) -> Estimate | None:
    return expected_cost(past, "s3://bucket/sagedeck/data/cards", ("ml.m4.xlarge", 1), rounds)


def test_the_latest_job_with_as_many_rounds_tells() -> None:
    found = estimate(make_job("newer", rounds=20), make_job("older"), make_job("oldest", seconds=99))
    assert found == Estimate(60.0, "older", 60.0)


def test_a_job_with_other_rounds_tells_by_scaling_and_says_so() -> None:
    assert estimate(make_job("short", rounds=20, seconds=30)) == Estimate(150.0, "short", 30.0, rounds=20)


@pytest.mark.parametrize(
    "other",
    [
        make_job("failed", status="Failed"),
        make_job("unbilled", seconds=None),
        replace(make_job("other data"), channels={"train": "s3://bucket/else/"}),
        replace(make_job("other machine"), instance_type="ml.m5.xlarge"),
        replace(make_job("more machines"), instance_count=2),
    ],
    ids=lambda job: job.name,
)
def test_a_job_unlike_it_tells_nothing(other: TrainingJob) -> None:
    assert estimate(other) is None


def test_whatever_it_ran_on_tells_when_no_machine_is_named_and_shares_of_the_data_are_the_data() -> None:
    shared = replace(make_job("shared"), channels={"train": "s3://bucket/sagedeck/data/cards/shards-2/"})
    other = replace(shared, instance_type="ml.m5.xlarge", instance_count=2)
    assert expected_cost([other], "s3://bucket/sagedeck/data/cards", None, 100) == Estimate(60.0, "shared", 60.0)
    assert expected_cost([other], "s3://bucket/sagedeck/data/card", None, 100) is None


def test_what_spot_saved_here_is_the_share_of_time_not_billed() -> None:
    spot = replace(make_job("spot", seconds=30), max_wait=3600, training_seconds=100)
    assert spot_saving([make_job("full"), spot]) == pytest.approx(0.7)
    assert spot_saving([make_job("full")]) is None
