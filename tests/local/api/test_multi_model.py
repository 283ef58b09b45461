"""Endpoints that serve many models from one S3 prefix, from boto3."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.local.api.loaded_models import MOST_LOADED
from tests.local import factories
from tests.local.api import endpoint_factory
from tests.local_service import IMAGE, ROLE, LocalService

pytestmark = pytest.mark.slow

BODY = factories.as_csv(factories.rows(3)[:, 1:])


@pytest.fixture(scope="module")
def archives(local: LocalService) -> list[tuple[str, str]]:
    """Bucket and key of two models that score differently."""
    data = factories.put_data(local)
    jobs = [factories.train(local, data, num_round=rounds) for rounds in ("1", "9")]
    uris = [job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/") for job in jobs]
    return [(bucket, key) for bucket, _, key in uris]


@pytest.fixture
def prefix(local: LocalService, archives: list[tuple[str, str]]) -> str:
    """The prefix, in the factories' bucket, of the models first.tar.gz and deep/second.tar.gz."""
    prefix = factories.unique("many")
    for (bucket, key), name in zip(archives, ("first.tar.gz", "deep/second.tar.gz"), strict=True):
        put(local, f"{prefix}/{name}", bucket, key)
    return prefix


def put(local: LocalService, key: str, bucket: str, source: str) -> None:
    local.client("s3").copy_object(Bucket=factories.BUCKET, Key=key, CopySource={"Bucket": bucket, "Key": source})


def make_model(local: LocalService, prefix: str, **environment: str) -> str:
    name = factories.unique("model")
    container: dict[str, Any] = {
        "Image": IMAGE,
        "Mode": "MultiModel",
        "ModelDataUrl": f"s3://{factories.BUCKET}/{prefix}/",
    }
    container["Environment"] = environment
    local.client("sagemaker").create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
    return name


@pytest.fixture
def endpoint(local: LocalService, prefix: str) -> str:
    variant = endpoint_factory.variant(make_model(local, prefix), "main")
    return endpoint_factory.make_endpoint(local, endpoint_factory.make_config(local, variant))


def score(local: LocalService, endpoint: str, **options: str) -> str:
    answer = local.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint, ContentType="text/csv", Body=BODY, **options
    )
    text: str = answer["Body"].read().decode()
    return text


def log(local: LocalService, endpoint: str) -> list[str]:
    events = local.client("logs").get_log_events(
        logGroupName=f"/aws/sagemaker/Endpoints/{endpoint}", logStreamName="main/i-local", startFromHead=True
    )["events"]
    return [event["message"] for event in events]


def test_a_target_model_answers_what_it_answers_alone(
    local: LocalService, endpoint: str, archives: list[tuple[str, str]]
) -> None:
    alone = []
    for bucket, key in archives:
        job = {"ModelArtifacts": {"S3ModelArtifacts": f"s3://{bucket}/{key}"}}
        alone.append(factories.invoke(local, factories.deploy(local, job), BODY))
    among = [
        json.loads(score(local, endpoint, TargetModel=target)) for target in ("first.tar.gz", "/deep/second.tar.gz")
    ]
    assert among == alone


def test_a_target_model_answers_in_csv_joined_by_commas_when_csv_is_asked_for(
    local: LocalService, endpoint: str
) -> None:
    as_json, as_csv = (
        score(local, endpoint, TargetModel="first.tar.gz", **accept) for accept in ({}, {"Accept": "text/csv"})
    )
    assert as_json == f"[{as_csv.replace(',', ', ')}]"


def test_selected_answers_are_not_for_many_models(local: LocalService, prefix: str) -> None:
    model = make_model(local, prefix, SAGEMAKER_INFERENCE_OUTPUT="predicted_label")
    variant = endpoint_factory.variant(model, "main")
    name = endpoint_factory.make_endpoint(local, endpoint_factory.make_config(local, variant))
    scores = json.loads(score(local, name, TargetModel="first.tar.gz"))
    assert all(0 < value < 1 for value in scores)


def test_a_model_is_loaded_when_it_is_first_requested(local: LocalService, endpoint: str) -> None:
    for target in ("deep/second.tar.gz", "deep/second.tar.gz", "first.tar.gz"):
        score(local, endpoint, TargetModel=target)
    loaded = [line for line in log(local, endpoint) if line.startswith("Loaded")]
    assert loaded == ["Loaded the model deep/second.tar.gz", "Loaded the model first.tar.gz"]


def test_a_model_is_added_by_uploading_it(
    local: LocalService, endpoint: str, prefix: str, archives: list[tuple[str, str]]
) -> None:
    put(local, f"{prefix}/late.tar.gz", *archives[0])
    assert score(local, endpoint, TargetModel="late.tar.gz") == score(local, endpoint, TargetModel="first.tar.gz")


def test_the_least_lately_used_model_makes_room_and_is_loaded_again(
    local: LocalService, endpoint: str, prefix: str, archives: list[tuple[str, str]]
) -> None:
    for number in range(MOST_LOADED):
        put(local, f"{prefix}/{number}.tar.gz", *archives[0])
    targets = ["first.tar.gz", *(f"{number}.tar.gz" for number in range(MOST_LOADED))]
    for target in [*targets[:-1], "first.tar.gz", targets[-1], "first.tar.gz", "0.tar.gz"]:
        score(local, endpoint, TargetModel=target)
    loaded = [line.removeprefix("Loaded the model ") for line in log(local, endpoint) if line.startswith("Loaded")]
    assert loaded == [*targets, "0.tar.gz"]


def test_a_target_model_that_is_not_there_is_refused_in_aws_words(
    local: LocalService, endpoint: str, prefix: str
) -> None:
    with pytest.raises(ClientError) as refused:
        score(local, endpoint, TargetModel="never.tar.gz")
    error = refused.value.response["Error"]
    key = f"(bucket: {factories.BUCKET}, key: {prefix}/never.tar.gz)"
    assert (error["Code"], error["Message"].partition(". ")[0]) == (
        "ValidationError",
        f"Failed to download model data {key}",
    )


def test_a_request_without_a_target_model_is_refused(local: LocalService, endpoint: str) -> None:
    with pytest.raises(ClientError, match=r"ValidationError.*is missing a target model header"):
        score(local, endpoint)


def test_a_target_model_of_an_endpoint_of_one_model_is_refused(
    local: LocalService, archives: list[tuple[str, str]]
) -> None:
    job = {"ModelArtifacts": {"S3ModelArtifacts": "s3://{}/{}".format(*archives[0])}}
    plain = factories.deploy(local, job)
    with pytest.raises(ClientError, match=f"ValidationError.*Endpoint {plain} is not a multi-model endpoint"):
        score(local, plain, TargetModel="first.tar.gz")


def test_a_target_model_that_is_no_model_is_the_models_error(local: LocalService, endpoint: str, prefix: str) -> None:
    local.client("s3").put_object(Bucket=factories.BUCKET, Key=f"{prefix}/torn.tar.gz", Body=b"not an archive")
    with pytest.raises(ClientError, match=r"ModelError.*not a valid tar.gz archive"):
        score(local, endpoint, TargetModel="torn.tar.gz")


def test_describe_tells_the_mode_and_the_prefix(local: LocalService, prefix: str) -> None:
    model = local.client("sagemaker").describe_model(ModelName=make_model(local, prefix))
    container: dict[str, Any] = model["PrimaryContainer"]
    assert (container["Mode"], container["ModelDataUrl"]) == ("MultiModel", f"s3://{factories.BUCKET}/{prefix}/")


def test_models_are_loaded_again_after_a_restart(own_local: LocalService) -> None:
    job = factories.train(own_local)
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    put(own_local, "many/first.tar.gz", bucket, key)
    variant = endpoint_factory.variant(make_model(own_local, "many"), "main")
    name = endpoint_factory.make_endpoint(own_local, endpoint_factory.make_config(own_local, variant))
    before = score(own_local, name, TargetModel="first.tar.gz")
    own_local.kill()
    own_local.start()
    assert score(own_local, name, TargetModel="first.tar.gz") == before


def test_a_serverless_variant_of_many_models_is_refused(local: LocalService, prefix: str) -> None:
    serverless = {
        "VariantName": "main",
        "ModelName": make_model(local, prefix),
        "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1},
    }
    with pytest.raises(ClientError, match=r"ValidationException.*serverless variant cannot serve a multi-model"):
        endpoint_factory.make_config(local, serverless)


def test_a_model_of_many_needs_a_prefix(local: LocalService) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*MultiModel needs a ModelDataUrl"):
        local.client("sagemaker").create_model(
            ModelName=factories.unique("model"),
            PrimaryContainer={"Image": IMAGE, "Mode": "MultiModel"},
            ExecutionRoleArn=ROLE,
        )


def test_a_batch_transform_of_many_models_fails_with_its_reason(local: LocalService, prefix: str) -> None:
    sagemaker, name = local.client("sagemaker"), factories.unique("transform")
    local.client("s3").put_object(Bucket=factories.BUCKET, Key=f"{prefix}-rows/rows.csv", Body=BODY)
    rows = f"s3://{factories.BUCKET}/{prefix}-rows/"
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=make_model(local, prefix),
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": rows}},
            "ContentType": "text/csv",
        },
        TransformOutput={"S3OutputPath": rows},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    waiter = sagemaker.get_waiter("transform_job_completed_or_stopped")
    with pytest.raises(Exception, match="Failed"):
        waiter.wait(TransformJobName=name, WaiterConfig=endpoint_factory.SOON)
    assert "is a multi-model" in sagemaker.describe_transform_job(TransformJobName=name)["FailureReason"]
