"""A rule is no surprise: it is confirmed when due at once, told on every page before, and afterwards until seen."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import costs as cost_queries
from pages.components.queries import shutdowns as shutdown_queries
from services import settings
from services.shutdown.background import Background
from services.shutdown.grace import KEEP_UNTIL, STOP_AT
from tests.local_service import eventually
from tests.pages.costs.costs_page import DENIED, PAGE, FakeAccount, FakeSageMaker, open_page, rows_of, select, texts


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    for query in (cost_queries.rules, shutdown_queries.graces, shutdown_queries.last_rules_run):
        query.clear()


def make_sagemaker(**tags: str) -> FakeSageMaker:
    """An endpoint that was not called for ten hours, with tags."""
    sagemaker = FakeSageMaker({"fraud": "ml.m5.xlarge"})
    sagemaker.tags["fraud"] = dict(tags)
    return sagemaker


def stamp(minutes: float) -> str:
    """The moment in so many minutes, as a tag."""
    return f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def due_in(minutes: float, rule: str = "idle 2h") -> FakeSageMaker:
    return make_sagemaker(**{"sagedeck:stop": rule, STOP_AT: stamp(minutes)})


@pytest.mark.parametrize(("rule", "verb"), [("idle 2h", "paused"), ("idle 2h delete", "shut down")])
@pytest.mark.parametrize("page", ["costs", "connection"])
def test_what_a_rule_is_about_to_do_is_told_on_every_page(
    monkeypatch: pytest.MonkeyPatch, page: str, rule: str, verb: str
) -> None:
    open_page(monkeypatch, due_in(8.5, rule))
    shown = AppTest.from_file(str(Path(PAGE).with_name(f"{page}.py")), default_timeout=150).run()

    told = rf"**Endpoint fraud** (\$0.230/h) is {verb} by its rule in 8 min"
    assert told in texts(shown)
    assert "idle for 10.0 h; the limit is 2 h." in texts(shown)


def test_a_read_only_dashboard_does_not_announce_what_it_will_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "read_only", lambda: True)
    page = open_page(monkeypatch, due_in(-5))
    assert r"**Endpoint fraud** (\$0.230/h) was due to be paused by its rule:" in texts(page)
    assert "This dashboard is read-only: rules apply only where another one or the reaper runs." in texts(page)


def test_what_is_kept_is_tagged_so_for_a_day_and_told_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = due_in(8)
    page = open_page(monkeypatch, sagemaker)

    (keep,) = [button for button in page.button if str(button.key).startswith("keep_")]
    keep.click().run()

    assert STOP_AT not in sagemaker.tags["fraud"]
    until = datetime.fromisoformat(sagemaker.tags["fraud"][KEEP_UNTIL])
    assert timedelta(hours=23) < until - datetime.now(UTC) <= timedelta(hours=24)
    assert "by its rule" not in texts(page)


def scheduling(page: AppTest) -> AppTest:
    key = page.dataframe[0].proto.id.rsplit("-", 1)[1]
    page.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    return page.run().button(key="costs_schedule").click().run()


def test_a_rule_that_is_due_at_once_says_so_and_is_saved_once_that_is_confirmed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sagemaker = make_sagemaker()
    page = scheduling(open_page(monkeypatch, sagemaker))
    assert [each.value for each in page.warning] == [r"Due now: 1 resource, \$0.230/h: fraud."]
    assert page.button(key="schedule_keep").disabled

    page.checkbox(key="schedule_due_now").check().run()
    page.button(key="schedule_keep").click().run()

    assert sagemaker.tags["fraud"] == {"sagedeck:stop": "idle 2h"}


def test_a_rule_for_a_tag_that_is_due_at_once_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    page = scheduling(open_page(monkeypatch, make_sagemaker(team="fraud")))
    page.segmented_control(key="schedule_whom").set_value("All resources with a tag").run()
    assert list(page.warning) == []
    page.text_input(key="schedule_tag").set_value("team=fraud").run()
    assert [each.value for each in page.warning] == [r"Due now: 1 resource, \$0.230/h: fraud."]


def test_a_rule_that_is_not_due_needs_no_confirmation_and_may_ask_to_delete(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker()
    page = scheduling(open_page(monkeypatch, sagemaker))
    page.number_input(key="schedule_hours").set_value(20.0).run()
    page.checkbox(key="schedule_delete").check().run()
    page.button(key="schedule_keep").click().run()

    assert sagemaker.tags["fraud"] == {"sagedeck:stop": "idle 20h delete"}


def watched(monkeypatch: pytest.MonkeyPatch, sagemaker: FakeSageMaker, server: Background) -> FakeAccount:
    """The account, to which this server's rules were applied."""
    account = FakeAccount(behind=sagemaker)
    Background.watch(server, account)
    eventually(lambda: "sagedeck/rules-run.json" in sagemaker.ledger)
    eventually(lambda: not server.runs(account))
    return account


def test_what_a_rule_has_done_is_told_until_somebody_has_seen_it(
    monkeypatch: pytest.MonkeyPatch, server: Background
) -> None:
    sagemaker = due_in(-1)
    watched(monkeypatch, sagemaker, server)
    assert (sagemaker.endpoints, "sagedeck/parked/fraud.json" in sagemaker.ledger) == ({}, True)

    page = open_page(monkeypatch, sagemaker)
    told = "By rule: **1 of 1 resource is paused**, which saves"
    assert told in texts(page)
    assert "Endpoint fraud: idle for 10.0 h; the limit is 2 h." in texts(page)
    assert rows_of(page, "ledger")[0]["Status after"] == "paused"

    page.button(key="rules_seen").click().run()
    assert told not in texts(page)
    assert told not in texts(open_page(monkeypatch, sagemaker))


def test_what_a_rule_was_refused_is_told_with_the_reason(monkeypatch: pytest.MonkeyPatch, server: Background) -> None:
    sagemaker = due_in(-1, "idle 2h delete")
    sagemaker.refused = ("delete_endpoint",)
    watched(monkeypatch, sagemaker, server)

    page = open_page(monkeypatch, sagemaker)

    assert "By rule: **0 of 1 resource is shut down**. 1 refused." in texts(page)
    assert f"Endpoint fraud: idle for 10.0 h; the limit is 2 h. Endpoint fraud: {DENIED}" in texts(page)


def test_what_comes_due_while_the_server_runs_is_marked_and_not_touched(
    monkeypatch: pytest.MonkeyPatch, server: Background
) -> None:
    sagemaker = make_sagemaker(**{"sagedeck:stop": "idle 2h"})
    watched(monkeypatch, sagemaker, server)

    assert list(sagemaker.endpoints) == ["fraud"]
    left = datetime.fromisoformat(sagemaker.tags["fraud"][STOP_AT]) - datetime.now(UTC)
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)


def test_who_applies_the_rules_and_when_that_was_last_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    sagemaker = make_sagemaker(**{"sagedeck:stop": "idle 20h"})
    run: dict[str, Any] = {"at": stamp(-3.1), "by": "the reaper", "problems": ["Tags: not authorized."]}
    sagemaker.ledger["sagedeck/rules-run.json"] = json.dumps(run).encode()

    page = open_page(monkeypatch, sagemaker)

    told = "Rules apply only while SageDeck or its reaper runs; last run 3 min ago by the reaper."
    assert told in texts(page)
    assert "Tags: not authorized." in [each.value for each in page.warning]


def test_a_dialog_that_is_open_is_not_about_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    page = select(open_page(monkeypatch, due_in(8)), 0)
    assert [row["Resource"] for row in rows_of(page, "shutdown_plan")] == ["Endpoint fraud"]
