"""Whatever needs a file of a training job keeps all of them, by what botocore's model of AWS says can name one."""

from dataclasses import replace
from typing import Any

import pytest

from services import settings
from services.errors import Problem
from services.shutdown import job_artifacts
from services.training.jobs import TrainingJob
from tests.services.inventory.modelled import ModelledAccount
from tests.services.training.test_estimates import make_job

FOLDER = "s3://bucket/models/fraud-1"
ARCHIVE = f"{FOLDER}/output/model.tar.gz"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/fraud/1"


class WithFiles(ModelledAccount):
    """The job's bucket holds its archive and nothing else."""

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if service != "s3":
            return super().call(service, operation, **parameters)
        self.asked.append(operation)
        key = ARCHIVE.removeprefix("s3://bucket/")
        found = operation == "list_objects_v2" and key.startswith(parameters["Prefix"])
        return {"Contents": [{"Key": key, "Size": 7}]} if found else {}


@pytest.fixture
def job() -> TrainingJob:
    return replace(make_job("fraud-1"), output_path="s3://bucket/models")


def users(job: TrainingJob, **answers: dict[str, Any]) -> tuple[str, ...]:
    named = {key.replace("__", " "): answer for key, answer in answers.items()}
    return job_artifacts.find(WithFiles(bucket="bucket", answers=named), job).users


def model_of(container: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        "list_models": {"Models": [{"ModelName": "m"}]},
        "describe_model": {"ModelName": "m", "PrimaryContainer": container},
    }


def component_of(**answer: Any) -> dict[str, dict[str, Any]]:
    return {
        "list_inference_components": {"InferenceComponents": [{"InferenceComponentName": "c"}]},
        "describe_inference_component": {"InferenceComponentName": "c", "EndpointName": "shared", **answer},
    }


def endpoint_of(*configs: str) -> dict[str, dict[str, Any]]:
    """An endpoint with the first configuration, on its way to the second one; the last one has model m."""
    pending = {"PendingDeploymentSummary": {"EndpointConfigName": configs[1]}} if len(configs) > 1 else {}
    summary = {"EndpointName": "e", "EndpointStatus": "InService", "CreationTime": make_job("x").created}
    configured = {
        f"describe_endpoint_config__{name}": {
            "EndpointConfigName": name,
            "ProductionVariants": [{"VariantName": "v", "ModelName": "m" if name == configs[-1] else "other"}],
        }
        for name in configs
    }
    return {
        "list_endpoints": {"Endpoints": [summary]},
        "describe_endpoint": {"EndpointName": "e", "EndpointConfigName": configs[0], **pending},
        **configured,
    }


@pytest.mark.parametrize(
    "component",
    [
        {"Specification": {"ModelName": "m"}},
        {"Specifications": [{"ModelName": "other"}, {"ModelName": "m"}]},
    ],
)
def test_an_inference_component_holds_the_files_of_its_model(job: TrainingJob, component: dict[str, Any]) -> None:
    found = users(job, **model_of({"ModelDataUrl": ARCHIVE}), **component_of(**component))

    assert found == ("inference component c of endpoint shared",)


@pytest.mark.parametrize("address", [ARCHIVE, f"{FOLDER}/"])
def test_an_inference_component_without_a_model_holds_the_files_it_reads_itself(job: TrainingJob, address: str) -> None:
    specification = {"Container": {"ArtifactUrl": address}}

    assert users(job, **component_of(Specification=specification)) == ("inference component c of endpoint shared",)


@pytest.mark.parametrize(
    "specification", [{"ModelName": "other"}, {"Container": {"ArtifactUrl": "s3://bucket/models/fraud-2/"}}, {}]
)
def test_an_inference_component_of_something_else_holds_nothing(
    job: TrainingJob, specification: dict[str, Any]
) -> None:
    assert users(job, **model_of({"ModelDataUrl": ARCHIVE}), **component_of(Specification=specification)) == ()


@pytest.mark.parametrize("prefix", ["s3://bucket/models/", "s3://bucket/models", f"{FOLDER}/output/"])
def test_a_multi_model_endpoint_holds_every_archive_below_its_prefix(job: TrainingJob, prefix: str) -> None:
    container = {"Mode": "MultiModel", "ModelDataUrl": prefix}

    assert users(job, **model_of(container), **endpoint_of("c1")) == ("endpoint e (model m)",)


def test_an_endpoint_on_its_way_to_a_model_holds_its_files(job: TrainingJob) -> None:
    assert users(job, **model_of({"ModelDataUrl": ARCHIVE}), **endpoint_of("c1", "c2")) == ("endpoint e (model m)",)


@pytest.mark.parametrize(
    "address",
    [
        "https://s3.us-east-1.amazonaws.com/bucket/models/fraud-1/output/model.tar.gz",
        "https://s3-us-west-2.amazonaws.com/bucket/models/fraud-1/output/model.tar.gz",
        "https://bucket.s3.us-east-1.amazonaws.com/models/fraud-1/output/model.tar.gz",
        "https://bucket.s3.amazonaws.com/models/",
    ],
)
def test_a_model_whose_address_is_written_as_https_holds_the_same_files(job: TrainingJob, address: str) -> None:
    assert users(job, **model_of({"ModelDataUrl": address}), **endpoint_of("c1")) == ("endpoint e (model m)",)


S3_SOURCE = {"S3DataSource": {"S3Uri": ARCHIVE, "S3DataType": "S3Object", "CompressionType": "Gzip"}}


@pytest.mark.parametrize(
    "package",
    [
        {"SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "a", "ModelDataUrl": ARCHIVE}]}},
        {"SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "a", "ModelDataSource": S3_SOURCE}]}},
        {"InferenceSpecification": {"Containers": [{"ModelDataSource": S3_SOURCE}]}},
        {"InferenceSpecification": {"Containers": [{"AdditionalS3DataSource": {"S3Uri": ARCHIVE}}]}},
        {"AdditionalInferenceSpecifications": [{"Name": "more", "Containers": [{"ModelDataUrl": ARCHIVE}]}]},
    ],
)
def test_a_model_package_holds_the_files_it_names_in_whatever_member(job: TrainingJob, package: dict[str, Any]) -> None:
    listed = {"ModelPackageSummaryList": [{"ModelPackageArn": ARN}]}

    found = users(job, list_model_packages=listed, describe_model_package={"ModelPackageArn": ARN, **package})

    assert found == ("model package fraud/1",)


def test_once_read_only_mode_is_on_no_further_file_is_deleted(job: TrainingJob) -> None:
    account = WithFiles(bucket="bucket")
    agreed = job_artifacts.find(account, job)
    settings.save_read_only(True)

    with pytest.raises(Problem, match="Files of fraud-1: read-only mode was switched on"):
        job_artifacts.remove(account, job, agreed)
    assert "delete_object" not in account.asked
