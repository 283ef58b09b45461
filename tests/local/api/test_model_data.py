"""Where the data of a model may lie, by boto3: an archive or plain objects, at s3:// or https:// addresses."""

import io
import tarfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.factories import BUCKET, as_csv, rows, unique
from tests.local_service import IMAGE, ROLE, LocalService, eventually

pytestmark = pytest.mark.slow
ROWS = as_csv(rows(20, seed=3)[:, 1:])


@pytest.fixture(scope="module")
def archive(local: LocalService) -> str:
    """The key of the model archive of a finished job; its members lie as objects under `plain/` beside it."""
    uri: str = factories.train(local)["ModelArtifacts"]["S3ModelArtifacts"]
    key, s3 = uri.removeprefix(f"s3://{BUCKET}/"), local.client("s3")
    with tarfile.open(fileobj=io.BytesIO(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())) as tar:
        for member in tar.getmembers():
            file = tar.extractfile(member)
            assert file
            s3.put_object(Bucket=BUCKET, Key=f"{key.rpartition('/')[0]}/plain/{member.name}", Body=file.read())
    return key


@pytest.fixture(scope="module")
def scores(local: LocalService, archive: str) -> list[float]:
    return factories.invoke(local, serve(local, {"ModelDataUrl": f"s3://{BUCKET}/{archive}"}), ROWS)


def create(local: LocalService, data: dict[str, Any]) -> str:
    name = unique("model")
    local.client("sagemaker").create_model(
        ModelName=name, PrimaryContainer={"Image": IMAGE, **data}, ExecutionRoleArn=ROLE
    )
    return name


def serve(local: LocalService, data: dict[str, Any]) -> str:
    return factories.serve(local, create(local, data))


def source(key: str, kind: str, compression: str) -> dict[str, Any]:
    uri = f"s3://{BUCKET}/{key}"
    return {"ModelDataSource": {"S3DataSource": {"S3Uri": uri, "S3DataType": kind, "CompressionType": compression}}}


@pytest.mark.parametrize(
    ("place", "kind", "compression"),
    [("model.tar.gz", "S3Object", "Gzip"), ("plain/", "S3Prefix", "None"), ("plain/xgboost-model", "S3Object", "None")],
)
def test_a_model_source_scores_as_the_archive_does(
    local: LocalService, archive: str, scores: list[float], place: str, kind: str, compression: str
) -> None:
    key = f"{archive.rpartition('/')[0]}/{place}"
    assert factories.invoke(local, serve(local, source(key, kind, compression)), ROWS) == scores


def test_an_archive_is_found_at_its_https_address(local: LocalService, archive: str, scores: list[float]) -> None:
    endpoint = serve(local, {"ModelDataUrl": f"https://{BUCKET}.s3.us-east-1.amazonaws.com/{archive}"})
    assert factories.invoke(local, endpoint, ROWS) == scores


def failure(local: LocalService, data: dict[str, Any]) -> str:
    """Why an endpoint of this model data fails."""
    sagemaker, name = local.client("sagemaker"), create(local, data)
    variant = {"VariantName": "v", "ModelName": name, "InstanceType": "ml.m4.xlarge", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)

    def look() -> dict[str, Any] | None:
        endpoint: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
        return None if endpoint["EndpointStatus"] == "Creating" else endpoint

    endpoint = eventually(look)
    return f"{endpoint['EndpointStatus']}: {endpoint.get('FailureReason')}"


def test_a_prefix_without_objects_fails_the_endpoint_in_a_sentence(local: LocalService, archive: str) -> None:
    said = failure(local, source("nothing/", "S3Prefix", "None"))
    assert said == (
        f"Failed: Data download failed: there is no object under s3://{BUCKET}/nothing/. Upload the model there."
    )


def test_a_folder_of_the_console_among_the_files_fails_the_endpoint_in_a_sentence(local: LocalService) -> None:
    prefix = unique("console")
    local.client("s3").create_bucket(Bucket=BUCKET)
    local.client("s3").put_object(Bucket=BUCKET, Key=f"{prefix}/", Body=b"")
    assert f"the key {prefix}/ cannot be a file of a model" in failure(local, source(f"{prefix}/", "S3Prefix", "None"))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (source("k/", "S3Prefix", "Gzip"), "CompressionType Gzip goes with S3DataType S3Object"),
        (source("k", "S3Prefix", "None"), "an S3Prefix of model data ends with a slash"),
        (source("k", "S3Object", "None") | {"ModelDataUrl": "s3://b/k"}, "exclude each other"),
        (source("k", "S3Object", "None") | {"Mode": "MultiModel"}, "Mode MultiModel takes no ModelDataSource"),
        ({"ModelDataSource": {}}, "ModelDataSource.S3DataSource is required"),
        ({"ModelDataUrl": "https://example.com/model.tar.gz"}, "at 'primaryContainer.modelDataUrl' failed"),
    ],
    ids=["gzip prefix", "no slash", "both", "multi-model", "empty", "other host"],
)
def test_model_data_that_aws_excludes_is_refused_at_creation(
    local: LocalService, data: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ClientError, match=sentence):
        create(local, data)


def test_a_serverless_variant_needs_an_archive_url(local: LocalService) -> None:
    model = create(local, source("k", "S3Object", "None"))
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    variant = {"VariantName": "v", "ModelName": model, "ServerlessConfig": serverless}
    with pytest.raises(ClientError, match="cannot be used by a serverless variant"):
        local.client("sagemaker").create_endpoint_config(EndpointConfigName=model, ProductionVariants=[variant])


def test_batch_transform_needs_an_archive_url(local: LocalService) -> None:
    model = create(local, source("k", "S3Object", "None"))
    with pytest.raises(ClientError, match="cannot be used by batch transform"):
        local.client("sagemaker").create_transform_job(
            TransformJobName=model,
            ModelName=model,
            TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/"}}},
            TransformOutput={"S3OutputPath": "s3://b/out"},
            TransformResources={"InstanceType": "ml.m4.xlarge", "InstanceCount": 1},
        )
