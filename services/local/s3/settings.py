"""What buckets and objects answer when asked for settings that nobody made, as none can be made here.

Source: Amazon S3 API reference, the operations that each entry names; the public access block, the ownership and the
encryption are those of a bucket made since 2023.
"""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from services.local.s3.call import S3Call
from services.local.s3.errors import S3Error
from services.local.s3.listings import OWNER, xml

Operation = Callable[[S3Call, bytes], Response]

GRANTEE = 'Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"'
ACL = {"Owner": OWNER, "AccessControlList": {"Grant": {GRANTEE: OWNER, "Permission": "FULL_CONTROL"}}}
AES256 = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _default(operation: str, root: str, members: Mapping[str, Any]) -> Operation:
    def answer(call: S3Call, body: bytes) -> Response:
        _require(call)
        return xml(root, members)

    answer.__doc__ = f"{operation}: what is so by default."
    return answer


def _missing(operation: str, code: str, message: str) -> Operation:
    def refuse(call: S3Call, body: bytes) -> Response:
        _require(call)
        raise S3Error(code, message, 404)

    refuse.__doc__ = f"{operation}: there is none."
    return refuse


def _require(call: S3Call) -> None:
    call.store.require_bucket(call.bucket)
    if call.key:
        call.store.get(call.bucket, call.key)


# By the name in the query of a GET.
OF_BUCKET: dict[str, Operation] = {
    "accelerate": _default("GetBucketAccelerateConfiguration", "AccelerateConfiguration", {}),
    "acl": _default("GetBucketAcl", "AccessControlPolicy", ACL),
    "cors": _missing("GetBucketCors", "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    "encryption": _default("GetBucketEncryption", "ServerSideEncryptionConfiguration", {"Rule": AES256}),
    "lifecycle": _missing(
        "GetBucketLifecycleConfiguration",
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
    ),
    "logging": _default("GetBucketLogging", "BucketLoggingStatus", {}),
    "notification": _default("GetBucketNotificationConfiguration", "NotificationConfiguration", {}),
    "object-lock": _missing(
        "GetObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
    "ownershipControls": _default(
        "GetBucketOwnershipControls", "OwnershipControls", {"Rule": {"ObjectOwnership": "BucketOwnerEnforced"}}
    ),
    "policy": _missing("GetBucketPolicy", "NoSuchBucketPolicy", "The bucket policy does not exist"),
    "policyStatus": _missing("GetBucketPolicyStatus", "NoSuchBucketPolicy", "The bucket policy does not exist"),
    "publicAccessBlock": _default(
        "GetPublicAccessBlock", "PublicAccessBlockConfiguration", dict.fromkeys(BLOCKED, True)
    ),
    "replication": _missing(
        "GetBucketReplication", "ReplicationConfigurationNotFoundError", "The replication configuration was not found"
    ),
    "requestPayment": _default("GetBucketRequestPayment", "RequestPaymentConfiguration", {"Payer": "BucketOwner"}),
    "tagging": _missing("GetBucketTagging", "NoSuchTagSet", "The TagSet does not exist"),
    "versioning": _default("GetBucketVersioning", "VersioningConfiguration", {}),
    "website": _missing(
        "GetBucketWebsite",
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ),
}
OF_OBJECT: dict[str, Operation] = {
    "acl": _default("GetObjectAcl", "AccessControlPolicy", ACL),
    "tagging": _default("GetObjectTagging", "Tagging", {"TagSet": {}}),
}
