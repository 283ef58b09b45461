"""What the service refuses for being too long, too many, badly named or taken: with AWS's codes."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.api import endpoint_factory
from tests.local.api.test_lists import tuning_request
from tests.local_service import IMAGE, ROLE, LocalService

pytestmark = pytest.mark.slow

NOWHERE = "s3://nowhere/at-all"
BODY, SERVERLESS_BODY = 6_291_456, 4_194_304  # bytes


@pytest.fixture(scope="module")
def model(local: LocalService) -> str:
    return endpoint_factory.make_model(local, factories.train(local))


def train(sagemaker: Any, name: str, **changes: Any) -> None:
    sagemaker.create_training_job(**{**factories.training_request(name, NOWHERE), **changes})


def tune(sagemaker: Any, name: str, **limits: int) -> None:
    request = tuning_request(name, 1)
    request["HyperParameterTuningJobConfig"]["ResourceLimits"] |= limits
    sagemaker.create_hyper_parameter_tuning_job(**request)


def many(count: int) -> dict[str, str]:
    return {f"name{number}": "1" for number in range(count)}


def model_named(sagemaker: Any, name: str) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": f"{NOWHERE}/model.tar.gz"}
    sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)


REFUSED: list[tuple[str, Callable[[Any], None], str, str]] = [
    (
        "a name with an underscore",
        lambda sagemaker: train(sagemaker, "under_score"),
        "ValidationException",
        r"'under_score' at 'trainingJobName' .* satisfy regular expression pattern",
    ),
    (
        "a name of 64 characters",
        lambda sagemaker: model_named(sagemaker, "m" * 64),
        "ValidationException",
        "'modelName' failed to satisfy constraint: Member must have length less than or equal to 63",
    ),
    (
        "a tuning job's name of 33 characters",
        lambda sagemaker: tune(sagemaker, "t" * 33),
        "ValidationException",
        "'hyperParameterTuningJobName' .* length less than or equal to 32",
    ),
    (
        "101 hyperparameters",
        lambda sagemaker: train(sagemaker, "limits", HyperParameters=many(101)),
        "ValidationException",
        "'hyperParameters' .* length less than or equal to 100",
    ),
    (
        "a hyperparameter of 2,501 characters",
        lambda sagemaker: train(sagemaker, "limits", HyperParameters={"objective": "x" * 2_501}),
        "ValidationException",
        "length less than or equal to 2500",
    ),
    (
        "21 instances",
        lambda sagemaker: train(
            sagemaker,
            "limits",
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 21, "VolumeSizeInGB": 1},
        ),
        "ResourceLimitExceeded",
        "'Number of instances across all training jobs' is 20 Instances, .* a request delta of 21 Instances. Request",
    ),
    (
        "11 training jobs at once",
        lambda sagemaker: tune(sagemaker, "limits", MaxParallelTrainingJobs=11),
        "ResourceLimitExceeded",
        "'Number of parallel training jobs per hyperparameter tuning job' is 10 Training jobs",
    ),
    (
        "751 training jobs",
        lambda sagemaker: tune(sagemaker, "limits", MaxNumberOfTrainingJobs=751),
        "ResourceLimitExceeded",
        "'Number of training jobs per hyperparameter tuning job' is 750 Training jobs",
    ),
    (
        "a tuning job of more than half a year",
        lambda sagemaker: tune(sagemaker, "limits", MaxRuntimeInSeconds=15_768_001),
        "ValidationException",
        "maxRuntimeInSeconds' .* value less than or equal to 15768000",
    ),
]


@pytest.mark.parametrize(
    ("attempt", "code", "sentence"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_is_beyond_a_limit_is_refused(
    local: LocalService, attempt: Callable[[Any], None], code: str, sentence: str
) -> None:
    with pytest.raises(ClientError, match=sentence) as refused:
        attempt(local.client("sagemaker"))
    assert refused.value.response["Error"]["Code"] == code


def test_instances_of_jobs_in_progress_count(own_local: LocalService) -> None:
    sagemaker, name = own_local.client("sagemaker"), factories.unique("job")
    request = factories.training_request(name, factories.put_data(own_local), num_round="1000000")
    request["ResourceConfig"]["InstanceCount"] = 20
    sagemaker.create_training_job(**request)
    with pytest.raises(ClientError, match=r"ResourceLimitExceeded.*utilization of 20 .*wait until others have ended"):
        train(sagemaker, factories.unique("job"))
    sagemaker.stop_training_job(TrainingJobName=name)
    assert factories.ended(own_local, name)["TrainingJobStatus"] == "Stopped"
    train(sagemaker, factories.unique("job"))


@pytest.mark.parametrize(
    ("kind", "code", "sentence"),
    [
        ("model", "ValidationException", 'Cannot create already existing model "arn:aws:sagemaker:'),
        ("endpoint config", "ValidationException", 'Cannot create already existing endpoint configuration "arn:'),
        ("endpoint", "ValidationException", 'Cannot create already existing endpoint "arn:'),
        ("notebook", "ValidationException", r"Cannot create a duplicate Notebook Instance \(arn:"),
        ("training job", "ResourceInUse", "Cannot create already existing training job arn:"),
        ("tuning job", "ResourceInUse", "Cannot create already existing hyper parameter tuning job arn:"),
    ],
)
def test_a_name_that_is_taken_is_refused(local: LocalService, model: str, kind: str, code: str, sentence: str) -> None:
    sagemaker, name, other = (
        local.client("sagemaker"),
        factories.unique("taken"),
        endpoint_factory.variant(model, "one"),
    )
    make: dict[str, Callable[[], Any]] = {
        "model": lambda: model_named(sagemaker, name),
        "training job": lambda: train(sagemaker, name),
        "tuning job": lambda: tune(sagemaker, name),
        "endpoint config": lambda: sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[other]
        ),
        "endpoint": lambda: sagemaker.create_endpoint(
            EndpointName=name, EndpointConfigName=endpoint_factory.make_config(local, other)
        ),
        "notebook": lambda: sagemaker.create_notebook_instance(
            NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE
        ),
    }
    make[kind]()
    with pytest.raises(ClientError, match=sentence) as refused:
        make[kind]()
    assert refused.value.response["Error"]["Code"] == code


def ask(local: LocalService, endpoint: str, body: bytes) -> int:
    """How many rows an endpoint scored."""
    answer = local.client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=body)
    return len(answer["Body"].read().split())


@pytest.mark.parametrize(("serverless", "limit"), [(False, BODY), (True, SERVERLESS_BODY)])
def test_a_body_has_its_most_bytes_and_no_more(local: LocalService, model: str, serverless: bool, limit: int) -> None:
    capacity = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    on_demand = {"VariantName": "one", "ModelName": model, "ServerlessConfig": capacity}
    endpoint = endpoint_factory.make_endpoint(
        local, endpoint_factory.make_config(local, on_demand if serverless else endpoint_factory.variant(model, "one"))
    )
    row = b"0.10,0.20,0.30,0.40\n"
    most = row * (limit // len(row))
    assert ask(local, endpoint, most.ljust(limit, b"\n")) == limit // len(row)
    with pytest.raises(ClientError, match=f"HTTP content length exceeded {limit} bytes") as refused:
        ask(local, endpoint, most.ljust(limit + 1, b"\n"))
    assert refused.value.response["Error"]["Code"] == "413"
    assert ask(local, endpoint, row) == 1
