"""Read-only mode, once it is switched on: what has begun makes no further call, and says so."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services import settings
from services.aws import documents
from services.aws.s3 import Address
from services.costs import ledger as cost_ledger
from services.errors import Problem
from services.inventory.scan import inventory
from services.pricing.price_book import LIST_PRICES
from services.shutdown import background as shutdown_background
from services.shutdown import grace, janitor, pause
from services.shutdown import rules as shutdown_rules
from services.shutdown import run as shutdown_runs
from services.shutdown.background import Background
from services.shutdown.driver import Driver
from services.shutdown.pause import PausedDocument, PausedEndpoint
from services.shutdown.plan import Step, pause_step
from services.shutdown.protection import NOT_CONFIRMED
from services.shutdown.run import ShutdownRun, StepState
from tests.local_service import eventually
from tests.services.shutdown.shutdown_account import ShutdownAccount, documents_in, make_endpoint, steps_for

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
RULE = (shutdown_rules.TAG, "until 2026-01-01T00:00")


@dataclass(frozen=True)
class Switching(ShutdownAccount):
    """Somebody, of this dashboard or another one on its folder, switches read-only mode on while `during` is asked."""

    during: str = ""

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == self.during:
            settings.save_read_only(True)
        return super().call(service, operation, **parameters)


def two_endpoints(during: str = "") -> Switching:
    return Switching(endpoints={"fraud": "InService", "churn": "InService"}, during=during)


def begin(account: ShutdownAccount, steps: list[Step], why: str = "") -> Driver:
    reasons = {step.resource.key: why for step in steps}
    run = shutdown_runs.begin(account, steps, NOT_CONFIRMED, "me", NOW, reasons)
    return Driver(account, run, lambda: NOW)


def finish(driver: Driver) -> ShutdownRun:
    for _ in range(20):
        if driver.run.ended is None:
            driver.advance()
    return driver.run


@pytest.mark.parametrize("why", ["", "idle for 9 h; the limit is 2 h"])
def test_a_shutdown_that_has_begun_stops_and_what_was_called_is_verified_and_recorded(why: str) -> None:
    account = two_endpoints(during="delete_endpoint_config")

    run = finish(begin(account, steps_for(make_endpoint(), make_endpoint("churn")), why))

    assert [step.state for step in run.steps] == [StepState.DONE, StepState.CANCELLED]
    assert (list(account.endpoints), run.ended) == (["churn"], NOW)
    assert [entry.name for entry in cost_ledger.load(account).entries] == ["fraud"]


def test_a_shutdown_that_it_stopped_says_why() -> None:
    run = finish(begin(two_endpoints("delete_endpoint_config"), steps_for(make_endpoint(), make_endpoint("churn"))))

    assert run.stop_reason == "Read-only mode was switched on"
    assert run.steps[1].sentence == "Read-only mode was switched on. No call was made: stopped before."


def test_between_two_calls_of_a_resource_the_second_is_not_made() -> None:
    account = two_endpoints(during="delete_endpoint")

    (step,) = finish(begin(account, steps_for(make_endpoint()))).steps

    assert step.sentence == "Read-only mode was switched on before its last call. Verified: deleted."
    assert "delete_endpoint_config fraud-config" not in account.asked


@pytest.mark.parametrize("during", ["list_tags", "put_object", "describe_scalable_targets"])
def test_a_pause_that_has_not_deleted_its_endpoint_leaves_it_running_and_off_the_list(during: str) -> None:
    account = two_endpoints()
    driver = begin(account, [pause_step(make_endpoint())])
    driver.account = replace(account, during=during)

    (step,) = finish(driver).steps

    assert (step.state, "fraud" in account.endpoints) == (StepState.CANCELLED, True)
    assert documents_in(account, "parked") == []


def test_a_shutdown_whose_calls_are_all_made_ends_as_ever() -> None:
    driver = begin(two_endpoints(), steps_for(make_endpoint()))
    driver.advance()
    settings.save_read_only(True)

    assert (finish(driver).stop_requested, driver.run.steps[0].state) == (False, StepState.DONE)


def proposed(account: ShutdownAccount, now: datetime) -> janitor.Proposal:
    resource = make_endpoint(tags=(RULE, *account.marks.get("arn:fraud", {}).items()), arn="arn:fraud")
    account.marks.setdefault("arn:fraud", {}).update([RULE])
    return janitor.propose(account, inventory(now, [resource]), now)


@pytest.mark.parametrize("graces", ["begin", "are over"])
def test_rules_that_are_being_applied_change_nothing_more(graces: str) -> None:
    account = ShutdownAccount()
    if graces == "are over":
        janitor.apply_rules(account, proposed(account, NOW), 5, "me", NOW)
    now = NOW + grace.GRACE
    proposal, before = proposed(account, now), list(account.asked)
    settings.save_read_only(True)

    with pytest.raises(Problem, match="Auto-shutdown rules: read-only mode was switched on"):
        janitor.apply_rules(account, proposal, 5, "me", now)
    assert account.asked == before


def test_what_it_stopped_a_rule_shuts_down_once_the_mode_is_off() -> None:
    account = ShutdownAccount()
    janitor.apply_rules(account, proposed(account, NOW), 5, "me", NOW)
    now = NOW + grace.GRACE
    run = janitor.apply_rules(account, proposed(account, now), 5, "me", now)
    assert run
    settings.save_read_only(True)
    assert finish(Driver(account, run, lambda: now)).steps[0].state is StepState.CANCELLED
    settings.save_read_only(False)

    later = now + janitor.LISTED

    assert [step.resource.name for step in proposed(account, later).steps] == ["fraud"]


def paused(account: ShutdownAccount) -> PausedEndpoint:
    finish(begin(account, [pause_step(make_endpoint())]))
    (endpoint,) = pause.paused_endpoints(account).endpoints
    return endpoint


def test_a_resume_that_has_not_created_its_endpoint_does_not_and_it_stays_paused() -> None:
    account = ShutdownAccount()
    endpoint = paused(account)

    with pytest.raises(Problem, match="Resume endpoint fraud: read-only mode was switched on"):
        pause.resume(Switching(**{**vars(account), "during": "put_object"}), endpoint, NOW, LIST_PRICES)

    assert (account.endpoints, pause.paused_endpoints(account).endpoints) == ({}, (endpoint,))


def with_scaling(account: ShutdownAccount) -> PausedEndpoint:
    """The endpoint, resumed and in service; its scaling is not back."""
    pause.resume(account, paused(account), NOW, LIST_PRICES)
    account.endpoints["fraud"] = "InService"
    address = Address("bucket", f"{pause.FOLDER}fraud.json")
    stored = documents.read(account, address, PausedDocument)
    assert stored
    scaled = stored.document.model_copy(update={"targets": ({"MinCapacity": 1},), "policies": ({"PolicyName": "p"},)})
    documents.replace(account, address, scaled, stored.etag)
    return scaled.endpoint()


def scaled_again(account: ShutdownAccount) -> list[str]:
    return [call for call in account.asked if call.startswith(("register_", "put_scaling"))]


@pytest.mark.parametrize(
    ("during", "made"), [("list_endpoints", []), ("register_scalable_target", ["register_scalable_target 1"])]
)
def test_a_resume_makes_no_further_call_and_goes_on_once_the_mode_is_off(during: str, made: list[str]) -> None:
    account = ShutdownAccount()
    endpoint = with_scaling(account)

    with pytest.raises(Problem, match="Scaling of endpoint fraud: read-only mode was switched on"):
        pause.settle(Switching(**{**vars(account), "during": during}), endpoint, NOW)
    assert scaled_again(account) == made

    settings.save_read_only(False)
    assert pause.settle(account, endpoint, NOW)
    assert scaled_again(account) == [*made, "register_scalable_target 1", "put_scaling_policy p"]


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutdown_background, "PACE", 0.01)


@pytest.mark.usefixtures("in_a_hurry")
def test_who_looks_in_read_only_mode_sees_what_still_goes_and_that_somebody_drives_it() -> None:
    account, server = ShutdownAccount(), Background()
    account.lingering.add("fraud")
    server.start(account, steps_for(make_endpoint()))
    eventually(lambda: server.runs(account)[0].steps[0].state is StepState.STOPPING)

    looking = replace(account, read_only=True)

    (run,) = server.runs(looking)
    assert not server.interrupted(looking, run)
    server.close()


@pytest.mark.usefixtures("in_a_hurry")
def test_who_looks_in_read_only_mode_is_told_why_a_resume_does_not_go_on() -> None:
    account, server = ShutdownAccount(), Background()
    endpoint = with_scaling(account)
    settings.save_read_only(True)
    server.follow(account, endpoint)

    told = eventually(lambda: server.problem(replace(account, read_only=True), "fraud"))

    assert str(told) == (
        "Scaling of endpoint fraud: read-only mode was switched on. Switch it off in Settings to go on."
    )
    server.close()
