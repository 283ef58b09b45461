"""Endpoints as AWS describes those that this computer has none of."""

from dataclasses import dataclass, field
from typing import Any

from services.aws.account import Account
from services.endpoints import describe as endpoint_details
from tests.services.training_factory import WHEN

Answer = dict[str, Any]


@dataclass(frozen=True)
class OneEndpoint(Account):
    """An account with one endpoint: variants as its config has them and as they are now."""

    configured: tuple[Answer, ...] = field(default=(), compare=False)
    current: tuple[Answer, ...] = field(default=(), compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> Answer:
        match operation:
            case "describe_endpoint":
                return {
                    "EndpointName": parameters["EndpointName"],
                    "EndpointArn": "arn:aws:sagemaker:us-east-1:1:endpoint/fraud",
                    "EndpointConfigName": "fraud-1",
                    "ProductionVariants": list(self.current),
                    "EndpointStatus": "InService",
                    "CreationTime": WHEN,
                    "LastModifiedTime": WHEN,
                }
            case "describe_endpoint_config":
                return {"EndpointConfigName": "fraud-1", "ProductionVariants": list(self.configured)}
            case "describe_model":
                return {
                    "PrimaryContainer": {"Image": "1.dkr/xgboost:1", "ModelDataUrl": "s3://b/j/output/model.tar.gz"}
                }
        raise AssertionError(operation)


def test_a_serverless_variant_runs_on_no_instances() -> None:
    serverless = {"VariantName": "AllTraffic", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 2048}}
    now = {"VariantName": "AllTraffic", "CurrentInstanceCount": 0}
    account = OneEndpoint("AWS", "us-east-1", configured=(serverless,), current=(now,))
    (variant,) = endpoint_details.describe(account, "fraud").variants
    assert variant.runs_on == "serverless"


def test_a_variant_on_instances_says_how_many_are_up() -> None:
    configured = {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large"}
    now = {"VariantName": "AllTraffic", "CurrentInstanceCount": 2}
    account = OneEndpoint("AWS", "us-east-1", configured=(configured,), current=(now,))
    (variant,) = endpoint_details.describe(account, "fraud").variants
    assert variant.runs_on == "2 × ml.m5.large"
