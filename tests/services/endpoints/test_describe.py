"""Endpoints as AWS describes those that this computer has none of."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
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
    components: tuple[str, ...] = ()
    modified: datetime = WHEN
    container: Answer = field(default_factory=lambda: {"ModelDataUrl": "s3://b/j/output/model.tar.gz"}, compare=False)

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
                    "LastModifiedTime": self.modified,
                }
            case "describe_endpoint_config":
                return {"EndpointConfigName": "fraud-1", "ProductionVariants": list(self.configured)}
            case "list_inference_components":
                assert parameters["EndpointNameEquals"] == "fraud"
                listed = [
                    {
                        "InferenceComponentName": name,
                        "VariantName": "AllTraffic",
                        "InferenceComponentStatus": "InService",
                    }
                    for name in self.components
                ]
                return {"InferenceComponents": listed}
            case "describe_model":
                return {"PrimaryContainer": {"Image": "1.dkr/xgboost:1", **self.container}}
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


def test_an_endpoint_of_many_models_is_described_with_their_prefix_and_without_a_job() -> None:
    configured = {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large"}
    many = {"Mode": "MultiModel", "ModelDataUrl": "s3://b/many/"}
    endpoint = endpoint_details.describe(
        OneEndpoint("AWS", "us-east-1", configured=(configured,), container=many), "fraud"
    )
    assert (endpoint.hosts_many_models, endpoint.variants[0].model_uri) == (True, "s3://b/many/")
    assert (endpoint.hosts_components, endpoint.job) == (False, None)


def test_an_endpoint_of_inference_components_is_described_with_them_and_without_a_model() -> None:
    configured = {"VariantName": "AllTraffic", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
    now = {"VariantName": "AllTraffic", "CurrentInstanceCount": 1}
    account = OneEndpoint("AWS", "us-east-1", configured=(configured,), current=(now,), components=("llama", "mistral"))
    endpoint = endpoint_details.describe(account, "fraud")
    assert [variant.runs_on for variant in endpoint.variants] == ["1 × ml.g5.xlarge"]
    assert (endpoint.hosts_components, endpoint.job) == (True, None)
    assert [(each.name, each.variant, each.status) for each in endpoint.components] == [
        ("llama", "AllTraffic", "InService"),
        ("mistral", "AllTraffic", "InService"),
    ]
    empty = endpoint_details.describe(replace(account, components=()), "fraud")
    assert (empty.hosts_components, empty.components) == (True, ())


def test_an_update_is_another_edition_of_the_endpoint() -> None:
    before = OneEndpoint("AWS", "us-east-1")
    after = replace(before, modified=WHEN + timedelta(seconds=1))
    editions = [endpoint_details.describe(account, "fraud").edition for account in (before, before, after)]
    assert editions[0] == editions[1] != editions[2]
