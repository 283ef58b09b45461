"""Guards while their documents cannot be read: what is unknown is taken at its strictest, and the rest goes on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.aws.documents import UnreadableDocumentError
from services.inventory.scan import inventory
from services.shutdown import janitor, job_artifacts, pause, policy, rules
from services.shutdown.policy import STRICTEST
from tests.services.fake_s3 import FakeS3
from tests.services.shutdown.test_plan import make_running

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def account() -> FakeS3:
    return FakeS3("AWS", "us-east-1", bucket="bucket")


def test_a_policy_that_cannot_be_read_locks_production(account: FakeS3) -> None:
    account.objects[str(policy.address(account))] = b"{}"
    found, problem = policy.load_or_strictest(account)
    assert found == STRICTEST
    assert found.production_lock
    assert isinstance(problem, UnreadableDocumentError)


def test_rules_on_resources_hold_while_the_rules_for_tags_cannot_be_read(account: FakeS3) -> None:
    account.objects[str(rules.address(account))] = b"not JSON"
    due = replace(make_running(tags=((rules.TAG, "until 2026-01-01T00:00"),)), usd_per_hour=0.2)
    proposal = janitor.propose(account, inventory(NOW, [due]), NOW)
    assert [step.resource.name for step in proposal.steps] == [due.name]
    assert str(rules.address(account)) in proposal.problems[0]


def test_production_stays_while_its_lock_cannot_be_read(account: FakeS3) -> None:
    account.objects[str(policy.address(account))] = b"[]"
    tags = ((rules.TAG, "until 2026-01-01T00:00"), ("env", "prod"))
    proposal = janitor.propose(account, inventory(NOW, [make_running(tags=tags)]), NOW)
    assert [step.acts for step in proposal.steps] == [False]


def test_a_paused_endpoint_that_cannot_be_read_is_named_and_may_need_every_file(account: FakeS3) -> None:
    account.objects["s3://bucket/sagedeck/parked/fraud.json"] = b"{}"
    paused = pause.paused_endpoints(account)
    assert paused.endpoints == ()
    assert [problem.address for problem in paused.unreadable] == ["s3://bucket/sagedeck/parked/fraud.json"]
    with pytest.raises(UnreadableDocumentError):
        job_artifacts._paused(account)
