"""The tags of many resources in one request.

Reference: Resource Groups Tagging API, GetResources (ResourceARNList: 100 at most, and not with paging).
"""

from collections.abc import Callable, Iterable
from typing import Any

from services.aws.account import Account
from services.inventory.resources import Tags

BATCH = 100
USER_PROFILE = "sagemaker:user-profile-arn"  # Studio sets it on what its users make
OWNER = ("owner", "created-by", "createdby", "creator", "user")  # as people spell it, in lower case


def tags_of(account: Account, arns: Iterable[str], run_all: Callable[..., Iterable[Any]] = map) -> dict[str, Tags]:
    """Tags by ARN; () for an untagged resource. `run_all` is like `map`. Raises AwsError."""
    arns = sorted(set(arns))
    tags_by_arn: dict[str, Tags] = dict.fromkeys(arns, ())

    def ask(batch: list[str]) -> dict[str, Any]:
        return account.call("resourcegroupstaggingapi", "get_resources", ResourceARNList=batch)

    for answer in run_all(ask, [arns[start : start + BATCH] for start in range(0, len(arns), BATCH)]):
        for resource in answer["ResourceTagMappingList"]:
            tags_by_arn[resource["ResourceARN"]] = tuple((tag["Key"], tag["Value"]) for tag in resource["Tags"])
    return tags_by_arn


def owner_of(tags: Tags) -> str:
    """The owner by tags: an owner tag, or the Studio user who created it; "" without either."""
    by_name = {key.lower(): value for key, value in tags}
    named = next((by_name[name] for name in OWNER if by_name.get(name)), "")
    return named or by_name.get(USER_PROFILE, "").rpartition("/")[2]
