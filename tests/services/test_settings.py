"""What is kept between visits: a role and a bucket for each profile and region."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import settings
from services.errors import Problem

ROLE = "arn:aws:iam::123456789012:role/SageMaker"


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "DATA_FOLDER", tmp_path / "not-yet")


def test_this_computer_has_its_role_and_bills_nothing() -> None:
    account = settings.account(settings.THIS_COMPUTER, "eu-west-1")
    assert (account.region, account.role, account.bills) == ("us-east-1", settings.LOCAL_ROLE, False)


def test_a_profile_is_an_account_on_aws_that_bills() -> None:
    account = settings.account("work", "eu-west-1")
    assert (account.title, account.profile, account.region, account.bills) == ("AWS", "work", "eu-west-1", True)
    assert (account.role, account.bucket) == (None, None)


def test_what_was_kept_is_there_next_time() -> None:
    kept = settings.save(settings.account("work", "eu-west-1"), role=ROLE, bucket="mine")
    assert settings.account("work", "eu-west-1") == kept
    assert (kept.role, kept.bucket) == (ROLE, "mine")


def test_each_profile_and_region_has_its_own() -> None:
    settings.save(settings.account("work", "eu-west-1"), role=ROLE, bucket=None)
    settings.save(settings.account("home", "eu-west-1"), role=None, bucket="mine")
    assert settings.account("work", "us-east-1").role is None
    assert settings.account("work", "eu-west-1").role == ROLE
    assert settings.account("home", "eu-west-1").bucket == "mine"


@pytest.mark.parametrize("arn", [ROLE, f" {ROLE}\n", "arn:aws-cn:iam::123456789012:role/path/to/Role"])
def test_a_roles_arn_is_accepted_as_pasted(arn: str) -> None:
    assert settings.checked_role(arn) == arn.strip()


def test_no_role_is_allowed() -> None:
    assert settings.checked_role(" ") is None


@pytest.mark.parametrize("arn", ["SageMaker", "arn:aws:iam::123456789012:user/me", "arn:aws:iam::12:role/x"])
def test_what_is_no_roles_arn_is_refused(arn: str) -> None:
    with pytest.raises(Problem, match=r"it is not a role ARN. Copy it from the IAM console"):
        settings.checked_role(arn)


def test_read_only_mode_is_kept_beside_the_accounts() -> None:
    settings.save(settings.account("work", "eu-west-1"), role=ROLE, bucket=None)

    settings.save_read_only(True)

    assert settings.account("work", "eu-west-1").read_only
    assert settings.account(settings.THIS_COMPUTER, "us-east-1").read_only
    assert settings.account("work", "eu-west-1").role == ROLE


def test_read_only_mode_may_be_set_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEDECK_READ_ONLY", "1")

    settings.save_read_only(False)

    assert settings.read_only()


def test_of_many_who_write_at_once_nobody_loses_what_was_saved() -> None:
    def save(number: int) -> None:
        settings.save(settings.account(f"profile-{number}", "eu-west-1"), role=None, bucket=f"bucket-{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(80)))
    buckets = [settings.account(f"profile-{number}", "eu-west-1").bucket for number in range(80)]
    assert buckets == [f"bucket-{number}" for number in range(80)]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"mode": {"read_only": "perhaps"}}', '{"version": 99}'])
def test_settings_that_cannot_be_read_weaken_no_guard_and_are_set_aside(content: str) -> None:
    settings.save(settings.account("work", "eu-west-1"), role=ROLE, bucket="mine")
    path = settings.DATA_FOLDER / "settings.json"
    path.write_text(content)

    assert settings.read_only()
    assert settings.account("work", "eu-west-1").read_only
    problem = settings.unreadable()
    assert problem
    assert problem.address == str(path)
    with pytest.raises(Problem, match=r"^Document .*settings\.json"):
        settings.save_read_only(False)

    aside = settings.set_aside(datetime(2026, 11, 28, tzinfo=UTC))
    assert aside.read_text() == content
    assert (settings.unreadable(), settings.read_only()) == (None, False)
