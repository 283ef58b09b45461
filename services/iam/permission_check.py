"""Which of the rights one has, found out without changing anything.

Reading, stopping and deleting are tried on something that does not exist: AWS refuses for want of the right, or says
that there is no such thing. What would create or start something is asked of IAM instead.

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
BATCH = 100  # the most actions that IAM is asked about at once
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
    """Whether one has a right."""

    ALLOWED = "allowed"
    MISSING = "missing"
    UNKNOWN = "not checked"


@dataclass(frozen=True)
class PermissionFinding:
    """A right and whether one has it; `said`: AWS's words, or why it is not known."""

    right: Permission
    answer: PermissionAnswer
    said: str = ""


def check(account: Account, rights: Sequence[Permission]) -> Iterator[PermissionFinding]:
    """A finding for each right, as the answers come in. Raises AwsError when one cannot even say who one is."""
    us, name = account.identity(), f"sagedeck-check-{secrets.token_hex(4)}"
    tried = [right for right in rights if not right.creates]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(_try, account, us, right, name) for right in tried]
        yield from _simulated(account, us, [right for right in rights if right.creates])
        for done in as_completed(asked):
            yield done.result()


def _try(account: Account, us: Identity, right: Permission, name: str) -> PermissionFinding:
    if account.read_only and not operation_name(right.operation).startswith(READING):
        return PermissionFinding(right, PermissionAnswer.UNKNOWN, "Not checked in read-only mode.")
    if right.service == "sagemaker-geospatial":
        account = account.at(MAPS_REGION)
    try:
        account.call(right.service, right.operation, **_harmless(account, us, right, name))
    except AwsError as error:
        if error.code in DENIED:
            return PermissionFinding(right, PermissionAnswer.MISSING, error.said)
        if error.code == NOT_OFFERED:
            return PermissionFinding(right, PermissionAnswer.UNKNOWN, error.said)
        if error.code in SAID_NO or error.is_missing:
            return PermissionFinding(right, PermissionAnswer.ALLOWED)
        return PermissionFinding(right, PermissionAnswer.UNKNOWN, str(error))
    return PermissionFinding(right, PermissionAnswer.ALLOWED)


def _harmless(account: Account, us: Identity, right: Permission, name: str) -> dict[str, Any]:
    """What the request must hold, about a thing that does not exist."""
    shape = (
        account.client(right.service).meta.service_model.operation_model(operation_name(right.operation)).input_shape
    )
    needed = [each for each in shape.required_members if "idempotencyToken" not in shape.members[each].metadata]
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
            return {each: _value(each, shape.members[each], account, us, name) for each in shape.required_members}
        case "map":
            return {name: _value("", shape.value, account, us, name)}
        case "timestamp":
            return 0
        case "blob":
            return b""
        case "integer" | "long":
            return 1
    return shape.enum[0] if shape.enum else name


def _simulated(account: Account, us: Identity, rights: Sequence[Permission]) -> Iterator[PermissionFinding]:
    """What IAM says one may do; not known where it may not be asked."""
    actions = sorted({right.action for right in rights})
    try:
        decided: dict[str, str] = {}
        for start in range(0, len(actions), BATCH):
            answer = account.call(
                "iam",
                "simulate_principal_policy",
                PolicySourceArn=_principal(us.arn),
                ActionNames=actions[start : start + BATCH],
            )
            decided |= {each["EvalActionName"]: each["EvalDecision"] for each in answer["EvaluationResults"]}
    except AwsError as error:
        said = f"Trying it would create something, and the IAM policy simulator is not available: {error.said}"
        yield from (PermissionFinding(right, PermissionAnswer.UNKNOWN, said) for right in rights)
        return
    for right in rights:
        allowed = decided.get(right.action) == "allowed"
        yield PermissionFinding(
            right, PermissionAnswer.ALLOWED if allowed else PermissionAnswer.MISSING, decided.get(right.action, "")
        )


def _principal(arn: str) -> str:
    """The role behind a session of it, which is whom IAM knows."""
    session = re.fullmatch(r"arn:(aws[a-z-]*):sts::(\d+):assumed-role/([^/]+)/.+", arn)
    return f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}" if session else arn


def missing(findings: Iterable[PermissionFinding]) -> list[Permission]:
    """The rights that one does not have."""
    return [finding.right for finding in findings if finding.answer is PermissionAnswer.MISSING]
