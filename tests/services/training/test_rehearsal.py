"""A dress rehearsal on this computer of a job that is meant for AWS."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services.aws import s3, tags
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.training import failures, rehearsal, resource_usage
from services.training import jobs as training_jobs
from services.training import launch as training_launch
from services.training.failures import Cause
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan
from tests.local_service import LocalService
from tests.moto_account import ROLE, running_aws
from tests.profiles import KEYS, closed_port, write_profiles
from tests.services.training_factory import WHEN, ended, make_data, make_plan

pytestmark = pytest.mark.slow

ROWS = 100


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with running_aws() as url, pytest.MonkeyPatch.context() as patch:
        write_profiles(patch, tmp_path_factory.mktemp("profiles"), work={**KEYS, "endpoint_url": url})
        yield Account("AWS", "us-east-1", "work", role=ROLE)


@pytest.fixture
def here(local: LocalService) -> Account:
    return local.account


@pytest.fixture(scope="module")
def there(aws: Account) -> PreparedData:
    """Data on AWS: 280 rows (80 to validate on."""
    return make_data(aws)


def rehearse(aws: Account, here: Account, plan: TrainingPlan, now: datetime = WHEN) -> TrainingJob:
    """The rehearsal once it has ended."""
    return ended(here, rehearsal.start(aws, here, plan, ROWS, now, lambda done, total: None))


def asked(account: Account, name: str) -> dict[str, Any]:
    """What was asked for in CreateTrainingJob, as DescribeTrainingJob repeats it."""
    answer = account.call("sagemaker", "describe_training_job", TrainingJobName=name)
    switches = ("EnableManagedSpotTraining", "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption")
    members = ("HyperParameters", "ResourceConfig", "StoppingCondition", "InputDataConfig", *switches)
    specification = answer["AlgorithmSpecification"]
    channels = {each["ChannelName"]: each for each in answer["InputDataConfig"]}
    for channel in channels.values():
        channel["DataSource"]["S3DataSource"]["S3Uri"] = channel["DataSource"]["S3DataSource"]["S3Uri"].split("/")[-2]
    return {
        **{name: answer.get(name) for name in members},
        "InputDataConfig": channels,
        "image": (specification["TrainingImage"], specification["TrainingInputMode"]),
    }


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"max_wait": 1200, "checkpoints": "s3://mine/checkpoints", "tags": {"owner": "me"}},
        {"instance_count": 2, "sharded": True, "instance_type": "ml.m5.large", "volume_gb": 50},
    ],
    ids=["plain", "spot", "sharded"],
)
def test_the_request_is_the_one_that_aws_will_get(
    aws: Account, here: Account, there: PreparedData, more: dict[str, Any]
) -> None:
    plan = replace(make_plan(there, num_round="3", eval_metric="auc"), **more)
    rehearsed, real = rehearse(aws, here, plan).name, training_launch.launch(aws, plan)
    assert asked(here, rehearsed) == asked(aws, real)
    assert plan.tags.items() <= tags.of(here, training_jobs.describe(here, rehearsed).arn).items()


def test_what_was_rehearsed_can_be_read_back(aws: Account, here: Account, there: PreparedData) -> None:
    plan = make_plan(there, num_round="3")
    found = rehearsal.load(here, rehearse(aws, here, plan))
    assert found.planned(aws) == plan
    assert (found.account, found.region, found.rows) == ("123456789012", "us-east-1", {"train": 100, "validation": 29})
    assert found.samples["train"].positives == min(there.positives["train"], 50)


def test_the_rehearsal_is_a_job_here_that_says_what_it_rehearsed(
    aws: Account, here: Account, there: PreparedData
) -> None:
    plan = make_plan(there, num_round="3")
    job = rehearse(aws, here, plan)
    assert job.status == "Completed"
    assert tags.of(here, job.arn)[tags.REHEARSAL] == f"123456789012/us-east-1/{plan.name}"


def test_time_and_memory_of_the_rehearsal_are_known_when_it_has_ended(
    aws: Account, here: Account, there: PreparedData
) -> None:
    job = rehearse(aws, here, make_plan(there, num_round="3"))
    peak = resource_usage.peak_memory(here, job)
    assert peak is not None
    assert 0.02 < peak < 1
    assert 0 < rehearsal.training_seconds(job) < 600


def test_a_setting_that_only_the_algorithm_refuses_fails_here_with_its_remedy(
    aws: Account, here: Account, there: PreparedData
) -> None:
    job = rehearse(aws, here, make_plan(there, objective="reg:squarederror", eval_metric="accuracy"))
    meant = failures.explain(job.failure or "")
    assert meant
    assert (job.status, meant.cause) == ("Failed", Cause.HYPERPARAMETER)


def test_a_bad_row_of_the_data_fails_here_with_its_remedy_and_its_number(aws: Account, here: Account) -> None:
    data = make_data(aws)
    rows = s3.read_bytes(aws, data.file("train")).splitlines(keepends=True)
    rows.insert(200, b"0,1.5,unknown,2\n")
    file = data.file("train")
    aws.call("s3", "put_object", Bucket=file.bucket, Key=file.key, Body=b"".join(rows))
    job = rehearse(aws, here, make_plan(data))
    meant = failures.explain(job.failure or "")
    assert meant
    assert (job.status, meant.cause) == ("Failed", Cause.CELL)
    assert rehearsal.load(here, job).samples["train"].odd_row == 201


def test_a_plan_that_would_be_refused_is_refused_before_anything_is_read(
    aws: Account, here: Account, there: PreparedData
) -> None:
    with pytest.raises(Problem, match="Hyperparameter eta"):
        rehearse(aws, here, make_plan(there, eta="2"))


def test_without_the_service_one_sentence_says_how_to_start_it(
    aws: Account, there: PreparedData, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(f"[profile sagedeck]\nregion = us-east-1\nendpoint_url = {closed_port()}\n")
    (tmp_path / "credentials").write_text("[sagedeck]\naws_access_key_id = a\naws_secret_access_key = b\n")
    gone = Account("This computer", "us-east-1", "sagedeck", (tmp_path / "config", tmp_path / "credentials"), role=ROLE)
    with pytest.raises(Problem, match="Start the service with make run"):
        rehearsal.start(aws, gone, make_plan(there), ROWS, WHEN, lambda done, total: None)


def test_a_job_that_was_no_rehearsal_says_so(here: Account) -> None:
    job = ended(here, training_launch.launch(here, make_plan(make_data(here), num_round="2")))
    with pytest.raises(Problem, match="it is not a rehearsal"):
        rehearsal.load(here, job)
