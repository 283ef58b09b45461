"""What buckets and objects answer for settings that nobody made: as AWS answers for a new bucket."""

from typing import Any

import pytest

from services.local.s3 import settings
from tests.local.s3.served_store import Store, put, refusal

BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("get_bucket_versioning", {}),
        ("get_bucket_logging", {}),
        ("get_bucket_notification_configuration", {}),
        ("get_bucket_accelerate_configuration", {}),
        ("get_bucket_request_payment", {"Payer": "BucketOwner"}),
        (
            "get_bucket_encryption",
            {
                "ServerSideEncryptionConfiguration": {
                    "Rules": [
                        {
                            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                            "BucketKeyEnabled": False,
                        }
                    ]
                }
            },
        ),
        ("get_public_access_block", {"PublicAccessBlockConfiguration": dict.fromkeys(BLOCKED, True)}),
        (
            "get_bucket_ownership_controls",
            {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        ),
    ],
)
def test_a_bucket_has_the_defaults_of_a_new_one(store: Store, operation: str, expected: dict[str, Any]) -> None:
    answer = getattr(store.client, operation)(Bucket="bucket")
    answer.pop("ResponseMetadata")
    assert answer == expected


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("get_bucket_tagging", "NoSuchTagSet"),
        ("get_bucket_policy", "NoSuchBucketPolicy"),
        ("get_bucket_policy_status", "NoSuchBucketPolicy"),
        ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
        ("get_bucket_cors", "NoSuchCORSConfiguration"),
        ("get_bucket_website", "NoSuchWebsiteConfiguration"),
        ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
        ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
    ],
)
def test_a_setting_that_nobody_made_is_not_there(store: Store, operation: str, code: str) -> None:
    assert refusal(getattr(store.client, operation), Bucket="bucket") == (code, 404)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [("get_bucket_acl", {"Bucket": "bucket"}), ("get_object_acl", {"Bucket": "bucket", "Key": "key"})],
)
def test_everything_belongs_to_its_owner_alone(store: Store, operation: str, arguments: dict[str, str]) -> None:
    put(store, "key")
    answer = getattr(store.client, operation)(**arguments)
    grants = [(grant["Permission"], grant["Grantee"]["Type"], grant["Grantee"]["ID"]) for grant in answer["Grants"]]
    assert grants == [("FULL_CONTROL", "CanonicalUser", answer["Owner"]["ID"])]


def test_an_object_has_no_tags(store: Store) -> None:
    put(store, "key")
    assert store.client.get_object_tagging(Bucket="bucket", Key="key")["TagSet"] == []


@pytest.mark.parametrize("query", sorted(settings.OF_BUCKET))
def test_a_bucket_that_is_not_there_has_no_settings(store: Store, query: str) -> None:
    operation = settings.OF_BUCKET[query].__doc__ or ""
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation.partition(":")[0])
    assert refusal(getattr(store.client, name[1:]), Bucket="nobucket") == ("NoSuchBucket", 404)


def test_an_object_that_is_not_there_has_no_settings(store: Store) -> None:
    assert refusal(store.client.get_object_tagging, Bucket="bucket", Key="none") == ("NoSuchKey", 404)
