"""Asking SageMaker about one thing that may be gone by the time it is asked."""

from typing import Any

from services.aws import Account, AwsError

# SageMaker says "not there" in as many ways as it has teams.
_MISSING_CODES = {"ResourceNotFound", "ResourceNotFoundException"}
_MISSING_WORDS = ("could not find", "not found", "recordnotfound", "does not exist")


def described(account: Account, what: str, **identity: str) -> dict[str, Any] | None:
    """The answer of describe_`what`; None when it has been deleted since it was listed. Raises AwsError."""
    try:
        return account.call("sagemaker", f"describe_{what}", **identity)
    except AwsError as error:
        if is_missing(error):
            return None
        raise


def is_missing(error: AwsError) -> bool:
    """Whether the thing that was asked for does not exist (any more)."""
    said = error.said.lower()
    return error.code in _MISSING_CODES or (
        error.code == "ValidationException" and any(words in said for words in _MISSING_WORDS)
    )
