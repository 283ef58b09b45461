"""What is due is stopped, once, and what must not be is not."""

import io
import json
import subprocess
import sys
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from services.aws import tags
from services.aws.account import Account
from services.aws.errors import AwsError
from services.costs import ledger as cost_ledger
from services.errors import Problem
from services.inventory.resources import BillableResource
from services.inventory.scan import inventory
from services.shutdown import janitor
from services.shutdown import rules as shutdown_rules
from services.shutdown.janitor import Proposal
from services.shutdown.rules import IdleFor, Rule, TagRules
from tests.local_service import PROJECT, LocalService
from tests.services.shutdown.test_rules import NOW, make_running

GONE = AwsError("Describe", "Could not find it", "Refresh", "ValidationException")


@dataclass(frozen=True)
class FakeAccount(Account):
    """Keeps what it is asked; has these tags on everything, and these rules."""

    title: str = "AWS"
    region: str = "us-east-1"
    bucket: str = "kept"
    tags: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    locked: bool = field(default=False, compare=False)
    asked: list[str] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        self.asked.append(operation)
        if operation == "get_caller_identity":
            return {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/reaper"}
        if operation == "list_tags":
            return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags]}
        if operation == "get_object":
            kept = {"version": 1, "idle": {}, "blast_limit": 5, "production_lock": self.locked}
            return {"Body": io.BytesIO(json.dumps(kept).encode()), "ETag": '"kept"'}
        if operation == "describe_endpoint":
            raise GONE
        if operation == "put_object":
            return {"ETag": '"kept"'}
        return {}


def make_idle(name: str = "x", **more: str) -> BillableResource:
    """An endpoint that nobody has used for nine hours, with tags."""
    pairs = tuple((key.replace("_", ":"), value) for key, value in more.items())
    return replace(make_running(name, idle=9), arn=f"arn:{name}", tags=pairs)


def proposed(
    monkeypatch: pytest.MonkeyPatch, account: Account, *resources: BillableResource, rules: tuple[Rule, ...] = ()
) -> Proposal:
    monkeypatch.setattr(shutdown_rules, "load", lambda of: TagRules(rules))
    return janitor.propose(account, inventory(NOW, resources), NOW)


OWN = {"sagedeck_stop": "idle 2h"}
OF_TEAM = (Rule("team", "fraud", IdleFor(2)),)


def test_what_is_due_is_stopped_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    account = FakeAccount()
    proposal = proposed(monkeypatch, account, make_idle("a", **OWN), make_idle("b"))

    outcomes = janitor.apply_rules(account, proposal, 5, NOW)

    assert [outcome.sentence for outcome in outcomes] == ["Endpoint a: SageMaker accepted DeleteEndpoint."]
    assert list(proposal.reasons.values()) == ["idle for 9.0 h; the limit is 2 h"]


def test_a_rehearsal_calls_nothing_that_changes_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    account = FakeAccount()

    (outcome,) = janitor.rehearse(account, proposed(monkeypatch, account, make_idle("a", **OWN)))

    assert outcome.sentence == "Endpoint a: no call needed. Status: deleted."
    assert {operation.partition("_")[0] for operation in account.asked} <= {"list", "describe", "get"}


def test_what_is_protected_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    account = FakeAccount(tags=(("sagedeck:protected", "true"),))

    (outcome,) = janitor.apply_rules(account, proposed(monkeypatch, account, make_idle("a", **OWN)), 5, NOW)

    assert not outcome.ok
    assert "delete_endpoint" not in account.asked


def test_production_is_only_stopped_by_a_rule_on_the_thing_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    production = (("env", "prod"),)
    by_team, by_itself = FakeAccount(tags=production), FakeAccount(tags=production)
    resources = make_idle("a", team="fraud", env="prod"), make_idle("a", env="prod", **OWN)

    (stays,) = janitor.apply_rules(by_team, proposed(monkeypatch, by_team, resources[0], rules=OF_TEAM), 5, NOW)
    (goes,) = janitor.apply_rules(by_itself, proposed(monkeypatch, by_itself, resources[1]), 5, NOW)

    assert (stays.ok, goes.ok) == (False, True)


def test_a_rule_on_the_thing_itself_does_not_stop_production_while_that_is_locked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = FakeAccount(tags=(("env", "prod"),), locked=True)

    (stays,) = janitor.apply_rules(account, proposed(monkeypatch, account, make_idle("a", env="prod", **OWN)), 5, NOW)

    assert stays.sentence.endswith("production is locked. Unlock it in Settings first.")
    assert "delete_endpoint" not in account.asked


def test_so_many_at_once_are_rather_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    account = FakeAccount()
    proposal = proposed(monkeypatch, account, *(make_idle(name, **OWN) for name in "abc"))

    with pytest.raises(Problem, match="3 resources are due at once; the limit is 2"):
        janitor.apply_rules(account, proposal, 2, NOW)

    assert "delete_endpoint" not in account.asked


def test_tags_that_are_no_rule_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = proposed(monkeypatch, FakeAccount(), make_idle("a", sagedeck_stop="soon"))

    assert proposal.steps == ()
    assert proposal.problems[0].startswith("Endpoint a: Rule 'soon'")


def test_from_the_command_line_a_due_thing_is_stopped_and_the_ledger_says_why(
    local: LocalService, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = make_notebook(local)
    monkeypatch.setattr(janitor, "_account", lambda options: local.account)

    assert janitor.main(["--dry-run"]) == 0
    assert f"Notebook instance {name}: StopNotebookInstance would be called." in capsys.readouterr().out

    assert janitor.main(["--at-most", "0"]) == 2
    assert "the limit is 0" in capsys.readouterr().err

    assert janitor.main([]) == 0
    assert f"Notebook instance {name}: SageMaker accepted StopNotebookInstance." in capsys.readouterr().out
    (entry,) = [each for each in cost_ledger.load(local.account).entries if each.name == name]
    assert entry.why == "past 2026-01-01 00:00 UTC"


def make_notebook(local: LocalService) -> str:
    """A notebook instance in service that was to run until long ago."""
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
    return name


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
