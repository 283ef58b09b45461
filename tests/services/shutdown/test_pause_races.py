"""Two writers of one paused endpoint: whatever the second does between two requests of the first, it can be resumed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.aws import documents
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.errors import Problem
from services.pricing.price_book import LIST_PRICES
from services.shutdown import pause
from services.shutdown import run as shutdown_runs
from services.shutdown.driver import Driver
from services.shutdown.pause import PausedDocument
from services.shutdown.plan import pause_step
from services.shutdown.protection import NOT_CONFIRMED
from services.shutdown.run import RunStep, StepState
from tests.services.shutdown.shutdown_account import ShutdownAccount, make_endpoint

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=6)  # an endpoint that is in no list by now was never created
REQUESTS = range(1, 25)  # of the first writer; more than any of these makes
TARGET = {"MinCapacity": 1, "MaxCapacity": 4}
ADDRESS = Address("bucket", f"{pause.FOLDER}fraud.json")


@dataclass(frozen=True)
class Interrupted(ShutdownAccount):
    """As the first writer reaches the account: the second one does `meanwhile` right before request number `turn`."""

    turn: int = 0
    meanwhile: Callable[[], object] = field(default=lambda: None, compare=False)
    requests: list[str] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        self.requests.append(operation)
        if len(self.requests) == self.turn:
            self.meanwhile()
        return super().call(service, operation, **parameters)


def interrupted(account: ShutdownAccount, turn: int, meanwhile: Callable[[], object]) -> Interrupted:
    return Interrupted(endpoints=account.endpoints, objects=account.objects, turn=turn, meanwhile=meanwhile)


@pytest.fixture
def account() -> ShutdownAccount:
    return ShutdownAccount()


def pause_it(account: ShutdownAccount) -> RunStep:
    run = shutdown_runs.begin(account, [pause_step(make_endpoint())], NOT_CONFIRMED, "somebody", NOW)
    driver = Driver(account, run, lambda: NOW)
    while driver.run.ended is None:
        driver.advance()
    return driver.run.steps[0]


def stored(account: ShutdownAccount) -> PausedDocument | None:
    found = documents.read(account, ADDRESS, PausedDocument)
    return found.document if found else None


def only_paused(account: ShutdownAccount) -> pause.PausedEndpoint:
    (endpoint,) = pause.paused_endpoints(account).endpoints
    return endpoint


def resuming(account: ShutdownAccount) -> pause.PausedEndpoint:
    """The endpoint, paused and created again; its scaling is not back."""
    pause_it(account)
    endpoint = only_paused(account)
    pause.resume(account, endpoint, NOW, LIST_PRICES)
    account.endpoints["fraud"] = "InService"
    scaled = documents.read(account, ADDRESS, PausedDocument)
    assert scaled
    documents.replace(account, ADDRESS, scaled.document.model_copy(update={"targets": (TARGET,)}), scaled.etag)
    return only_paused(account)


@pytest.mark.parametrize("turn", REQUESTS)
def test_a_pause_that_is_refused_takes_nothing_away_from_another_that_is_not(
    account: ShutdownAccount, turn: int
) -> None:
    first = interrupted(account, turn, lambda: pause_it(account))
    first.refused.add("delete_endpoint")
    pause_it(first)
    if "fraud" in account.endpoints:  # the first made fewer requests
        pause_it(account)

    assert account.endpoints == {}
    assert not only_paused(account).resuming


@pytest.mark.parametrize("turn", REQUESTS)
def test_a_pause_goes_on_though_another_of_the_same_endpoint_is_refused(account: ShutdownAccount, turn: int) -> None:
    second = replace(account, refused={"delete_endpoint"})

    step = pause_it(interrupted(account, turn, lambda: pause_it(second)))

    assert (step.state, account.endpoints) == (StepState.DONE, {})
    assert not only_paused(account).resuming


@pytest.mark.parametrize("turn", REQUESTS)
def test_of_two_pauses_that_are_refused_nothing_stays_in_the_list(account: ShutdownAccount, turn: int) -> None:
    second = replace(account, refused={"delete_endpoint"})
    first = interrupted(second, turn, lambda: pause_it(second))
    first.refused.add("delete_endpoint")

    pause_it(first)

    assert stored(account) is None


@pytest.mark.parametrize("turn", REQUESTS)
def test_what_comes_back_and_is_paused_anew_meanwhile_stays_paused_with_its_scaling(
    account: ShutdownAccount, turn: int
) -> None:
    endpoint = resuming(account)
    first = interrupted(account, turn, lambda: pause_it(account))

    while not pause.settle(first, endpoint, NOW):
        pass
    if "fraud" in account.endpoints:  # it was back before anybody paused it
        assert stored(account) is None
    else:
        assert (only_paused(account).resuming, only_paused(account).targets) == (False, (TARGET,))


def test_a_refused_pause_of_what_comes_back_leaves_it_coming_back_with_its_scaling(account: ShutdownAccount) -> None:
    endpoint = resuming(account)
    pause_it(replace(account, refused={"delete_endpoint"}))

    assert only_paused(account) == replace(endpoint, at=only_paused(account).at)
    assert pause.settle(account, endpoint, NOW)
    assert "register_scalable_target 1" in account.asked


@pytest.mark.parametrize("turn", REQUESTS)
def test_two_who_see_to_the_same_endpoint_bring_it_back_once(account: ShutdownAccount, turn: int) -> None:
    endpoint = resuming(account)
    first = interrupted(account, turn, lambda: pause.settle(account, endpoint, NOW))

    while not pause.settle(first, endpoint, NOW):
        pass

    assert stored(account) is None


@pytest.mark.parametrize("turn", REQUESTS)
def test_what_is_resumed_again_while_it_counts_as_never_created_goes_on_coming_back(
    account: ShutdownAccount, turn: int
) -> None:
    endpoint = resuming(account)
    account.endpoints.clear()

    def resume_again() -> None:
        pause.resume(account, endpoint, LATER, LIST_PRICES)

    first = interrupted(account, turn, resume_again)
    while not pause.settle(first, endpoint, LATER) and "fraud" not in account.endpoints:
        pass
    if "fraud" not in account.endpoints:
        resume_again()

    assert only_paused(account).resuming


@pytest.mark.parametrize("turn", REQUESTS)
def test_of_two_who_resume_an_endpoint_the_refused_one_does_not_list_it_as_paused(
    account: ShutdownAccount, turn: int
) -> None:
    pause_it(account)
    endpoint = only_paused(account)

    def resume() -> None:
        pause.resume(account, endpoint, LATER, LIST_PRICES)

    first = interrupted(account, turn, resume)
    first.refused.add("create_endpoint")
    with pytest.raises(Problem):
        pause.resume(first, endpoint, NOW, LIST_PRICES)
    if "fraud" not in account.endpoints:
        resume()

    assert only_paused(account).resuming


def test_where_an_account_refuses_to_delete_the_record_it_stays_and_the_reason_is_told(
    account: ShutdownAccount,
) -> None:
    endpoint = resuming(account)
    account.refused.add("delete_object")

    with pytest.raises(AwsError, match="not authorized"):
        pause.settle(account, endpoint, NOW)
    assert only_paused(account).resuming
