"""Checks which permissions the current identity has, without changing anything.

Read, stop and delete requests are tried on a resource that does not exist: AWS answers either "access denied" or "not
found". Create and start actions are checked with the IAM policy simulator instead.

Reference: IAM API, SimulatePrincipalPolicy; botocore's service models, for what a request must hold.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.aws.account import READING, Account, Identity
from services.aws.errors import DENIED, AwsError, operation_name
from services.iam.required_permissions import Permission
from services.inventory.kinds.reviews_and_maps import MAPS_REGION

AT_ONCE = 16
BATCH = 100  # the most actions of one simulator request
NOT_OFFERED = "UnknownOperationException"  # the answer of a service that does not have the request
SAID_NO = {
    "ValidationException",
    "ResourceNotFoundException",
    "NoSuchKey",
    "NoSuchBucket",
    "404",
    "BadRequestException",
}


class PermissionAnswer(StrEnum):
    """Whether a permission is there."""

    ALLOWED = "allowed"
    MISSING = "missing"
    UNKNOWN = "not checked"


@dataclass(frozen=True)
class PermissionFinding:
    """A permission and whether it is there; `message`: AWS's own, or why it was not checked."""

    permission: Permission
    answer: PermissionAnswer
    message: str = ""


def check(account: Account, permissions: Sequence[Permission]) -> Iterator[PermissionFinding]:
    """A finding per permission, as answers come in. Raises AwsError when the identity cannot be read."""
    us, name = account.identity(), f"sagedeck-check-{secrets.token_hex(4)}"
    tried = [permission for permission in permissions if not permission.creates]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(_try, account, us, permission, name) for permission in tried]
        yield from _simulated(account, us, [permission for permission in permissions if permission.creates])
        for done in as_completed(futures):
            yield done.result()


def _try(account: Account, us: Identity, permission: Permission, name: str) -> PermissionFinding:
    if account.read_only and not operation_name(permission.operation).startswith(READING):
        return PermissionFinding(permission, PermissionAnswer.UNKNOWN, "Not checked in read-only mode.")
    if permission.service == "sagemaker-geospatial":
        account = account.at(MAPS_REGION)
    try:
        account.call(permission.service, permission.operation, **_harmless(account, us, permission, name))
    except AwsError as error:
        if error.code in DENIED:
            return PermissionFinding(permission, PermissionAnswer.MISSING, error.said)
        if error.code == NOT_OFFERED:
            return PermissionFinding(permission, PermissionAnswer.UNKNOWN, error.said)
        if error.code in SAID_NO or error.is_missing:
            return PermissionFinding(permission, PermissionAnswer.ALLOWED)
        return PermissionFinding(permission, PermissionAnswer.UNKNOWN, str(error))
    return PermissionFinding(permission, PermissionAnswer.ALLOWED)


def _harmless(account: Account, us: Identity, permission: Permission, name: str) -> dict[str, Any]:
    """The required parameters of the request, for a resource that does not exist."""
    shape = (
        account.client(permission.service)
        .meta.service_model.operation_model(operation_name(permission.operation))
        .input_shape
    )
    needed = [
        required_member
        for required_member in shape.required_members
        if "idempotencyToken" not in shape.members[required_member].metadata
    ]
    return {member: _value(member, shape.members[member], account, us, name) for member in needed}


def _value(member: str, shape: Any, account: Account, us: Identity, name: str) -> Any:
    place = f"{account.region}:{us.account}"
    if member == "Bucket":
        return account.default_bucket()
    if member == "DomainId":
        return f"d-{name.rpartition('-')[2]}"
    if member.endswith("Arn"):
        kind = re.sub(r"(?<!^)(?=[A-Z])", "-", member.removesuffix("Arn")).lower() or "app"
        return f"arn:aws:sagemaker:{place}:{kind}/{name}"
    match shape.type_name:
        case "list":
            return [_value("", shape.member, account, us, name)]
        case "structure":
            return {
                required: _value(required, shape.members[required], account, us, name)
                for required in shape.required_members
            }
        case "map":
            return {name: _value("", shape.value, account, us, name)}
        case "timestamp":
            return 0
        case "blob":
            return b""
        case "integer" | "long":
            return 1
    return shape.enum[0] if shape.enum else name


def _simulated(account: Account, us: Identity, permissions: Sequence[Permission]) -> Iterator[PermissionFinding]:
    """The policy simulator's answers; UNKNOWN where it may not be called."""
    actions = sorted({permission.action for permission in permissions})
    try:
        decided: dict[str, str] = {}
        for start in range(0, len(actions), BATCH):
            answer = account.call(
                "iam",
                "simulate_principal_policy",
                PolicySourceArn=_principal(us.arn),
                ActionNames=actions[start : start + BATCH],
            )
            decided |= {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}
    except AwsError as error:
        reason = f"Trying it would create something, and the IAM policy simulator is not available: {error.said}"
        yield from (PermissionFinding(permission, PermissionAnswer.UNKNOWN, reason) for permission in permissions)
        return
    for permission in permissions:
        allowed = decided.get(permission.action) == "allowed"
        yield PermissionFinding(
            permission,
            PermissionAnswer.ALLOWED if allowed else PermissionAnswer.MISSING,
            decided.get(permission.action, ""),
        )


def _principal(arn: str) -> str:
    """The role behind a session of it, which is whom IAM knows."""
    session = re.fullmatch(r"arn:(aws[a-z-]*):sts::(\d+):assumed-role/([^/]+)/.+", arn)
    return f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}" if session else arn


def missing(findings: Iterable[PermissionFinding]) -> list[Permission]:
    """The missing permissions."""
    return [finding.permission for finding in findings if finding.answer is PermissionAnswer.MISSING]
