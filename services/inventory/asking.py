"""Asking SageMaker about one thing that may be gone by the time it is asked."""

from typing import Any

from services.aws import Account, AwsError


def described(account: Account, what: str, **identity: str) -> dict[str, Any] | None:
    """The answer of describe_`what`; None when it has been deleted since it was listed. Raises AwsError."""
    try:
        return account.call("sagemaker", f"describe_{what}", **identity)
    except AwsError as error:
        if error.is_missing:
            return None
        raise
