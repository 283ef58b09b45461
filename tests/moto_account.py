"""An AWS of the tests' own, behind a profile: moto, which knows nothing of the local service."""

import json
import logging
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from tests.profiles import KEYS

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
BUCKET = "sagemaker-us-east-1-123456789012"  # SageMaker's default one there
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"


@contextmanager
def running_aws() -> Iterator[str]:
    """The address of one that runs, and at its end forgets everything: moto keeps it for the whole process."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)  # not a page of text for each call that moto lacks
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    yield url
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
    server.stop()


def client(url: str, service: str) -> Any:
    """A boto3 client of the AWS at `url`, for what somebody else does there and for what it holds."""
    import boto3

    return boto3.client(service, endpoint_url=url, region_name="us-east-1", **KEYS)


def held(url: str) -> dict[str, Any]:
    """Everything that the AWS at `url` holds, as moto itself tells it: service, kind of resource, its members.

    But for metrics, of which moto makes some of its own, of S3, when they are read.
    """
    with urllib.request.urlopen(f"{url}/moto-api/data.json") as answer:
        found: dict[str, Any] = json.load(answer)
    return {service: kinds for service, kinds in found.items() if service != "cloudwatch"}


def make_endpoint(url: str, name: str) -> None:
    """Two ml.m5.xlarge that serve the model NAME-model by the configuration NAME-config."""
    sagemaker = client(url, "sagemaker")
    sagemaker.create_model(ModelName=f"{name}-model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": f"{name}-model",
        "InstanceType": "ml.m5.xlarge",
        "InitialInstanceCount": 2,
        "InitialVariantWeight": 1.0,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-config", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config")


def make_notebook(url: str, name: str, **tags: str) -> None:
    """An ml.t3.medium with a disk of 20 GB."""
    client(url, "sagemaker").create_notebook_instance(
        NotebookInstanceName=name,
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        VolumeSizeInGB=20,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
