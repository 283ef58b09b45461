"""An account with endpoints whose S3 is a dictionary: what a shutdown asks of it, in order, and what it refuses."""

from dataclasses import dataclass, field
from typing import Any

from services.aws.account import Account
from services.aws.errors import AwsError
from services.inventory.resources import BillableResource
from services.shutdown.plan import Step, plan
from tests.services.fake_s3 import FakeS3
from tests.services.shutdown.test_plan import NOW, make_running

DENIED = AwsError("Delete on AWS, us-east-1", "not authorized", "Ask for it", "AccessDeniedException")
LOST = AwsError("Delete on AWS, us-east-1", "read timed out", "Try again", "ReadTimeoutError", unsure=True)
MISSING = AwsError("Describe on AWS, us-east-1", "Could not find it", "Refresh", "ValidationException")


class PulledPlug(BaseException):
    """The process ends here."""


@dataclass(frozen=True)
class ShutdownAccount(FakeS3):
    """`endpoints` by name with their statuses; `asked`: what changes something; `cut`: where the process ends.

    lost: operations that are done, and whose answer does not come.
    """

    title: str = "AWS"
    region: str = "us-east-1"
    bucket: str = "bucket"
    endpoints: dict[str, str] = field(default_factory=lambda: {"fraud": "InService"}, compare=False)
    tags: list[dict[str, str]] = field(default_factory=list, compare=False)  # of everything
    marks: dict[str, dict[str, str]] = field(default_factory=dict, compare=False)  # tags set since, by ARN
    refused: set[str] = field(default_factory=set, compare=False)
    cut: set[str] = field(default_factory=set, compare=False)
    lost: set[str] = field(default_factory=set, compare=False)
    lingering: set[str] = field(default_factory=set, compare=False)  # deleted, and on their way down for as long
    asked: list[str] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        key = str(parameters.get("Key", "")).partition("/")[2].partition("/")[0]
        if operation.startswith(("delete_", "put_", "create_", "register_", "add_", "stop_")):
            self.asked.append(f"{operation} {key or next(iter(parameters.values()))}")
        if {operation, f"{operation} {key}"} & self.refused:
            raise DENIED
        if service in ("s3", "sts"):
            answer = super().call(service, operation, **parameters)
        else:
            answer = self._answer(operation, parameters)
        if {operation, f"{operation} {key}"} & self.lost:
            raise LOST
        if operation in self.cut:
            raise PulledPlug
        return answer

    def _answer(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters.get("EndpointName", "")
        if operation in ("delete_endpoint", "describe_endpoint") and name not in self.endpoints:
            raise MISSING
        match operation:
            case "delete_endpoint" if name in self.lingering:
                self.endpoints[name] = "Deleting"
            case "delete_endpoint":
                del self.endpoints[name]
            case "describe_endpoint":
                variants = [{"VariantName": "v"}]
                names = {"EndpointArn": f"arn:{name}", "EndpointConfigName": f"{name}-config"}
                return {**names, "EndpointStatus": self.endpoints[name], "ProductionVariants": variants}
            case "list_endpoints":
                summaries = [{"EndpointName": name, "EndpointStatus": self.endpoints[name]} for name in self.endpoints]
                return {"Endpoints": [{**summary, "CreationTime": NOW} for summary in summaries]}
            case "create_endpoint":
                self.endpoints[name] = "Creating"
            case "describe_inference_component":
                return {"InferenceComponentStatus": "InService"}
            case "list_inference_components":
                return {"InferenceComponents": []}
            case "list_tags":
                own = self.marks.get(parameters["ResourceArn"], {})
                return {"Tags": [*self.tags, *({"Key": key, "Value": value} for key, value in own.items())]}
            case "add_tags":
                own = self.marks.setdefault(parameters["ResourceArn"], {})
                own.update({tag["Key"]: tag["Value"] for tag in parameters["Tags"]})
            case "delete_tags":
                for key in parameters["TagKeys"]:
                    self.marks[parameters["ResourceArn"]].pop(key, None)
            case "get_resources":
                return {"ResourceTagMappingList": []}
            case "describe_scalable_targets":
                return {"ScalableTargets": []}
            case "describe_scaling_policies":
                return {"ScalingPolicies": []}
        return {}


def make_endpoint(name: str = "fraud", **more: Any) -> BillableResource:
    identity = (("EndpointName", name), ("EndpointConfigName", f"{name}-config"))
    return make_running(name=name, identity=identity, region="us-east-1", **more)


def steps_for(*resources: BillableResource) -> list[Step]:
    return plan(resources, resources)


def documents_in(account: Account, folder: str) -> list[str]:
    """The keys under a folder of ours."""
    start = f"s3://bucket/sagedeck/{folder}/"
    assert isinstance(account, FakeS3)
    return [address.removeprefix(start) for address in account.objects if address.startswith(start)]
