"""Tags of SageMaker's resources, as rows: set with a resource or later, gone with it."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from services.local.protocol import paging
from services.local.protocol.wire import ServiceError, invalid

if TYPE_CHECKING:
    from services.local.service import Service

LIMIT = 50  # tags of one resource, and of one page
Tag = dict[str, str]  # {"Key": ..., "Value": ...}


def put(connection: sqlite3.Connection, arn: str, tags: Iterable[Mapping[str, str]]) -> None:
    """Set tags of a resource. Raises ServiceError for a key of AWS's own and beyond 50 tags."""
    for tag in tags:
        if tag["Key"].lower().startswith("aws:"):
            raise invalid("Tag keys starting with 'aws:' are reserved for system use.")
        connection.execute("INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", (arn, tag["Key"], tag["Value"]))
    if len(read(connection, arn)) > LIMIT:
        raise ServiceError("ResourceLimitExceeded", f"The resource {arn} may have at most {LIMIT} tags.")


def read(connection: sqlite3.Connection, arn: str, after: str = "", limit: int = -1) -> list[Tag]:
    """Tags of a resource by key, those behind the key `after`; -1 means all."""
    rows = connection.execute(
        "SELECT key, value FROM tags WHERE arn = ? AND key > ? ORDER BY key LIMIT ?", (arn, after, limit)
    )
    return [{"Key": row["key"], "Value": row["value"]} for row in rows]


def remove(connection: sqlite3.Connection, arn: str, keys: Iterable[str]) -> None:
    """Take tags of a resource away."""
    connection.executemany("DELETE FROM tags WHERE arn = ? AND key = ?", [(arn, key) for key in keys])


def add_tags(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """AddTags; a key that is there gets the new value."""
    service.resources.tag(request["ResourceArn"], request["Tags"])
    return {"Tags": service.resources.tags(request["ResourceArn"])}


def list_tags(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListTags, by key."""
    arn, limit = request["ResourceArn"], request.get("MaxResults", LIMIT)
    service.resources.with_arn(arn)
    after = str(paging.position(request["NextToken"], 1)[0]) if request.get("NextToken") else ""
    found = service.resources.tags(arn, after, limit + 1)
    return {"Tags": found[:limit], "NextToken": paging.token(found[limit - 1]["Key"]) if len(found) > limit else None}


def delete_tags(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteTags."""
    service.resources.untag(request["ResourceArn"], request["TagKeys"])
    return {}


def get_resources(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """GetResources of the Resource Groups Tagging API, for the ARNs that are named. Untagged ones are left out."""
    if "ResourceARNList" not in request:
        raise invalid("On this computer GetResources needs ResourceARNList; AWS finds by tags, too.")
    found = {arn: service.resources.tags(arn) for arn in request["ResourceARNList"]}
    return {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": tags} for arn, tags in found.items() if tags]}


TAGGING_OPERATIONS = {"GetResources": get_resources}
OPERATIONS = {"AddTags": add_tags, "ListTags": list_tags, "DeleteTags": delete_tags}
