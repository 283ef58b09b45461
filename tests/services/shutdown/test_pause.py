"""Pausing an endpoint and bringing it back, on a running local service; its scaling against botocore's model."""

import io
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.aws import tags
from services.aws.account import Account
from services.aws.errors import AwsError
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import EndpointStatus
from services.errors import Problem
from services.pricing.price_book import LIST_PRICES
from services.shutdown import pause
from services.shutdown import policy as shutdown_policy
from services.shutdown.policy import ShutdownPolicy
from services.training.jobs import TrainingJob
from tests.local.factories import unique
from tests.local_service import eventually
from tests.services.training_factory import WHEN, make_model

pytestmark = pytest.mark.slow
TAGS = [{"Key": "owner", "Value": "ann"}]


@pytest.fixture(scope="module")
def job(account: Account) -> TrainingJob:
    return make_model(account)


def in_service(account: Account, name: str) -> None:
    def look() -> bool:
        return endpoint_details.describe(account, name).status is EndpointStatus.IN_SERVICE

    eventually(look)


@pytest.fixture
def name(account: Account, job: TrainingJob) -> str:
    """An endpoint in service, tagged."""
    made = unique("busy")
    endpoint_deployment.deploy(account, job, made, "ml.m4.xlarge", 1, WHEN)
    in_service(account, made)
    account.call("sagemaker", "add_tags", ResourceArn=endpoint_details.describe(account, made).arn, Tags=TAGS)
    return made


def listed(account: Account, name: str) -> pause.PausedEndpoint | None:
    return next((each for each in pause.paused_endpoints(account).endpoints if each.name == name), None)


def test_a_paused_endpoint_is_gone_and_in_the_list(account: Account, name: str) -> None:
    paused = pause.pause(account, name, 0.24, WHEN)
    assert name not in {each.name for each in endpoint_details.summaries(account)}
    assert listed(account, name) == paused
    assert (paused.tags, paused.usd_per_hour) == ({"owner": "ann"}, 0.24)


def test_what_is_protected_is_not_paused_and_production_is_once_its_name_is_typed(account: Account, name: str) -> None:
    arn = endpoint_details.describe(account, name).arn
    tags.save(account, arn, {"sagedeck:protected": "true"})
    with pytest.raises(Problem, match="its tag sagedeck:protected protects it"):
        pause.pause(account, name, 0.24, WHEN, name)
    tags.save(account, arn, {"sagedeck:protected": "", "env": "prod"})
    with pytest.raises(Problem, match=f"it is tagged as production. Type {name} to pause it"):
        pause.pause(account, name, 0.24, WHEN)
    assert pause.pause(account, name, 0.24, WHEN, name).name == name


def test_locked_production_is_not_paused_though_its_name_is_typed() -> None:
    account = Scaled("AWS", "us-east-1", tags=({"Key": "env", "Value": "prod"},))
    shutdown_policy.save(account, ShutdownPolicy(production_lock=True))
    with pytest.raises(Problem, match=r"production, and production is locked\. Unlock it in Settings first"):
        pause.pause(account, "fraud", None, WHEN, "fraud")
    assert "delete_endpoint" not in dict(account.asked)


def test_it_comes_back_under_its_name_with_its_model_and_tags(account: Account, name: str, job: TrainingJob) -> None:
    pause.resume(account, pause.pause(account, name, 0.24, WHEN), WHEN, LIST_PRICES)
    in_service(account, name)
    back = endpoint_details.describe(account, name)
    assert back.job == job.name
    assert account.call("sagemaker", "list_tags", ResourceArn=back.arn)["Tags"] == TAGS


def test_once_it_is_back_it_is_paused_no_longer(account: Account, name: str) -> None:
    paused = pause.pause(account, name, 0.24, WHEN)
    assert not pause.settle(account, paused)
    pause.resume(account, paused, WHEN, LIST_PRICES)
    in_service(account, name)
    assert pause.settle(account, paused)
    assert listed(account, name) is None


def test_a_name_that_is_taken_meanwhile_is_told_and_stays_paused(account: Account, name: str, job: TrainingJob) -> None:
    paused = pause.pause(account, name, 0.24, WHEN)
    pause.resume(account, paused, WHEN, LIST_PRICES)
    with pytest.raises(Problem, match=f"Endpoint {name}: it exists"):
        pause.resume(account, paused, WHEN, LIST_PRICES)
    assert listed(account, name) == paused


def test_an_account_without_a_bucket_has_nothing_paused(account: Account) -> None:
    assert pause.paused_endpoints(Account(**{**vars(account), "bucket": unique("never-made")})).endpoints == ()


@dataclass(frozen=True)
class Scaled(Account):
    """An endpoint with scaling, whose S3 is a dictionary of documents by key."""

    status: str = "InService"
    tags: tuple[dict[str, str], ...] = field(default=(), compare=False)
    components: tuple[str, ...] = ()
    documents: dict[str, bytes] = field(default_factory=dict, compare=False)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        self.asked.append((operation, parameters))
        if operation == "get_object" and parameters["Key"] in self.documents:
            return {"Body": io.BytesIO(self.documents[parameters["Key"]]), "ETag": '"kept"'}
        if operation == "get_object":
            raise AwsError("Get object on AWS", "it is not there", "Write it first", "NoSuchKey")
        if operation == "put_object":
            self.documents[parameters["Key"]] = parameters["Body"]
            return {"ETag": '"kept"'}
        resource = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": "endpoint/fraud/variant/v",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        }
        answers: dict[str, dict[str, Any]] = {
            "get_caller_identity": {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ann"},
            "describe_endpoint": {
                "EndpointArn": "arn",
                "EndpointStatus": self.status,
                "EndpointConfigName": "config",
                "ProductionVariants": [{"VariantName": "v"}],
            },
            "list_endpoints": {
                "Endpoints": [{"EndpointName": "fraud", "EndpointStatus": "InService", "CreationTime": WHEN}]
            },
            "list_tags": {"Tags": list(self.tags)},
            "list_inference_components": {
                "InferenceComponents": [
                    {"InferenceComponentName": name, "VariantName": "v"} for name in self.components
                ]
            },
            "describe_scalable_targets": {
                "ScalableTargets": [{**resource, "MinCapacity": 1, "MaxCapacity": 4, "RoleARN": "r", "CreationTime": 0}]
            },
            "describe_scaling_policies": {
                "ScalingPolicies": [
                    {**resource, "PolicyName": "p", "PolicyType": "TargetTrackingScaling", "Alarms": []}
                ]
            },
        }
        return answers.get(operation, {})


def test_scaling_comes_back_as_it_was() -> None:
    account = Scaled("AWS", "us-east-1")
    assert pause.settle(account, pause.pause(account, "fraud", None, WHEN))
    sent = dict(account.asked)
    assert (sent["register_scalable_target"]["MinCapacity"], sent["register_scalable_target"]["MaxCapacity"]) == (1, 4)
    assert sent["put_scaling_policy"]["PolicyName"] == "p"
    assert "Alarms" not in sent["put_scaling_policy"]


def test_what_it_is_is_kept_before_it_is_deleted() -> None:
    account = Scaled("AWS", "us-east-1")
    pause.pause(account, "fraud", None, WHEN)
    operations = [operation for operation, _ in account.asked]
    assert operations.index("put_object") < operations.index("delete_endpoint")


def test_an_endpoint_of_inference_components_is_not_paused() -> None:
    account = Scaled("AWS", "us-east-1", components=("llama",))
    with pytest.raises(Problem, match="Pause endpoint fraud: it serves inference components"):
        pause.pause(account, "fraud", None, WHEN)
    assert "delete_endpoint" not in dict(account.asked)


def test_what_is_not_in_service_is_not_paused() -> None:
    with pytest.raises(Problem, match=r"Pause endpoint fraud: it is Updating\. Wait until it is in service"):
        pause.pause(Scaled("AWS", "us-east-1", status="Updating"), "fraud", None, WHEN)
