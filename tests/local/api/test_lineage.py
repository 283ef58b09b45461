"""Artifacts and associations, by boto3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.factories import unique
from tests.local_service import LocalService

MISSING = "arn:aws:sagemaker:us-east-1:000000000000:artifact/never"


@pytest.fixture(scope="module")
def sagemaker(local: LocalService) -> Any:
    return local.client("sagemaker")


def source() -> dict[str, Any]:
    return {
        "SourceUri": f"s3://bucket/{unique('chart')}.json",
        "SourceTypes": [{"SourceIdType": "MD5Hash", "Value": "1"}],
    }


def make_artifact(sagemaker: Any, kind: str = "ConfusionMatrix", **members: Any) -> str:
    """An artifact; its ARN."""
    arn: str = sagemaker.create_artifact(ArtifactType=kind, **{"Source": source(), **members})["ArtifactArn"]
    return arn


@pytest.fixture
def component(sagemaker: Any) -> str:
    """A trial component; its ARN."""
    arn: str = sagemaker.create_trial_component(TrialComponentName=unique("component"))["TrialComponentArn"]
    return arn


def error(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    response = refused.value.response["Error"]
    return response["Code"], response["Message"]


def test_an_artifact_is_described_as_it_was_asked_for(sagemaker: Any) -> None:
    own = source()
    artifact_document = sagemaker.describe_artifact(
        ArtifactArn=make_artifact(sagemaker, Source=own, ArtifactName="matrix")
    )
    assert (artifact_document["Source"], artifact_document["ArtifactName"], artifact_document["ArtifactType"]) == (
        own,
        "matrix",
        "ConfusionMatrix",
    )


def test_artifacts_are_listed_by_source_and_type(sagemaker: Any) -> None:
    own, kind = source(), unique("Kind")
    arns = [make_artifact(sagemaker, kind), make_artifact(sagemaker, kind, Source=own)]
    by_type = sagemaker.list_artifacts(ArtifactType=kind)["ArtifactSummaries"]
    by_source = sagemaker.list_artifacts(SourceUri=own["SourceUri"])["ArtifactSummaries"]
    assert [item["ArtifactArn"] for item in by_type] == arns[::-1]
    assert [item["ArtifactArn"] for item in by_source] == arns[1:]


def test_a_source_has_one_artifact(sagemaker: Any) -> None:
    own = source()
    arn = make_artifact(sagemaker, Source=own)
    with pytest.raises(ClientError) as refused:
        make_artifact(sagemaker, Source=own)
    assert error(refused) == ("ValidationException", f"Artifact already exists: {arn}")


def test_associations_are_listed_by_either_end(sagemaker: Any, component: str) -> None:
    arn = make_artifact(sagemaker, ArtifactName="matrix")
    sagemaker.add_association(SourceArn=component, DestinationArn=arn, AssociationType="Produced")
    for filters in ({"SourceArn": component}, {"DestinationArn": arn}, {"SourceArn": component, "SortBy": "SourceArn"}):
        associations = sagemaker.list_associations(**filters)["AssociationSummaries"]
        assert [(item["SourceArn"], item["DestinationArn"]) for item in associations] == [(component, arn)]
        assert (associations[0]["AssociationType"], associations[0]["DestinationType"]) == (
            "Produced",
            "ConfusionMatrix",
        )
        assert (associations[0]["SourceName"], associations[0]["DestinationName"]) == (
            component.rpartition("/")[2],
            "matrix",
        )
    assert sagemaker.list_associations(SourceArn=component, AssociationType="SameAs")["AssociationSummaries"] == []


def test_an_artifact_is_deleted_once_nothing_is_associated_with_it(sagemaker: Any, component: str) -> None:
    own = source()
    arn = make_artifact(sagemaker, Source=own)
    ends = {"SourceArn": component, "DestinationArn": arn}
    sagemaker.add_association(**ends)
    with pytest.raises(ClientError) as refused:
        sagemaker.delete_artifact(ArtifactArn=arn)
    assert error(refused) == ("ValidationException", f"Artifact '{arn}' has associations. Delete those first.")
    sagemaker.delete_association(**ends)
    assert sagemaker.delete_artifact(Source=own)["ArtifactArn"] == arn
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_artifact(ArtifactArn=arn)


def test_two_are_associated_once(sagemaker: Any, component: str) -> None:
    ends = {"SourceArn": component, "DestinationArn": make_artifact(sagemaker)}
    sagemaker.add_association(**ends)
    with pytest.raises(ClientError) as refused:
        sagemaker.add_association(**ends)
    assert error(refused)[0] == "ValidationException"
    assert error(refused)[1].startswith("Association already exists: ")


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        ("describe_artifact", {"ArtifactArn": MISSING}),
        ("delete_artifact", {"ArtifactArn": MISSING}),
        ("add_association", {"SourceArn": MISSING, "DestinationArn": MISSING}),
        ("delete_association", {"SourceArn": MISSING, "DestinationArn": MISSING}),
    ],
)
def test_what_is_not_there_is_not_found(sagemaker: Any, operation: str, named: dict[str, str]) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(sagemaker, operation)(**named)
    assert error(refused)[0] == "ResourceNotFound"
    assert error(refused)[1].endswith("does not exist.")


@pytest.mark.parametrize(
    ("operation", "arguments", "sentence"),
    [
        ("delete_artifact", {}, "ArtifactArn or Source is required."),
        (
            "list_associations",
            {"SortBy": "DestinationType"},
            "Associations cannot be sorted by DestinationType on this computer. Use SourceArn or CreationTime.",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(
    sagemaker: Any, operation: str, arguments: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(sagemaker, operation)(**arguments)
    assert error(refused) == ("ValidationException", sentence)
