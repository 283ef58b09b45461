"""Studio's domains, user profiles, spaces and apps, by boto3."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.factories import unique
from tests.local_service import ROLE, LocalService, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sagemaker(local: LocalService) -> Any:
    return local.client("sagemaker")


@pytest.fixture
def domain(sagemaker: Any) -> str:
    """A domain in service; its id."""
    made = sagemaker.create_domain(
        DomainName=unique("domain"), AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE}
    )["DomainId"]
    eventually(lambda: sagemaker.describe_domain(DomainId=made)["Status"] == "InService")
    return str(made)


@pytest.fixture
def app(sagemaker: Any, domain: str) -> dict[str, str]:
    """The identity of an app in service of the user profile ada."""
    sagemaker.create_user_profile(DomainId=domain, UserProfileName="ada")
    return make_app(sagemaker, DomainId=domain, UserProfileName="ada")


def make_app(sagemaker: Any, **owner: str) -> dict[str, str]:
    identity = {**owner, "AppType": "JupyterLab", "AppName": "default"}
    sagemaker.create_app(**identity, ResourceSpec={"InstanceType": "ml.t3.medium"})
    eventually(lambda: sagemaker.describe_app(**identity)["Status"] == "InService")
    return identity


def apps(sagemaker: Any, **filters: str) -> list[str]:
    return [item["Status"] for item in sagemaker.list_apps(**filters)["Apps"]]


def test_an_app_tells_its_instance_and_when_it_was_used(sagemaker: Any, app: dict[str, str]) -> None:
    document = sagemaker.describe_app(**app)
    assert document["ResourceSpec"]["InstanceType"] == "ml.t3.medium"
    assert abs(document["LastUserActivityTimestamp"] - document["CreationTime"]) < timedelta(seconds=1)


def test_apps_are_found_by_their_domain_and_owner(sagemaker: Any, domain: str, app: dict[str, str]) -> None:
    sagemaker.create_space(DomainId=domain, SpaceName="shared")
    make_app(sagemaker, DomainId=domain, SpaceName="shared")
    assert apps(sagemaker, DomainIdEquals=domain) == ["InService", "InService"]
    assert apps(sagemaker, DomainIdEquals=domain, SpaceNameEquals="shared") == ["InService"]
    assert apps(sagemaker, DomainIdEquals=domain, UserProfileNameEquals="grace") == []


def test_a_deleted_app_stays_listed_as_deleted(sagemaker: Any, domain: str, app: dict[str, str]) -> None:
    sagemaker.delete_app(**app)
    eventually(lambda: apps(sagemaker, DomainIdEquals=domain) == ["Deleted"])


def test_a_deleted_app_makes_room_for_another_of_its_name(sagemaker: Any, domain: str, app: dict[str, str]) -> None:
    sagemaker.delete_app(**app)
    eventually(lambda: apps(sagemaker, DomainIdEquals=domain) == ["Deleted"])
    make_app(sagemaker, DomainId=domain, UserProfileName="ada")
    assert apps(sagemaker, DomainIdEquals=domain) == ["InService"]


def test_what_has_apps_cannot_be_deleted(sagemaker: Any, domain: str, app: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="ResourceInUse"):
        sagemaker.delete_user_profile(DomainId=domain, UserProfileName="ada")
    with pytest.raises(ClientError, match="because it has Apps"):
        sagemaker.delete_domain(DomainId=domain)


def test_a_user_profile_that_owns_a_space_cannot_be_deleted(sagemaker: Any, domain: str) -> None:
    for name in ("ada", "grace"):
        sagemaker.create_user_profile(DomainId=domain, UserProfileName=name)
    owner, sharing = {"OwnerUserProfileName": "ada"}, {"SharingType": "Private"}
    sagemaker.create_space(DomainId=domain, SpaceName="own", OwnershipSettings=owner, SpaceSharingSettings=sharing)
    with pytest.raises(ClientError, match=r"ResourceInUse.*ada.* because it has Spaces"):
        sagemaker.delete_user_profile(DomainId=domain, UserProfileName="ada")
    sagemaker.delete_user_profile(DomainId=domain, UserProfileName="grace")


def test_a_space_is_owned_by_a_user_profile_that_is_there(sagemaker: Any, domain: str) -> None:
    owner, sharing = {"OwnerUserProfileName": "nobody"}, {"SharingType": "Private"}
    with pytest.raises(ClientError, match=r"ResourceNotFound.*nobody\] does not exist"):
        sagemaker.create_space(DomainId=domain, SpaceName="own", OwnershipSettings=owner, SpaceSharingSettings=sharing)


def test_a_domain_is_deleted_from_the_inside_out(sagemaker: Any, domain: str, app: dict[str, str]) -> None:
    sagemaker.delete_app(**app)
    eventually(lambda: apps(sagemaker, DomainIdEquals=domain) == ["Deleted"])
    sagemaker.delete_user_profile(DomainId=domain, UserProfileName="ada")
    eventually(lambda: not sagemaker.list_user_profiles(DomainIdEquals=domain)["UserProfiles"])
    sagemaker.delete_domain(DomainId=domain)
    eventually(lambda: domain not in {item["DomainId"] for item in sagemaker.list_domains()["Domains"]})


def test_user_profiles_and_spaces_are_found_by_a_part_of_their_name(sagemaker: Any, domain: str) -> None:
    for name in ("ada", "grace"):
        sagemaker.create_user_profile(DomainId=domain, UserProfileName=name)
        sagemaker.create_space(DomainId=domain, SpaceName=f"{name}-space")
    profiles = sagemaker.list_user_profiles(DomainIdEquals=domain, UserProfileNameContains="RAC")["UserProfiles"]
    spaces = sagemaker.list_spaces(DomainIdEquals=domain, SpaceNameContains="ada")["Spaces"]
    assert ([item["UserProfileName"] for item in profiles], [item["SpaceName"] for item in spaces]) == (
        ["grace"],
        ["ada-space"],
    )


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("describe_domain", {"DomainId": "d-never"}),
        ("describe_user_profile", {"DomainId": "d-never", "UserProfileName": "ada"}),
        ("describe_space", {"DomainId": "d-never", "SpaceName": "shared"}),
        ("create_user_profile", {"DomainId": "d-never", "UserProfileName": "ada"}),
        (
            "delete_app",
            {"DomainId": "d-never", "UserProfileName": "ada", "AppType": "JupyterLab", "AppName": "default"},
        ),
    ],
)
def test_what_is_not_there_is_not_found(sagemaker: Any, operation: str, given: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):
        getattr(sagemaker, operation)(**given)


def test_an_app_without_an_owner_is_refused(sagemaker: Any, domain: str) -> None:
    with pytest.raises(ClientError, match="either UserProfileName or SpaceName"):
        sagemaker.create_app(DomainId=domain, AppType="JupyterLab", AppName="default")
