"""What AWS refuses, as one sentence: where, what was said, what to do.

The only module that knows botocore's exceptions by name, with `profile_faults.py` for those of a profile's settings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from botocore import exceptions, xform_name

from services.aws import profile_faults
from services.errors import Problem

if TYPE_CHECKING:
    from services.aws.account import Account


class AwsError(Problem):
    """A request that was refused or never answered. `code` is AWS's error code, or botocore's exception name.

    unsure: whether it may have been done all the same: its answer, or that to an earlier attempt, was lost.
    """

    def __init__(self, where: str, said: str, remedy: str, code: str, unsure: bool = False) -> None:
        super().__init__(where, said, remedy)
        self.args, self.code, self.unsure = (where, said, remedy, code, unsure), code, unsure

    @property
    def is_missing(self) -> bool:
        """Whether what was asked for does not exist (any more); SageMaker mostly says so in words."""
        said = self.said.lower()
        return self.code in MISSING or (
            self.code == "ValidationException" and any(words in said for words in MISSING_WORDS)
        )


class ReadOnlyError(exceptions.BotoCoreError):
    """A change was asked for while this dashboard only reads."""

    fmt = "this dashboard is in read-only mode, and {operation} changes something"


# AWS says "not there" in as many ways as it has teams.
MISSING = {"404", "NoSuchKey", "NoSuchBucket", "ResourceNotFound", "ResourceNotFoundException"}
MISSING_WORDS = ("could not find", "not found", "recordnotfound", "does not exist")
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
# Requests to S3 whose IAM action has another name. Reference: Service Authorization Reference, Amazon S3
ACTIONS = {
    "CopyObject": "PutObject",
    "HeadBucket": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadObject": "GetObject",
}
# Services whose actions have another prefix.
PREFIXES = {
    "sagemaker-runtime": "sagemaker",
    "sagemaker-metrics": "sagemaker",
    "sagemaker-a2i-runtime": "sagemaker",
    "resourcegroupstaggingapi": "tag",
}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
REFUSED_KEYS = {
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "AuthFailure",
}
THROTTLED = {
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "SlowDown",
    "RequestLimitExceeded",
}
# Nobody was reached, so nothing was done.
NEVER_SENT = (
    exceptions.EndpointConnectionError,
    exceptions.ConnectTimeoutError,
    exceptions.ProxyConnectionError,
    exceptions.SSLError,
)
# What a proxy or a load balancer sends in AWS's place.
WEB_PAGE = re.compile(r"\s*<(!doctype|html)\b", re.IGNORECASE)
TITLE = re.compile(r"<title>([^<]+)</title>", re.IGNORECASE)
LONG_LIST = re.compile(r"\[[^\]]{300,}\]")  # AWS answers a wrong instance type with the names of all others
REMEDIES = {
    "ResourceInUse": "Choose another name: SageMaker does not reuse names",
    "ResourceLimitExceeded": "Request a higher quota in the Service Quotas console, or stop other resources first",
    "ResourceNotFound": "It may have been deleted in the meantime; refresh the page",
    "404": "Check its name: it may have been deleted in the meantime",
    "NoSuchKey": "It may have been deleted in the meantime; refresh the page",
    "NoSuchBucket": "Set an existing bucket in Settings, or prepare the data again",
    "OptInRequiredException": "Opt in in the Compute Optimizer console; it is free and starts within a day",
    "ModelError": "Check that the rows have the columns the model was trained on",
}
TRY_AGAIN = "Try again in a moment: the service failed, not the request"
WEB_PAGE_REMEDY = "A web page came instead of an answer: try again in a moment, or check the network and its proxy"


def translate(error: Exception, account: Account, service: str, operation: str) -> AwsError:
    """What botocore or boto3 raised as one sentence: where it was asked, what was answered, what to do."""
    where = f"{xform_name(operation).replace('_', ' ').capitalize()} on {account.title}, {account.region}"
    if isinstance(error, Boto3Error):  # a transfer's own error hides who refused a part of it
        error = getattr(error, "last_exception", None) or error.__context__ or error
    if isinstance(error, exceptions.ClientError):
        code = error.response["Error"].get("Code", "Unknown")
        said = LONG_LIST.sub("[…]", error.response["Error"].get("Message") or code)
        if WEB_PAGE.match(said):
            return AwsError(where, _title(said) or code, WEB_PAGE_REMEDY, code, _may_be_done(error))
        if code in DENIED:
            return AwsError(
                where, said, f"Ask your administrator for the IAM action {_action(said, service, operation)}", code
            )
        remedy = _remedy(code, said, account) or (TRY_AGAIN if _status(error) >= 500 else "Correct it and try again")
        return AwsError(where, said, remedy, code, _may_be_done(error))
    code = type(error).__name__
    if fault := profile_faults.explain(error, account):
        return AwsError(fault.where, fault.said, fault.remedy, code)
    return AwsError(where, message_of(error), _connection_remedy(error, account), code, _may_be_done(error))


def _may_be_done(error: Exception) -> bool:
    """Whether a request that raised this may have been done all the same."""
    if isinstance(error, exceptions.ClientError):
        answer = error.response.get("ResponseMetadata", {})
        return answer.get("RetryAttempts", 0) > 0 or _status(error) >= 500
    return isinstance(error, exceptions.HTTPClientError) and not isinstance(error, NEVER_SENT)


def _status(error: exceptions.ClientError) -> int:
    """The HTTP status of the answer; 0 where there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _title(page: str) -> str:
    """The title of a web page; "" for none."""
    found = TITLE.search(page)
    return " ".join(found[1].split()) if found else ""


def operation_name(operation: str) -> str:
    """An operation as AWS spells it: "list_auto_ml_jobs" is "ListAutoMLJobs"."""
    return "".join(word.upper() if word in ("ai", "ml") else word.capitalize() for word in operation.split("_"))


def action_of(service: str, operation: str) -> str:
    """The IAM action of a request: "s3:ListBucket" of s3 and list_objects_v2."""
    name = operation_name(operation)
    return f"{PREFIXES.get(service, service)}:{ACTIONS.get(name, name)}"


def _action(said: str, service: str, operation: str) -> str:
    """The IAM action that is missing: AWS mostly names it, and it may be another one, e.g. iam:PassRole."""
    named = re.search(r"not authorized to perform:? ([a-z-]+:\w+)", said)
    return named[1] if named else action_of(service, operation)


def _remedy(code: str, said: str, account: Account) -> str:
    """What to do about an error of that code; "" when nothing is known of it."""
    if code in EXPIRED:
        return f"Sign in again, e.g. aws sso login{f' --profile {account.profile}' if account.profile else ''}"
    if code in REFUSED_KEYS:
        return f"Check the keys of profile {account.profile or 'default'} with aws sts get-caller-identity"
    if code in THROTTLED:
        return "Wait a moment and try again: AWS limits the rate of requests"
    if code == "ValidationException" and "already exist" in said:
        return "Choose another name, or delete the existing one first"
    return REMEDIES.get(code, "")


def message_of(error: Exception) -> str:
    if isinstance(error, exceptions.EndpointConnectionError | exceptions.ConnectTimeoutError):
        return f"nothing answers at {error.kwargs.get('endpoint_url', 'its address')}"
    return " ".join(str(error).split())


def _connection_remedy(error: Exception, account: Account) -> str:
    if isinstance(error, ReadOnlyError):
        return "Switch read-only mode off in Settings"
    if isinstance(error, exceptions.ParamValidationError):
        return "Correct the value and try again"
    if account.files:
        return "Start the service with make run, then reload this page"
    if isinstance(error, exceptions.NoCredentialsError):
        return "Run aws configure, or choose another account in the sidebar"
    return "Check the network and the region, then reload this page"
