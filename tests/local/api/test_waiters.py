"""Every waiter that boto3 has for what is offered here: it comes back once what it waits for has come."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.local import factories
from tests.local.api import endpoint_factory
from tests.local_service import ROLE, LocalService

pytestmark = pytest.mark.slow

SOON = {"Delay": 1, "MaxAttempts": 60}
Made = tuple[str, dict[str, str], str]  # what describes it, with which parameters, and its status


def begin_endpoint(local: LocalService) -> Made:
    config = endpoint_factory.make_config(
        local, endpoint_factory.variant(endpoint_factory.make_model(local, factories.train(local)), "one")
    )
    name = factories.unique("waited")
    local.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName=config)
    return "describe_endpoint", {"EndpointName": name}, "EndpointStatus"


def delete_endpoint(local: LocalService) -> Made:
    operation, identity, status = begin_endpoint(local)
    endpoint_factory.in_service(local, identity["EndpointName"])
    local.client("sagemaker").delete_endpoint(**identity)
    return operation, identity, status


def begin_notebook(local: LocalService) -> Made:
    name = factories.unique("waited")
    local.client("sagemaker").create_notebook_instance(
        NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE
    )
    return "describe_notebook_instance", {"NotebookInstanceName": name}, "NotebookInstanceStatus"


def stop_notebook(local: LocalService) -> Made:
    operation, identity, status = begin_notebook(local)
    sagemaker = local.client("sagemaker")
    sagemaker.get_waiter("notebook_instance_in_service").wait(**identity, WaiterConfig=SOON)
    sagemaker.stop_notebook_instance(**identity)
    return operation, identity, status


def delete_notebook(local: LocalService) -> Made:
    operation, identity, status = stop_notebook(local)
    sagemaker = local.client("sagemaker")
    sagemaker.get_waiter("notebook_instance_stopped").wait(**identity, WaiterConfig=SOON)
    sagemaker.delete_notebook_instance(**identity)
    return operation, identity, status


def begin_training(local: LocalService) -> Made:
    name = factories.unique("waited")
    local.client("sagemaker").create_training_job(**factories.training_request(name, factories.put_data(local)))
    return "describe_training_job", {"TrainingJobName": name}, "TrainingJobStatus"


def begin_transform(local: LocalService) -> Made:
    name, model, body = (
        factories.unique("waited"),
        endpoint_factory.make_model(local, factories.train(local)),
        factories.rows(20)[:, 1:],
    )
    local.client("s3").put_object(Bucket=factories.BUCKET, Key=f"{name}/data.csv", Body=factories.as_csv(body))
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{factories.BUCKET}/{name}/"}}
    local.client("sagemaker").create_transform_job(
        TransformJobName=name,
        ModelName=model,
        TransformInput={"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        TransformOutput={"S3OutputPath": f"s3://{factories.BUCKET}/{name}-out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    return "describe_transform_job", {"TransformJobName": name}, "TransformJobStatus"


@pytest.mark.parametrize(
    ("waiter", "begin", "ending"),
    [
        ("endpoint_in_service", begin_endpoint, "InService"),
        ("endpoint_deleted", delete_endpoint, None),
        ("notebook_instance_in_service", begin_notebook, "InService"),
        ("notebook_instance_stopped", stop_notebook, "Stopped"),
        ("notebook_instance_deleted", delete_notebook, None),
        ("training_job_completed_or_stopped", begin_training, "Completed"),
        ("transform_job_completed_or_stopped", begin_transform, "Completed"),
    ],
)
def test_a_waiter_comes_back_when_it_is_there(
    local: LocalService, waiter: str, begin: Callable[[LocalService], Made], ending: str | None
) -> None:
    operation, identity, status = begin(local)
    sagemaker = local.client("sagemaker")
    sagemaker.get_waiter(waiter).wait(**identity, WaiterConfig=SOON)
    assert state(sagemaker, operation, identity, status) == ending


def state(sagemaker: Any, operation: str, identity: dict[str, str], status: str) -> str | None:
    """The status of what is there, None for what is gone."""
    try:
        current: str = getattr(sagemaker, operation)(**identity)[status]
    except ClientError:
        return None
    return current


def test_a_waiter_tells_of_a_job_that_failed(local: LocalService) -> None:
    sagemaker, name = local.client("sagemaker"), factories.unique("waited")
    sagemaker.create_training_job(**factories.training_request(name, "s3://nowhere/at-all"))
    with pytest.raises(WaiterError, match="terminal failure state"):
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name, WaiterConfig=SOON)
