"""Approving and rejecting model versions, and deleting versions and empty groups."""

from services.aws import s3
from services.aws.account import Account
from services.aws.s3 import Address
from services.errors import Problem
from services.registry.versions import WORDS, Approval, ModelVersion, must_exist


def decide(account: Account, on: ModelVersion, decision: Approval, reason: str) -> None:
    """Approve or reject a version, and keep why. Raises Problem, AwsError."""
    reason = " ".join(reason.split())
    if not reason:
        raise Problem("Reason", "it is missing", "Enter a reason")
    if len(reason) > WORDS:
        raise Problem("Reason", f"it has {len(reason):,} characters, and SageMaker keeps {WORDS:,}", "Shorten it")
    if decision is Approval.APPROVED and on.model_uri and not s3.exists(account, Address.parse(on.model_uri)):
        raise Problem(
            f"Version {on.number}",
            f"its model file {on.model_uri} was deleted",
            "Reject the version, or train the model again",
        )
    with must_exist(f"Version {on.number} of {on.group}"):
        account.call(
            "sagemaker",
            "update_model_package",
            ModelPackageArn=on.arn,
            ModelApprovalStatus=decision.value,
            ApprovalDescription=reason,
        )


def delete_version(account: Account, arn: str) -> None:
    """Take a version out of the registry; its model file and its metrics stay in S3. Raises Problem, AwsError."""
    with must_exist(f"Version {arn.rpartition('/')[2]}"):
        account.call("sagemaker", "delete_model_package", ModelPackageName=arn)


def delete_group(account: Account, group: str) -> None:
    """Delete a group that has no versions. Raises Problem, AwsError."""
    with must_exist(f"Group {group}"):
        account.call("sagemaker", "delete_model_package_group", ModelPackageGroupName=group)
