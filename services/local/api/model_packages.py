"""The model registry as the API knows it: groups of model packages, and the packages that are their versions.

A package names an image and model data; a model is made of it once it is approved (`hosting.py`).
Source: SageMaker API reference, CreateModelPackage; developer guide, "Model Registry".
"""

from typing import TYPE_CHECKING, Any

from services.local.protocol.wire import ServiceError, validation_error
from services.local.store.resources import Document, ResourceType, arn

if TYPE_CHECKING:
    from services.local.service import Service

GROUP, PACKAGE = ResourceType.MODEL_PACKAGE_GROUP, ResourceType.MODEL_PACKAGE
PENDING, APPROVED = "PendingManualApproval", "Approved"
READY = {
    "ModelPackageStatus": "Completed",
    "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
    "CertifyForMarketplace": False,
    "CreatedBy": {},
}
REPLACED = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "ModelPackageRegistrationType",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)


def create_group(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateModelPackageGroup."""
    name = request["ModelPackageGroupName"]
    service.resources.create(GROUP, name, {**request, "ModelPackageGroupStatus": "Completed", "CreatedBy": {}})
    return {"ModelPackageGroupArn": arn(GROUP, name)}


def describe_group(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeModelPackageGroup."""
    return service.resources.named(GROUP, request["ModelPackageGroupName"])[1]


def list_groups(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListModelPackageGroups. No other account shares its groups with this computer."""
    if request.get("CrossAccountFilterOption") == "CrossAccount":
        return {"ModelPackageGroupSummaryList": []}
    documents, token = service.resources.page(GROUP, request, descending=True)
    return {"ModelPackageGroupSummaryList": documents, "NextToken": token}


def delete_group(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteModelPackageGroup; it must be empty."""
    with service.resources.together():
        name, group = service.resources.named(GROUP, request["ModelPackageGroupName"])
        if service.resources.children(PACKAGE, name):
            message = f"Model Package Group {group['ModelPackageGroupArn']} has model packages. Delete those first."
            raise ServiceError("ConflictException", message)
        service.resources.delete(GROUP, name)
    return {}


def create_package(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateModelPackage: the next version of a group, or one by a name of its own."""
    name, group = request.get("ModelPackageName"), request.get("ModelPackageGroupName")
    if name and group:
        raise validation_error(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine which one to "
            "use."
        )
    if request.get("SourceAlgorithmSpecification"):
        raise validation_error("SourceAlgorithmSpecification: marketplace algorithms cannot be used on this computer.")
    if group:
        return {"ModelPackageArn": _create_version(service, group, request)}
    if not name:
        raise validation_error("ModelPackageGroupName or ModelPackageName is required.")
    return {"ModelPackageArn": _create_unversioned(service, name, request)}


def _create_unversioned(service: "Service", name: str, request: dict[str, Any]) -> str:
    for member in ("SupportedTransformInstanceTypes", "SupportedRealtimeInferenceInstanceTypes"):
        if not request.get("InferenceSpecification", {}).get(member):
            raise validation_error(f"InferenceSpecification.{member} is required for a model package without a group.")
    unjudged = {member: value for member, value in request.items() if member != "ModelApprovalStatus"}
    created: str = service.resources.create(PACKAGE, name, {**READY, **unjudged})["ModelPackageArn"]
    return created


def _create_version(service: "Service", given: str, request: dict[str, Any]) -> str:
    if request.get("Tags"):
        raise validation_error("A model package in a group cannot have tags of its own: tag the group.")
    own, _ = service.resources.named(GROUP, given)
    with service.resources.changing(GROUP, own) as group:
        version = group["LatestVersion"] = group.get("LatestVersion", 0) + 1
        document = {
            **READY,
            "ModelApprovalStatus": PENDING,
            **request,
            "ModelPackageName": None,  # on AWS only packages without a group have one
            "ModelPackageGroupName": own,
            "ModelPackageVersion": version,
        }
        created: str = service.resources.create(PACKAGE, f"{own}/{version}", document, own)["ModelPackageArn"]
    return created


def describe_package(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeModelPackage, by ARN or name."""
    return service.resources.named(PACKAGE, request["ModelPackageName"])[1]


def batch_describe_packages(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """BatchDescribeModelPackage; what is not there is told beside what is."""
    packages, faults = {}, {}
    for given in request["ModelPackageArnList"]:
        try:
            packages[given] = service.resources.named(PACKAGE, given)[1]
        except ServiceError as error:
            faults[given] = {"ErrorCode": error.code, "ErrorResponse": error.message}
    return {"ModelPackageSummaries": packages, "BatchDescribeModelPackageErrorMap": faults}


def list_packages(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListModelPackages: the versions of a group, or those without one unless another type is asked for."""
    filters = dict(request)
    if filters.get("ModelPackageGroupName"):
        filters["ModelPackageGroupName"], _ = service.resources.named(GROUP, filters["ModelPackageGroupName"])
    kinds = filters.pop("ModelPackageType", None)
    if kinds is None and not filters.get("ModelPackageGroupName"):
        kinds = "Unversioned"
    if kinds != "Both":
        filters["ModelPackageType"] = kinds
    documents, token = service.resources.page(PACKAGE, filters, descending=True)
    return {"ModelPackageSummaryList": documents, "NextToken": token}


def update_package(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """UpdateModelPackage: approval, and what is told about the model."""
    name, package = service.resources.named(PACKAGE, request["ModelPackageArn"])
    if request.get("ModelApprovalStatus") and not package.get("ModelPackageVersion"):
        raise validation_error(
            f"ModelApprovalStatus: {package['ModelPackageArn']} has no group, so it needs no approval."
        )
    with service.resources.changing(PACKAGE, name) as document:
        document |= {member: request[member] for member in REPLACED if request.get(member) is not None}
        metadata = document.pop("CustomerMetadataProperties", {}) | request.get("CustomerMetadataProperties", {})
        gone = request.get("CustomerMetadataPropertiesToRemove", [])
        if remaining := {key: value for key, value in metadata.items() if key not in gone}:
            document["CustomerMetadataProperties"] = remaining
        if added := request.get("AdditionalInferenceSpecificationsToAdd"):
            document.setdefault("AdditionalInferenceSpecifications", []).extend(added)
        document["LastModifiedBy"] = {}
    return {"ModelPackageArn": package["ModelPackageArn"]}


def delete_package(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteModelPackage; models made of it stay, and its version number is not given again."""
    name, _ = service.resources.named(PACKAGE, request["ModelPackageName"])
    service.resources.delete(PACKAGE, name)
    return {}


def container_of_package(service: "Service", given: str) -> Document:
    """Image, model data and Environment of an approved package. Raises ServiceError."""
    _, package = service.resources.named(PACKAGE, given)
    own, status = package["ModelPackageArn"], package.get("ModelApprovalStatus", APPROVED)
    if status != APPROVED:
        raise validation_error(
            f"Model package {own} is in approval status {status}. Approve it before creating a model from it."
        )
    containers = package.get("InferenceSpecification", {}).get("Containers", [])
    if len(containers) != 1:
        raise validation_error(
            f"Model package {own} has {len(containers)} containers. Only one container can be served on this computer."
        )
    container = containers[0]
    members = ("Image", "ModelDataUrl", "ModelDataSource", "Environment")
    return {member: container[member] for member in members if container.get(member)}


OPERATIONS = {
    "CreateModelPackageGroup": create_group,
    "DescribeModelPackageGroup": describe_group,
    "ListModelPackageGroups": list_groups,
    "DeleteModelPackageGroup": delete_group,
    "CreateModelPackage": create_package,
    "DescribeModelPackage": describe_package,
    "BatchDescribeModelPackage": batch_describe_packages,
    "ListModelPackages": list_packages,
    "UpdateModelPackage": update_package,
    "DeleteModelPackage": delete_package,
}
