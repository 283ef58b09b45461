"""Signatures that only S3 takes: presigned addresses of Signature Version 2, and forms with a signed policy.

boto3 still presigns both ways by default in regions that knew Version 2, us-east-1 among them. botocore's own signers
compute the signature of what arrived, and the two are compared.
Source: Amazon S3 user guide, "Signing and authenticating REST requests (AWS signature version 2)"; S3 API reference,
"Browser-based uploads using POST".
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from botocore.auth import HmacV1PostAuth, HmacV1QueryAuth, S3SigV4PostAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.requests import Request

from services.local.protocol.identity import Keys
from services.local.protocol.signatures import (
    address,
    credential_scope,
    is_same,
    signature_mismatch,
    unknown_key,
)
from services.local.protocol.wire import ServiceError

_EPOCH = re.compile(r"\d{1,12}", re.ASCII)


class _QueryAuth(HmacV1QueryAuth):
    """The signer of an address that says when it expires."""

    def __init__(self, credentials: Credentials, expires: str) -> None:
        super().__init__(credentials)
        self._expires_at = expires

    def _get_date(self) -> str:
        return self._expires_at


def is_presigned(request: Request) -> bool:
    """Whether a request's address carries a signature of Version 2."""
    return {"AWSAccessKeyId", "Signature", "Expires"} <= {*request.query_params}


def verify_presigned(request: Request, keys: Keys, now: float) -> None:
    """Nothing, if the owner of `keys` presigned this address and it has not expired. Raises ServiceError."""
    query = request.query_params
    if not is_same(query["AWSAccessKeyId"], keys.access):
        raise unknown_key("InvalidAccessKeyId")
    if not _EPOCH.fullmatch(query["Expires"]) or int(query["Expires"]) < now:
        raise ServiceError("AccessDenied", "Request has expired.", 403)
    arrived = AWSRequest(request.method, address(request))
    for name, value in {**query, **request.headers}.items():
        if name in request.headers or name.lower().startswith("x-amz-"):
            arrived.headers[name] = value
    signer, sent = _QueryAuth(Credentials(keys.access, keys.secret), query["Expires"]), urlsplit(arrived.url)
    # Of a bucket alone, its host signs a path that ends with a slash, and so does boto3 where the path names it.
    paths = [sent.path, f"{sent.path}/"] if sent.path.rfind("/") == 0 else [sent.path]
    signatures = [signer.get_signature(request.method, sent, arrived.headers, auth_path=path) for path in paths]
    if not any(is_same(query["Signature"], signature) for signature in signatures):
        raise signature_mismatch("SignatureDoesNotMatch")


def verify_policy(fields: Mapping[str, str], keys: Keys) -> None:
    """Nothing, if the owner of `keys` signed the policy of a form, by either version. Raises ServiceError.

    `fields` have lower-case names. When the policy expires, and what it allows, is not looked at.
    """
    credentials, policy = Credentials(keys.access, keys.secret), fields.get("policy", "")
    scope = credential_scope(fields.get("x-amz-credential", ""))
    access = scope["access"] if scope else fields.get("awsaccesskeyid")
    if not policy or not access:
        raise ServiceError("AccessDenied", "Access Denied", 403)
    if not is_same(access, keys.access):
        raise unknown_key("InvalidAccessKeyId")
    if scope:
        signing = AWSRequest()
        signing.context["timestamp"] = fields.get("x-amz-date", "")
        expected = S3SigV4PostAuth(credentials, scope["service"], scope["region"]).signature(policy, signing)
    else:
        expected = HmacV1PostAuth(credentials).sign_string(policy)
    if not is_same(fields.get("x-amz-signature" if scope else "signature", ""), expected):
        raise signature_mismatch("SignatureDoesNotMatch")
