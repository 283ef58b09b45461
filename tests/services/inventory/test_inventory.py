"""The whole list, asked of moto, and what becomes of a kind that cannot be asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from services.aws import account as aws_account
from services.aws.account import Account
from services.aws.errors import AwsError
from services.inventory.all_kinds import scan_now
from services.inventory.resources import BillableResource, Failure, LastUse, ResourceKind
from services.shutdown import execute as shutdown_execution
from services.shutdown import plan as shutdown_plan
from tests.services.inventory.modelled import empty

pytestmark = pytest.mark.slow

ROLE = "arn:aws:iam::123456789012:role/sage"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/xgboost:1"


@dataclass(frozen=True)
class MotoAccount(Account):
    """What moto has no list of is empty; it is tested in test_kinds.py and test_notebooks.py."""

    title: str = "AWS"
    region: str = "us-east-1"

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            return super().call(service, operation, **parameters)
        except NotImplementedError:
            return empty(operation)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account of moto's."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    aws_account._client.cache_clear()  # clients of an earlier mock
    aws_account._session.cache_clear()
    with mock_aws():
        yield MotoAccount()
    aws_account._client.cache_clear()
    aws_account._session.cache_clear()


def in_ten_hours() -> datetime:
    return datetime.now(UTC) + timedelta(hours=10)


def make_endpoint(account: Account, name: str = "fraud", instances: int = 2) -> None:
    sagemaker = account.client("sagemaker")
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    sagemaker.create_endpoint_config(
        EndpointConfigName=f"{name}-config",
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": name,
                "InitialInstanceCount": instances,
                "InstanceType": "ml.m5.xlarge",
                "InitialVariantWeight": 1.0,
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config")


def make_notebook(account: Account, name: str = "guide") -> None:
    account.client("sagemaker").create_notebook_instance(
        NotebookInstanceName=name, InstanceType="ml.t2.medium", RoleArn=ROLE, VolumeSizeInGB=10
    )


def only(found: tuple[BillableResource, ...], kind: ResourceKind) -> BillableResource:
    (one,) = [resource for resource in found if resource.kind is kind]
    return one


def test_an_empty_account_runs_nothing_and_hides_nothing(account: Account) -> None:
    inventory = scan_now(account, in_ten_hours())

    assert (inventory.resources, inventory.failures, inventory.usd_per_hour) == ((), (), 0.0)


def test_an_endpoint_is_priced_by_type_and_count(account: Account) -> None:
    make_endpoint(account)

    endpoint = only(scan_now(account, in_ten_hours()).resources, ResourceKind.ENDPOINT)

    assert endpoint.usd_per_hour == 0.46
    assert endpoint.cost_so_far == pytest.approx(4.6, abs=0.01)


def test_invocations_of_an_endpoint_are_read_from_cloudwatch(account: Account) -> None:
    make_endpoint(account)
    now = datetime.now(UTC)
    dimensions = [{"Name": "EndpointName", "Value": "fraud"}, {"Name": "VariantName", "Value": "AllTraffic"}]
    datum = {"MetricName": "Invocations", "Dimensions": dimensions, "Value": 3.0, "Timestamp": now - timedelta(hours=5)}
    account.client("cloudwatch").put_metric_data(Namespace="AWS/SageMaker", MetricData=[datum])

    endpoint = only(scan_now(account, now).resources, ResourceKind.ENDPOINT)

    assert endpoint.last_invocation_hours == pytest.approx(4.5, abs=0.5)


def test_an_endpoint_nobody_called_says_so(account: Account) -> None:
    make_endpoint(account)

    assert only(scan_now(account, in_ten_hours()).resources, ResourceKind.ENDPOINT).last_use is LastUse.NEVER


def test_a_notebook_instance_is_listed_with_its_price(account: Account) -> None:
    make_notebook(account)

    notebook = only(scan_now(account, in_ten_hours()).resources, ResourceKind.NOTEBOOK_INSTANCE)

    assert (notebook.name, notebook.usd_per_hour) == ("guide", 0.0464)


def test_the_dearest_thing_comes_first(account: Account) -> None:
    make_notebook(account)
    make_endpoint(account)

    assert [resource.name for resource in scan_now(account, in_ten_hours()).resources] == ["fraud", "guide"]


def test_of_everything_shut_down_only_the_stopped_notebooks_disk_still_bills(account: Account) -> None:
    make_endpoint(account)
    make_notebook(account)
    found = scan_now(account, in_ten_hours()).resources

    outcomes = [shutdown_execution.execute(account, step) for step in shutdown_plan.plan(found, found)]

    assert [outcome.ok for outcome in outcomes] == [True, True]
    left = scan_now(account, in_ten_hours()).resources
    assert [(resource.kind, resource.detail) for resource in left] == [
        (ResourceKind.NOTEBOOK_VOLUME, "10 GB, $1.40 a month")
    ]


def test_the_configuration_goes_with_its_endpoint_and_the_model_stays(account: Account) -> None:
    make_endpoint(account)
    found = scan_now(account, in_ten_hours()).resources

    shutdown_execution.execute(account, shutdown_plan.plan(found, found)[0])

    sagemaker = account.client("sagemaker")
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert [model["ModelName"] for model in sagemaker.list_models()["Models"]] == ["fraud"]


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
REFUSED = AwsError("List on AWS, us-east-1", "not authorized", "Ask for the IAM action", "AccessDeniedException")


@dataclass(frozen=True)
class FakeAccount(Account):
    """Answers each operation, and each named thing, as it is told; an AwsError is raised."""

    title: str = "AWS"
    region: str = "us-east-1"
    answers: dict[str, dict[str, Any] | AwsError] = field(default_factory=dict)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        named = [f"{operation} {value}" for value in parameters.values() if isinstance(value, str)]
        key = next((key for key in named if key in self.answers), operation)
        answer = self.answers[key] if key in self.answers else _nothing(operation)
        if isinstance(answer, AwsError):
            raise answer
        return answer


def _nothing(operation: str) -> dict[str, Any]:
    return {"ResourceTagMappingList": []} if operation == "get_resources" else empty(operation)


def training_job(name: str, **more: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "TrainingJobStatus": "InProgress",
        "CreationTime": NOW,
        "TrainingStartTime": NOW - timedelta(hours=1),
        "ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1},
        **more,
    }


def jobs_named(*names: str) -> dict[str, Any]:
    return {"TrainingJobSummaries": [{"TrainingJobName": name} for name in names]}


def endpoint_answers() -> dict[str, dict[str, Any] | AwsError]:
    variant = {"VariantName": "v", "CurrentInstanceCount": 1, "DesiredInstanceCount": 1}
    return {
        "list_endpoints": {"Endpoints": [{"EndpointName": "fraud"}]},
        "describe_endpoint": {
            "EndpointName": "fraud",
            "EndpointConfigName": "config",
            "EndpointStatus": "InService",
            "CreationTime": NOW - timedelta(hours=1),
            "ProductionVariants": [variant],
        },
        "describe_endpoint_config": {
            "EndpointConfigName": "config",
            "ProductionVariants": [{"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.xlarge"}],
        },
        "get_metric_data": {"MetricDataResults": []},
    }


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("list_endpoints", ResourceKind.ENDPOINT),
        ("list_training_jobs InProgress", ResourceKind.TRAINING_JOB),
        ("list_hyper_parameter_tuning_jobs", ResourceKind.TUNING_JOB),
        ("list_processing_jobs", ResourceKind.PROCESSING_JOB),
        ("list_transform_jobs", ResourceKind.TRANSFORM_JOB),
        ("list_notebook_instances Stopped", ResourceKind.NOTEBOOK_VOLUME),
        ("list_apps", ResourceKind.STUDIO_APP),
    ],
)
def test_a_kind_that_cannot_be_asked_is_a_failure_and_not_an_empty_list(operation: str, kind: ResourceKind) -> None:
    inventory = scan_now(FakeAccount(answers={operation: REFUSED}), NOW)

    assert inventory.failures == (Failure(kind, str(REFUSED), "us-east-1"),)


def test_when_nothing_at_all_could_be_asked_there_is_no_list() -> None:
    class Refusing(FakeAccount):
        def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
            raise REFUSED

    with pytest.raises(AwsError, match=str(REFUSED.said)):
        scan_now(Refusing(), NOW)


def test_one_kind_that_cannot_be_asked_hides_no_other() -> None:
    inventory = scan_now(FakeAccount(answers=endpoint_answers() | {"list_apps": REFUSED}), NOW)

    assert [resource.name for resource in inventory.resources] == ["fraud"]


def test_what_was_told_before_a_refusal_is_kept() -> None:
    account = FakeAccount(
        answers={
            "list_training_jobs InProgress": jobs_named("first", "second"),
            "describe_training_job first": training_job("first"),
            "describe_training_job second": REFUSED,
        }
    )

    inventory = scan_now(account, NOW)

    assert ([resource.name for resource in inventory.resources], len(inventory.failures)) == (["first"], 1)


def test_an_endpoint_is_listed_when_its_invocations_cannot_be_asked() -> None:
    inventory = scan_now(FakeAccount(answers=endpoint_answers() | {"get_metric_data": REFUSED}), NOW)

    assert inventory.resources[0].last_use is LastUse.UNKNOWN
    assert inventory.failures == (Failure("Endpoint invocations", str(REFUSED), "us-east-1"),)


def test_an_endpoint_is_listed_when_its_configuration_is_gone() -> None:
    gone = AwsError("Describe", 'Could not find endpoint configuration "config".', "Refresh", "ValidationException")

    inventory = scan_now(FakeAccount(answers=endpoint_answers() | {"describe_endpoint_config": gone}), NOW)

    assert ([resource.name for resource in inventory.resources], inventory.unpriced) == (["fraud"], 1)


def test_what_is_deleted_while_it_is_asked_about_is_left_out() -> None:
    gone = AwsError("Describe", 'Could not find endpoint "fraud".', "Refresh", "ValidationException")

    inventory = scan_now(FakeAccount(answers=endpoint_answers() | {"describe_endpoint": gone}), NOW)

    assert (inventory.resources, inventory.failures) == ((), ())


def test_jobs_of_a_tuning_job_are_counted_once() -> None:
    child = {"TrainingJobStatus": "InProgress", "TrainingStartTime": NOW - timedelta(hours=1)}
    account = FakeAccount(
        answers={
            "list_training_jobs InProgress": jobs_named("alone", "child"),
            "describe_training_job alone": training_job("alone"),
            "describe_training_job child": training_job("child", TuningJobArn="arn:tune"),
            "list_hyper_parameter_tuning_jobs InProgress": {
                "HyperParameterTuningJobSummaries": [{"HyperParameterTuningJobName": "tune"}]
            },
            "describe_hyper_parameter_tuning_job": {
                "HyperParameterTuningJobName": "tune",
                "HyperParameterTuningJobStatus": "InProgress",
                "CreationTime": NOW,
                "TrainingJobDefinition": {"ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1}},
            },
            "list_training_jobs_for_hyper_parameter_tuning_job": {"TrainingJobSummaries": [child]},
        }
    )

    inventory = scan_now(account, NOW)

    assert {resource.name: resource.usd_per_hour for resource in inventory.resources} == {"alone": 0.24, "tune": 0.24}


def test_a_thing_of_unknown_price_is_counted_beside_the_sum() -> None:
    job = training_job("fraud", ResourceConfig={"InstanceType": "ml.z9.xlarge", "InstanceCount": 1})
    account = FakeAccount(
        answers={"list_training_jobs InProgress": jobs_named("fraud"), "describe_training_job fraud": job}
    )

    inventory = scan_now(account, NOW)

    assert (inventory.usd_per_hour, inventory.unpriced) == (0.0, 1)
