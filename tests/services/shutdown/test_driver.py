"""A shutdown goes the same way for everybody: stored, called, verified, recorded; also when it is cut short."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.aws.documents import UnreadableDocumentError
from services.aws.errors import AwsError
from services.costs import ledger as cost_ledger
from services.inventory.resources import BillableResource, ResourceKind
from services.shutdown import pause
from services.shutdown import run as shutdown_runs
from services.shutdown.driver import Driver, TakenOverError
from services.shutdown.plan import Step, pause_step, plan
from services.shutdown.protection import NOT_CONFIRMED
from services.shutdown.run import ShutdownRun, StepState
from tests.services.shutdown.shutdown_account import (
    PulledPlug,
    ShutdownAccount,
    documents_in,
    make_endpoint,
    steps_for,
)
from tests.services.shutdown.test_plan import make_running

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def account() -> ShutdownAccount:
    return ShutdownAccount()


def begin(account: ShutdownAccount, steps: list[Step], owner: str = "me") -> Driver:
    return Driver(account, shutdown_runs.begin(account, steps, NOT_CONFIRMED, owner, NOW), lambda: NOW)


def finish(driver: Driver, within: int = 20) -> ShutdownRun:
    for _ in range(within):
        if driver.run.ended:
            break
        driver.advance()
    return driver.run


def stored(account: ShutdownAccount) -> ShutdownRun:
    (run,) = shutdown_runs.recent(account, NOW).runs
    return run


def pausing(resource: BillableResource | None = None) -> list[Step]:
    return [pause_step(resource or make_endpoint())]


def test_the_plan_is_stored_before_the_first_call_and_after_each(account: ShutdownAccount) -> None:
    run = finish(begin(account, steps_for(make_endpoint())))

    put = "put_object shutdowns"
    first, second = "delete_endpoint fraud", "delete_endpoint_config fraud-config"
    assert account.asked[:6] == [put, put, first, put, second, put]
    assert (stored(account), run.steps[0].state, run.steps[0].sentence) == (run, StepState.DONE, "Verified: deleted.")


def test_what_was_deleted_before_a_refusal_is_recorded_as_deleted(account: ShutdownAccount) -> None:
    account.refused.add("delete_endpoint_config")

    run = finish(begin(account, steps_for(make_endpoint())))

    (entry,) = cost_ledger.load(account).entries
    assert (entry.calls, entry.usd_per_hour, entry.state) == (("DeleteEndpoint EndpointName=fraud",), 0.23, "deleted")
    said = (
        "Endpoint fraud: SageMaker accepted DeleteEndpoint, but: Delete on AWS, us-east-1: not authorized. Ask for it."
    )
    assert (run.steps[0].state, run.steps[0].sentence) == (StepState.DONE, f"{said} Verified: deleted.")


def test_of_what_was_already_gone_no_saving_is_recorded(account: ShutdownAccount) -> None:
    del account.endpoints["fraud"]

    run = finish(begin(account, steps_for(make_endpoint())))

    assert cost_ledger.load(account).entries == ()
    assert run.steps[0].stopped_billing is False


def test_of_what_is_refused_nothing_is_recorded_and_the_others_go_on(account: ShutdownAccount) -> None:
    account.endpoints["churn"] = "InService"
    protected = make_endpoint(tags=(("sagedeck:protected", "true"),))

    run = finish(begin(account, steps_for(protected, make_endpoint("churn"))))

    assert [step.state for step in run.steps] == [StepState.REFUSED, StepState.DONE]
    assert [entry.name for entry in cost_ledger.load(account).entries] == ["churn"]


@pytest.mark.parametrize("cut", ["delete_endpoint", "delete_endpoint_config"])
def test_after_a_crash_right_after_a_call_the_rest_is_done_and_recorded_once(
    account: ShutdownAccount, cut: str
) -> None:
    account.cut.add(cut)
    with pytest.raises(PulledPlug):
        finish(begin(account, steps_for(make_endpoint())))
    account.cut.clear()

    later = NOW + timedelta(minutes=2)
    taken = shutdown_runs.take_over(account, stored(account), "another", later)
    assert taken
    run = finish(Driver(account, taken, lambda: later))

    assert [step.state for step in run.steps] == [StepState.DONE]
    (entry,) = cost_ledger.load(account).entries
    assert [call.split()[0] for call in entry.calls] == ["DeleteEndpoint", "DeleteEndpointConfig"]


def test_a_refusal_of_what_a_crash_left_open_is_no_acceptance(account: ShutdownAccount) -> None:
    account.cut.add("delete_endpoint_config")
    with pytest.raises(PulledPlug):
        finish(begin(account, steps_for(make_endpoint())))
    account.cut.clear()
    account.refused.add("delete_endpoint_config")

    (step,) = finish(Driver(account, stored(account), lambda: NOW)).steps

    assert [call.split()[0] for call in step.accepted] == ["DeleteEndpoint"]
    assert "not authorized" in step.problem


def test_what_cannot_be_stopped_twice_was_accepted_before_the_crash(account: ShutdownAccount) -> None:
    account.lingering.add("fraud")
    account.cut.add("delete_endpoint")
    with pytest.raises(PulledPlug):
        finish(begin(account, steps_for(make_endpoint())))
    account.cut.clear()
    account.refused.add("delete_endpoint")  # SageMaker refuses it while the endpoint is being deleted

    driver = Driver(account, stored(account), lambda: NOW)
    driver.advance()

    assert driver.run.steps[0].state is StepState.STOPPING
    assert driver.run.steps[0].stopped_billing


def test_a_crash_right_after_the_ledger_was_written_records_it_once(account: ShutdownAccount) -> None:
    driver = begin(account, steps_for(make_endpoint()))
    driver.advance()
    before = driver.run
    finish(driver)

    finish(Driver(account, before, lambda: NOW))

    assert len(cost_ledger.load(account).entries) == 1


def test_a_plan_that_cannot_be_stored_is_not_begun(account: ShutdownAccount) -> None:
    account.refused.add("put_object")
    with pytest.raises(AwsError, match="not authorized"):
        begin(account, steps_for(make_endpoint()))
    assert "fraud" in account.endpoints


def test_while_its_document_cannot_be_written_no_call_is_made_and_then_it_goes_on(account: ShutdownAccount) -> None:
    driver = begin(account, steps_for(make_endpoint()))
    account.refused.add("put_object")
    with pytest.raises(AwsError):
        driver.advance()
    assert "fraud" in account.endpoints

    account.refused.clear()
    assert finish(driver).steps[0].state is StepState.DONE


def test_a_ledger_that_cannot_be_written_is_told_and_stops_nothing(account: ShutdownAccount) -> None:
    account.refused.add("put_object ledger")
    hours = itertools.count()
    begun = begin(account, steps_for(make_endpoint())).run

    run = finish(Driver(account, begun, lambda: NOW + timedelta(hours=next(hours))))

    assert run.steps[0].sentence.startswith("It is not recorded in the ledger: Delete on AWS")
    assert account.endpoints == {}


def test_nobody_else_drives_a_run_whose_owner_is_alive(account: ShutdownAccount) -> None:
    run = begin(account, steps_for(make_endpoint())).run
    assert shutdown_runs.take_over(account, run, "another", NOW + timedelta(seconds=30)) is None
    assert shutdown_runs.take_over(account, run, "another", NOW + timedelta(seconds=61))


def test_who_was_taken_over_makes_no_further_call(account: ShutdownAccount) -> None:
    driver = begin(account, steps_for(make_endpoint()))
    shutdown_runs.take_over(account, driver.run, "another", NOW + timedelta(seconds=61))
    with pytest.raises(TakenOverError):
        driver.advance()
    assert "fraud" in account.endpoints


@pytest.mark.parametrize("elsewhere", [True, False])
def test_stop_makes_no_further_call_and_says_what_was_not_made(account: ShutdownAccount, elsewhere: bool) -> None:
    account.endpoints["churn"] = "InService"
    driver = begin(account, steps_for(make_endpoint(), make_endpoint("churn")))
    driver.advance()
    if elsewhere:
        shutdown_runs.change(account, driver.run, stop_requested=True)
    else:
        driver.stop()

    run = finish(driver)

    assert [step.state for step in run.steps] == [StepState.DONE, StepState.CANCELLED]
    assert list(account.endpoints) == ["churn"]


def test_stop_between_two_calls_of_a_resource_keeps_what_was_done(account: ShutdownAccount) -> None:
    class Stopping(ShutdownAccount):
        def _answer(self, operation: str, parameters: dict[str, object]) -> dict[str, object]:
            if operation == "delete_endpoint":
                driver.stop()
            return super()._answer(operation, parameters)

    account = Stopping()
    driver = begin(account, steps_for(make_endpoint()))

    (step,) = finish(driver).steps

    assert step.sentence == "Stop was pressed before its last call. Verified: deleted."
    assert "delete_endpoint_config fraud-config" not in account.asked
    assert len(cost_ledger.load(account).entries) == 1


def make_component(name: str = "llm") -> BillableResource:
    identity, parent = (("InferenceComponentName", name),), (ResourceKind.ENDPOINT, "fraud")
    component = make_running(ResourceKind.INFERENCE_COMPONENT, name, identity=identity, parent=parent)
    return replace(component, region="us-east-1")


def test_what_waits_for_another_has_its_turn_once_that_is_gone(account: ShutdownAccount) -> None:
    resources = [make_endpoint(), make_component()]
    run = begin(account, plan(resources, resources)).run
    places = {step.step.resource.name: place for place, step in enumerate(run.steps)}

    assert run.next_step() == places["llm"]
    run = run.with_step(places["llm"], state=StepState.STOPPING)
    assert run.next_step() is None
    assert run.with_step(places["llm"], state=StepState.DONE).next_step() == places["fraud"]


def test_what_waits_for_another_stays_when_that_does(account: ShutdownAccount) -> None:
    resources = [make_endpoint(), make_component()]
    account.refused.add("delete_inference_component")

    run = finish(begin(account, plan(resources, resources)))

    assert [step.state for step in run.steps] == [StepState.REFUSED] * 2
    assert run.steps[1].problem == "Inference component llm must be deleted first, but was not."


def test_what_does_not_go_is_not_called_gone_and_no_saving_is_recorded(account: ShutdownAccount) -> None:
    account.lingering.add("fraud")
    driver = begin(account, steps_for(make_endpoint()))
    for _ in range(3):
        driver.advance()
    assert (
        driver.run.steps[0].sentence == "SageMaker accepted DeleteEndpoint and DeleteEndpointConfig. Status: Deleting."
    )

    late = Driver(account, driver.run, lambda: NOW + timedelta(hours=2))
    run = finish(late)

    assert (run.steps[0].state, cost_ledger.load(account).entries) == (StepState.UNVERIFIED, ())


def test_a_stored_plan_can_ask_for_nothing_but_shutdowns(account: ShutdownAccount) -> None:
    begin(account, steps_for(make_endpoint()))
    (address,) = [address for address in account.objects if "/shutdowns/" in address]
    account.objects[address] = account.objects[address].replace(b'"delete_endpoint"', b'"delete_model"')

    (problem,) = shutdown_runs.recent(account, NOW).unreadable

    assert isinstance(problem, UnreadableDocumentError)
    assert "delete_model shuts nothing down" in str(problem)


def test_a_paused_endpoint_is_stored_before_it_is_deleted_and_recorded(account: ShutdownAccount) -> None:
    finish(begin(account, pausing()))

    asked = account.asked
    assert asked.index("put_object parked") < asked.index("delete_endpoint fraud")
    assert "delete_endpoint_config fraud-config" not in asked
    (paused,) = pause.paused_endpoints(account).endpoints
    assert (paused.name, paused.config, paused.usd_per_hour) == ("fraud", "fraud-config", 0.23)
    assert [(entry.state, entry.name) for entry in cost_ledger.load(account).entries] == [("paused", "fraud")]


def test_an_endpoint_whose_deletion_is_refused_is_not_listed_as_paused(account: ShutdownAccount) -> None:
    account.refused.add("delete_endpoint")

    run = finish(begin(account, pausing()))

    assert (run.steps[0].state, documents_in(account, "parked")) == (StepState.REFUSED, [])


def test_an_endpoint_that_cannot_be_stored_is_not_deleted(account: ShutdownAccount) -> None:
    account.refused.add("put_object parked")

    run = finish(begin(account, pausing()))

    assert (run.steps[0].state, list(account.endpoints)) == (StepState.REFUSED, ["fraud"])


def test_an_endpoint_that_is_not_in_service_is_not_paused(account: ShutdownAccount) -> None:
    account.endpoints["fraud"] = "Updating"

    (step,) = finish(begin(account, pausing())).steps

    assert step.problem == "Pause endpoint fraud: it is Updating. Wait until it is in service."
    assert documents_in(account, "parked") == []


def test_a_pause_that_was_cut_short_after_the_deletion_keeps_what_was_stored(account: ShutdownAccount) -> None:
    account.cut.add("delete_endpoint")
    with pytest.raises(PulledPlug):
        finish(begin(account, pausing()))
    account.cut.clear()

    run = finish(Driver(account, stored(account), lambda: NOW))

    assert run.steps[0].state is StepState.DONE
    assert documents_in(account, "parked") == ["fraud.json"]
    assert len(cost_ledger.load(account).entries) == 1


def test_an_endpoint_that_was_gone_before_it_was_paused_is_not_listed_as_paused(account: ShutdownAccount) -> None:
    del account.endpoints["fraud"]

    run = finish(begin(account, pausing()))

    assert (run.steps[0].state, documents_in(account, "parked")) == (StepState.GONE, [])


def test_a_paused_endpoint_of_another_region_is_kept_apart_from_one_of_the_same_name(account: ShutdownAccount) -> None:
    for resource in (make_endpoint(), replace(make_endpoint(), region="eu-west-1")):
        account.endpoints["fraud"] = "InService"
        finish(begin(account, pausing(resource)))

    assert documents_in(account, "parked") == ["fraud.json", "eu-west-1/fraud.json"]
    assert {paused.region for paused in pause.paused_endpoints(account).endpoints} == {"us-east-1", "eu-west-1"}
