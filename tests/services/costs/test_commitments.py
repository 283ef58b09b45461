"""What today's launches have cost and may still cost, as SageMaker tells of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.aws.errors import AwsError
from services.costs import commitments, ledger
from services.costs.commitments import Commitment, Day
from services.costs.ledger import LedgerEntry
from services.errors import Problem
from services.inventory.resources import ResourceKind
from services.pricing.price_book import LIST_PRICES
from tests.services.costs.launch_account import (
    NOW,
    RATE,
    TYPE,
    FakeAccount,
    make_account,
    make_endpoint,
    make_job,
    make_transform_job,
    make_tuning_job,
)

DAY = Day(NOW, LIST_PRICES)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
HOUR = timedelta(hours=1)
TWO = {"InstanceType": TYPE, "InstanceCount": 2}
TRIAL: dict[str, Any] = {"TuningJobArn": "arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/search"}


def committed(*resources: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Dollars by kind and name."""
    found = commitments.read(make_account(*resources), DAY)
    return {(each.kind, each.name): pytest.approx(each.usd) for each in found}


def refusal(*resources: dict[str, Any]) -> str:
    with pytest.raises(Problem) as caught:
        commitments.read(make_account(*resources), DAY)
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "hours"),
    [
        ({"BillableTimeInSeconds": 1800}, 0.5),
        ({"TrainingStartTime": NOW - 2 * HOUR, "TrainingEndTime": NOW - HOUR}, 1),
        ({"TrainingStartTime": NOW - 2 * HOUR, "TrainingEndTime": NOW, "BillableTimeInSeconds": 1800}, 0.5),
        ({"TrainingStartTime": NOW - 2 * HOUR}, 2),
        ({}, 0),
        # Of a spot job across midnight the same share of what was billed as of its time.
        (
            {
                "TrainingStartTime": MIDNIGHT - HOUR,
                "TrainingEndTime": MIDNIGHT + 3 * HOUR,
                "BillableTimeInSeconds": 7200,
            },
            1.5,
        ),
        # It took no time that can be divided.
        ({"TrainingStartTime": NOW, "TrainingEndTime": NOW, "BillableTimeInSeconds": 1800}, 0.5),
    ],
)
def test_both_instances_of_an_ended_job_count_for_what_was_billed_since_midnight(
    given: dict[str, Any], hours: float
) -> None:
    job = make_job("cards", NOW - HOUR, TrainingJobStatus="Stopped", ResourceConfig=TWO, **given)
    assert committed(job) == {(ResourceKind.TRAINING_JOB, "cards"): 2 * RATE * hours}


@pytest.mark.parametrize(("moment", "hours"), [(MIDNIGHT, 0.5), (MIDNIGHT - timedelta(seconds=1), 0)])
def test_a_job_of_no_time_counts_on_the_day_it_ended(moment: datetime, hours: float) -> None:
    times: dict[str, Any] = {"TrainingStartTime": moment, "TrainingEndTime": moment, "LastModifiedTime": NOW}
    job = make_job("cards", BillableTimeInSeconds=1800, **times)
    assert committed(job) == {(ResourceKind.TRAINING_JOB, "cards"): RATE * hours}


@pytest.mark.parametrize(
    ("given", "hours"),
    [
        ({}, 1),
        ({"TrainingStartTime": NOW - HOUR / 2}, 1),
        ({"TrainingStartTime": MIDNIGHT - HOUR / 4}, 0.75),
        ({"TrainingStartTime": MIDNIGHT - 9 * HOUR}, 0),
    ],
)
def test_both_instances_of_an_active_job_count_up_to_its_time_limit(given: dict[str, Any], hours: float) -> None:
    job = make_job("cards", MIDNIGHT - 10 * HOUR, TrainingJobStatus="InProgress", ResourceConfig=TWO, **given)
    assert committed(job) == {(ResourceKind.TRAINING_JOB, "cards"): 2 * RATE * hours}


def test_a_search_counts_both_instances_of_every_trial_and_its_trials_not_once_more() -> None:
    search = make_tuning_job("search", launched=2)
    search["TrainingJobDefinition"]["ResourceConfig"] = TWO
    trials = [
        make_job("search-1", ResourceConfig=TWO, BillableTimeInSeconds=900, **TRIAL),
        make_job("search-2", ResourceConfig=TWO, TrainingJobStatus="InProgress", **TRIAL),
        make_job("cards", BillableTimeInSeconds=900),
    ]
    assert committed(search, *trials) == {
        (ResourceKind.TUNING_JOB, "search"): 2 * RATE * (0.25 + 1 + 8),
        (ResourceKind.TRAINING_JOB, "cards"): RATE * 0.25,
    }


def test_the_trials_of_an_ended_search_count_as_jobs_and_the_search_itself_nothing() -> None:
    trial = make_job("search-1", BillableTimeInSeconds=900, **TRIAL)
    assert committed(make_tuning_job("search", launched=1, status="Stopped"), trial) == {
        (ResourceKind.TUNING_JOB, "search"): 0,
        (ResourceKind.TRAINING_JOB, "search-1"): RATE * 0.25,
    }


def test_of_a_search_of_several_algorithms_the_most_expensive_counts() -> None:
    search = make_tuning_job("search")
    usual = search.pop("TrainingJobDefinition")
    twice = {"ResourceConfig": TWO, "StoppingCondition": {"MaxRuntimeInSeconds": 2700}}
    search["TrainingJobDefinitions"] = [usual, twice, usual]
    assert committed(search) == {(ResourceKind.TUNING_JOB, "search"): 10 * 2 * RATE * 0.75}


def test_trials_whose_number_of_instances_is_not_told_have_one() -> None:
    search = make_tuning_job("search")
    search["TrainingJobDefinition"]["ResourceConfig"] = {"InstanceType": TYPE}
    assert committed(search) == {(ResourceKind.TUNING_JOB, "search"): 10 * RATE}


def test_a_search_that_has_launched_all_its_trials_launches_no_more() -> None:
    search = make_tuning_job("search", launched=11)
    assert committed(search) == {(ResourceKind.TUNING_JOB, "search"): 0}


def test_a_search_with_a_time_limit_counts_what_its_trials_cost_and_what_they_can_in_the_time_that_is_left() -> None:
    search = make_tuning_job("search", launched=2, MaxRuntimeInSeconds=5400)  # half an hour is left
    trials = [
        make_job("search-1", BillableTimeInSeconds=900, **TRIAL),
        make_job("search-2", TrainingStartTime=NOW - HOUR / 4, TrainingJobStatus="InProgress", **TRIAL),
    ]
    assert committed(search, *trials) == {(ResourceKind.TUNING_JOB, "search"): RATE * (0.25 + 0.25 + 2 * 0.5)}


def test_a_search_with_a_time_limit_counts_no_more_than_all_its_trials() -> None:
    search = make_tuning_job("search", MaxRuntimeInSeconds=90_000, MaxNumberOfTrainingJobs=3)
    assert committed(search) == {(ResourceKind.TUNING_JOB, "search"): 3 * RATE}


@pytest.mark.parametrize(
    ("status", "given", "hours"),
    [
        ("InProgress", {"TransformStartTime": NOW - HOUR / 2}, 9.5),
        ("InProgress", {}, 10),  # from its creation an hour ago
        ("InProgress", {"TransformStartTime": MIDNIGHT - HOUR}, 24),
        ("Completed", {"TransformStartTime": NOW - HOUR, "TransformEndTime": NOW - HOUR / 2}, 0.5),
        ("Completed", {"TransformStartTime": MIDNIGHT - HOUR, "TransformEndTime": MIDNIGHT + HOUR}, 1),
        ("Failed", {"TransformEndTime": NOW}, 0),
        ("Failed", {"TransformStartTime": NOW}, 0),
    ],
)
def test_both_instances_of_a_transform_job_count(status: str, given: dict[str, Any], hours: float) -> None:
    job = make_transform_job("scores", status, **given, TransformResources=TWO)
    assert committed(job) == {(ResourceKind.TRANSFORM_JOB, "scores"): 2 * RATE * hours}


def test_both_instances_of_an_endpoint_count_until_midnight_also_of_one_that_is_being_updated() -> None:
    endpoint, config = make_endpoint("fraud", MIDNIGHT - 3 * HOUR)
    endpoint["ProductionVariants"] = [{**endpoint["ProductionVariants"][0], "CurrentInstanceCount": 2}]
    for status in ("InService", "Updating"):
        assert committed({**endpoint, "EndpointStatus": status}, config) == {
            (ResourceKind.ENDPOINT, "fraud"): 2 * RATE * 24
        }


@pytest.mark.parametrize("status", commitments.BILLING_NOTHING)
def test_an_endpoint_that_is_going_or_never_came_bills_nothing(status: str) -> None:
    endpoint, config = make_endpoint("fraud")
    assert committed({**endpoint, "EndpointStatus": status}, config) == {}


class Losing(FakeAccount):
    """An account that tells of an endpoint and then cannot describe it."""

    code = "ValidationException"

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "describe_endpoint":
            raise AwsError("Endpoint fraud", 'Could not find endpoint "fraud".', "Look again", self.code)
        return super().call(service, operation, **parameters)


class Denying(Losing):
    code = "AccessDeniedException"


def test_an_endpoint_that_was_deleted_in_the_meantime_bills_nothing_and_one_that_cannot_be_read_is_told() -> None:
    resources = [*make_endpoint("fraud")]
    assert commitments.read(Losing("AWS", "us-east-1", resources=resources), DAY) == []
    with pytest.raises(AwsError, match="Could not find endpoint"):
        commitments.read(Denying("AWS", "us-east-1", resources=resources), DAY)


DELETED = LedgerEntry(
    NOW, "arn:me", ResourceKind.ENDPOINT, "fraud", ("DeleteEndpoint",), 2.0, "Deleting", "us-east-1", NOW - HOUR
)


@pytest.mark.parametrize(
    ("given", "usd"),
    [
        ({}, 2.0),
        ({"region": ""}, 2.0),
        ({"since": MIDNIGHT - HOUR, "at": MIDNIGHT + HOUR / 2}, 1.0),
        ({"usd_per_hour": None}, 0.0),
        ({"region": "eu-west-1"}, None),
        ({"kind": ResourceKind.STUDIO_APP}, None),
        ({"since": None}, None),
    ],
)
def test_endpoints_of_the_region_that_were_deleted_today_count_until_then(
    given: dict[str, Any], usd: float | None
) -> None:
    account = make_account()
    ledger.append(account, replace(DELETED, **given), "run-0")
    expected = [] if usd is None else [Commitment(ResourceKind.ENDPOINT, "fraud", usd)]
    assert commitments.read(account, DAY) == expected


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        (
            [make_job("cards", ResourceConfig={"InstanceType": "ml.z9.huge", "InstanceCount": 1})],
            "Today's job cards: the price of ml.z9.huge is unknown",
        ),
        (
            [make_job("cards", TrainingJobStatus="InProgress", ResourceConfig={"InstanceCount": 1})],
            "Today's job cards: the price of its instances is unknown",
        ),
        (
            [
                {
                    **make_tuning_job("search"),
                    "TrainingJobDefinition": {"StoppingCondition": {"MaxRuntimeInSeconds": 60}},
                }
            ],
            "Today's tuning job search: the price of its instances is unknown",
        ),
        (
            [make_transform_job("scores", TransformResources={"InstanceType": "ml.z9.huge", "InstanceCount": 1})],
            "Today's transform job scores: the price of ml.z9.huge is unknown",
        ),
    ],
)
def test_what_has_no_known_price_is_told_with_the_remedy(resources: list[dict[str, Any]], said: str) -> None:
    assert refusal(*resources) == f"{said}, so your daily limit cannot be checked. Remove the daily limit in Settings."


def test_an_endpoint_of_unknown_price_is_told() -> None:
    endpoint, config = make_endpoint("fraud")
    strange = [{**endpoint["ProductionVariants"][0], "InstanceType": "ml.z9.huge"}]
    resources = {**endpoint, "ProductionVariants": strange}, {**config, "ProductionVariants": strange}
    assert refusal(*resources) == (
        "Today's endpoint fraud: its price is unknown, so your daily limit cannot be checked. "
        "Remove the daily limit in Settings."
    )


def test_the_rest_of_the_day_costs_its_hours_until_midnight() -> None:
    assert commitments.rest_of_day(2.0, NOW + timedelta(minutes=30, seconds=36)) == pytest.approx(16.98)
    assert commitments.rest_of_day(3600.0, DAY.end - timedelta(milliseconds=500)) == pytest.approx(0.5)
    assert commitments.rest_of_day(None, NOW) is None


def test_a_day_begins_and_ends_at_midnight_utc() -> None:
    day = Day(NOW + timedelta(minutes=5, seconds=6, microseconds=7), LIST_PRICES)
    assert (day.start, day.end) == (MIDNIGHT, MIDNIGHT + 24 * HOUR)
