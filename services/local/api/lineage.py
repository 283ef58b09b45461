"""Lineage as far as runs of an experiment write it: artifacts, and what they have to do with which trial component.

The SDK's `Run` keeps its charts and files so. Source: SageMaker developer guide, "ML Lineage Tracking".
"""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from services.local.protocol.wire import validation_error
from services.local.store.resources import Document, ResourceType, arn

if TYPE_CHECKING:
    from services.local.service import Service

ARTIFACT, ASSOCIATION = ResourceType.ARTIFACT, ResourceType.ASSOCIATION
SORTED = {"SourceArn": "Name", "CreationTime": "CreationTime"}  # the name of an association begins with its source


def create_artifact(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateArtifact; there is one of a source."""
    own = _own(request["Source"])
    document = {"ArtifactName": None, "CreatedBy": {}, "LastModifiedBy": {}, **request}
    return {"ArtifactArn": service.resources.create(ARTIFACT, own, document)["ArtifactArn"]}


def describe_artifact(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeArtifact."""
    return service.resources.named(ARTIFACT, request["ArtifactArn"])[1]


def list_artifacts(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListArtifacts."""
    documents, token = service.resources.page(ARTIFACT, request, descending=True)
    return {"ArtifactSummaries": documents, "NextToken": token}


def delete_artifact(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteArtifact, by ARN or source; its associations must be deleted first."""
    if not request.get("ArtifactArn") and not request.get("Source"):
        raise validation_error("ArtifactArn or Source is required.")
    given = request.get("ArtifactArn") or arn(ARTIFACT, _own(request["Source"]))
    with service.resources.together():
        name, artifact = service.resources.named(ARTIFACT, given)
        own = artifact["ArtifactArn"]
        for end in ("SourceArn", "DestinationArn"):
            if service.resources.page(ASSOCIATION, {end: own, "MaxResults": 1}, descending=True)[0]:
                raise validation_error(f"Artifact '{own}' has associations. Delete those first.")
        service.resources.delete(ARTIFACT, name)
    return {"ArtifactArn": own}


def add_association(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """AddAssociation, of two that exist."""
    with service.resources.together():
        described: Document = {}
        for end in ("Source", "Destination"):
            kind, document = service.resources.with_arn(request[f"{end}Arn"])
            source_type = document.get("Source", {}).get("SourceType") if kind is ResourceType.TRIAL_COMPONENT else None
            described[f"{end}Name"] = document.get(f"{kind}Name")
            described[f"{end}Type"] = document.get("ArtifactType") or source_type
        service.resources.create(ASSOCIATION, _pair(request), {**described, "CreatedBy": {}, **request})
    return _ends(request)


def list_associations(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListAssociations."""
    by = request.get("SortBy", "CreationTime")
    if by not in SORTED:
        raise validation_error(
            f"Associations cannot be sorted by {by} on this computer. Use SourceArn or CreationTime."
        )
    documents, token = service.resources.page(ASSOCIATION, {**request, "SortBy": SORTED[by]}, descending=True)
    return {"AssociationSummaries": documents, "NextToken": token}


def delete_association(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteAssociation."""
    service.resources.delete(ASSOCIATION, _pair(request))
    return _ends(request)


def _own(source: dict[str, Any]) -> str:
    """The name in the ARN of the artifact of a source."""
    return hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()[:32]


def _pair(request: dict[str, Any]) -> str:
    return f"{request['SourceArn']} {request['DestinationArn']}"


def _ends(request: dict[str, Any]) -> dict[str, Any]:
    return {"SourceArn": request["SourceArn"], "DestinationArn": request["DestinationArn"]}


OPERATIONS = {
    "CreateArtifact": create_artifact,
    "DescribeArtifact": describe_artifact,
    "ListArtifacts": list_artifacts,
    "DeleteArtifact": delete_artifact,
    "AddAssociation": add_association,
    "ListAssociations": list_associations,
    "DeleteAssociation": delete_association,
}
