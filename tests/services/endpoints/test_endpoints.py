"""Endpoints on a running local service, and what deploying leaves behind when it fails."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from services.aws.account import Account
from services.aws.errors import AwsError
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.endpoints.describe import Endpoint, EndpointStatus, Variant
from services.errors import Problem
from services.training.jobs import TrainingJob
from tests.local.factories import unique
from tests.local_service import eventually
from tests.services.training_factory import WHEN, make_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def job(account: Account) -> TrainingJob:
    return make_model(account)


@pytest.fixture(scope="module")
def endpoint(account: Account, job: TrainingJob) -> Endpoint:
    """An endpoint in service."""
    name = unique("live")
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 2, WHEN)

    def look() -> Endpoint | None:
        found = endpoint_details.describe(account, name)
        return None if found.status.changing else found

    found: Endpoint = eventually(look)
    return found


def make_endpoint(model_uri: str | None, instance_type: str | None = "ml.m4.xlarge") -> Endpoint:
    variant = Variant("AllTraffic", "model", model_uri, instance_type, 1)
    return Endpoint("e", "arn", EndpointStatus.IN_SERVICE, "e-1", (variant,), WHEN, None)


@dataclass(frozen=True)
class RefusingAccount(Account):
    """A real account that refuses one operation, and keeps the names of what it was asked."""

    refuses: str = ""
    asked: list[str] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        self.asked.append(operation)
        if operation == self.refuses:
            raise AwsError("Create endpoint on AWS", "the account-level limit is 0", "Ask", "ResourceLimitExceeded")
        return super().call(service, operation, **parameters)


def test_a_deployed_model_is_in_service_as_it_was_asked_for(endpoint: Endpoint, job: TrainingJob) -> None:
    assert (endpoint.status, endpoint.failure) == (EndpointStatus.IN_SERVICE, None)
    assert endpoint.variants == (Variant("AllTraffic", job.name, job.model_uri, "ml.m4.xlarge", 2, job.image),)
    assert endpoint.config == f"{endpoint.name}-261124120000"


def test_an_endpoint_knows_the_training_job_of_its_model(endpoint: Endpoint, job: TrainingJob) -> None:
    assert endpoint.job == job.name


def test_the_list_names_every_endpoint(endpoint: Endpoint, account: Account) -> None:
    assert endpoint.name in {each.name for each in endpoint_details.summaries(account)}


def test_one_model_serves_two_endpoints(endpoint: Endpoint, account: Account, job: TrainingJob) -> None:
    name = unique("twin")
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, WHEN)
    assert endpoint_details.describe(account, name).variants[0].model == endpoint.variants[0].model


def test_a_taken_name_is_one_sentence(endpoint: Endpoint, account: Account, job: TrainingJob) -> None:
    said = "it exists already. Choose another name, or delete the existing one first."
    with pytest.raises(Problem, match=f"^Endpoint {endpoint.name}: {said}$"):
        endpoint_deployment.deploy(account, job, endpoint.name, "ml.m4.xlarge", 1, WHEN + timedelta(seconds=1))


def test_a_refused_endpoint_leaves_nothing_it_made(account: Account, job: TrainingJob) -> None:
    refusing = RefusingAccount(**{**vars(account), "refuses": "create_endpoint"})
    fresh, name = replace(job, name=unique("model")), unique("refused")
    with pytest.raises(AwsError, match="the account-level limit is 0"):
        endpoint_deployment.deploy(refusing, fresh, name, "ml.m4.xlarge", 1, WHEN)
    with pytest.raises(AwsError, match="Could not find"):
        account.call("sagemaker", "describe_endpoint_config", EndpointConfigName=f"{name}-261124120000")
    with pytest.raises(AwsError, match="Could not find"):
        account.call("sagemaker", "describe_model", ModelName=fresh.name)


def test_a_refused_endpoint_keeps_the_model_that_was_there(
    endpoint: Endpoint, account: Account, job: TrainingJob
) -> None:
    refusing = RefusingAccount(**{**vars(account), "refuses": "create_endpoint"})
    with pytest.raises(AwsError):
        endpoint_deployment.deploy(refusing, job, unique("refused"), "ml.m4.xlarge", 1, WHEN)
    assert "delete_model" not in refusing.asked
    assert endpoint_details.describe(account, endpoint.name).job == job.name


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model_uri": None}, "it has no model. Choose a completed job."),
        (
            {"model_uri": "s3://elsewhere/model.tar.gz"},
            "a different model of this name exists. Delete that model first.",
        ),
    ],
)
def test_a_job_that_cannot_be_deployed_says_why(
    endpoint: Endpoint, account: Account, job: TrainingJob, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Problem, match=sentence):
        endpoint_deployment.deploy(account, replace(job, **change), unique("never"), "ml.m4.xlarge", 1, WHEN)


def test_without_a_role_the_way_to_set_one_is_told(account: Account, job: TrainingJob) -> None:
    with pytest.raises(Problem, match=r"no execution role is set\. Enter the role's ARN on the Settings page"):
        endpoint_deployment.deploy(replace(account, role=None), job, unique("never"), "ml.m4.xlarge", 1, WHEN)


@pytest.mark.parametrize("name", ["", "two words", "-a", "a" * 49])
def test_a_name_that_sagemaker_would_refuse_is_refused_here(account: Account, job: TrainingJob, name: str) -> None:
    with pytest.raises(Problem, match="letters, digits and single hyphens, at most 48"):
        endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, WHEN)


@pytest.mark.parametrize(
    ("uri", "job"),
    [
        ("s3://bucket/sagedeck/models/cards-1/output/model.tar.gz", "cards-1"),
        ("s3://bucket/cards-1/output/model.tar.gz", "cards-1"),
        ("s3://bucket/my/model.tar.gz", None),
        (None, None),
    ],
)
def test_the_job_is_read_off_the_models_address(uri: str | None, job: str | None) -> None:
    assert make_endpoint(uri).job == job


def test_an_endpoint_without_variants_has_no_job() -> None:
    assert replace(make_endpoint(None), variants=()).job is None


def test_a_serverless_endpoint_takes_smaller_requests() -> None:
    assert make_endpoint(None).body_limit == 6_291_456
    assert make_endpoint(None, instance_type=None).body_limit == 4_194_304


def test_only_what_changes_by_itself_is_changing() -> None:
    still = {status for status in EndpointStatus if not status.changing}
    assert still == {"InService", "OutOfService", "Failed", "UpdateRollbackFailed"}
