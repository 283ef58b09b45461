"""What this computer would not run is refused when it is created, in one sentence that names it."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local_service import IMAGE, ROLE, LocalService

pytestmark = pytest.mark.slow


def refusal(call: Callable[..., Any], request: dict[str, Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call(**request)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    return str(refused.value.response["Error"]["Message"])


@pytest.mark.parametrize(
    ("member", "given", "named"),
    [
        (
            "AlgorithmSpecification",
            {"ContainerEntrypoint": ["python3", "train.py"]},
            "AlgorithmSpecification.ContainerEntrypoint (python3 train.py)",
        ),
        ("HyperParameters", {"sagemaker_program": "train.py"}, "HyperParameters.sagemaker_program (train.py)"),
        ("Environment", {"SAGEMAKER_PROGRAM": "train.py"}, "Environment.SAGEMAKER_PROGRAM (train.py)"),
    ],
)
def test_a_training_job_with_a_program_of_its_own_is_refused(
    local: LocalService, member: str, given: dict[str, Any], named: str
) -> None:
    request = factories.training_request(factories.unique("job"), "s3://nowhere/data")
    request[member] = {**request.get(member, {}), **given}
    assert refusal(local.client("sagemaker").create_training_job, request) == (
        f"{named}: a script or program of your own cannot run on this computer. Leave it out to train the built-in "
        "algorithm, or run it on AWS."
    )


def test_a_tuning_job_with_a_program_of_its_own_is_refused(local: LocalService) -> None:
    request = factories.tuning_request(factories.unique("tuning"), "s3://nowhere/data", 1)
    request["TrainingJobDefinition"]["StaticHyperParameters"]["sagemaker_program"] = "train.py"
    said = refusal(local.client("sagemaker").create_hyper_parameter_tuning_job, request)
    assert said.startswith("HyperParameters.sagemaker_program (train.py): ")


@pytest.mark.parametrize(
    "image",
    [
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/xgboost:mine",
        "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.3-cpu-py311",
        "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
    ],
)
def test_an_own_image_and_another_framework_are_refused_by_name(local: LocalService, image: str) -> None:
    request = factories.training_request(factories.unique("job"), "s3://nowhere/data")
    request["AlgorithmSpecification"]["TrainingImage"] = image
    said = refusal(local.client("sagemaker").create_training_job, request)
    assert said.startswith(f"Image {image} cannot run on this computer")


@pytest.mark.parametrize("member", ["AlgorithmName", "TrainingImage"])
def test_an_algorithm_of_the_marketplace_is_refused_whether_or_not_an_image_is_given(
    local: LocalService, member: str
) -> None:
    request = factories.training_request(factories.unique("job"), "s3://nowhere/data")
    given = request["AlgorithmSpecification"]
    request["AlgorithmSpecification"] = {
        "AlgorithmName": "of-the-marketplace",
        "TrainingInputMode": "File",
        member: given.get(member, "of-the-marketplace"),
    }
    said = refusal(local.client("sagemaker").create_training_job, request)
    assert said.startswith("AlgorithmSpecification.AlgorithmName (of-the-marketplace): algorithms of the marketplace")


def test_a_tuning_job_of_an_algorithm_of_the_marketplace_is_refused(local: LocalService) -> None:
    request = factories.tuning_request(factories.unique("tuning"), "s3://nowhere/data", 1)
    request["TrainingJobDefinition"]["AlgorithmSpecification"]["AlgorithmName"] = "of-the-marketplace"
    said = refusal(local.client("sagemaker").create_hyper_parameter_tuning_job, request)
    assert said.startswith("AlgorithmSpecification.AlgorithmName (of-the-marketplace): algorithms of the marketplace")


def test_a_model_has_a_primary_container_or_a_list_of_containers(local: LocalService) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://nowhere/model.tar.gz"}
    request = {
        "ModelName": factories.unique("model"),
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": container,
        "Containers": [container],
    }
    said = refusal(local.client("sagemaker").create_model, request)
    assert said == "PrimaryContainer and Containers exclude each other. Give one of the two."


def test_a_model_with_a_script_of_its_own_is_refused(local: LocalService) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://nowhere/model.tar.gz"}
    request = {
        "ModelName": factories.unique("model"),
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {**container, "Environment": {"SAGEMAKER_PROGRAM": "inference.py"}},
    }
    said = refusal(local.client("sagemaker").create_model, request)
    assert said.startswith("Environment.SAGEMAKER_PROGRAM (inference.py): a script or program of your own")


def test_a_pipeline_of_which_one_container_would_answer_is_refused(local: LocalService) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://nowhere/model.tar.gz"}
    request = {
        "ModelName": factories.unique("model"),
        "ExecutionRoleArn": ROLE,
        "Containers": [container, container],
    }
    said = refusal(local.client("sagemaker").create_model, request)
    assert said.startswith("Containers: a pipeline of 2 containers cannot run on this computer")


def test_an_empty_program_is_none(local: LocalService) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://nowhere/model.tar.gz", "Environment": {"SAGEMAKER_PROGRAM": ""}}
    request = {"ModelName": factories.unique("model"), "ExecutionRoleArn": ROLE, "PrimaryContainer": container}
    assert local.client("sagemaker").create_model(**request)["ModelArn"]
