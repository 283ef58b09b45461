"""The Settings page on this computer; on AWS it is tested in test_on_aws.py."""

import pytest

from tests.pages.opening import errors, open_page, stand_at, words
from tests.running import LocalService


@pytest.fixture(autouse=True)
def _here(local: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_at(monkeypatch, local.folder)


def test_it_says_where_one_is_and_as_whom() -> None:
    said = words(open_page("settings"))
    assert "**This computer**, account `000000000000`, region `us-east-1`" in said
    assert "`s3://sagemaker-us-east-1-000000000000`" in said


def test_role_and_bucket_are_given_here() -> None:
    page = open_page("settings")
    assert not errors(page)
    assert all(page.text_input(key=key).disabled for key in ("role", "bucket"))


def test_other_programs_are_told_how_to_come_here() -> None:
    assert open_page("settings").main.code[0].value == 'eval "$(python -m services.local env)"'
