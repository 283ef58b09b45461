"""The training jobs of this month, ended ones among them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.aws.account import Account
from services.aws.errors import AwsError
from services.costs.cost_intervals import cost
from services.costs.jobs_of_month import JobsOfMonth, job_interval, jobs
from services.inventory.resources import Failure
from services.pricing.price_book import LIST_PRICES
from tests.local_service import LocalService
from tests.services.training_factory import make_model

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DENIED = AwsError("Search on AWS", "not authorized", "Ask for the IAM action", "AccessDeniedException")


def make_job(**more: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": "fraud",
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2},
        "TrainingStartTime": NOW - timedelta(hours=2),
        **more,
    }


def test_a_job_costs_all_its_instances() -> None:
    interval = job_interval(make_job(TrainingEndTime=NOW), "us-east-1", LIST_PRICES)

    assert cost([interval], NOW - timedelta(days=1), NOW) == pytest.approx(0.92)


def test_of_spot_capacity_only_the_billed_share_counts() -> None:
    interval = job_interval(make_job(TrainingTimeInSeconds=100, BillableTimeInSeconds=25), "us-east-1", LIST_PRICES)

    assert interval.usd_per_hour == pytest.approx(0.115)


@dataclass(frozen=True)
class FakeAccount(Account):
    """One job in every region but eu-west-1, where nothing may be asked; and one that still waits for instances."""

    title: str = "AWS"
    region: str = "us-east-1"

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if self.region == "eu-west-1":
            raise DENIED
        waiting = make_job()
        del waiting["TrainingStartTime"]
        return {"Results": [{"TrainingJob": make_job()}, {"TrainingJob": waiting}]}


def test_every_region_is_asked_and_one_that_refuses_is_told() -> None:
    asked = JobsOfMonth([FakeAccount(), FakeAccount(region="eu-west-1")], NOW)
    asked.wait(60)

    told = asked.partial_result()

    assert [(interval.name, interval.region) for interval in told.intervals] == [("fraud", "us-east-1")]
    assert told.regions == ("us-east-1",)
    assert told.failures == (Failure("Training jobs of this month", str(DENIED), "eu-west-1"),)


@pytest.mark.slow
def test_a_job_that_ended_on_the_service_is_found_with_its_time(local: LocalService) -> None:
    job = make_model(local.account)

    (interval,) = [each for each in jobs(local.account, datetime.now(UTC), LIST_PRICES) if each.name == job.name]

    assert (interval.start, interval.end, interval.usd_per_hour) == (job.started, job.ended, 0.24)
