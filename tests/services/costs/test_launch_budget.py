"""Launch budget, over an account whose S3 and jobs are dictionaries."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.costs import launch_budget
from services.costs.launch_budget import LaunchBudget
from services.errors import Problem
from services.pricing.price_book import LIST_PRICES
from tests.services.fake_s3 import FakeS3

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@dataclass(frozen=True)
class FakeAccount(FakeS3):
    """`jobs` as DescribeTrainingJob answers them."""

    jobs: list[dict[str, Any]] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "list_training_jobs":
            since = parameters["CreationTimeAfter"]
            return {"TrainingJobSummaries": [job for job in self.jobs if job["CreationTime"] > since]}
        if operation == "describe_training_job":
            return next(job for job in self.jobs if job["TrainingJobName"] == parameters["TrainingJobName"])
        return super().call(service, operation, **parameters)


def make_job(name: str, created: datetime = NOW - timedelta(hours=2), **given: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{name}",
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "AlgorithmSpecification": {},
        "ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "CreationTime": created,
        **given,
    }


def make_account(*jobs: dict[str, Any], per_launch: float | None = None, per_day: float | None = None) -> FakeAccount:
    account = FakeAccount("AWS", "us-east-1", jobs=list(jobs))
    launch_budget.save(account, LaunchBudget(per_launch, per_day))
    return account


def refusal(account: FakeAccount, maximum: float | None) -> str:
    with pytest.raises(Problem) as raised:
        launch_budget.check(account, "cards", maximum, NOW, LIST_PRICES)
    return str(raised.value)


def test_without_limits_everything_may_be_launched_even_at_an_unknown_price() -> None:
    fresh = FakeAccount("AWS", "us-east-1")
    assert launch_budget.load(fresh) == LaunchBudget()
    launch_budget.check(fresh, "cards", None, NOW, LIST_PRICES)
    launch_budget.check(fresh, "cards", 1e6, NOW, LIST_PRICES)


def test_what_is_kept_is_what_is_loaded_and_lies_in_s3_with_a_version() -> None:
    account = make_account(per_launch=1, per_day=5.5)
    assert launch_budget.load(account) == LaunchBudget(1, 5.5)
    address, document = next(iter(account.objects.items()))
    assert address == "s3://sagemaker-us-east-1-123456789012/sagedeck/limits.json"
    assert b'"version": 1' in document


def test_a_launch_beyond_its_limit_is_refused_with_the_reason() -> None:
    account = make_account(per_launch=1)
    assert refusal(account, 2.4) == (
        "Launch cards: it may cost up to $2.40 and your limit per launch is $1.00. "
        "Lower the maximum time or raise the limit in Settings."
    )
    launch_budget.check(account, "cards", 1.0, NOW, LIST_PRICES)


def test_a_launch_beyond_the_days_limit_is_refused_with_what_the_day_has_cost() -> None:
    account = make_account(
        make_job("billed", BillableTimeInSeconds=5400),
        make_job("running", TrainingStartTime=NOW - timedelta(hours=1), TrainingJobStatus="InProgress"),
        make_job("starting", TrainingJobStatus="InProgress"),
        make_job("yesterday", NOW - timedelta(days=1), BillableTimeInSeconds=360_000),
        per_day=1,
    )
    assert launch_budget.spent_today(account, NOW, LIST_PRICES) == pytest.approx(0.24 * 2.5)
    assert refusal(account, 0.5) == (
        "Launch cards: it may cost up to $0.50, today's jobs have cost $0.60, and your limit per day is $1.00. "
        "Lower the maximum time or raise the limit in Settings."
    )
    launch_budget.check(account, "cards", 0.4, NOW, LIST_PRICES)


def test_an_unknown_price_is_refused_where_a_limit_is_set() -> None:
    assert refusal(make_account(per_launch=1), None) == (
        "Launch cards: its price is unknown, so your limit cannot be checked. "
        "Choose an instance type with a known price, or remove the limit in Settings."
    )


def test_a_day_with_a_job_of_unknown_price_is_refused() -> None:
    strange = make_job("strange", ResourceConfig={"InstanceType": "ml.new.huge", "InstanceCount": 1})
    assert refusal(make_account(strange, per_day=9), 0.1).startswith(
        "Today's job strange: the price of ml.new.huge is unknown"
    )


def test_less_than_nothing_is_no_limit() -> None:
    with pytest.raises(Problem, match=r"^Limits: \$-1\.00 is negative"):
        make_account(per_day=-1)
