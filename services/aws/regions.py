"""The profiles of the user's AWS configuration, and the regions that an account can be used in."""

from __future__ import annotations

from dataclasses import dataclass

import botocore.session
from botocore import exceptions

from services.aws.account import Account
from services.aws.errors import AwsError, message_of
from services.errors import Problem


def profiles() -> list[str]:
    """The profiles of the user's own AWS files, in the order of the file. Raises Problem for files that are broken."""
    try:
        found: list[str] = botocore.session.Session().available_profiles
    except exceptions.BotoCoreError as error:
        raise Problem("AWS configuration", message_of(error), "Correct the file, then reload this page") from error
    return found


def regions(profile: str | None) -> list[str]:
    """The regions SageMaker is in, the profile's own first. Raises Problem for a profile that is not there."""
    core = botocore.session.Session(profile=profile)
    try:
        own = core.get_config_variable("region") or "us-east-1"
    except exceptions.BotoCoreError as error:
        raise Problem("AWS configuration", message_of(error), "Correct the file, or name another profile") from error
    return [own, *(region for region in core.get_available_regions("sagemaker") if region != own)]


@dataclass(frozen=True)
class OtherRegions:
    """An account in its other regions; `refusal`: why these are only the ones that every account begins with."""

    accounts: tuple[Account, ...]
    refusal: AwsError | None = None


def other_regions(account: Account) -> OtherRegions:
    """The account in every other region that is switched on for it; none on this computer. Raises AwsError."""
    if not account.bills:
        return OtherRegions(())
    wanted = {"RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"], "MaxResults": 50}
    found, refusal = list(DEFAULT_REGIONS), None
    try:
        found = [item["RegionName"] for item in account.pages("account", "list_regions", "Regions", **wanted)]
    except AwsError as error:
        refusal = error
    with account.speaking("", "session"):
        offered = account.session().get_available_regions("sagemaker")
    return OtherRegions(
        tuple(account.at(name) for name in found if name in offered and name != account.region), refusal
    )


# On for every account. Reference: AWS Account Management, regions that are enabled by default
DEFAULT_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1"),
    *("ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
)
