"""Tags of SageMaker's resources, as rows: set with a resource or later, gone with it."""

from typing import TYPE_CHECKING, Any

from services.local.protocol import paging
from services.local.protocol.wire import validation_error
from services.local.store.tags import LIMIT

if TYPE_CHECKING:
    from services.local.service import Service


def add_tags(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """AddTags; a key that is there gets the new value."""
    service.resources.tag(request["ResourceArn"], request["Tags"])
    return {"Tags": service.resources.tags(request["ResourceArn"])}


def list_tags(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListTags, by key."""
    arn, limit = request["ResourceArn"], request.get("MaxResults", LIMIT)
    service.resources.with_arn(arn)
    after = str(paging.position(request["NextToken"], 1)[0]) if request.get("NextToken") else ""
    tags = service.resources.tags(arn, after, limit + 1)
    return {"Tags": tags[:limit], "NextToken": paging.token(tags[limit - 1]["Key"]) if len(tags) > limit else None}


def delete_tags(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteTags."""
    service.resources.untag(request["ResourceArn"], request["TagKeys"])
    return {}


def get_resources(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """GetResources of the Resource Groups Tagging API, for the ARNs that are named. Untagged ones are left out."""
    if "ResourceARNList" not in request:
        raise validation_error("On this computer GetResources needs ResourceARNList; AWS can also search by tags.")
    tags_by_arn = {arn: service.resources.tags(arn) for arn in request["ResourceARNList"]}
    return {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": tags} for arn, tags in tags_by_arn.items() if tags]}


TAGGING_OPERATIONS = {"GetResources": get_resources}
OPERATIONS = {"AddTags": add_tags, "ListTags": list_tags, "DeleteTags": delete_tags}
