"""Guards while their documents cannot be read: what is unknown is taken at its strictest, and the rest goes on."""

from datetime import UTC, datetime

import pytest

from services.aws.documents import UnreadableDocumentError
from services.inventory.scan import inventory
from services.shutdown import janitor, job_artifacts, pause, policy, rules
from services.shutdown.grace import Decision
from services.shutdown.policy import STRICTEST
from tests.services.shutdown.shutdown_account import ShutdownAccount
from tests.services.shutdown.test_plan import make_running

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def account() -> ShutdownAccount:
    return ShutdownAccount()


def test_a_policy_that_cannot_be_read_locks_production(account: ShutdownAccount) -> None:
    account.objects[str(policy.address(account))] = b"{}"
    found, problem = policy.load_or_strictest(account)
    assert found == STRICTEST
    assert found.production_lock
    assert isinstance(problem, UnreadableDocumentError)


def test_rules_on_resources_hold_while_the_rules_for_tags_cannot_be_read(account: ShutdownAccount) -> None:
    account.objects[str(rules.address(account))] = b"not JSON"
    due = make_running(tags=((rules.TAG, "until 2026-01-01T00:00"),))
    account.marks[due.arn] = dict(due.tags or ())
    proposal = janitor.propose(account, inventory(NOW, [due]), NOW)
    assert [one.resource.name for one in proposal.grace.begin] == [due.name]
    assert str(rules.address(account)) in proposal.problems[0]


def test_production_stays_while_its_lock_cannot_be_read(account: ShutdownAccount) -> None:
    account.objects[str(policy.address(account))] = b"[]"
    tags = ((rules.TAG, "until 2026-01-01T00:00"), ("env", "prod"))
    account.marks["arn:fraud"] = dict(tags)
    proposal = janitor.propose(account, inventory(NOW, [make_running(tags=tags)]), NOW)
    assert "production is locked" in proposal.refused[0].refused
    assert proposal.grace == Decision()


def test_a_paused_endpoint_that_cannot_be_read_is_named_and_may_need_every_file(account: ShutdownAccount) -> None:
    account.objects["s3://bucket/sagedeck/parked/fraud.json"] = b"{}"
    paused = pause.paused_endpoints(account)
    assert paused.endpoints == ()
    assert [problem.address for problem in paused.unreadable] == ["s3://bucket/sagedeck/parked/fraud.json"]
    with pytest.raises(UnreadableDocumentError):
        job_artifacts._paused(account)
