"""Launch budget, over an account whose S3, jobs and endpoints are dictionaries."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.aws.documents import UnreadableDocumentError
from services.aws.errors import AwsError
from services.costs import launch_budget, ledger, reservations
from services.costs.launch_budget import DayBudget, Launch, LaunchBudget
from services.costs.ledger import LedgerEntry
from services.errors import Problem
from services.inventory.resources import ResourceKind
from services.pricing.price_book import LIST_PRICES
from tests.services.costs.launch_account import (
    NOW,
    RATE,
    FakeAccount,
    make_account,
    make_endpoint,
    make_job,
    make_transform_job,
    make_tuning_job,
)

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def launch(
    account: FakeAccount,
    maximum: float | None,
    start: Callable[[], str] = lambda: "cards-1",
    now: datetime = NOW,
    kind: ResourceKind = ResourceKind.TRAINING_JOB,
) -> str:
    return launch_budget.launch(account, Launch(kind, "cards", maximum), now, LIST_PRICES, start)


def test_a_launch_whose_reservation_arrived_twice_is_not_refused_for_its_own_sake() -> None:
    class Twice(FakeAccount):
        def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
            if operation == "put_object" and "IfNoneMatch" in parameters and "reservations" in parameters["Key"]:
                super().call(service, operation, **parameters)
            return super().call(service, operation, **parameters)

    account = Twice("AWS", "us-east-1")
    launch_budget.save(account, LaunchBudget(per_day=3.0))

    assert launch(account, 2.0) == "cards-1"


def refusal(account: FakeAccount, maximum: float | None, **given: Any) -> str:
    """Why a launch is refused; nothing is started."""

    def start() -> str:
        raise AssertionError("it was launched")

    with pytest.raises(Problem) as raised:
        launch(account, maximum, start, **given)
    return str(raised.value)


def taken(account: FakeAccount, now: datetime = NOW) -> float:
    today = launch_budget.today(account, now, LIST_PRICES)
    assert today
    return round(today.taken, 6)


def refuse() -> str:
    raise AwsError("Create training job", "the quota is 0", "Request a higher one", "ResourceLimitExceeded")


def test_without_limits_everything_may_be_launched_even_at_an_unknown_price() -> None:
    fresh = FakeAccount("AWS", "us-east-1")
    assert launch_budget.load(fresh) == LaunchBudget()
    assert [launch(fresh, None), launch(fresh, 1e6)] == ["cards-1", "cards-1"]
    assert not fresh.objects


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
    assert refusal(account, 2.4, kind=ResourceKind.ENDPOINT).endswith(
        "Choose a cheaper instance or raise the limit in Settings."
    )
    assert launch(account, 1.0) == "cards-1"


def test_a_launch_beyond_the_days_limit_is_refused_with_what_the_day_has_spent_or_reserved() -> None:
    account = make_account(
        make_job("billed", BillableTimeInSeconds=5400),
        make_job("running", TrainingStartTime=NOW - timedelta(minutes=30), TrainingJobStatus="InProgress"),
        make_job("starting", TrainingJobStatus="InProgress", StoppingCondition={"MaxRuntimeInSeconds": 1800}),
        make_job("yesterday", NOW - timedelta(days=1), BillableTimeInSeconds=360_000),
        per_day=1,
    )
    assert taken(account) == pytest.approx(RATE * (1.5 + 1 + 0.5))
    assert refusal(account, 0.5) == (
        "Launch cards: it may cost up to $0.50, today's launches have spent or reserved $0.72, and your limit per day "
        "is $1.00. Lower the maximum time or raise the limit in Settings."
    )
    assert launch(account, 0.28) == "cards-1"


def test_of_two_launches_for_the_last_dollar_one_is_refused() -> None:
    account = make_account(per_day=1)

    def first() -> str:  # while the first is being launched, a second dashboard asks
        assert "today's launches have spent or reserved $1.00" in refusal(account, 0.5)
        return "cards-1"

    launch(account, 1.0, first)
    assert "spent or reserved $1.00" in refusal(account, 0.01)


def test_a_writer_that_comes_between_reading_and_writing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account(per_day=1)
    read, others = reservations.commitments.read, iter([lambda: launch(account, 1.0)])

    def late(*given: Any) -> Any:
        for other in others:
            other()
        return read(*given)

    monkeypatch.setattr(reservations.commitments, "read", late)
    assert "spent or reserved $1.00" in refusal(account, 1.0)


def test_a_launch_that_aws_refuses_releases_what_it_had_reserved() -> None:
    account = make_account(per_day=1)
    with pytest.raises(AwsError):
        launch(account, 1.0, refuse)
    assert taken(account) == 0
    assert launch(account, 1.0) == "cards-1"


def test_a_launch_that_was_cut_short_reserves_for_an_hour() -> None:
    account = make_account(per_day=1)
    reservations.add(
        account, ResourceKind.TRAINING_JOB, "cards", 0.4, launch_budget.Day(NOW, LIST_PRICES), lambda dollars: None
    )
    assert taken(account, NOW + timedelta(minutes=59)) == 0.4
    assert taken(account, NOW + timedelta(minutes=61)) == 0


def test_a_reservation_shrinks_to_what_was_billed_once_the_job_has_ended() -> None:
    account = make_account(per_day=1)
    launch(account, 0.9)
    assert taken(account) == 0.9
    account.resources.append(make_job("cards-1", NOW, BillableTimeInSeconds=900))
    assert taken(account) == 0.06


def test_a_search_reserves_all_of_its_trials_and_shrinks_to_those_that_ran() -> None:
    account = make_account(make_tuning_job("search"), per_day=5)
    assert taken(account) == pytest.approx(10 * RATE)
    trial: dict[str, Any] = {
        "TuningJobArn": "arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/search"
    }
    account.resources[:] = [
        make_tuning_job("search", launched=2),
        make_job("search-001-0a1b2c3d", BillableTimeInSeconds=900, **trial),
        make_job("search-002-0a1b2c3d", TrainingJobStatus="InProgress", **trial),
    ]
    assert taken(account) == pytest.approx(RATE * (0.25 + 1 + 8))
    account.resources[0] = make_tuning_job("search", launched=2, status="Stopped")
    account.resources[2] = make_job("search-002-0a1b2c3d", BillableTimeInSeconds=1800, **trial)
    assert taken(account) == pytest.approx(RATE * 0.75)


def test_a_search_with_a_time_limit_reserves_no_more_than_its_parallel_trials_can_cost_in_it() -> None:
    account = make_account(make_tuning_job("search", MaxRuntimeInSeconds=7200), per_day=5)
    assert taken(account) == pytest.approx(2 * RATE * 1)  # an hour of two has passed


def test_an_endpoint_counts_its_rate_for_the_hours_of_the_day_and_again_after_midnight() -> None:
    account = make_account(*make_endpoint("fraud", NOW - timedelta(hours=1)), per_day=9)
    assert taken(account) == pytest.approx(10 * RATE)
    assert taken(account, NOW + timedelta(days=1)) == pytest.approx(24 * RATE)


def test_an_endpoint_deleted_with_sagedeck_counts_until_then() -> None:
    account = make_account(per_day=9)
    launch(account, 9 * RATE, lambda: "fraud", kind=ResourceKind.ENDPOINT)
    by, calls = "arn:aws:iam::123456789012:user/ann", ("DeleteEndpoint",)
    entry = LedgerEntry(
        NOW + timedelta(hours=2), by, ResourceKind.ENDPOINT, "fraud", calls, RATE, "Deleting", "us-east-1", NOW
    )
    ledger.append(account, entry, "run-0")
    assert taken(account, NOW + timedelta(hours=3)) == pytest.approx(2 * RATE)


def test_an_endpoint_deleted_elsewhere_counts_until_that_was_noticed() -> None:
    account = make_account(per_day=9)
    launch(account, 9 * RATE, lambda: "fraud", kind=ResourceKind.ENDPOINT)
    launch(account, 0.0, lambda: "other", now=NOW + timedelta(hours=3))
    assert taken(account, NOW + timedelta(hours=6)) == pytest.approx(3 * RATE)


def test_a_failed_endpoint_bills_nothing() -> None:
    endpoint, config = make_endpoint("fraud")
    assert taken(make_account({**endpoint, "EndpointStatus": "Failed"}, config, per_day=9)) == 0


def test_a_transform_job_counts_until_midnight_while_it_runs_and_then_what_it_took() -> None:
    start = NOW - timedelta(minutes=30)
    account = make_account(make_transform_job("scores", TransformStartTime=start), per_day=9)
    assert taken(account) == pytest.approx(9.5 * RATE)
    ended = {"TransformStartTime": start, "TransformEndTime": NOW}
    account.resources[:] = [make_transform_job("scores", "Completed", **ended)]
    assert taken(account) == pytest.approx(0.5 * RATE)


def test_after_midnight_yesterdays_launches_count_only_what_they_cost_today() -> None:
    account = make_account(per_day=1)
    before, after = MIDNIGHT - timedelta(minutes=30), MIDNIGHT + timedelta(minutes=10)
    launch(account, 1.0, now=before)
    account.resources.append(
        make_job(
            "cards-1", before, TrainingStartTime=before, TrainingJobStatus="InProgress", SecondaryStatus="Training"
        )
    )
    assert taken(account, after) == pytest.approx(RATE / 2)
    account.resources[:] = [
        make_job("cards-1", before, TrainingStartTime=before, TrainingEndTime=after, BillableTimeInSeconds=2400)
    ]
    assert taken(account, after) == pytest.approx(RATE / 6)


def test_a_launch_under_way_at_midnight_still_counts() -> None:
    account = make_account(per_day=1)

    def across() -> str:
        assert taken(account, MIDNIGHT + timedelta(seconds=1)) == 1.0
        return "cards-1"

    assert launch(account, 1.0, across, now=MIDNIGHT - timedelta(seconds=1)) == "cards-1"


@pytest.mark.parametrize("body", [b"{}", b"<html>", b'{"version": 99}'])
def test_damaged_reservations_let_nothing_be_launched(body: bytes) -> None:
    account = make_account(per_day=9)
    account.objects[str(reservations.address(account))] = body
    with pytest.raises(UnreadableDocumentError):
        launch(account, 0.01)
    assert account.objects[str(reservations.address(account))] == body


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
    with pytest.raises(Problem) as raised:
        make_account(per_day=-1)
    assert str(raised.value) == ("Limits: $-1.00 is negative. Enter an amount, or leave the field empty for no limit.")


def test_one_limit_is_changed_without_the_other_and_nothing_at_all_may_be_a_limit() -> None:
    account = make_account(per_launch=1, per_day=5)
    launch_budget.change(account, per_day=0)
    assert launch_budget.load(account) == LaunchBudget(1, 0)
    launch_budget.change(account, per_launch=None)
    assert launch_budget.load(account) == LaunchBudget(None, 0)
    assert refusal(account, 0.01).endswith(
        "and your limit per day is $0.00. Lower the maximum time or raise the limit in Settings."
    )
    assert launch(account, 0.0) == "cards-1"


def test_a_limit_per_launch_alone_reserves_nothing_of_the_day() -> None:
    account = make_account(per_launch=1)
    assert launch(account, 1.0) == "cards-1"
    assert launch_budget.today(account, NOW, LIST_PRICES) is None
    assert str(reservations.address(account)) not in account.objects


def test_the_days_budget_is_its_limit_and_what_is_taken_of_it() -> None:
    account = make_account(make_job("billed", BillableTimeInSeconds=5400), per_day=9)
    today = launch_budget.today(account, NOW, LIST_PRICES)
    assert today
    assert (today.limit, today.taken) == pytest.approx((9, RATE * 1.5))


def test_what_was_launched_is_told_though_its_reservation_is_lost() -> None:
    account = make_account(per_day=9)

    def start() -> str:
        del account.objects[str(reservations.address(account))]
        return "cards-1"

    assert launch(account, 1.0, start) == "cards-1"
    assert [each["name"] for each in reserved(account)] == ["cards-1"]


def test_what_is_left_of_the_day_is_never_less_than_nothing() -> None:
    assert [DayBudget(5, taken).left for taken in (0, 2, 5, 7)] == [5, 3, 0, 0]


class Failing(FakeAccount):
    """An account whose S3 fails once a launch has begun."""

    def fail(self, *_: Any, **__: Any) -> Any:
        raise AwsError("S3", "it is not reachable", "Try again", "Unreachable")

    def begin(self) -> str:
        object.__setattr__(self, "call", self.fail)
        return "cards-1"

    def refuse(self) -> str:
        self.begin()
        raise ValueError("no quota")


def test_what_was_launched_is_told_though_s3_fails_afterwards() -> None:
    account = Failing("AWS", "us-east-1")
    launch_budget.save(account, LaunchBudget(None, 1.0))
    assert launch(account, 0.4, account.begin) == "cards-1"


def test_why_a_launch_was_refused_is_told_though_s3_fails_afterwards() -> None:
    account = Failing("AWS", "us-east-1")
    launch_budget.save(account, LaunchBudget(None, 1.0))
    with pytest.raises(ValueError, match="no quota"):
        launch(account, 0.4, account.refuse)


def reserved(account: FakeAccount) -> list[dict[str, Any]]:
    """The reservations as they lie in S3, without their ids."""
    document = json.loads(account.objects["s3://sagemaker-us-east-1-123456789012/sagedeck/reservations/us-east-1.json"])
    return [{key: value for key, value in each.items() if key != "id"} for each in document["reservations"]]


def test_reservations_lie_in_s3_under_the_name_of_what_was_launched_and_each_is_released_alone() -> None:
    account = make_account(per_day=9)
    launch(account, 1.0, lambda: "first")
    with pytest.raises(AwsError):
        launch(account, 2.0, refuse)
    launch(account, 3.0, lambda: "second", kind=ResourceKind.ENDPOINT)
    usual = {"at": "2026-11-24T15:00:00Z", "launched": True, "ended_by": None}
    assert reserved(account) == [
        {"kind": "Training job", "name": "first", "usd": 1.0, **usual},
        {"kind": "Endpoint", "name": "second", "usd": 3.0, **usual},
    ]


def test_a_job_that_sagemaker_does_not_tell_of_reserves_all_of_it_until_midnight() -> None:
    account = make_account(per_day=9)
    launch(account, 1.0, now=MIDNIGHT)
    launch(account, 0.0, lambda: "later")
    assert taken(account, MIDNIGHT + timedelta(hours=23, minutes=59)) == 1.0
    assert taken(account, MIDNIGHT + timedelta(days=1)) == 0


def test_a_launch_that_was_cut_short_is_forgotten_after_exactly_an_hour() -> None:
    account = make_account(per_day=1)
    day = launch_budget.Day(NOW, LIST_PRICES)
    reservations.add(account, ResourceKind.TRAINING_JOB, "cards", 0.4, day, lambda dollars: None)
    assert taken(account, NOW + reservations.LAUNCHING - timedelta(seconds=1)) == 0.4
    assert taken(account, NOW + reservations.LAUNCHING) == 0


def test_a_new_endpoint_is_not_taken_for_deleted_before_sagemaker_lists_it() -> None:
    account = make_account(per_day=9)
    launch(account, 2.0, lambda: "fraud", kind=ResourceKind.ENDPOINT)
    assert taken(account, NOW + reservations.LISTED_WITHIN) == 2.0
    gone = NOW + reservations.LISTED_WITHIN + timedelta(minutes=22)  # 27 minutes of the 9 hours
    assert taken(account, gone) == pytest.approx(0.1)


def test_a_resource_of_another_kind_and_the_same_name_does_not_stand_for_a_reservation() -> None:
    account = make_account(make_transform_job("cards-1", "Failed"), per_day=9)
    launch(account, 1.0)
    assert taken(account) == 1.0
