"""IAM policies with the least that a set of permissions needs; `docs/iam/` holds those of the levels of use.

python -m services.rights viewer      prints a policy
"""

import json
from collections.abc import Iterable
from typing import Any

from services.iam.required_permissions import PASS_ROLE, Permission

BUCKETS = ("arn:aws:s3:::sagemaker-*", "arn:aws:s3:::sagemaker-*/*")
ROLES = "arn:aws:iam::*:role/*SageMaker*"


def policy(permissions: Iterable[Permission]) -> dict[str, Any]:
    """The least IAM policy with these permissions: S3 on SageMaker's buckets only, roles to SageMaker only."""
    actions = sorted({permission.action for permission in permissions})
    plain = [action for action in actions if not action.startswith("s3:") and action != PASS_ROLE]
    statements: list[dict[str, Any]] = (
        [{"Sid": "SageDeck", "Effect": "Allow", "Action": plain, "Resource": "*"}] if plain else []
    )
    objects = [action for action in actions if action.startswith("s3:")]
    if objects:
        statements.append({"Sid": "Buckets", "Effect": "Allow", "Action": objects, "Resource": list(BUCKETS)})
    if PASS_ROLE in actions:
        to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        role = {"Sid": "ExecutionRole", "Effect": "Allow", "Action": PASS_ROLE, "Resource": ROLES}
        statements.append({**role, "Condition": to_sagemaker})
    return {"Version": "2012-10-17", "Statement": statements}


def to_json(document: dict[str, Any]) -> str:
    """A policy as people keep it in a file."""
    return json.dumps(document, indent=2) + "\n"
