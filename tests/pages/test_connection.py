"""The Connection page: which rights one has, and the policy for what is missing."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from streamlit.testing.v1 import AppTest

from services import settings
from services.aws.account import Account
from services.aws.errors import AwsError
from services.iam.required_permissions import Level

PAGE = str(Path(__file__).parents[2] / "pages" / "connection.py")


@dataclass(frozen=True)
class FakeAccount(Account):
    """Denies these operations; everything else does not exist."""

    title: str = "AWS"
    region: str = "us-east-1"
    denied: tuple[str, ...] = field(default=(), compare=False)

    def client(self, service: str) -> Any:
        return boto3.client(service, "us-east-1")

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "get_caller_identity":
            return {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ada"}
        if operation in self.denied:
            raise AwsError("Asking", f"you may not {operation}", "Ask", "AccessDeniedException")
        if operation == "simulate_principal_policy":
            names = parameters["ActionNames"]
            return {"EvaluationResults": [{"EvalActionName": each, "EvalDecision": "allowed"} for each in names]}
        raise AwsError("Asking", "not found", "Refresh", "ResourceNotFoundException")


def checked(monkeypatch: pytest.MonkeyPatch, *denied: str) -> AppTest:
    monkeypatch.setattr(settings, "account", lambda title, region: FakeAccount(denied=denied))
    page = AppTest.from_file(PAGE, default_timeout=150).run()
    page.button(key="check").click().run()
    assert not page.exception
    return page


def levels(page: AppTest) -> dict[str, str]:
    """What is said of each level of use."""
    cards = [[text.value for text in column.markdown] for column in page.columns]
    return {title.strip("*"): re.sub(r":[a-z-]+\[:material/\w+: (.*)\]", r"\1", badge) for title, badge in cards}


@pytest.mark.slow
def test_who_may_do_everything_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    page = checked(monkeypatch)

    assert list(levels(page)) == [level.capitalize() for level in Level]
    assert all(re.fullmatch(r"all \d+ allowed", said) for said in levels(page).values())
    assert list(page.code) == []


@pytest.mark.slow
def test_what_is_missing_stands_first_with_the_policy_to_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    page = checked(monkeypatch, "delete_endpoint")

    row = page.dataframe[0].value.iloc[0]
    assert (row["Permission"], row["Message"]) == ("sagemaker:DeleteEndpoint", "you may not delete_endpoint")
    (statement,) = json.loads(page.code[0].value)["Statement"]
    assert statement["Action"] == ["sagemaker:DeleteEndpoint"]


@pytest.mark.slow
def test_a_level_counts_what_it_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    page = checked(monkeypatch, "stop_notebook_instance")

    missing = {level for level, said in levels(page).items() if said == "1 permission missing"}
    assert missing == {"Operator", "Reaper"}
    assert all(re.fullmatch(r"all \d+ allowed", said) for level, said in levels(page).items() if level not in missing)
