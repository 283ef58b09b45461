"""The rules while the dashboard's server runs: every minute, over what runs by then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.inventory.resources import BillableResource, Inventory
from services.inventory.scan import inventory
from services.shutdown import grace, watch
from services.shutdown import rules as shutdown_rules
from services.shutdown.watch import Watch
from tests.services.shutdown.shutdown_account import ShutdownAccount, make_endpoint


class Listed:
    """A list of what runs that is read again while the last one is shown."""

    def __init__(self) -> None:
        self.resources: list[BillableResource] = []
        self.clock = datetime(2026, 11, 28, 12, tzinfo=UTC)
        self.last: Inventory | None = None

    def look(self, wait: float) -> Inventory:
        present = inventory(self.clock, self.resources)
        shown, self.last = self.last or present, present
        return shown


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Listed:
    found = Listed()
    monkeypatch.setattr(watch, "CachedScan", lambda begin, fresh_for: found if fresh_for == 30 else Listed())
    monkeypatch.setattr(watch.aws_regions, "other_regions", lambda account: watch.aws_regions.OtherRegions(()))
    monkeypatch.setattr(watch.settings, "read_only", lambda: False)
    return found


def test_a_rule_that_was_made_since_the_last_look_counts_at_the_next(listed: Listed) -> None:
    account, resource = ShutdownAccount(), replace(make_endpoint(), idle_hours=9.0)
    watching = Watch(account, lambda: listed.clock)
    watching.look("me")

    rule = {shutdown_rules.TAG: "idle 2h"}
    account.marks[resource.arn] = dict(rule)
    listed.resources = [replace(resource, tags=tuple(rule.items()))]
    listed.clock += timedelta(seconds=61)
    watching.look("me")
    listed.clock += timedelta(seconds=5)
    watching.look("me")

    assert grace.STOP_AT in account.marks[resource.arn]
    last = shutdown_rules.last_run(account)
    assert last
    assert (last.at, last.by) == (listed.clock, "the dashboard")


def test_what_cannot_be_read_is_told_with_the_time(listed: Listed) -> None:
    account = ShutdownAccount()
    account.objects[str(grace.address(account))] = b"[]"

    assert Watch(account, lambda: listed.clock).look("me") == []

    last = shutdown_rules.last_run(account)
    assert last
    assert "sagedeck/graces.json" in last.problems[0]


@pytest.mark.parametrize("how", ["the account", "the settings"])
def test_in_read_only_mode_no_rule_is_applied(listed: Listed, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    account = replace(ShutdownAccount(), read_only=how == "the account")
    monkeypatch.setattr(watch.settings, "read_only", lambda: how == "the settings")
    listed.resources = [replace(make_endpoint(), tags=((shutdown_rules.TAG, "until 2026-01-01T00:00"),))]

    assert Watch(account, lambda: listed.clock).look("me") == []
    assert (account.marks, account.asked) == ({}, [])
