"""What a job will take, told from jobs like it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.aws.account import Account
from services.training import jobs as training_jobs
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


def test_all_jobs_with_as_many_rounds_tell_and_not_only_the_latest() -> None:
    found = estimate(
        make_job("slow", seconds=300), make_job("usual"), make_job("usual too", seconds=64), make_job("few", rounds=20)
    )
    assert found == Estimate(64.0, 3)


def test_jobs_with_other_rounds_tell_by_scaling_and_say_so() -> None:
    found = estimate(make_job("short", rounds=20, seconds=30), make_job("long", rounds=1000, seconds=1000))
    assert found == Estimate(125.0, 2, scaled=True)


class ManyJobs(Account):
    """An account of 250 completed jobs on the data set and one on a set whose name only begins so, by Search."""

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        assert (service, operation, parameters["Resource"]) == ("sagemaker", "search", "TrainingJob")
        begin = int(parameters.get("NextToken", 0))
        numbers = range(begin, min(begin + parameters["MaxResults"], 251))
        more = {} if numbers[-1] == 250 else {"NextToken": str(numbers[-1] + 1)}
        return {"Results": [{"TrainingJob": self.record(number)} for number in numbers], **more}

    def record(self, number: int) -> dict[str, Any]:
        folder = "cards-2" if number == 250 else "cards"
        source = {"S3DataSource": {"S3Uri": f"s3://bucket/sagedeck/data/{folder}/train/"}}
        return {
            "TrainingJobName": f"job-{number}",
            "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:1:training-job/job-{number}",
            "TrainingJobStatus": "Completed",
            "SecondaryStatus": "Completed",
            "AlgorithmSpecification": {"TrainingImage": "1.dkr/xgboost:1"},
            "InputDataConfig": [{"ChannelName": "train", "DataSource": source}],
            "ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "HyperParameters": {"num_round": "100"},
            "BillableTimeInSeconds": 100 if number < 125 else 60,
            "CreationTime": WHEN,
        }


def test_an_estimate_rests_on_every_completed_job_of_the_data_set_however_old() -> None:
    past = training_jobs.completed_on(ManyJobs("AWS", "us-east-1"), "s3://bucket/sagedeck/data/cards")
    assert estimate(*past) == Estimate(80.0, 250)


@pytest.mark.parametrize(
    "other",
    [
        make_job("failed", status="Failed"),
        make_job("unbilled", seconds=None),
        replace(make_job("other data"), channels={"train": "s3://bucket/else/"}),
        replace(make_job("other machine"), instance_type="ml.m5.xlarge"),
        replace(make_job("more machines"), instance_count=2),
        replace(make_job("no training data"), channels={}),
        replace(make_job("unknown rounds"), image="1.dkr/own:1"),
    ],
    ids=lambda job: job.name,
)
def test_a_job_unlike_it_tells_nothing(other: TrainingJob) -> None:
    assert estimate(other) is None


def test_whatever_it_ran_on_tells_when_no_machine_is_named_and_shares_of_the_data_are_the_data() -> None:
    shared = replace(make_job("shared"), channels={"train": "s3://bucket/sagedeck/data/cards/shards-2/"})
    other = replace(shared, instance_type="ml.m5.xlarge", instance_count=2)
    assert expected_cost([other], "s3://bucket/sagedeck/data/cards", None, 100) == Estimate(60.0, 1)
    assert expected_cost([other], "s3://bucket/sagedeck/data/card", None, 100) is None


def test_what_spot_saved_here_is_the_share_of_time_not_billed() -> None:
    spot = replace(make_job("spot", seconds=30), max_wait=3600, training_seconds=100)
    assert spot_saving([make_job("full"), spot]) == pytest.approx(0.7)
    assert spot_saving([make_job("full")]) is None


def test_spot_jobs_that_failed_or_whose_times_are_unknown_save_nothing() -> None:
    spot = replace(make_job("spot", seconds=30), max_wait=3600, training_seconds=100)
    failed = replace(spot, status=JobStatus.FAILED, billable_seconds=100)
    unknown, unbilled = replace(spot, training_seconds=None), replace(spot, billable_seconds=None)
    assert spot_saving([failed, unknown, spot]) == pytest.approx(0.7)
    assert spot_saving([spot, unbilled]) == pytest.approx(1 - 30 / 200)
    assert spot_saving([replace(make_job("full"), training_seconds=100)]) is None
