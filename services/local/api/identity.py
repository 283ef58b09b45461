"""Who one is on this computer: the account, its keys and its role, and the files that tell clients so.

Keys are made at the first start and kept, readable by their owner only, in the form of AWS's own config files: so the
dashboard, the AWS CLI and notebooks reach this computer as they reach AWS, by a profile.
"""

import json
from typing import TYPE_CHECKING, Any

from services.local.protocol.identity import ACCOUNT, PROFILE, ROLE, ROLE_NAME
from services.local.protocol.wire import ServiceError

if TYPE_CHECKING:
    from services.local.service import Service
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def get_caller_identity(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """STS GetCallerIdentity."""
    return {"UserId": "AIDALOCAL", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/{PROFILE}"}


def get_role(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """IAM GetRole: there is one role, which SageMaker may assume."""
    if request.get("RoleName") != ROLE_NAME:
        raise ServiceError("NoSuchEntity", f"The role with name {request.get('RoleName')} cannot be found.", 404)
    return {
        "Role": {
            "Path": "/",
            "RoleName": ROLE_NAME,
            "RoleId": "AROALOCAL",
            "Arn": ROLE,
            "CreateDate": 0,
            "AssumeRolePolicyDocument": json.dumps(TRUST),
        }
    }


STS_OPERATIONS = {"GetCallerIdentity": get_caller_identity}
IAM_OPERATIONS = {"GetRole": get_role}
