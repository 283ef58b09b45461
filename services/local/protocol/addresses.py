"""Addresses of S3 as SageMaker's requests name them: s3://, or https:// at one of S3's own hosts.

Source: botocore's model of SageMaker, the pattern of S3Uri and its kin; Amazon S3 user guide, "Virtual hosting of
general purpose buckets" and "Using Amazon S3 dual-stack endpoints".
"""

import re
from urllib.parse import unquote

from services.local.protocol.identity import REGION

PATTERN = "(https|s3)://"  # how the model's patterns of such addresses begin
FORMS = (
    f"be an address in S3 of {REGION}: s3://BUCKET/KEY, https://BUCKET.s3.{REGION}.amazonaws.com/KEY or "
    f"https://s3.{REGION}.amazonaws.com/BUCKET/KEY"
)
_HOST = re.compile(
    r"(?:(?P<bucket>.+)\.)?s3(?:-fips)?(?:\.dualstack)?(?:[.-](?P<region>[a-z]+(?:-[a-z]+)+-\d+))?\.amazonaws\.com"
)


class AddressError(ValueError):
    """An address at which S3 of this computer has nothing; the message says what to write."""


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key (or prefix) of an address; a key in https is percent-encoded. Raises AddressError."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme == "https":
        host = _HOST.fullmatch(bucket.lower())
        if not host or host["region"] not in (None, REGION) or "?" in key:
            bucket = ""
        elif host["bucket"]:
            bucket, key = host["bucket"], unquote(key)
        else:
            bucket, _, key = unquote(key).partition("/")
    if scheme not in ("https", "s3") or not bucket:
        raise AddressError(f"The address {uri} must {FORMS}.")
    return bucket, key


def is_address(uri: str) -> bool:
    """Whether `split_uri` can split it."""
    try:
        split_uri(uri)
    except AddressError:
        return False
    return True
