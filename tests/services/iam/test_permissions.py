"""Rights: the table knows every request, the documented policies are what it says, and one is told what is missing."""

import ast
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name

from services.aws.account import Account
from services.aws.errors import DENIED, AwsError, operation_name
from services.iam import permission_check, policies, required_permissions
from services.iam.permission_check import PermissionAnswer, PermissionFinding
from services.iam.required_permissions import PERMISSIONS, Level, Permission
from services.inventory.all_kinds import KINDS
from tests.local_service import LocalService

ROOT = Path(__file__).parents[3]
# Asked of the account as such, or of IAM itself, and allowed to everybody or told as unknown.
FREE = {("sts", "get_caller_identity"), ("iam", "simulate_principal_policy")}


def requests() -> set[tuple[str, str]]:
    """Every (service, operation) that is written in the services, outside this computer's."""
    endings = [ending for each in KINDS.values() for ending in (each.shutdown, each.removal) if ending]
    found = {(ending.client, name) for ending in endings for name in (ending.operation, ending.describe_operation)}
    for file in (ROOT / "services").rglob("*.py"):
        if "local" not in file.relative_to(ROOT).parts:
            found |= {pair for node in ast.walk(ast.parse(file.read_text())) if (pair := _request(node))}
    return found


def _request(node: ast.AST) -> tuple[str, str] | None:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    given = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    texts = given[:2]
    client = next((text for text in given[1:] if text.startswith("sagemaker")), "sagemaker")
    match node.func.attr, texts:
        case (("call" | "pages" | "speaking"), [service, operation]) if service:
            return service, operation
        case "listed", [operation, *_] if operation.startswith("list_"):
            return client, operation
        case (("each" | "described"), [what, *_]):
            return client, f"describe_{what}"
    return None


@pytest.mark.parametrize(("service", "operation"), sorted(requests() - FREE))
def test_every_request_that_is_made_is_in_the_table(service: str, operation: str) -> None:
    assert any((right.service, right.operation) == (service, operation) for right in PERMISSIONS)


@pytest.mark.parametrize("right", [right for right in PERMISSIONS if right.operation != "pass_role"], ids=str)
def test_every_right_is_a_request_that_boto3_knows(right: Permission) -> None:
    names = boto3.client(right.service, "us-east-1").meta.service_model.operation_names
    assert {xform_name(name): name for name in names}[right.operation] == operation_name(right.operation)


@pytest.mark.parametrize("level", Level)
def test_the_policy_in_the_docs_is_what_the_table_says(level: Level) -> None:
    kept = (ROOT / "docs" / "iam" / f"{level}.json").read_text()
    assert kept == policies.to_json(policies.policy(required_permissions.permissions_for(level))), (
        f"python -m services.rights {level}"
    )


def test_a_viewer_can_change_nothing() -> None:
    document = policies.policy(required_permissions.permissions_for(Level.VIEWER))
    actions = [action.partition(":")[2] for each in document["Statement"] for action in each["Action"]]
    assert {action for action in actions if not action.startswith(("List", "Describe", "Get", "Search"))} == set()


def test_roles_are_passed_to_sagemaker_only() -> None:
    (statement,) = [
        each
        for each in policies.policy(required_permissions.permissions_for(Level.ANALYST))["Statement"]
        if each["Action"] == required_permissions.PASS_ROLE
    ]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_a_policy_is_short_enough_for_iam() -> None:
    for level in Level:  # 6,144 characters without white space, a managed policy
        assert (
            len(json.dumps(policies.policy(required_permissions.permissions_for(level)), separators=(",", ":"))) < 6144
        )


@dataclass(frozen=True)
class FakeAccount(Account):
    """Refuses what it is told to with that code; everything else does not exist. Keeps what it is asked."""

    title: str = "AWS"
    region: str = "us-east-1"
    refused: dict[str, str] = field(default_factory=dict, compare=False)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list, compare=False)

    def client(self, service: str) -> Any:
        return boto3.client(service, "us-east-1")

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "get_caller_identity":
            return {"Account": "123456789012", "Arn": "arn:aws:sts::123456789012:assumed-role/Data/ada"}
        self.asked.append((operation, parameters))
        code = self.refused.get(operation)
        if code:
            raise AwsError("Asking", f"{code} said", "Ask", code)
        if operation == "simulate_principal_policy":
            return {
                "EvaluationResults": [
                    {"EvalActionName": action, "EvalDecision": "implicitDeny" if "Model" in action else "allowed"}
                    for action in parameters["ActionNames"]
                ]
            }
        raise AwsError("Asking", "could not find it", "Refresh", "ValidationException")


def found(account: Account, operation: str) -> PermissionFinding:
    (only,) = permission_check.check(account, [right for right in PERMISSIONS if right.operation == operation][:1])
    return only


def test_what_does_not_exist_may_be_asked_about() -> None:
    assert found(FakeAccount(), "describe_endpoint").answer is PermissionAnswer.ALLOWED


@pytest.mark.parametrize("code", sorted(DENIED))
def test_a_denied_call_is_a_missing_right(code: str) -> None:
    finding = found(FakeAccount(refused={"delete_endpoint": code}), "delete_endpoint")
    assert (finding.answer, finding.message) == (PermissionAnswer.MISSING, f"{code} said")


@pytest.mark.parametrize("code", ["ExpiredTokenException", "ThrottlingException", "EndpointConnectionError"])
def test_what_went_wrong_otherwise_says_nothing_about_the_right(code: str) -> None:
    assert found(FakeAccount(refused={"list_endpoints": code}), "list_endpoints").answer is PermissionAnswer.UNKNOWN


def test_what_would_create_something_is_asked_of_iam() -> None:
    account = FakeAccount()
    assert found(account, "create_training_job").answer is PermissionAnswer.ALLOWED
    assert found(account, "create_model").answer is PermissionAnswer.MISSING
    assert {operation for operation, _ in account.asked} == {"simulate_principal_policy"}
    assert account.asked[0][1]["PolicySourceArn"] == "arn:aws:iam::123456789012:role/Data"


def test_where_iam_does_not_tell_it_is_not_known() -> None:
    account = FakeAccount(refused={"simulate_principal_policy": "AccessDenied"})
    assert found(account, "create_training_job").answer is PermissionAnswer.UNKNOWN


def test_in_read_only_mode_nothing_that_ends_something_is_tried() -> None:
    account = FakeAccount(read_only=True)
    finding = found(account, "delete_endpoint")
    assert (finding.answer, finding.message, account.asked) == (
        PermissionAnswer.UNKNOWN,
        "Not checked in read-only mode.",
        [],
    )


@pytest.mark.parametrize("right", [right for right in PERMISSIONS if not right.creates], ids=str)
def test_every_call_that_is_tried_is_one_that_boto3_sends(right: Permission, local: LocalService) -> None:
    (finding,) = permission_check.check(local.account, [right])
    assert "Parameter validation failed" not in finding.message
    assert finding.answer is not PermissionAnswer.MISSING
