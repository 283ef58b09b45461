"""Calls that were done though their answer was lost, and two runs over one resource: counted once, and resumable."""

from datetime import UTC, datetime, timedelta

import pytest

from services.aws.errors import AwsError
from services.costs import ledger as cost_ledger
from services.errors import Problem
from services.pricing.price_book import LIST_PRICES
from services.shutdown import grace, pause
from services.shutdown import run as shutdown_runs
from services.shutdown.driver import Driver
from services.shutdown.plan import Step, pause_step
from services.shutdown.protection import NOT_CONFIRMED, Confirmation
from services.shutdown.run import RunStep, StepState
from tests.services.shutdown.shutdown_account import (
    PulledPlug,
    ShutdownAccount,
    documents_in,
    make_endpoint,
    steps_for,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def account() -> ShutdownAccount:
    return ShutdownAccount()


def begin(account: ShutdownAccount, steps: list[Step], owner: str = "me", why: str = "") -> Driver:
    reasons = {step.resource.key: why for step in steps}
    run = shutdown_runs.begin(account, steps, NOT_CONFIRMED, owner, NOW, reasons)
    return Driver(account, run, lambda: NOW)


def finish(driver: Driver) -> RunStep:
    for _ in range(20):
        if driver.run.ended is None:
            driver.advance()
    return driver.run.steps[0]


def deletion(pauses: bool) -> list[Step]:
    return [pause_step(make_endpoint())] if pauses else steps_for(make_endpoint())


def recorded(account: ShutdownAccount) -> list[str]:
    return [entry.name for entry in cost_ledger.load(account).entries]


@pytest.mark.parametrize("lingers", [True, False])
@pytest.mark.parametrize("pauses", [True, False])
def test_a_deletion_whose_answer_was_lost_is_recorded_and_can_be_resumed(
    account: ShutdownAccount, lingers: bool, pauses: bool
) -> None:
    account.lost.add("delete_endpoint")
    account.lingering.update(["fraud"] * lingers)
    driver = begin(account, deletion(pauses))
    with pytest.raises(AwsError, match="timed out"):
        driver.advance()
    account.lost.clear()
    driver.advance()
    account.endpoints.clear()

    step = finish(driver)

    assert (step.state, step.problem, recorded(account)) == (StepState.DONE, "", ["fraud"])
    assert documents_in(account, "parked") == ["fraud.json"] * pauses


def test_stop_after_a_crash_right_after_a_deletion_keeps_what_it_takes_to_resume(account: ShutdownAccount) -> None:
    account.cut.add("delete_endpoint")
    driver = begin(account, deletion(pauses=True))
    with pytest.raises(PulledPlug):
        driver.advance()
    account.cut.clear()
    shutdown_runs.change(account, driver.run, stop_requested=True)
    (run,) = shutdown_runs.recent(account, NOW).runs

    step = finish(Driver(account, run, lambda: NOW))

    assert (step.state, recorded(account)) == (StepState.DONE, ["fraud"])
    assert documents_in(account, "parked") == ["fraud.json"]


def test_an_endpoint_that_another_run_pauses_stays_resumable_and_is_recorded_once(account: ShutdownAccount) -> None:
    account.lingering.add("fraud")
    first, second = begin(account, deletion(pauses=True)), begin(account, deletion(pauses=True), "another")
    first.advance()
    account.refused.add("delete_endpoint")  # SageMaker refuses it while the endpoint is being deleted
    second.advance()
    account.endpoints.clear()

    assert (finish(first).state, finish(second).state) == (StepState.DONE, StepState.DONE)
    assert (recorded(account), documents_in(account, "parked")) == (["fraud"], ["fraud.json"])


def test_what_a_crash_left_open_is_not_claimed_when_another_run_has_shut_it_down(account: ShutdownAccount) -> None:
    first = begin(account, deletion(pauses=False))
    first.run = first.run.with_step(0, state=StepState.CALLING)  # it died right before its call
    finish(begin(account, deletion(pauses=False), "another"))

    step = finish(first)

    assert (step.state, recorded(account)) == (StepState.GONE, ["fraud"])


def test_what_goes_while_the_plan_cannot_be_stored_is_not_claimed(account: ShutdownAccount) -> None:
    driver = begin(account, deletion(pauses=False))
    account.refused.add("put_object")
    with pytest.raises(AwsError, match="not authorized"):
        driver.advance()
    account.refused.clear()
    account.endpoints.clear()

    assert (finish(driver).state, recorded(account)) == (StepState.GONE, [])


def test_what_has_its_name_by_now_is_told_from_what_was_deleted() -> None:
    class Again(ShutdownAccount):
        def _answer(self, operation: str, parameters: dict[str, object]) -> dict[str, object]:
            created = NOW + timedelta(minutes=1)
            return super()._answer(operation, parameters) | (
                {"CreationTime": created} if operation == "describe_endpoint" else {}
            )

    account = Again()
    account.lost.add("delete_endpoint")
    driver = begin(account, deletion(pauses=True))
    with pytest.raises(AwsError, match="timed out"):
        driver.advance()
    account.endpoints["fraud"] = "InService"

    step = finish(driver)

    assert (step.state, step.status, recorded(account)) == (
        StepState.DONE,
        "deleted, and created again since",
        ["fraud"],
    )
    assert account.asked.count("delete_endpoint fraud") == 1


def test_the_configuration_of_an_endpoint_that_was_paused_since_stays(account: ShutdownAccount) -> None:
    account.cut.add("delete_endpoint")
    driver = begin(account, deletion(pauses=False))
    with pytest.raises(PulledPlug):
        driver.advance()
    account.cut.clear()
    (run,) = shutdown_runs.recent(account, NOW).runs
    account.endpoints["fraud"] = "InService"
    pause.store(account, make_endpoint(), "another", NOW)
    del account.endpoints["fraud"]

    step = finish(Driver(account, run, lambda: NOW))

    assert "delete_endpoint_config fraud-config" not in account.asked
    assert step.problem == "Its configuration stays: paused endpoint fraud is resumed with it."


def test_what_could_not_be_entered_in_the_ledger_at_first_is_entered_later(account: ShutdownAccount) -> None:
    account.refused.add("put_object ledger")
    driver = begin(account, deletion(pauses=False))
    for _ in range(3):
        driver.advance()
    assert driver.run.ended is None

    account.refused.clear()

    assert (finish(driver).sentence, recorded(account)) == ("Verified: deleted.", ["fraud"])


def test_what_cannot_be_read_for_a_moment_is_not_called_unverified(account: ShutdownAccount) -> None:
    driver = begin(account, deletion(pauses=False))
    driver.advance()
    late = Driver(account, driver.run, lambda: NOW + timedelta(hours=2))
    account.refused.add("describe_endpoint")
    late.advance()
    account.refused.clear()

    assert (finish(late).state, recorded(account)) == (StepState.DONE, ["fraud"])


@pytest.mark.parametrize("tagged", [True, False])
def test_what_somebody_keeps_is_not_shut_down_by_a_rule_that_was_begun_before(
    account: ShutdownAccount, tagged: bool
) -> None:
    grace.begin(account, make_endpoint(), NOW)
    driver = begin(account, deletion(pauses=True), why="idle")
    account.refused.update(["add_tags"] * (not tagged))
    grace.keep(account, make_endpoint(), NOW)

    step = finish(driver)

    assert step.state is StepState.CANCELLED
    assert step.problem == "Somebody keeps it until 2026-11-29T12:00:00Z."
    assert account.endpoints == {"fraud": "InService"}


def test_a_typed_name_does_not_confirm_tags_that_cannot_be_read_by_now(account: ShutdownAccount) -> None:
    account.refused.update(["list_tags", "get_resources"])
    resource = make_endpoint(tags=(("env", "prod"),))
    typed = Confirmation({resource.key: "fraud"})
    run = shutdown_runs.begin(account, steps_for(resource), typed, "me", NOW)

    step = finish(Driver(account, run, lambda: NOW))

    assert step.state is StepState.REFUSED
    assert "Its tags could not be read right before its calls" in step.problem


def test_a_shutdown_whose_document_arrived_twice_is_begun_once(account: ShutdownAccount) -> None:
    class Twice(ShutdownAccount):
        def call(self, service: str, operation: str, **parameters: object) -> dict[str, object]:
            if operation == "put_object" and "IfNoneMatch" in parameters:
                super().call(service, operation, **parameters)
            return super().call(service, operation, **parameters)

    assert finish(begin(Twice(), deletion(pauses=False))).state is StepState.DONE


def paused(account: ShutdownAccount) -> pause.PausedEndpoint:
    finish(begin(account, deletion(pauses=True)))
    return only_paused(account)


def only_paused(account: ShutdownAccount) -> pause.PausedEndpoint:
    (endpoint,) = pause.paused_endpoints(account).endpoints
    return endpoint


def test_a_resume_whose_answer_was_lost_goes_on(account: ShutdownAccount) -> None:
    endpoint = paused(account)
    account.lost.add("create_endpoint")
    with pytest.raises(AwsError, match="timed out"):
        pause.resume(account, endpoint, NOW, LIST_PRICES)
    account.endpoints["fraud"] = "InService"

    assert only_paused(account).resuming
    assert pause.settle(account, endpoint, NOW)
    assert documents_in(account, "parked") == []


def test_a_resume_that_was_cut_short_before_its_call_can_be_begun_again(account: ShutdownAccount) -> None:
    endpoint = paused(account)
    account.lost.add("create_endpoint")
    with pytest.raises(AwsError, match="timed out"):
        pause.resume(account, endpoint, NOW, LIST_PRICES)
    account.endpoints.clear()

    assert not pause.settle(account, endpoint, NOW + timedelta(minutes=1))
    assert pause.settle(account, endpoint, NOW + timedelta(minutes=6))
    assert not only_paused(account).resuming


def test_an_endpoint_that_is_no_longer_paused_is_not_created_from_an_old_list(account: ShutdownAccount) -> None:
    endpoint = paused(account)
    del account.objects["s3://bucket/sagedeck/parked/fraud.json"]
    with pytest.raises(Problem, match="it is no longer paused"):
        pause.resume(account, endpoint, NOW, LIST_PRICES)
    assert account.endpoints == {}
