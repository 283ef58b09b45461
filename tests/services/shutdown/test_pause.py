"""Pausing an endpoint and bringing it back, on a running local service; its scaling against botocore's model."""

import io
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from services.aws import documents, tags
from services.aws.account import Account
from services.aws.errors import AwsError
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import EndpointStatus
from services.errors import Problem
from services.inventory.resources import BillableResource
from services.pricing.price_book import LIST_PRICES
from services.shutdown import driver as shutdown_driver
from services.shutdown import pause
from services.shutdown import run as shutdown_runs
from services.shutdown.plan import pause_step
from services.shutdown.protection import Confirmation
from services.shutdown.run import RunStep, StepState
from services.training.jobs import TrainingJob
from tests.local.factories import unique
from tests.local_service import eventually
from tests.services.shutdown.test_plan import make_running
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


def pause_now(account: Account, name: str, typed: str = "") -> RunStep:
    """Pause an endpoint as the dashboard does; returns what came of it."""
    resource = replace(endpoint_of(name), arn=endpoint_details.describe(account, name).arn)
    confirmation = Confirmation({resource.key: typed})
    run = shutdown_runs.begin(account, [pause_step(resource)], confirmation, "me", WHEN)
    (step,) = shutdown_driver.drive(account, run, 30).steps
    return step


def endpoint_of(name: str) -> BillableResource:
    identity = (("EndpointName", name), ("EndpointConfigName", name))
    return make_running(name=name, identity=identity, region="us-east-1", usd_per_hour=0.24)


def paused_now(account: Account, name: str) -> pause.PausedEndpoint:
    assert pause_now(account, name, name).state is StepState.DONE
    paused = listed(account, name)
    assert paused
    return paused


def listed(account: Account, name: str) -> pause.PausedEndpoint | None:
    return next((each for each in pause.paused_endpoints(account).endpoints if each.name == name), None)


def test_a_paused_endpoint_is_gone_and_in_the_list(account: Account, name: str) -> None:
    paused = paused_now(account, name)
    assert name not in {each.name for each in endpoint_details.summaries(account)}
    assert (paused.tags, paused.usd_per_hour) == ({"owner": "ann"}, 0.24)


def test_what_is_protected_is_not_paused_and_production_is_once_its_name_is_typed(account: Account, name: str) -> None:
    arn = endpoint_details.describe(account, name).arn
    tags.save(account, arn, {"sagedeck:protected": "true"})
    assert "Protected by its tag sagedeck:protected." in pause_now(account, name, name).problem
    tags.save(account, arn, {"sagedeck:protected": "", "env": "prod"})
    assert "it is tagged as production. Type it to shut the resource down." in pause_now(account, name).problem
    assert pause_now(account, name, name).state is StepState.DONE


def test_it_comes_back_under_its_name_with_its_model_and_tags(account: Account, name: str, job: TrainingJob) -> None:
    pause.resume(account, paused_now(account, name), WHEN, LIST_PRICES)
    in_service(account, name)
    back = endpoint_details.describe(account, name)
    assert back.job == job.name
    assert account.call("sagemaker", "list_tags", ResourceArn=back.arn)["Tags"] == TAGS


def test_once_it_is_back_it_is_paused_no_longer(account: Account, name: str) -> None:
    paused = paused_now(account, name)
    pause.resume(account, paused, WHEN, LIST_PRICES)
    assert not pause.settle(account, paused, WHEN)
    in_service(account, name)
    assert pause.settle(account, paused, WHEN)
    assert listed(account, name) is None


def test_a_name_that_is_taken_meanwhile_is_told_and_stays_paused(account: Account, name: str, job: TrainingJob) -> None:
    paused = paused_now(account, name)
    pause.resume(account, paused, WHEN, LIST_PRICES)
    with pytest.raises(Problem, match=f"Endpoint {name}: it exists"):
        pause.resume(account, paused, WHEN, LIST_PRICES)
    assert listed(account, name) == replace(paused, resuming=True, resumed_at=WHEN)


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
        if operation == "list_objects_v2":
            return {"Contents": [{"Key": key, "Size": 1} for key in self.documents]}
        if operation == "delete_object":
            self.documents.pop(parameters["Key"])
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
    pause.store(account, endpoint_of("fraud"), "run", WHEN)
    (paused,) = pause.paused_endpoints(account).endpoints
    account.documents[f"{pause.FOLDER}fraud.json"] = resuming(paused)
    assert pause.settle(account, paused, WHEN)
    sent = dict(account.asked)
    assert (sent["register_scalable_target"]["MinCapacity"], sent["register_scalable_target"]["MaxCapacity"]) == (1, 4)
    assert sent["put_scaling_policy"]["PolicyName"] == "p"
    assert "Alarms" not in sent["put_scaling_policy"]


def test_what_nobody_resumes_stays_paused_though_its_endpoint_is_in_service() -> None:
    account = Scaled("AWS", "us-east-1")
    pause.store(account, endpoint_of("fraud"), "run", WHEN)
    (paused,) = pause.paused_endpoints(account).endpoints
    pause.settle(account, paused, WHEN)
    assert f"{pause.FOLDER}fraud.json" in account.documents


def test_an_endpoint_of_inference_components_is_not_paused() -> None:
    account = Scaled("AWS", "us-east-1", components=("llama",))
    with pytest.raises(Problem, match="Pause endpoint fraud: it serves inference components"):
        pause.store(account, endpoint_of("fraud"), "run", WHEN)
    assert account.documents == {}


def test_an_endpoint_that_is_paused_again_before_its_scaling_is_back_keeps_it() -> None:
    account = Scaled("AWS", "us-east-1")
    pause.store(account, endpoint_of("fraud"), "run", WHEN)
    (paused,) = pause.paused_endpoints(account).endpoints
    account.documents[f"{pause.FOLDER}fraud.json"] = resuming(replace(paused, targets=({"MinCapacity": 7},)))
    pause.store(account, endpoint_of("fraud"), "run", WHEN)
    (again,) = pause.paused_endpoints(account).endpoints
    assert (again.targets, again.resuming) == (({"MinCapacity": 7},), False)


def resuming(paused: pause.PausedEndpoint) -> bytes:
    return documents.to_json(pause.PausedDocument(**{**vars(paused), "resuming": True}))
