"""Factories of endpoints beyond the plain one: models, configs of several variants, and what invokes them."""

from collections import Counter
from typing import Any

from tests.local import factories
from tests.local_service import IMAGE, ROLE, LocalService

SOON = {"Delay": 1, "MaxAttempts": 60}


def make_model(local: LocalService, job: dict[str, Any]) -> str:
    """A model of what a training job left; its name."""
    name = factories.unique("model")
    local.client("sagemaker").create_model(
        ModelName=name,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]},
        ExecutionRoleArn=ROLE,
    )
    return name


def variant(model: str, name: str, **changes: Any) -> dict[str, Any]:
    """A production variant on one instance."""
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        **changes,
    }


def make_config(local: LocalService, *variants: dict[str, Any], **members: Any) -> str:
    """An endpoint config; its name."""
    name = factories.unique("config")
    local.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=list(variants), **members
    )
    return name


def make_endpoint(local: LocalService, config: str) -> str:
    """An endpoint in service; its name."""
    sagemaker, name = local.client("sagemaker"), factories.unique("endpoint")
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    in_service(local, name)
    return name


def in_service(local: LocalService, endpoint: str) -> None:
    """Wait until it is."""
    local.client("sagemaker").get_waiter("endpoint_in_service").wait(EndpointName=endpoint, WaiterConfig=SOON)


def update(local: LocalService, endpoint: str, config: str, **options: Any) -> dict[str, Any]:
    """Give it another config; the endpoint once that serves."""
    sagemaker = local.client("sagemaker")
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config, **options)
    in_service(local, endpoint)
    described: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=endpoint)
    return described


def answered_by(local: LocalService, endpoint: str, times: int, **options: str) -> Counter[str]:
    """How often each variant answered, of so many invocations."""
    runtime, body = local.client("sagemaker-runtime"), factories.as_csv(factories.rows(1)[:, 1:])
    return Counter(
        runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=body, **options)[
            "InvokedProductionVariant"
        ]
        for _ in range(times)
    )
