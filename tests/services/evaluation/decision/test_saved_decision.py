"""The decision beside a model: kept whole, never overwritten unseen, and named when it cannot be used."""

import json
from dataclasses import replace

import pytest

from services.aws.account import Account
from services.aws.documents import ChangedMeanwhileError
from services.aws.s3 import Address
from services.evaluation.decision import saved_decision
from services.evaluation.decision.expected_cost import Costs
from services.evaluation.decision.saved_decision import ChosenOn, CostsMembers, SavedDecision, UnusableDecisionError
from services.evaluation.decision.threshold_aims import Aim
from tests.local.factories import unique
from tests.local_service import LocalService
from tests.services.training_factory import WHEN

pytestmark = pytest.mark.slow


@pytest.fixture
def account(local: LocalService) -> Account:
    return local.account


@pytest.fixture
def model(account: Account) -> str:
    return f"s3://{account.default_bucket()}/{unique('job')}/output/model.tar.gz"


def make_decision(model: str, threshold: float = 0.31) -> SavedDecision:
    return SavedDecision(
        model=model,
        threshold=threshold,
        positive="fraud",
        aim=Aim.COST,
        costs=CostsMembers(miss=500, false_alarm=10),
        reason="A miss costs 50 false alarms",
        chosen_on=ChosenOn(data="cards", split="validation", rows=2848, positives=5),
        decided_by="user/ana",
        decided_at=WHEN,
    )


def put(account: Account, model: str, body: bytes) -> Address:
    place = saved_decision.address(model)
    account.call("s3", "create_bucket", Bucket=place.bucket)
    account.call("s3", "put_object", Bucket=place.bucket, Key=place.key, Body=body)
    return place


def test_a_decision_lies_beside_its_model_and_comes_back_whole(account: Account, model: str) -> None:
    saved_decision.save(account, make_decision(model), seen=None)
    stored = saved_decision.read(account, model)
    assert stored
    assert stored.document == make_decision(model)
    assert stored.document.money == Costs(500, 10)
    assert str(saved_decision.address(model)) == model.replace("model.tar.gz", "decision.json")


def test_a_decision_that_was_seen_is_replaced(account: Account, model: str) -> None:
    seen = saved_decision.save(account, make_decision(model), seen=None)
    saved_decision.save(account, make_decision(model, 0.4), seen)
    assert saved_decision.applied(account, {model}).threshold == 0.4


@pytest.mark.parametrize("seen", [None, '"of an older one"'])
def test_a_decision_that_was_not_seen_is_not_overwritten(account: Account, model: str, seen: str | None) -> None:
    saved_decision.save(account, make_decision(model, 0.4), seen=None)
    with pytest.raises(ChangedMeanwhileError):
        saved_decision.save(account, make_decision(model, 0.2), seen)
    assert saved_decision.applied(account, {model}).threshold == 0.4


@pytest.mark.parametrize("body", [b"{", b'{"threshold": 0.3}', b'{"version": 2}'])
def test_a_damaged_decision_is_named_and_not_applied(account: Account, model: str, body: bytes) -> None:
    place = put(account, model, body)
    with pytest.raises(UnusableDecisionError, match="Evaluate page"):
        saved_decision.read(account, model)
    applied = saved_decision.applied(account, {model})
    assert (applied.threshold, applied.decision) == (0.5, None)
    assert str(place) in str(applied)
    assert str(applied).endswith("The usual threshold 0.5 is applied.")


@pytest.mark.parametrize("threshold", [-0.1, 1.1, None, "high"])
def test_a_threshold_that_cannot_be_is_no_decision(account: Account, model: str, threshold: object) -> None:
    members = json.loads(make_decision(model).model_dump_json()) | {"threshold": threshold}
    put(account, model, json.dumps(members).encode())
    with pytest.raises(UnusableDecisionError, match="threshold"):
        saved_decision.read(account, model)


def test_the_decision_of_another_model_in_the_folder_is_not_applied(account: Account, model: str) -> None:
    other = model.replace("model.tar.gz", "other.tar.gz")
    saved_decision.save(account, make_decision(other), seen=None)
    assert "it is of another model" in saved_decision.applied(account, {model}).fault


def test_without_a_decision_the_usual_threshold_is_applied_and_said(account: Account, model: str) -> None:
    applied = saved_decision.applied(account, {model})
    assert applied.threshold == 0.5
    assert str(applied) == "No decision is saved for this model: the usual threshold 0.5 is applied."


@pytest.mark.parametrize(
    ("models", "said"), [({"s3://a/b", "s3://a/c"}, "2 models answer here"), (set(), "address is unknown")]
)
def test_where_it_is_not_known_which_model_answers_no_decision_is_applied(
    account: Account, models: set[str], said: str
) -> None:
    applied = saved_decision.applied(account, models)
    assert (applied.threshold, said in str(applied)) == (0.5, True)


def test_who_decides_is_the_caller_without_the_number_of_the_account(account: Account) -> None:
    assert saved_decision.decided_by(account) == "user/sagedeck"


def test_a_decision_that_may_not_be_read_does_not_stop_a_prediction(account: Account, model: str) -> None:
    assert "is applied" in str(saved_decision.applied(replace(account, profile="nobody"), {model}))
