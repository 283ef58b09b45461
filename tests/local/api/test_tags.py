"""Tags of resources, by boto3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local_service import IMAGE, ROLE, LocalService


@pytest.fixture(scope="module")
def sagemaker(local: LocalService) -> Any:
    return local.client("sagemaker")


def make_model(sagemaker: Any, **tags: str) -> str:
    """A model with `tags`; its ARN."""
    arn: str = sagemaker.create_model(
        ModelName=factories.unique("tagged"),
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"},
        ExecutionRoleArn=ROLE,
        Tags=as_tags(**tags),
    )["ModelArn"]
    return arn


def as_tags(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def test_what_a_resource_is_made_with_is_listed(sagemaker: Any) -> None:
    arn = make_model(sagemaker, team="fraud", owner="ada")
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == as_tags(owner="ada", team="fraud")


def test_a_key_that_is_there_gets_the_new_value(sagemaker: Any) -> None:
    arn = make_model(sagemaker, owner="ada")
    sagemaker.add_tags(ResourceArn=arn, Tags=as_tags(owner="grace"))
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == as_tags(owner="grace")


def test_tags_can_be_taken_away(sagemaker: Any) -> None:
    arn = make_model(sagemaker, owner="ada", team="fraud")
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["owner", "never"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == as_tags(team="fraud")


def test_tags_come_in_pages(sagemaker: Any) -> None:
    arn = make_model(sagemaker)
    sagemaker.add_tags(ResourceArn=arn, Tags=as_tags(**{f"key{number:02}": "x" for number in range(50)}))
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn, PaginationConfig={"PageSize": 50})
    first = sagemaker.list_tags(ResourceArn=arn, MaxResults=50)
    assert [len(page["Tags"]) for page in pages] == [50]
    assert "NextToken" not in first


def test_tags_go_with_their_resource(sagemaker: Any) -> None:
    arn = make_model(sagemaker, owner="ada")
    sagemaker.delete_model(ModelName=arn.rpartition("/")[2])
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.list_tags(ResourceArn=arn)


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        (as_tags(**{"aws:mine": "x"}), "reserved for system use"),
        (as_tags(**{f"key{number}": "x" for number in range(51)}), "Member must have length|ResourceLimitExceeded"),
    ],
)
def test_what_tags_may_not_be(sagemaker: Any, tags: list[dict[str, str]], code: str) -> None:
    arn = make_model(sagemaker, owner="ada")
    with pytest.raises(ClientError, match=code):
        sagemaker.add_tags(ResourceArn=arn, Tags=tags)
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == as_tags(owner="ada")


def test_the_tags_of_many_resources_come_in_one_answer(local: LocalService, sagemaker: Any) -> None:
    tagged, untagged = make_model(sagemaker, owner="ada"), make_model(sagemaker)
    answer = local.client("resourcegroupstaggingapi").get_resources(ResourceARNList=[tagged, untagged])
    assert answer["ResourceTagMappingList"] == [{"ResourceARN": tagged, "Tags": as_tags(owner="ada")}]


def test_finding_by_tags_is_refused_in_words(local: LocalService) -> None:
    with pytest.raises(ClientError, match="needs ResourceARNList"):
        local.client("resourcegroupstaggingapi").get_resources()
