"""What counts as idle and how much may end at once, as kept in S3."""

import json

import pytest

from services.costs.idleness import Thresholds
from services.errors import Problem
from services.shutdown import policy as shutdown_policy
from services.shutdown.policy import ShutdownPolicy
from tests.services.fake_s3 import FakeS3


def test_what_was_never_set_is_the_usual() -> None:
    assert shutdown_policy.load(FakeS3("AWS", "us-east-1")) == ShutdownPolicy(Thresholds(), 5)


def test_what_is_kept_is_what_is_loaded_and_lies_in_s3_with_a_version() -> None:
    account, mine = FakeS3("AWS", "us-east-1"), ShutdownPolicy(Thresholds(1.5, 2, 0.25, 0.8), 3, production_lock=True)
    shutdown_policy.save(account, mine)

    assert shutdown_policy.load(account) == mine
    ((address, body),) = account.objects.items()
    assert address == "s3://sagemaker-us-east-1-123456789012/sagedeck/precautions.json"
    assert json.loads(body)["version"] == 1


def test_what_was_kept_before_there_was_a_lock_locks_nothing() -> None:
    account = FakeS3("AWS", "us-east-1")
    shutdown_policy.save(account, ShutdownPolicy(bulk_confirm_threshold=3))
    ((address, body),) = account.objects.items()
    document = json.loads(body)
    del document["production_lock"]
    account.objects[address] = json.dumps(document).encode()

    assert shutdown_policy.load(account) == ShutdownPolicy(bulk_confirm_threshold=3)


@pytest.mark.parametrize(
    ("mine", "said"),
    [
        (ShutdownPolicy(Thresholds(warm_pool=0)), "Idle: warm pool is 0. Enter a number above 0."),
        (
            ShutdownPolicy(Thresholds(job=1.2)),
            "Idle: a job cannot run longer than its time limit. Enter at most 100 %.",
        ),
        (ShutdownPolicy(bulk_confirm_threshold=0), "Confirmation limit: it is 0. Enter 1 or more."),
    ],
)
def test_what_cannot_be_meant_is_refused(mine: ShutdownPolicy, said: str) -> None:
    with pytest.raises(Problem) as raised:
        shutdown_policy.save(FakeS3("AWS", "us-east-1"), mine)
    assert str(raised.value) == said
