"""An AWS of many regions inside the process: real boto3 clients, whose requests are answered before they are sent.

Each call takes as long as a round trip does, and may be made to go wrong by a `fault` that is asked about every one.
"""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3
import cbor2
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from services.aws.account import Account
from services.aws.errors import operation_name
from tests.services.inventory.modelled import empty, operations

ACCOUNT = "123456789012"
NAMES = {  # what a resource of the stand-in is called by
    "endpoint": "EndpointName",
    "training_job": "TrainingJobName",
    "notebook_instance": "NotebookInstanceName",
    "app": "AppName",
}
LISTS = {
    "ListEndpoints": "endpoint",
    "ListTrainingJobs": "training_job",
    "ListNotebookInstances": "notebook_instance",
    "ListApps": "app",
}
SESSION, BUILDING = boto3.Session(), threading.Lock()
ONCE = Config(retries={"total_max_attempts": 1})
Fault = Callable[[str, str], str | None]  # (region, operation) -> an error code, "drop", or None


def document(what: str, name: str, region: str, created: datetime) -> dict[str, Any]:
    """A resource that runs, with everything that its list and its description tell."""
    arn = f"arn:aws:sagemaker:{region}:{ACCOUNT}:{what.replace('_', '-')}/{name}"
    match what:
        case "endpoint":
            variant = {"VariantName": "v", "CurrentInstanceCount": 1, "DesiredInstanceCount": 1}
            more: dict[str, Any] = {
                "EndpointArn": arn,
                "EndpointConfigName": name,
                "EndpointStatus": "InService",
                "ProductionVariants": [variant],
            }
        case "training_job":
            more = {
                "TrainingJobArn": arn,
                "TrainingJobStatus": "InProgress",
                "TrainingStartTime": created,
                "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
            }
        case "notebook_instance":
            more = {
                "NotebookInstanceArn": arn,
                "NotebookInstanceStatus": "InService",
                "InstanceType": "ml.m5.xlarge",
                "VolumeSizeInGB": 5,
            }
        case "app":
            app = {"DomainId": "d-1", "SpaceName": name, "AppType": "JupyterLab", "Status": "InService", "AppArn": arn}
            more = {**app, "ResourceSpec": {"InstanceType": "ml.m5.xlarge"}}
        case _:
            raise ValueError(what)
    return {NAMES[what]: name, **more, "CreationTime": created, "LastModifiedTime": created}


@dataclass
class StandIn:
    """`things` by region and what they are; `asked` keeps (region, operation, request) of every call."""

    things: dict[str, dict[str, list[dict[str, Any]]]]
    latency: float = 0.0
    fault: Fault = lambda region, operation: None
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str) -> Any:
        """A client whose every request comes here, once: what goes wrong is not tried again."""
        with BUILDING:
            if (service, region) not in self.clients:
                client = SESSION.client(service, region, aws_access_key_id="a", aws_secret_access_key="s", config=ONCE)
                client.meta.events.register("before-send", self.answer)
                self.clients[service, region] = client
            return self.clients[service, region]

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Botocore's before-send: what it returns is the response."""
        region, operation, body = _read(request)
        self.asked.append((region, operation, body))
        time.sleep(self.latency)
        code = self.fault(region, operation)
        if code == "drop":
            raise ReadTimeoutError(endpoint_url=request.url)
        if code:
            return _response(request, 400, {"__type": code, "message": f"{code} of the stand-in"})
        return _response(request, 200, self.document(region, operation, json.loads(body)))

    def document(self, region: str, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """What SageMaker would say."""
        here = self.things.get(region, {})
        if operation in LISTS:
            return self._page(here.get(LISTS[operation], []), operation, asked)
        if operation == "DescribeEndpointConfig":
            variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.xlarge"}
            return {"EndpointConfigName": asked["EndpointConfigName"], "ProductionVariants": [variant]}
        if operation.startswith("Describe"):
            what = next(what for what in NAMES if operation == f"Describe{operation_name(what)}")
            key = "SpaceName" if what == "app" else NAMES[what]
            return next(each for each in here[what] if each[key] == asked[key])
        if operation in ("GetMetricData", "GetResources"):
            return {"MetricDataResults": [], "ResourceTagMappingList": []}
        return _nothing(operation)

    def _page(self, items: list[dict[str, Any]], operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        wanted = asked.get("StatusEquals")
        found = [each for each in items if wanted is None or wanted in each.values()]
        found = [] if "WarmPoolStatusEquals" in asked else found
        start = int(asked.get("NextToken", 0))
        end = start + asked.get("MaxResults", 10)
        (key,) = _nothing(operation)
        return {key: found[start:end]} | ({"NextToken": str(end)} if end < len(found) else {})


@dataclass(frozen=True)
class StandInAccount(Account):
    """A region of a StandIn, by boto3 clients of its own."""

    title: str = "AWS"
    region: str = "us-east-1"
    stand_in: StandIn | None = field(default=None, compare=False)

    def client(self, service: str) -> Any:
        assert self.stand_in
        return self.stand_in.client(service, self.region)


def world(regions: list[str], each: int, created: datetime, latency: float = 0.0) -> StandIn:
    """A stand-in with `each` things of every sort in every region."""
    return StandIn(
        {
            region: {
                what: [
                    document(what, f"{what.replace('_', '-')}-{index}", region, created - timedelta(hours=index))
                    for index in range(each)
                ]
                for what in NAMES
            }
            for region in regions
        },
        latency,
    )


@cache
def _nothing(operation: str) -> dict[str, Any]:
    """The answer of a list that finds nothing."""
    return empty(next(name for name in operations() if operation_name(name) == operation))


def _read(request: AWSPreparedRequest) -> tuple[str, str, str]:
    """Region, operation and JSON request."""
    region = _text(request.headers["Authorization"]).split("/")[2]
    target, body = request.headers.get("X-Amz-Target"), request.body or b"{}"
    if target:
        return region, _text(target).rpartition(".")[2], _text(body)
    asked = request.url.rpartition("/")[2]
    if asked.startswith("list-"):  # of geospatial jobs
        return region, operation_name(asked.replace("-", "_")), _text(body)
    return region, asked, json.dumps(cbor2.loads(body), default=str)


def _text(raw: Any) -> str:
    return raw.decode() if isinstance(raw, bytes) else str(raw)


def _response(request: AWSPreparedRequest, status: int, said: dict[str, Any]) -> AWSResponse:
    if request.headers.get("smithy-protocol") != "rpc-v2-cbor":
        body = json.dumps(said, default=datetime.timestamp).encode()
        return AWSResponse(request.url, status, {"Content-Type": "application/x-amz-json-1.1"}, _Raw(body))
    headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    return AWSResponse(request.url, status, headers, _Raw(cbor2.dumps(said)))


class _Raw(io.BytesIO):
    """The body of a response, as urllib3 hands it out."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()
