"""The model registry, by boto3: groups, their versions, approval, and a model made of what is approved."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.factories import unique
from tests.local_service import IMAGE, ROLE, LocalService

ARCHIVE = "s3://bucket/model.tar.gz"
MACHINES = {
    "SupportedTransformInstanceTypes": ["ml.m5.xlarge"],
    "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.xlarge"],
}


@pytest.fixture(scope="module")
def sagemaker(local: LocalService) -> Any:
    return local.client("sagemaker")


@pytest.fixture
def group(sagemaker: Any) -> str:
    """A model package group without packages; its name."""
    name = unique("Group")
    sagemaker.create_model_package_group(
        ModelPackageGroupName=name,
        ModelPackageGroupDescription="Cards",
        Tags=[{"Key": "team", "Value": "fraud"}],
    )
    return name


def specification(archive: str = ARCHIVE, containers: int = 1) -> dict[str, Any]:
    """An InferenceSpecification."""
    return {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": archive}] * containers,
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }


def register(sagemaker: Any, group: str, **members: Any) -> str:
    """The next version of a group; its ARN."""
    request = {"InferenceSpecification": specification(), **members}
    arn: str = sagemaker.create_model_package(ModelPackageGroupName=group, **request)["ModelPackageArn"]
    return arn


def versions(sagemaker: Any, **filters: Any) -> list[int]:
    summaries = sagemaker.list_model_packages(**filters)["ModelPackageSummaryList"]
    return [item["ModelPackageVersion"] for item in summaries]


def error(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    response = refused.value.response["Error"]
    return response["Code"], response["Message"]


def test_a_group_is_described_as_it_was_asked_for(sagemaker: Any, group: str) -> None:
    document = sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    assert (document["ModelPackageGroupDescription"], document["ModelPackageGroupStatus"]) == ("Cards", "Completed")
    assert sagemaker.list_tags(ResourceArn=document["ModelPackageGroupArn"])["Tags"] == [
        {"Key": "team", "Value": "fraud"}
    ]


def test_a_group_is_found_by_its_arn_too(sagemaker: Any, group: str) -> None:
    arn = sagemaker.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupArn"]
    assert sagemaker.describe_model_package_group(ModelPackageGroupName=arn)["ModelPackageGroupName"] == group


def test_versions_count_up_from_one(sagemaker: Any, group: str) -> None:
    arns = [register(sagemaker, group) for _ in range(2)]
    assert [arn.partition("model-package/")[2] for arn in arns] == [f"{group.lower()}/1", f"{group.lower()}/2"]


def test_versions_registered_at_once_get_numbers_of_their_own(sagemaker: Any, group: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        arns = list(pool.map(lambda _: register(sagemaker, group), range(8)))
    assert sorted(int(arn.rpartition("/")[2]) for arn in arns) == list(range(1, 9))


def test_the_number_of_a_deleted_version_is_not_given_again(sagemaker: Any, group: str) -> None:
    sagemaker.delete_model_package(ModelPackageName=register(sagemaker, group))
    assert register(sagemaker, group).endswith("/2")


def test_a_version_waits_for_approval_unless_told_otherwise(sagemaker: Any, group: str) -> None:
    document = sagemaker.describe_model_package(ModelPackageName=register(sagemaker, group))
    assert (document["ModelApprovalStatus"], document["ModelPackageStatus"]) == ("PendingManualApproval", "Completed")
    assert (document["ModelPackageGroupName"], document["ModelPackageVersion"]) == (group, 1)
    assert "ModelPackageName" not in document


def test_a_package_without_a_group_is_found_by_its_name(sagemaker: Any) -> None:
    name = unique("package")
    sagemaker.create_model_package(ModelPackageName=name, InferenceSpecification=specification() | MACHINES)
    document = sagemaker.describe_model_package(ModelPackageName=name)
    assert document["ModelPackageArn"].endswith(f"model-package/{name}")
    assert "ModelApprovalStatus" not in document


def test_approval_and_what_is_told_of_it_are_updated(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group, CustomerMetadataProperties={"recall": "0.8", "seed": "1"})
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="Reviewed",
        CustomerMetadataProperties={"recall": "0.9"},
        CustomerMetadataPropertiesToRemove=["seed"],
    )
    document = sagemaker.describe_model_package(ModelPackageName=arn)
    assert (document["ModelApprovalStatus"], document["ApprovalDescription"]) == ("Approved", "Reviewed")
    assert document["CustomerMetadataProperties"] == {"recall": "0.9"}
    assert document["LastModifiedTime"] > document["CreationTime"]


def test_packages_are_listed_by_group_and_approval_newest_first(sagemaker: Any, group: str) -> None:
    arns = [register(sagemaker, group) for _ in range(3)]
    sagemaker.update_model_package(ModelPackageArn=arns[1], ModelApprovalStatus="Rejected")
    assert versions(sagemaker, ModelPackageGroupName=group) == [3, 2, 1]
    assert versions(sagemaker, ModelPackageGroupName=group, ModelApprovalStatus="Rejected") == [2]
    assert versions(sagemaker, ModelPackageGroupName=group, SortOrder="Ascending") == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "expected"), [(None, [0]), ("Unversioned", [0]), ("Versioned", [1]), ("Both", [1, 0])]
)
def test_packages_are_listed_by_type(sagemaker: Any, kind: str | None, expected: list[int]) -> None:
    name = unique("typed")
    sagemaker.create_model_package(ModelPackageName=name, InferenceSpecification=specification() | MACHINES)
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    register(sagemaker, name)
    filters = {"ModelPackageType": kind} if kind else {}
    listed = sagemaker.list_model_packages(NameContains=name, **filters)["ModelPackageSummaryList"]
    assert [item.get("ModelPackageVersion", 0) for item in listed] == expected


def test_lists_come_in_pages(sagemaker: Any, group: str) -> None:
    for _ in range(3):
        register(sagemaker, group)
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["ModelPackageSummaryList"]) for page in pages] == [2, 1]


def test_groups_are_listed_by_name_and_time(sagemaker: Any, group: str) -> None:
    def names(**filters: Any) -> list[str]:
        summaries = sagemaker.list_model_package_groups(NameContains=group, **filters)["ModelPackageGroupSummaryList"]
        return [item["ModelPackageGroupName"] for item in summaries]

    hour = datetime.now(UTC) - timedelta(hours=1)
    assert names() == names(CreationTimeAfter=hour) == [group]
    assert names(CreationTimeBefore=hour) == names(CrossAccountFilterOption="CrossAccount") == []


def test_a_group_goes_once_it_is_empty(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group)
    with pytest.raises(ClientError) as refused:
        sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    assert error(refused)[0] == "ConflictException"
    assert "has model packages. Delete those first." in error(refused)[1]
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_model_package_group(ModelPackageGroupName=group)


def test_many_are_described_at_once_and_what_is_missing_is_told(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group)
    never = arn.replace(group.lower(), "never")
    answer = sagemaker.batch_describe_model_package(ModelPackageArnList=[arn, never])
    assert list(answer["ModelPackageSummaries"]) == [arn]
    assert answer["BatchDescribeModelPackageErrorMap"] == {
        never: {"ErrorCode": "ValidationException", "ErrorResponse": f"ModelPackage {never} does not exist."}
    }


@pytest.mark.parametrize(
    ("operation", "request_", "kind"),
    [
        ("describe_model_package_group", {"ModelPackageGroupName": "never"}, "ModelPackageGroup"),
        ("delete_model_package_group", {"ModelPackageGroupName": "never"}, "ModelPackageGroup"),
        ("create_model_package", {"ModelPackageGroupName": "never"}, "ModelPackageGroup"),
        ("list_model_packages", {"ModelPackageGroupName": "never"}, "ModelPackageGroup"),
        ("describe_model_package", {"ModelPackageName": "never"}, "ModelPackage"),
        ("delete_model_package", {"ModelPackageName": "never"}, "ModelPackage"),
    ],
)
def test_what_is_not_there_is_not_found(sagemaker: Any, operation: str, request_: dict[str, str], kind: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(sagemaker, operation)(**request_)
    part = {"ModelPackageGroup": "model-package-group", "ModelPackage": "model-package"}[kind]
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:{part}/never"
    assert error(refused) == ("ValidationException", f"{kind} {arn} does not exist.")


def test_names_are_taken_in_the_words_that_the_sdk_reads(sagemaker: Any, group: str) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
    assert error(refused)[0] == "ValidationException"
    assert error(refused)[1].startswith("Model Package Group already exists: arn:aws:sagemaker:")


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "ModelPackageGroupName or ModelPackageName is required."),
        (
            {"ModelPackageName": "one", "InferenceSpecification": specification()},
            "InferenceSpecification.SupportedTransformInstanceTypes is required for a model package without a group.",
        ),
        ({"ModelPackageName": "one", "ModelPackageGroupName": "two"}, "Cannot determine which one to use."),
        (
            {"ModelPackageName": "one", "SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "a"}]}},
            "marketplace algorithms cannot be used on this computer",
        ),
    ],
)
def test_what_cannot_be_registered_is_refused(sagemaker: Any, members: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.create_model_package(**members)
    assert error(refused)[0] == "ValidationException"
    assert sentence in error(refused)[1]


def test_a_version_has_the_tags_of_its_group(sagemaker: Any, group: str) -> None:
    with pytest.raises(ClientError) as refused:
        register(sagemaker, group, Tags=[{"Key": "team", "Value": "cards"}])
    assert error(refused)[0] == "ValidationException"
    assert "cannot have tags of its own" in error(refused)[1]


def test_what_has_no_group_needs_no_approval(sagemaker: Any) -> None:
    name = unique("package")
    request = {"ModelPackageName": name, "InferenceSpecification": specification() | MACHINES}
    arn = sagemaker.create_model_package(**request)["ModelPackageArn"]
    with pytest.raises(ClientError) as refused:
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert error(refused) == (
        "ValidationException",
        f"ModelApprovalStatus: {arn} has no group, so it needs no approval.",
    )


def create_model(sagemaker: Any, package: str, **container: str) -> str:
    """A model of a package; its name."""
    name = unique("model")
    sagemaker.create_model(
        ModelName=name, PrimaryContainer={"ModelPackageName": package, **container}, ExecutionRoleArn=ROLE
    )
    return name


def test_a_model_has_image_and_data_of_its_package(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group, ModelApprovalStatus="Approved")
    document = sagemaker.describe_model(ModelName=create_model(sagemaker, arn))["PrimaryContainer"]
    assert document == {"ModelPackageName": arn, "Image": IMAGE, "ModelDataUrl": ARCHIVE}


@pytest.mark.parametrize("status", ["PendingManualApproval", "Rejected"])
def test_what_is_not_approved_becomes_no_model(sagemaker: Any, group: str, status: str) -> None:
    arn = register(sagemaker, group, ModelApprovalStatus=status)
    with pytest.raises(ClientError) as refused:
        create_model(sagemaker, arn)
    message = f"Model package {arn} is in approval status {status}. Approve it before creating a model from it."
    assert error(refused) == ("ValidationException", message)


def test_a_model_is_made_of_a_package_or_an_image_not_both(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group, ModelApprovalStatus="Approved")
    with pytest.raises(ClientError) as refused:
        create_model(sagemaker, arn, Image=IMAGE)
    message = "Specify one of either Image and Model Data URL or ModelPackageName in container definition."
    assert error(refused) == ("ValidationException", message)


def test_a_package_of_several_containers_cannot_be_served(sagemaker: Any, group: str) -> None:
    arn = register(sagemaker, group, ModelApprovalStatus="Approved", InferenceSpecification=specification(containers=2))
    with pytest.raises(ClientError) as refused:
        create_model(sagemaker, arn)
    message = f"Model package {arn} has 2 containers. Only one container can be served on this computer."
    assert error(refused) == ("ValidationException", message)


@pytest.mark.slow
def test_a_registered_model_is_deployed_and_outlives_its_package(
    local: LocalService, sagemaker: Any, group: str
) -> None:
    job = factories.train(local)
    archive = job["ModelArtifacts"]["S3ModelArtifacts"]
    arn = register(sagemaker, group, ModelApprovalStatus="Approved", InferenceSpecification=specification(archive))
    model = create_model(sagemaker, arn)
    sagemaker.delete_model_package(ModelPackageName=arn)
    body = factories.as_csv(factories.rows(5)[:, 1:])
    plain = factories.invoke(local, factories.deploy(local, job), body)
    assert factories.invoke(local, factories.serve(local, model), body) == plain
