"""The smoke test of a real account, tried on the accounts there are: this computer's, and moto's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.aws.account import Account
from services.errors import Problem
from services.pricing.price_book import LIST_PRICES
from tests.aws_smoke import journey, reading, report
from tests.aws_smoke.__main__ import main
from tests.aws_smoke.report import DifferentError, NotSeenError, Observation, Result
from tests.local_service import LocalService
from tests.moto_account import ROLE, running_aws
from tests.profiles import KEYS, write_profiles
from tests.services.training_factory import make_model


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with running_aws() as url, pytest.MonkeyPatch.context() as patch:
        write_profiles(patch, tmp_path_factory.mktemp("profiles"), work={**KEYS, "endpoint_url": url})
        yield Account("AWS", "us-east-1", "work", role=ROLE)


@pytest.mark.slow
def test_reading_sees_what_is_as_assumed_on_this_computer(own_local: LocalService) -> None:
    account = own_local.account
    make_model(account)
    seen = {each.assumption: each.result for each in report.observed(reading.checks(account))}
    assert Result.DIFFERENT not in seen.values()
    assert seen["The log of a built-in algorithm gives a learning curve with a point for each round"] == "as assumed"


@pytest.mark.slow
def test_the_journey_is_as_assumed_on_this_computer_and_leaves_nothing(local: LocalService) -> None:
    seen = list(journey.observations(local.account, again=0.1))
    assert [str(each) for each in seen if each.result is not Result.AS_ASSUMED] == []
    assert seen[-1].assumption == "Nothing of it is left"


def test_only_reading_is_sent_without_run(aws: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def call(self: Account, service: str, operation: str, **_: Any) -> dict[str, Any]:
        asked.append((operation, self.read_only))
        raise Problem("Asked", "nothing is answered here", "Try again")

    monkeypatch.setattr(Account, "call", call)
    assert main(["--profile", "work", "--report", str(tmp_path / "report.md")]) == 0
    assert asked
    assert all(read_only for _, read_only in asked)


def test_what_may_cost_more_than_the_cap_is_not_begun() -> None:
    with pytest.raises(Problem, match=r"the cap is \$0\.05"):
        journey.check_cap(LIST_PRICES, 0.05)


def test_what_a_journey_may_cost_is_below_the_usual_cap() -> None:
    assert 0 < journey.check_cap(LIST_PRICES, 1.0) <= 1.0


@pytest.mark.parametrize(
    ("raised", "result"),
    [
        (DifferentError("a new status"), Result.DIFFERENT),
        (KeyError("Member"), Result.DIFFERENT),
        (NotSeenError("no job"), Result.NOT_SEEN),
        (Problem("List", "not authorized", "Ask"), Result.NOT_SEEN),
    ],
)
def test_what_differs_is_kept_apart_from_what_could_not_be_seen(raised: Exception, result: Result) -> None:
    def check() -> str:
        raise raised

    assert report.observe("It is so", check).result is result


def test_the_report_holds_no_account_and_no_name() -> None:
    seen = Observation(
        "It is so", Result.AS_ASSUMED, "arn:aws:sts::123456789012:assumed-role/admin/ann in 123456789012"
    )
    text = report.written([seen], "work")
    assert "1 as assumed, 0 different, 0 not seen" in text
    assert "123456789012" not in text
    assert "ann" not in text
