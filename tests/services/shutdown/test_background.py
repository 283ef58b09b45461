"""Shutdowns go on in the server's background thread, whatever becomes of the tab, and after a restart on a click."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.costs import ledger as cost_ledger
from services.errors import Problem
from services.pricing.price_book import LIST_PRICES
from services.shutdown import background as shutdown_background
from services.shutdown import driver, pause
from services.shutdown import run as shutdown_runs
from services.shutdown.background import Background
from services.shutdown.plan import pause_step
from services.shutdown.run import ShutdownRun, StepState
from services.shutdown.watch import Watch
from tests.local_service import eventually
from tests.services.shutdown.shutdown_account import ShutdownAccount, documents_in, make_endpoint, steps_for


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutdown_background, "PACE", 0.01)
    monkeypatch.setattr(driver, "BEAT", timedelta(seconds=0.1))


@pytest.fixture
def account() -> ShutdownAccount:
    return ShutdownAccount(endpoints={"fraud": "InService", "churn": "InService"})


@pytest.fixture
def server() -> Iterator[Background]:
    running = Background()
    yield running
    running.close()


def stored(account: ShutdownAccount) -> ShutdownRun:
    return shutdown_runs.recent(account, datetime.now(UTC)).runs[-1]


def test_a_shutdown_goes_on_without_anybody_looking(account: ShutdownAccount, server: Background) -> None:
    server.start(account, steps_for(make_endpoint(), make_endpoint("churn")))

    eventually(lambda: stored(account).ended)

    assert account.endpoints == {}
    assert {entry.name for entry in cost_ledger.load(account).entries} == {"fraud", "churn"}
    assert (server.runs(account), server.edition(account) != "") == ([], True)


def test_two_shutdowns_do_not_wait_for_each_other(account: ShutdownAccount, server: Background) -> None:
    account.lingering.add("fraud")
    server.start(account, steps_for(make_endpoint()))
    second = server.start(account, steps_for(make_endpoint("churn")))

    eventually(lambda: second.name not in {run.name for run in server.runs(account)})

    assert "churn" not in account.endpoints
    assert len(server.runs(account)) == 1


def test_what_a_restart_interrupted_is_shown_so_and_goes_on_on_a_click(account: ShutdownAccount) -> None:
    account.lingering.add("fraud")
    first, second = Background(), Background()
    first.start(account, steps_for(make_endpoint()))
    eventually(lambda: stored(account).steps[0].state is StepState.STOPPING)
    first.close()
    assert first.interrupted(account, stored(account)) is False  # it still holds the run
    with pytest.raises(Problem, match="another process drives it"):
        second.take_over(account, stored(account))

    document = stored(account)
    long_ago = document.heartbeat.replace(year=2020)
    shutdown_runs.change(account, document, heartbeat=long_ago)
    assert second.interrupted(account, stored(account))
    account.endpoints.clear()
    second.take_over(account, stored(account))

    eventually(lambda: stored(account).ended)
    second.close()


def test_stop_here_verifies_and_records_what_was_called_and_calls_nothing_more(account: ShutdownAccount) -> None:
    begun = shutdown_runs.begin(
        account,
        steps_for(make_endpoint(), make_endpoint("churn")),
        shutdown_runs.Confirmation(),
        "gone",
        datetime(2026, 11, 28, tzinfo=UTC),
    )
    one = driver.Driver(account, begun)
    one.advance()
    shutdown_runs.change(account, begun, heartbeat=begun.at.replace(year=2020))
    server = Background()
    server.take_over(account, one.run, stop=True)

    eventually(lambda: one.run.name not in {run.name for run in server.runs(account)})
    server.close()

    assert list(account.endpoints) == ["churn"]
    assert [entry.name for entry in cost_ledger.load(account).entries] == ["fraud"]


def test_a_document_that_cannot_be_written_for_a_while_is_told_and_the_shutdown_goes_on(
    account: ShutdownAccount, server: Background
) -> None:
    account.lingering.add("fraud")
    run = server.start(account, steps_for(make_endpoint()))
    eventually(lambda: server.runs(account)[0].steps[0].state is StepState.STOPPING)
    account.refused.add("put_object")
    account.endpoints.clear()
    assert "not authorized" in str(eventually(lambda: server.problem(account, run.name)))

    account.refused.clear()
    eventually(lambda: stored(account).ended)
    assert server.problem(account, run.name) is None


def test_a_resumed_endpoint_is_seen_to_until_it_is_back(account: ShutdownAccount, server: Background) -> None:
    server.start(account, [pause_step(make_endpoint())])
    eventually(lambda: stored(account).ended)
    (paused,) = pause.paused_endpoints(account).endpoints

    server.resume(account, paused, LIST_PRICES)
    account.endpoints["fraud"] = "InService"

    eventually(lambda: not server.resuming(account, paused))
    assert documents_in(account, "parked") == []


def test_rules_are_applied_with_the_settings_of_the_account_as_they_are_now(
    account: ShutdownAccount, server: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = list[str | None]()

    def look(watch: Watch, owner: str) -> list[ShutdownRun]:
        looked.append(watch.account.bucket)
        return []

    monkeypatch.setattr(Watch, "look", look)
    server.watch(replace(account, bucket="old"))
    eventually(lambda: "old" in looked)

    server.watch(replace(account, bucket="new"))
    eventually(lambda: "new" in looked)
    looked.clear()
    server.watch(replace(account, bucket="new"))

    eventually(lambda: looked)
    assert set(looked) == {"new"}
