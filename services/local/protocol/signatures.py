"""Who signed a request: AWS Signature Version 4, in its headers or in a presigned address.

botocore's own signer computes the signature of what arrived, and the two are compared. Bytes of a body are checked here
when they are at hand; those for S3 are checked against their signed digest as they come in (`s3/bodies.py`).
Source: AWS general reference, "Signature Version 4 signing process"; S3 API reference, "Error responses".
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.requests import Request

from services.local.protocol.identity import Keys
from services.local.protocol.wire import ServiceError

SKEW = 900  # seconds a client's clock may be off
LONGEST = 604_800  # seconds a presigned address may hold: seven days
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<credential>[^,\s]+)\s*,\s*SignedHeaders=(?P<headers>[^,\s]+)\s*,\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_CREDENTIAL = re.compile(r"(?P<access>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
# What the operations of SageMaker without x-amz-target look like; no bucket has a capital letter.
_REST_OPERATION = re.compile(r"/endpoints/[^/]+/invocations|/[A-Z]\w+")
_STAMP = "%Y%m%dT%H%M%SZ"
_QUERY = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Signed:
    """What a request says of its signature. `expires` is None for one in headers, else seconds after `stamp`."""

    access: str
    region: str
    service: str
    day: str
    stamp: str
    headers: tuple[str, ...]
    signature: str
    expires: int | None


def read(request: Request) -> Signed:
    """The signature of a request, not verified yet. Raises ServiceError when there is none that can be read."""
    query = parse_qs(request.scope["query_string"].decode("latin-1"))
    presigned = "X-Amz-Signature" in query
    if presigned:
        credentials = {
            name: query.get(f"X-Amz-{name}", [""])[0] for name in ("Credential", "SignedHeaders", "Signature")
        }
        header = "AWS4-HMAC-SHA256 " + ",".join(f"{name}={value}" for name, value in credentials.items())
        stamp, expires = query.get("X-Amz-Date", [""])[0], query.get("X-Amz-Expires", [""])[0]
    else:
        header, stamp, expires = request.headers.get("authorization", ""), request.headers.get("x-amz-date", ""), ""
    if header.startswith("AWS "):
        message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        raise ServiceError("InvalidRequest", message)
    if not header:
        if is_for_s3(request):
            raise ServiceError("AccessDenied", "Access Denied: sign the request with the keys of this service.", 403)
        form = request.headers.get("content-type", "").startswith(_QUERY)
        code = "MissingAuthenticationToken" if form else "MissingAuthenticationTokenException"
        raise ServiceError(code, "The request is not signed. Sign it with the keys of this service.", 403)
    signed = _HEADER.fullmatch(header.strip())
    scope = credential_scope(signed["credential"]) if signed else None
    if not signed or not scope or presigned != bool(re.fullmatch(r"\d{1,6}", expires)):
        raise ServiceError("IncompleteSignature", "The request is not signed with Signature Version 4.", 403)
    return Signed(
        **scope,
        stamp=stamp,
        headers=tuple(signed["headers"].split(";")),
        signature=signed["signature"],
        expires=int(expires) if presigned else None,
    )


def verify(request: Request, signed: Signed, keys: Keys, body: bytes | None, now: float) -> None:
    """Nothing, if the owner of `keys` signed this request. Raises ServiceError in AWS's words.

    `body` is None for S3, whose bytes are not here yet; `now` is in epoch seconds.
    """
    codes = _codes(request, signed.service)
    if not is_same(signed.access, keys.access):
        raise unknown_key(codes[0])
    _check_time(signed, now, codes)
    declared = request.headers.get("x-amz-content-sha256")
    tampered = body is not None and declared and declared != hashlib.sha256(body).hexdigest()
    if (
        tampered
        or "host" not in signed.headers
        or not is_same(signed.signature, _signature(request, signed, keys, body))
    ):
        raise signature_mismatch(codes[1])


def unknown_key(code: str) -> ServiceError:
    """The answer to an access key that is not this service's."""
    return ServiceError(code, "This service does not know the access key.", 403)


def signature_mismatch(code: str) -> ServiceError:
    """The answer to a signature that the owner of the keys did not make of this request."""
    return ServiceError(
        code,
        "The request signature we calculated does not match the signature you provided. Check your secret access "
        "key and signing method: `python -m services.local env` prints the keys of this service.",
        403,
    )


def is_same(given: str, expected: str) -> bool:
    """Whether two texts are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode(), expected.encode())


def credential_scope(credential: str) -> dict[str, str] | None:
    """Access key, day, region and service of a Credential; None for what is none."""
    match = _CREDENTIAL.fullmatch(credential)
    return match.groupdict() if match else None


def is_for_s3(request: Request) -> bool:
    """Whether a request is to S3, which has operations by path and method alone; on AWS the host tells."""
    headers = request.headers
    if scope := re.search(r"Credential=[^,\s/]+/\d+/[^/]+/([^/]+)/", headers.get("authorization", "")):
        return scope[1] == "s3"
    return bool({"X-Amz-Credential", "AWSAccessKeyId"} & {*request.query_params}) or not (
        (headers.get("content-type", "").startswith(_QUERY) and request.url.path == "/")
        or "x-amz-target" in headers
        or "smithy-protocol" in headers
        or _REST_OPERATION.fullmatch(request.url.path)
    )


def _codes(request: Request, service: str) -> tuple[str, str]:
    """The codes for an unknown key and for a wrong signature, which differ by protocol."""
    if service == "s3":
        return "InvalidAccessKeyId", "SignatureDoesNotMatch"
    if request.headers.get("content-type", "").startswith(_QUERY):
        return "InvalidClientTokenId", "SignatureDoesNotMatch"
    return "UnrecognizedClientException", "InvalidSignatureException"


def _check_time(signed: Signed, now: float, codes: tuple[str, str]) -> None:
    try:
        at = datetime.strptime(signed.stamp, _STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        at = None
    if at is None or not signed.stamp.startswith(signed.day):
        raise ServiceError("IncompleteSignature", "The date of the signature is not like 20261124T120000Z.", 403)
    if signed.expires is not None:
        if not at - SKEW <= now <= at + min(signed.expires, LONGEST):
            raise ServiceError("AccessDenied", "Request has expired.", 403)
    elif abs(now - at) > SKEW:
        code = "RequestTimeTooSkewed" if signed.service == "s3" else codes[1]
        message = f"Signature not current: {signed.stamp} is more than 15 minutes from this service's clock."
        raise ServiceError(code, message, 403)


def _signature(request: Request, signed: Signed, keys: Keys, body: bytes | None) -> str:
    signer: type[SigV4Auth] = SigV4Auth
    if signed.service == "s3":
        signer = S3SigV4Auth if signed.expires is None else S3SigV4QueryAuth
    auth = signer(Credentials(keys.access, keys.secret), signed.service, signed.region)
    arrived = AWSRequest(request.method, address(request), data=body or b"")
    for name, value in request.scope["headers"]:
        if name.decode("latin-1") in signed.headers:
            arrived.headers[name.decode("latin-1")] = _text(value)
    arrived.context["timestamp"] = signed.stamp
    return str(auth.signature(auth.string_to_sign(arrived, auth.canonical_request(arrived)), arrived))


def address(request: Request) -> str:
    """The address as it was sent, without the signature that a presigned one ends in."""
    query = request.scope["query_string"].decode("latin-1")
    unsigned = "&".join(part for part in query.split("&") if not part.startswith("X-Amz-Signature="))
    return f"http://{request.headers['host']}{request.scope['raw_path'].decode('latin-1')}?{unsigned}"


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
