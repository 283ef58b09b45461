"""When things are to be stopped by themselves: rules as text, and what is due."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.aws.account import Account
from services.errors import Problem
from services.inventory.resources import BillableResource, ResourceKind
from services.shutdown import rules as shutdown_rules
from services.shutdown.rules import (
    AtDate,
    DailyAt,
    DailyCostAbove,
    Due,
    IdleFor,
    Rule,
    RulesRunDocument,
    TagRules,
    parse,
)
from tests.local_service import LocalService
from tests.services.fake_s3 import FakeS3

NOW = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)  # 18:30 in Berlin
HOUR = timedelta(hours=1)


def make_running(
    name: str = "x", hours: float = 10, idle: float | None = None, rate: float | None = 2.0, **tags: str
) -> BillableResource:
    return BillableResource(
        kind=ResourceKind.ENDPOINT,
        name=name,
        status="InService",
        instance_type="ml.m5.xlarge",
        instance_count=1,
        usd_per_hour=rate,
        since=NOW - hours * HOUR,
        cost_so_far=None,
        identity=(("EndpointName", name),),
        idle_hours=idle,
        tags=tuple((key.replace("_", ":"), value) for key, value in tags.items()),
        region="us-east-1",
    )


def due(resource: BillableResource, text: str) -> bool:
    found, problems = shutdown_rules.due_rules([replace(resource, tags=((shutdown_rules.TAG, text),))], [], NOW)
    assert not problems
    return bool(found)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("idle 2h", IdleFor(2.0)),
        ("idle 0.5", IdleFor(0.5)),
        ("at 18:00", DailyAt(time(18), "UTC")),
        ("at 7:05 Europe/Berlin", DailyAt(time(7, 5), "Europe/Berlin")),
        ("spent 20 USD", DailyCostAbove(20.0)),
        ("idle 2h delete", IdleFor(2.0, deletes=True)),
        ("at 7:05 Europe/Berlin delete", DailyAt(time(7, 5), "Europe/Berlin", deletes=True)),
        ("until 2026-12-01T18:00", AtDate(datetime(2026, 12, 1, 18, tzinfo=UTC))),
        ("until 2026-12-01T19:00+01:00", AtDate(datetime(2026, 12, 1, 18, tzinfo=UTC))),
    ],
)
def test_a_rule_is_read_and_written_as_the_same_text(text: str, when: shutdown_rules.When) -> None:
    assert parse(text) == when
    assert parse(str(when)) == when


@pytest.mark.parametrize(
    "text",
    [
        "",
        "idle",
        "idle -1h",
        "idle 0h",
        "spent 0 USD",
        "idle nan",
        "idle inf",
        "at noon",
        "at 25:00",
        "at 18:00 Atlantis",
        "spent much",
        "until then",
        "when idle",
        "delete",
        "idle 2h delete delete me",
    ],
)
def test_what_is_no_rule_is_refused_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(Problem, match="Write idle 2h, at 18:00 Europe/Berlin"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "why"), [("idle 0h", "the number must be above 0"), ("at noon", "a time is written 18:00")]
)
def test_a_rule_that_cannot_be_read_says_why(text: str, why: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(text)
    assert str(caught.value) == f"Rule {text!r}: it cannot be read ({why}). Write {shutdown_rules.FORMS}."


@pytest.mark.parametrize("text", ["idle 2h", "at 7:05 Europe/Berlin", "spent 20.5 USD", "until 2026-12-01T18:00"])
def test_a_rule_may_be_a_tag(text: str) -> None:
    from services.aws import tags

    tags.validate({shutdown_rules.TAG: str(parse(text))})


def test_idle_long_enough_is_due() -> None:
    assert due(make_running(idle=2.5), "idle 2h")
    assert due(make_running(idle=2), "idle 2h")
    assert not due(make_running(idle=1.5), "idle 2h")


def test_of_unknown_use_nothing_is_idle() -> None:
    assert not due(make_running(idle=None), "idle 2h")


def test_what_ran_before_the_time_of_day_is_due_after_it() -> None:
    assert due(make_running(hours=2), "at 18:00 Europe/Berlin")
    assert not due(make_running(hours=2), "at 18:00 UTC")


def test_what_was_started_after_the_time_of_day_runs_until_the_next() -> None:
    assert not due(make_running(hours=0.25), "at 18:00 Europe/Berlin")


def test_what_ran_before_yesterdays_time_of_day_and_still_runs_is_due_before_todays() -> None:
    assert due(make_running(hours=30), "at 18:00")
    assert not due(make_running(hours=23), "at 18:00")


def test_what_began_at_the_time_of_day_itself_is_due_at_it() -> None:
    assert due(make_running(hours=0), "at 17:30")


def test_the_day_of_a_time_of_day_is_that_of_its_zone() -> None:
    now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # 00:30 of the next day in Berlin
    resource = replace(make_running(sagedeck_stop="at 00:15 Europe/Berlin"), since=now - HOUR)

    (found,), _ = shutdown_rules.due_rules([resource], [], now)

    assert found.reason == "past 00:15 Europe/Berlin"


def test_what_is_spent_today_is_counted_from_midnight_to_the_second() -> None:
    now = NOW + timedelta(seconds=30, milliseconds=500)
    resources = [make_running(hours=30, rate=3600.0), make_running(hours=30, rate=None)]

    assert shutdown_rules.spent_today(resources, now) == pytest.approx(17.5 * 3600 + 30.5, abs=1e-3)


def test_what_has_cost_enough_today_is_due() -> None:
    assert due(make_running(hours=30), "spent 35 USD")  # 17.5 hours of today, $2 each
    assert not due(make_running(hours=30), "spent 36 USD")


def test_what_has_no_known_price_has_spent_nothing_known() -> None:
    assert not due(make_running(rate=None), "spent 1 USD")


def test_what_has_expired_is_due() -> None:
    assert due(make_running(), "until 2026-11-24T17:00")
    assert due(make_running(), "until 2026-11-24T17:30")
    assert not due(make_running(), "until 2026-11-24T18:00")


def test_a_rule_for_a_tag_holds_for_what_carries_it() -> None:
    resources = [make_running("a", idle=9, team="fraud"), make_running("b", idle=9, team="churn")]

    found, _ = shutdown_rules.due_rules(resources, [Rule("team", "fraud", IdleFor(2))], NOW)

    assert found == [Due(resources[0], "idle for 9.0 h; the limit is 2 h (tag team=fraud)", from_own_tag=False)]


def test_a_rule_that_deletes_says_so_of_what_is_due_by_its_own_tag_or_by_that_of_many() -> None:
    own = make_running("a", idle=9, sagedeck_stop="idle 2h delete")
    tagged = make_running("b", idle=9, team="fraud")

    found, _ = shutdown_rules.due_rules([own, tagged], [Rule("team", "", IdleFor(3, deletes=True))], NOW)

    assert found == [
        Due(own, "idle for 9.0 h; the limit is 2 h", from_own_tag=True, deletes=True),
        Due(tagged, "idle for 9.0 h; the limit is 3 h (tag team)", from_own_tag=False, deletes=True),
    ]


def test_what_carries_a_tag_spends_together() -> None:
    resources = [make_running("a", team="fraud"), make_running("b", team="fraud"), make_running("c")]  # $20 each

    found, _ = shutdown_rules.due_rules(resources, [Rule("team", "", DailyCostAbove(39))], NOW)

    assert [each.resource.name for each in found] == ["a", "b"]


def test_a_thing_is_due_once_and_its_own_rule_counts_first() -> None:
    resource = make_running(idle=9, sagedeck_stop="idle 1h", team="fraud")

    (found,) = shutdown_rules.due_rules([resource], [Rule("team", "fraud", IdleFor(2))], NOW)[0]

    assert found.from_own_tag


def test_a_tag_that_is_no_rule_is_told_and_stops_nothing() -> None:
    invalid, valid = make_running(idle=99, sagedeck_stop="soon"), make_running("y", idle=99, sagedeck_stop="idle 1h")

    found, (problem,) = shutdown_rules.due_rules([invalid, valid], [], NOW)

    assert [each.resource for each in found] == [valid]
    assert str(problem) == (
        f"Endpoint x: Rule 'soon': it is not a rule. Write {shutdown_rules.FORMS}. Correct its tag."
    )


def test_things_of_unknown_tags_have_no_rules() -> None:
    assert shutdown_rules.due_rules(
        [replace(make_running(idle=99), tags=None)], [Rule("team", "", IdleFor(1))], NOW
    ) == ([], [])


def test_rules_are_kept_for_everybody(local: LocalService) -> None:
    account: Account = local.account
    rules = [Rule("team", "fraud", DailyAt(time(18), "Europe/Berlin"), "arn:me"), Rule("lab", "", IdleFor(2), "arn:me")]

    for rule in rules:
        shutdown_rules.add(account, rule)

    assert shutdown_rules.load(account).rules == tuple(rules)
    for rule in rules:
        shutdown_rules.remove(account, rule)  # others share the service, and may carry such tags
    assert shutdown_rules.load(account).rules == ()


@pytest.mark.slow
def test_of_rules_that_are_added_at_once_none_is_lost(own_local: LocalService) -> None:
    rules = [Rule("team", str(number), IdleFor(2), "arn:me") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda rule: shutdown_rules.add(own_local.account, rule), rules))
    assert {rule.value for rule in shutdown_rules.load(own_local.account).rules} == {rule.value for rule in rules}


def test_a_rule_that_cannot_be_read_is_told_and_the_others_hold_until_it_is_removed() -> None:
    account = FakeS3("AWS", "us-east-1", bucket="bucket")
    sound = {"key": "team", "value": "fraud", "when": "idle 2h", "by": "arn:me"}
    body = json.dumps({"version": 1, "rules": [sound, {**sound, "when": "some day"}]}).encode()
    account.objects[str(shutdown_rules.address(account))] = body

    loaded = shutdown_rules.load(account)

    assert loaded.rules == (Rule("team", "fraud", IdleFor(2), "arn:me"),)
    assert [str(problem) for problem in loaded.problems] == [
        f"Rule for tag team: Rule 'some day': it is not a rule. Write {shutdown_rules.FORMS}. Remove it in Costs."
    ]
    shutdown_rules.remove_invalid(account)
    assert shutdown_rules.load(account) == TagRules(loaded.rules)


def test_a_rule_lies_in_s3_once_however_often_it_is_added_and_is_removed_alone() -> None:
    account = FakeS3("AWS", "us-east-1", bucket="bucket")
    kept, other = Rule("team", "fraud", IdleFor(2, deletes=True), "arn:me"), Rule("lab", "", DailyCostAbove(20))

    shutdown_rules.remove(account, kept)
    for rule in (kept, other, kept):
        shutdown_rules.add(account, rule)

    assert json.loads(account.objects["s3://bucket/sagedeck/schedules.json"])["rules"] == [
        {"key": "lab", "value": "", "when": "spent 20 USD", "by": ""},
        {"key": "team", "value": "fraud", "when": "idle 2h delete", "by": "arn:me"},
    ]
    shutdown_rules.remove(account, other)
    assert shutdown_rules.load(account) == TagRules((kept,))


def test_before_anything_is_saved_there_are_no_rules_and_they_were_never_applied() -> None:
    account = FakeS3("AWS", "us-east-1", bucket="bucket")

    assert shutdown_rules.load(account) == TagRules(())
    assert shutdown_rules.last_run(account) is None


def test_when_rules_were_applied_last_and_what_was_wrong_is_kept_in_utc() -> None:
    account = FakeS3("AWS", "us-east-1", bucket="bucket")

    shutdown_rules.note_run(account, NOW - HOUR, "dashboard", [])
    shutdown_rules.note_run(account, NOW.astimezone(ZoneInfo("Europe/Berlin")), "reaper", ["a tag is no rule"])

    assert shutdown_rules.last_run(account) == RulesRunDocument(at=NOW, by="reaper", problems=("a tag is no rule",))
    assert b"2026-11-24T17:30:00Z" in account.objects["s3://bucket/sagedeck/rules-run.json"]


@pytest.mark.parametrize("kind", [ResourceKind.NOTEBOOK_VOLUME, ResourceKind.SPACE_VOLUME, ResourceKind.ONLINE_STORE])
def test_no_rule_deletes_what_people_keep_though_it_carries_the_tag_that_stopped_its_machine(
    kind: ResourceKind,
) -> None:
    disk = replace(make_running(team="fraud", sagedeck_stop="until 2026-01-01T00:00"), kind=kind)

    assert shutdown_rules.due_rules([disk], [Rule("team", "fraud", DailyAt(time(17)))], NOW) == ([], [])


def test_disks_count_in_what_their_tag_has_spent() -> None:
    machine, disk = make_running("a", hours=6, rate=2.0, team="x"), make_running("b", hours=6, rate=2.0, team="x")
    disk = replace(disk, kind=ResourceKind.SPACE_VOLUME)

    (found,), _ = shutdown_rules.due_rules([machine, disk], [Rule("team", "x", DailyCostAbove(20.0))], NOW)

    assert found.resource == machine
