"""What the signed policy of a form allows: until when, which fields with which values, how many bytes.

Functions of the form's fields alone. Source: Amazon S3 API reference, "POST policy".
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.local.s3.errors import S3Error

# Fields that no condition has to name.
UNCONDITIONAL = {"policy", "file", "awsaccesskeyid", "signature", "x-amz-signature", "bucket"}
MOST_BYTES = 5 << 30  # of one upload, as with PutObject
SIZES = "content-length-range"


def allowed_sizes(fields: Mapping[str, str], bucket: str, now: float) -> tuple[int, int]:
    """Fewest and most bytes that may be uploaded. `fields` have lower-case names; `now` is in epoch seconds.

    Raises AccessDenied where the policy has expired or forbids these fields, InvalidPolicyDocument.
    """
    try:
        document = json.loads(b64decode(fields["policy"], validate=True))
        expires = datetime.fromisoformat(document["expiration"]).timestamp()
        conditions = [condition for given in document["conditions"] for condition in _conditions(given)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise S3Error(
            "InvalidPolicyDocument", "The policy of the form is not a JSON document of S3's form.", 400
        ) from None
    if expires < now:
        raise _forbidden("Policy expired.")
    values = {**fields, "bucket": bucket}
    for operator, name, value in conditions:
        if not _holds(operator, values.get(name, ""), value):
            raise _forbidden(f"Policy Condition failed: {json.dumps([operator, f'${name}', value])}")
    named = {name for _, name, _ in conditions}
    extra = {name for name in fields if not name.startswith("x-ignore-")} - named - UNCONDITIONAL
    if extra:
        raise _forbidden(f"Extra input fields: {', '.join(sorted(extra))}")
    ranges = [value for operator, _, value in conditions if operator == SIZES]
    return max((low for low, _ in ranges), default=0), min((high for _, high in ranges), default=MOST_BYTES)


def _conditions(given: Any) -> list[tuple[str, str, Any]]:
    """(operator, field, value) of one condition. Raises ValueError or TypeError for what is none."""
    if isinstance(given, dict):
        return [("eq", str(name).lower(), str(value)) for name, value in given.items()]
    operator, first, second = given
    if str(operator).lower() == SIZES:
        return [(SIZES, "", (int(first), int(second)))]
    if operator not in ("eq", "starts-with") or not first.startswith("$"):
        raise ValueError(operator)
    return [(operator, first[1:].lower(), str(second))]


def _holds(operator: str, value: str, wanted: Any) -> bool:
    return operator == SIZES or (value.startswith(wanted) if operator == "starts-with" else value == wanted)


def _forbidden(why: str) -> S3Error:
    return S3Error("AccessDenied", f"Invalid according to Policy: {why}", 403)
