"""What is due is stopped, once, and what must not be is not."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.aws import tags
from services.aws.account import Account
from services.costs import ledger as cost_ledger
from services.errors import Problem
from services.inventory.resources import BillableResource
from services.inventory.scan import inventory
from services.shutdown import driver as shutdown_driver
from services.shutdown import grace, janitor, pause
from services.shutdown import policy as shutdown_policy
from services.shutdown import rules as shutdown_rules
from services.shutdown.grace import GRACE
from services.shutdown.janitor import Proposal
from services.shutdown.policy import ShutdownPolicy
from services.shutdown.rules import IdleFor, Rule
from services.shutdown.run import RunStep, StepState
from tests.local_service import PROJECT, LocalService
from tests.services.shutdown.shutdown_account import ShutdownAccount
from tests.services.shutdown.test_rules import NOW, make_running


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutdown_driver, "PACE", 0.01)


def make_idle(name: str = "x", **more: str) -> BillableResource:
    """An endpoint that nobody has used for nine hours, with tags."""
    pairs = tuple((key.replace("_", ":"), value) for key, value in more.items())
    return replace(make_running(name, idle=9), arn=f"arn:{name}", tags=pairs)


def proposed(account: ShutdownAccount, *resources: BillableResource, rules: tuple[Rule, ...] = ()) -> Proposal:
    for rule in rules:
        shutdown_rules.add(account, rule)
    tag(account, *resources)
    return janitor.propose(account, inventory(NOW, resources), NOW)


def tag(account: ShutdownAccount, *resources: BillableResource) -> None:
    """Have resources carry in the account what they are listed with."""
    for resource in resources:
        account.marks.setdefault(resource.arn, {}).update(resource.tags or ())


def apply(account: ShutdownAccount, *resources: BillableResource, at_most: int = 5) -> list[RunStep]:
    """Apply the rules to resources twice: when they come due, and once their grace is over."""
    tag(account, *resources)
    for now in (NOW, NOW + GRACE):
        proposal = janitor.propose(account, inventory(now, resources), now)
        run = janitor.apply_rules(account, proposal, at_most, "me", now)
    return list(shutdown_driver.drive(account, run, 10).steps) if run else []


def make_account(**more: Any) -> ShutdownAccount:
    return ShutdownAccount(endpoints=dict.fromkeys("abc", "InService"), **more)


def deleted(account: ShutdownAccount) -> set[str]:
    return set("abc") - set(account.endpoints)


OWN = {"sagedeck_stop": "idle 2h"}
OF_TEAM = (Rule("team", "fraud", IdleFor(2)),)
PRODUCTION = [{"Key": "env", "Value": "prod"}]


def test_what_is_due_is_paused_after_its_grace_with_its_reason() -> None:
    account = make_account()

    (step,) = apply(account, make_idle("a", **OWN), make_idle("b"))

    assert (deleted(account), step.state) == ({"a"}, StepState.DONE)
    assert [paused.name for paused in pause.paused_endpoints(account).endpoints] == ["a"]
    assert [entry.why for entry in cost_ledger.load(account).entries] == ["idle for 9.0 h; the limit is 2 h"]


def test_nothing_is_shut_down_the_moment_it_comes_due() -> None:
    account = make_account()
    proposal = proposed(account, make_idle("a", **OWN))

    assert janitor.apply_rules(account, proposal, 5, "me", NOW) is None
    assert account.marks["arn:a"][grace.STOP_AT] == "2026-11-24T17:40:00Z"
    assert deleted(account) == set()


def test_what_somebody_keeps_is_not_shut_down() -> None:
    account, resource = make_account(), make_idle("a", **OWN)
    janitor.apply_rules(account, proposed(account, resource), 5, "me", NOW)
    grace.keep(account, resource, NOW)

    assert (apply(account, resource), deleted(account)) == ([], set())


def test_a_rule_that_was_removed_just_now_does_nothing_though_the_list_still_has_it() -> None:
    account, resource = make_account(), make_idle("a", **OWN)
    janitor.apply_rules(account, proposed(account, resource), 5, "me", NOW)
    del account.marks["arn:a"]["sagedeck:stop"]

    proposal = janitor.propose(account, inventory(NOW, [resource]), NOW + GRACE)

    assert (proposal.steps, [one.name for one in proposal.grace.release]) == ((), ["a"])


def test_what_is_used_again_within_its_grace_loses_its_mark() -> None:
    account = make_account()
    janitor.apply_rules(account, proposed(account, make_idle("a", **OWN)), 5, "me", NOW)
    used = replace(make_idle("a", **OWN), idle_hours=0.0)
    used = replace(used, tags=(*(used.tags or ()), *account.marks["arn:a"].items()))

    janitor.apply_rules(account, proposed(account, used), 5, "me", NOW)

    assert grace.STOP_AT not in account.marks["arn:a"]


def test_a_rule_that_asks_for_it_deletes_the_endpoint() -> None:
    account = make_account()

    apply(account, make_idle("a", sagedeck_stop="idle 2h delete"))

    assert (deleted(account), pause.paused_endpoints(account).endpoints) == ({"a"}, ())


def test_an_endpoint_that_failed_is_not_paused_and_it_says_why() -> None:
    failed = replace(make_idle("a", **OWN), status="Failed")

    (step,) = proposed(make_account(), failed).refused

    assert step.refused == "It is Failed: only an endpoint in service can be paused."


def test_what_was_stopped_just_now_is_not_stopped_again_though_it_is_still_listed() -> None:
    account = make_account()
    apply(account, make_idle("a", **OWN))
    assert janitor.propose(account, inventory(NOW, [make_idle("a", **OWN)]), NOW + 1.5 * GRACE).steps == ()


def test_what_was_refused_is_tried_again_the_next_day_and_not_every_minute() -> None:
    account = make_account(refused={"delete_endpoint"})
    (step,) = apply(account, make_idle("a", **OWN))
    assert step.state is StepState.REFUSED
    found = inventory(NOW, [make_idle("a", **OWN)])
    later = janitor.propose(account, found, NOW + timedelta(hours=23)).grace
    assert (later.act, later.begin, len(later.release)) == ((), (), 1)
    assert janitor.propose(account, found, NOW + timedelta(hours=25)).grace.begin


def test_what_is_protected_meanwhile_stays() -> None:
    account = make_account(tags=[{"Key": "sagedeck:protected", "Value": "true"}])

    assert apply(account, make_idle("a", **OWN)) == []
    assert deleted(account) == set()


def test_production_is_only_stopped_by_a_rule_on_the_resource_itself() -> None:
    account = make_account(tags=PRODUCTION)
    of_team, by_itself = make_idle("a", team="fraud", env="prod"), make_idle("b", env="prod", **OWN)

    proposal = proposed(account, of_team, by_itself, rules=OF_TEAM)
    apply(account, of_team, by_itself)

    assert deleted(account) == {"b"}
    assert [step.refused for step in proposal.refused] == [
        "Only a rule on the resource itself shuts it down: it is tagged as production."
    ]


def test_a_rule_on_the_resource_itself_does_not_stop_production_while_that_is_locked() -> None:
    account = make_account(tags=PRODUCTION)
    shutdown_policy.save(account, ShutdownPolicy(production_lock=True))
    resource = make_idle("a", env="prod", **OWN)

    assert proposed(account, resource).refused[0].refused.endswith("locked. Unlock it in Settings first.")
    assert (apply(account, resource), deleted(account)) == ([], set())


def test_so_many_at_once_are_rather_a_mistake_and_none_is_marked() -> None:
    account = make_account()

    with pytest.raises(Problem, match="3 resources are due at once; the limit is 2"):
        apply(account, *(make_idle(name, **OWN) for name in "abc"), at_most=2)

    assert (deleted(account), [own for own in account.marks.values() if grace.STOP_AT in own]) == (set(), [])


def test_tags_that_are_no_rule_are_told() -> None:
    proposal = proposed(make_account(), make_idle("a", sagedeck_stop="soon"))

    assert proposal.steps == ()
    assert proposal.problems[0].startswith("Endpoint a: Rule 'soon'")


@pytest.mark.slow
def test_from_the_command_line_a_due_thing_is_stopped_and_the_ledger_says_why(
    local: LocalService, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, arn = make_notebook(local)
    monkeypatch.setattr(janitor, "_account", lambda options: local.account)

    assert janitor.main([]) == 0
    due = f"Notebook instance {name}: due now, and shut down in 10 minutes unless kept. Reason: past 2026"
    assert due in capsys.readouterr().out
    tags.save(local.account, arn, {grace.STOP_AT: f"{datetime.now(UTC) - GRACE:%Y-%m-%dT%H:%M:%SZ}"})

    assert janitor.main(["--dry-run"]) == 0
    assert f"Notebook instance {name}: StopNotebookInstance would be called." in capsys.readouterr().out

    assert janitor.main(["--at-most", "0"]) == 2
    assert "the limit is 0" in capsys.readouterr().err

    assert janitor.main([]) == 0
    assert f"Notebook instance {name}: Verified: Stopped. Reason: past 2026" in capsys.readouterr().out
    last = shutdown_rules.last_run(local.account)
    assert (last.by, last.problems) == ("the reaper", ()) if last else False
    (entry,) = [each for each in cost_ledger.load(local.account).entries if each.name == name]
    assert entry.why == "past 2026-01-01 00:00 UTC"


def make_notebook(local: LocalService) -> tuple[str, str]:
    """A notebook instance in service that was to run until long ago: its name and ARN."""
    from tests.local.factories import unique
    from tests.local_service import ROLE, eventually

    sagemaker, name = local.client("sagemaker"), unique("reaped")
    arn = sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE)[
        "NotebookInstanceArn"
    ]
    tags.save(local.account, arn, {shutdown_rules.TAG: "until 2026-01-01T00:00"})
    eventually(
        lambda: sagemaker.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"] == "InService"
    )
    return name, arn


def test_what_cannot_be_asked_at_all_is_one_sentence_and_a_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(options: object) -> Account:
        raise Problem("AWS configuration", "there is no profile x", "Name another")

    monkeypatch.setattr(janitor, "_account", refuse)

    assert janitor.main([]) == 2
    assert capsys.readouterr().err == "AWS configuration: there is no profile x. Name another.\n"


def test_it_needs_nothing_of_the_screen_or_of_learning() -> None:
    heavy = ("streamlit", "pandas", "pyarrow", "plotly", "sagemaker", "sklearn", "xgboost", "services.local")
    code = f"import sys, services.reaper; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout == "[]\n"
