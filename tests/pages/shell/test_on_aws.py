"""The same pages on an AWS account, behind a profile of the user's own; moto is the AWS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services import settings
from tests.moto_account import ROLE, running_aws
from tests.pages.app import NAMES, errors, open_page, stand_at, words
from tests.profiles import KEYS, write_profiles
from tests.services.training_factory import make_data

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def aws_url() -> Iterator[str]:
    """The address of an AWS of the tests' own."""
    with running_aws() as url:
        yield url


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, aws_url: str) -> str:
    """A profile that leads there, in a data folder that knows nothing of it yet."""
    stand_at(monkeypatch, tmp_path / "data")
    write_profiles(monkeypatch, tmp_path, **{tmp_path.name: {**KEYS, "endpoint_url": aws_url}})
    return tmp_path.name


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_and_says_that_it_is_on_aws(name: str, profile: str) -> None:
    page = open_page(name, account=profile)
    assert not errors(page)
    assert f":orange-badge[:material/cloud: AWS · {profile} · us-east-1]" in [
        each.value for each in page.sidebar.markdown
    ]


def test_who_one_is_there_is_said(profile: str) -> None:
    said = words(open_page("settings", account=profile))
    assert "**AWS**, account `123456789012`, region `us-east-1`" in said
    assert "`s3://sagemaker-us-east-1-123456789012`" in said


def test_without_a_role_a_launch_says_where_to_set_one(profile: str) -> None:
    data = make_data(settings.account(profile, "us-east-1"), profile[:40].replace("_", "-"))
    page = open_page("train", account=profile, data=data.name)
    page.button(key="launch").click().run()
    assert errors(page) == ["Launch on AWS: no execution role is set. Enter the role's ARN on the Settings page."]


def test_a_role_that_was_kept_is_used_from_then_on(profile: str) -> None:
    page = open_page("settings", account=profile)
    page.text_input(key="role").set_value(f" {ROLE} ")
    page.text_input(key="bucket").set_value("mine")
    page.button(key="keep").click().run()
    assert not page.exception
    assert not errors(page)
    kept = settings.account(profile, "us-east-1")
    assert (kept.role, kept.bucket) == (ROLE, "mine")
    assert "Data and models are stored in `s3://mine`." in words(page)


def test_what_is_no_role_is_one_sentence_and_stays_typed(profile: str) -> None:
    page = open_page("settings", account=profile)
    page.text_input(key="role").set_value("SageMaker")
    page.button(key="keep").click().run()
    assert errors(page) == ["Role 'SageMaker': it is not a role ARN. Copy it from the IAM console."]
    assert page.text_input(key="role").value == "SageMaker"
    assert settings.account(profile, "us-east-1").role is None
