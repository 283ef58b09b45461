"""Saying on Costs when something is to be stopped, and seeing that it is obeyed."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import costs as cost_queries
from services import settings
from services.aws import tags
from services.costs import ledger as cost_ledger
from services.shutdown import rules as shutdown_rules
from services.shutdown.background import Background
from services.shutdown.grace import STOP_AT
from services.shutdown.rules import IdleFor
from services.shutdown.watch import Watch
from tests.local.factories import unique
from tests.local_service import ROLE, LocalService, eventually
from tests.pages.app import open_page, stand_at, words

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, local: LocalService) -> None:
    stand_at(monkeypatch, local.folder)
    cost_queries.jobs_of_month.clear()


def make_notebook(local: LocalService) -> tuple[str, str]:
    """A notebook instance in service: its name and ARN."""
    sagemaker, name = local.client("sagemaker"), unique("scheduled")
    made = sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE)
    eventually(lambda: status(local, name) == "InService")
    return name, made["NotebookInstanceArn"]


def status(local: LocalService, name: str) -> str:
    described = local.client("sagemaker").describe_notebook_instance(NotebookInstanceName=name)
    return str(described["NotebookInstanceStatus"])


def scheduling(name: str) -> AppTest:
    """Costs, with the dialog open on that thing; anew when others on the service came or went meanwhile."""

    def opened() -> AppTest | None:
        page = open_page("costs")
        table = next(table for table in page.dataframe if "Name" in table.value)  # a result may stand above it
        row = table.value["Name"].tolist().index(name)
        key = table.proto.id.rsplit("-", 1)[1]
        page.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
        page.run().button(key="costs_schedule").click().run()
        return page if any(each.key == "schedule_keep" for each in page.button) else None

    page: AppTest = eventually(opened)
    return page


def test_a_rule_for_what_is_selected_becomes_its_tag(local: LocalService) -> None:
    name, arn = make_notebook(local)

    page = scheduling(name)
    page.number_input(key="schedule_hours").set_value(3.0)
    page.button(key="schedule_keep").click().run()

    assert tags.of(local.account, arn) == {shutdown_rules.TAG: "idle 3h"}
    assert f"**Notebook instance {name}**: idle 3h" in words(page)


def test_a_rule_for_a_tag_is_kept_for_all_that_carry_it_and_can_be_removed(local: LocalService) -> None:
    name, _ = make_notebook(local)

    page = scheduling(name)
    page.segmented_control(key="schedule_whom").set_value("All resources with a tag").run()
    page.text_input(key="schedule_tag").set_value("scheduled-team=fraud")
    page.button(key="schedule_keep").click().run()

    (rule,) = shutdown_rules.load(local.account).rules
    assert (rule.key, rule.value, rule.when, bool(rule.by)) == ("scheduled-team", "fraud", IdleFor(2), True)
    assert "**Tag scheduled-team=fraud** (0 resources now): idle 2h" in words(page)

    page.button(key="schedule_remove_scheduled-team_fraud_idle 2h").click().run()
    assert shutdown_rules.load(local.account).rules == ()


def test_a_tag_that_is_none_is_one_sentence_and_the_dialog_stays(local: LocalService) -> None:
    name, _ = make_notebook(local)

    page = scheduling(name)
    page.segmented_control(key="schedule_whom").set_value("All resources with a tag").run()
    page.button(key="schedule_keep").click().run()

    assert [each.value for each in page.error] == ["Auto-shutdown rule: the tag is missing. Write one as team=fraud."]
    assert page.text_input(key="schedule_tag").value == ""


def test_what_is_due_is_stopped_once_its_grace_is_over_while_the_server_runs(
    local: LocalService, server: Background
) -> None:
    name, arn = make_notebook(local)
    over = f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"
    tags.save(local.account, arn, {shutdown_rules.TAG: "until 2026-01-01T00:00", STOP_AT: over})

    Background.watch(server, local.account)

    eventually(lambda: status(local, name) == "Stopped")
    eventually(lambda: not server.runs(local.account))
    assert [entry.why for entry in cost_ledger.load(local.account).entries if entry.name == name] == [
        "past 2026-01-01 00:00 UTC"
    ]


def test_drawing_a_page_stops_nothing(local: LocalService) -> None:
    name, arn = make_notebook(local)
    tags.save(local.account, arn, {shutdown_rules.TAG: "until 2026-01-01T00:00"})

    open_page("costs")

    assert (status(local, name), STOP_AT in tags.of(local.account, arn)) == ("InService", False)
    tags.save(local.account, arn, {shutdown_rules.TAG: ""})


def test_a_tag_that_somebody_set_and_that_is_no_rule_is_told(local: LocalService) -> None:
    _, arn = make_notebook(local)
    tags.save(local.account, arn, {shutdown_rules.TAG: "soon"})

    page = open_page("costs")

    assert any(each.value.startswith("Rule 'soon': it is not a rule. Write idle 2h") for each in page.error)
    tags.save(local.account, arn, {shutdown_rules.TAG: ""})


def test_in_read_only_mode_nothing_is_stopped_by_a_rule(local: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    _, arn = make_notebook(local)
    tags.save(local.account, arn, {shutdown_rules.TAG: "until 2026-01-01T00:00"})
    monkeypatch.setattr(settings, "read_only", lambda: True)

    watch = Watch(local.account)

    assert [watch.look("me") for _ in range(3)] == [[]] * 3
    assert tags.of(local.account, arn) == {shutdown_rules.TAG: "until 2026-01-01T00:00"}
    tags.save(local.account, arn, {shutdown_rules.TAG: ""})
