"""SageMaker Studio as the API knows it: a domain, its user profiles and spaces, and the apps that run in them.

Apps bill on AWS until they are deleted. Here they stand for what one forgets: nothing runs in them.
"""

import secrets
import string
from typing import TYPE_CHECKING, Any

from services.local.api import simulated_lifecycle
from services.local.protocol.identity import REGION
from services.local.protocol.wire import ServiceError, validation_error
from services.local.store.resources import Document, ResourceType, arn

if TYPE_CHECKING:
    from services.local.service import Service

REMEMBERED = 86_400  # seconds a deleted app stays listed
SPOKEN = {
    ResourceType.DOMAIN: "Domain",
    ResourceType.USER_PROFILE: "UserProfile",
    ResourceType.SPACE: "Space",
    ResourceType.APP: "App",
}


def create_domain(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateDomain."""
    domain_id = "d-" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(12))
    url = f"https://{domain_id}.studio.{REGION}.sagemaker.aws"
    document = {**request, "DomainId": domain_id, "DomainName": request["DomainName"], "Url": url}
    simulated_lifecycle.create(service, ResourceType.DOMAIN, domain_id, document)
    return {"DomainArn": arn(ResourceType.DOMAIN, domain_id), "DomainId": domain_id, "Url": url}


def describe_domain(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeDomain."""
    return _get(service, ResourceType.DOMAIN, request["DomainId"])


def list_domains(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListDomains."""
    documents, token = service.resources.page(ResourceType.DOMAIN, request, descending=True)
    return {"Domains": documents, "NextToken": token}


def delete_domain(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteDomain; it must be empty."""
    domain_id = request["DomainId"]
    _get(service, ResourceType.DOMAIN, domain_id)
    for kind in (ResourceType.APP, ResourceType.SPACE, ResourceType.USER_PROFILE):
        _refuse_in_use(ResourceType.DOMAIN, domain_id, kind, _undeleted(service, kind, domain_id))
    simulated_lifecycle.enter(service, ResourceType.DOMAIN, domain_id, "Deleting")
    return {}


def create_user_profile(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateUserProfile."""
    return _create_member(service, ResourceType.USER_PROFILE, request)


def describe_user_profile(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeUserProfile."""
    return _get(service, ResourceType.USER_PROFILE, _path(request, "UserProfileName"))


def list_user_profiles(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListUserProfiles."""
    documents, token = service.resources.page(ResourceType.USER_PROFILE, request, descending=True)
    return {"UserProfiles": documents, "NextToken": token}


def delete_user_profile(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteUserProfile; its apps and the spaces it owns must be deleted."""
    return _delete_member(service, ResourceType.USER_PROFILE, request)


def create_space(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateSpace; the user profile that is to own it must be there."""
    if owner := _owner_of_space(request):
        _get(service, ResourceType.USER_PROFILE, f"{request['DomainId']}/{owner}")
    return _create_member(service, ResourceType.SPACE, request)


def describe_space(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeSpace."""
    return _get(service, ResourceType.SPACE, _path(request, "SpaceName"))


def list_spaces(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListSpaces."""
    documents, token = service.resources.page(ResourceType.SPACE, request, descending=True)
    summaries = [
        {
            **space,
            "OwnershipSettingsSummary": space.get("OwnershipSettings"),
            "SpaceSharingSettingsSummary": space.get("SpaceSharingSettings"),
            "SpaceSettingsSummary": space.get("SpaceSettings"),
        }
        for space in documents
    ]
    return {"Spaces": summaries, "NextToken": token}


def delete_space(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteSpace; its apps must be deleted."""
    return _delete_member(service, ResourceType.SPACE, request)


def create_app(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """CreateApp, in a user profile or a space; a deleted one of the same name makes room."""
    domain_id, owner = request["DomainId"], _owner(request)
    kind = ResourceType.SPACE if request.get("SpaceName") else ResourceType.USER_PROFILE
    _get(service, kind, f"{domain_id}/{owner}")
    name = _app_path(request)
    if name in service.resources.names_with_status(ResourceType.APP, simulated_lifecycle.GONE_APP):
        service.resources.delete(ResourceType.APP, name)
    document = {**request, "AppArn": arn(ResourceType.APP, name), "LastUserActivityTimestamp": service.clock()}
    created = simulated_lifecycle.create(service, ResourceType.APP, name, document, domain_id)
    return {"AppArn": created["AppArn"]}


def describe_app(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DescribeApp."""
    return _get(service, ResourceType.APP, _app_path(request))


def list_apps(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """ListApps; deleted ones are listed for a day."""
    for name in service.resources.names_with_status(
        ResourceType.APP, simulated_lifecycle.GONE_APP, before=service.clock() - REMEMBERED
    ):
        service.resources.delete(ResourceType.APP, name)
    documents, token = service.resources.page(ResourceType.APP, request, descending=True)
    return {"Apps": documents, "NextToken": token}


def delete_app(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """DeleteApp."""
    name = _app_path(request)
    status = _get(service, ResourceType.APP, name)["Status"]
    if status in ("Deleting", simulated_lifecycle.GONE_APP):
        raise _not_found(ResourceType.APP, name)
    simulated_lifecycle.enter(service, ResourceType.APP, name, "Deleting")
    return {}


def _create_member(service: "Service", kind: ResourceType, request: dict[str, Any]) -> dict[str, Any]:
    _get(service, ResourceType.DOMAIN, request["DomainId"])
    name = _path(request, f"{kind}Name")
    created = simulated_lifecycle.create(service, kind, name, request, request["DomainId"])
    return {f"{kind}Arn": created[f"{kind}Arn"]}


def _delete_member(service: "Service", kind: ResourceType, request: dict[str, Any]) -> dict[str, Any]:
    name = _path(request, f"{kind}Name")
    _get(service, kind, name)
    apps = _undeleted(service, ResourceType.APP, request["DomainId"])
    own = [app for app in apps if app.get(f"{kind}Name") == request[f"{kind}Name"]]
    _refuse_in_use(kind, name, ResourceType.APP, own)
    if kind is ResourceType.USER_PROFILE:
        spaces = _undeleted(service, ResourceType.SPACE, request["DomainId"])
        owned = [space for space in spaces if _owner_of_space(space) == request["UserProfileName"]]
        _refuse_in_use(kind, name, ResourceType.SPACE, owned)
    simulated_lifecycle.enter(service, kind, name, "Deleting")
    return {}


def _owner_of_space(space: Document) -> str | None:
    owner: str | None = space.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    return owner


def _undeleted(service: "Service", kind: ResourceType, domain_id: str) -> list[Document]:
    return [
        resource
        for resource in service.resources.children(kind, domain_id)
        if resource["Status"] != simulated_lifecycle.GONE_APP
    ]


def _refuse_in_use(kind: ResourceType, name: str, by: ResourceType, living: list[Document]) -> None:
    if living:
        message = f"Unable to delete {SPOKEN[kind]} [{name}] because it has {SPOKEN[by]}s. Delete those first."
        raise ServiceError("ResourceInUse", message)


def _get(service: "Service", kind: ResourceType, name: str) -> Document:
    try:
        return service.resources.get(kind, name)
    except ServiceError:
        raise _not_found(kind, name) from None


def _not_found(kind: ResourceType, name: str) -> ServiceError:
    return ServiceError("ResourceNotFound", f"{SPOKEN[kind]} [{name}] does not exist.")


def _path(request: dict[str, Any], member: str) -> str:
    return f"{request['DomainId']}/{request[member]}"


def _owner(request: dict[str, Any]) -> str:
    owners = [request[member] for member in ("UserProfileName", "SpaceName") if request.get(member)]
    if len(owners) != 1:
        raise validation_error("An app belongs to either UserProfileName or SpaceName: give one of them.")
    return str(owners[0])


def _app_path(request: dict[str, Any]) -> str:
    return f"{request['DomainId']}/{_owner(request)}/{request['AppType']}/{request['AppName']}"


OPERATIONS = {
    "CreateDomain": create_domain,
    "DescribeDomain": describe_domain,
    "ListDomains": list_domains,
    "DeleteDomain": delete_domain,
    "CreateUserProfile": create_user_profile,
    "DescribeUserProfile": describe_user_profile,
    "ListUserProfiles": list_user_profiles,
    "DeleteUserProfile": delete_user_profile,
    "CreateSpace": create_space,
    "DescribeSpace": describe_space,
    "ListSpaces": list_spaces,
    "DeleteSpace": delete_space,
    "CreateApp": create_app,
    "DescribeApp": describe_app,
    "ListApps": list_apps,
    "DeleteApp": delete_app,
}
