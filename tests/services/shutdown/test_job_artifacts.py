"""What training jobs leave in S3, and its removal, on a running local service."""

from dataclasses import replace
from typing import Any

import pytest

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.errors import Problem
from services.shutdown import job_artifacts
from services.training import jobs as training_jobs
from services.training import launch as training_launch
from services.training import logs as training_logs
from services.training.jobs import TrainingJob
from tests.local.api.test_model_packages import MACHINES, specification
from tests.local.factories import unique
from tests.local_service import LocalService, eventually
from tests.services.shutdown.test_pause import paused_now
from tests.services.training_factory import WHEN, ended, make_model, make_plan

pytestmark = pytest.mark.slow  # each removes the files of a job of its own


@pytest.fixture
def job(account: Account, data: PreparedData) -> TrainingJob:
    """A completed job that nothing uses."""
    return make_model(account, data, num_round="1")


@pytest.fixture
def sagemaker(local: LocalService) -> Any:
    return local.client("sagemaker")


def folder(job: TrainingJob) -> Address:
    return Address.parse(job.output_path) / job.name


def put(account: Account, address: Address) -> Address:
    s3.write_json(account, address, {})
    return address


def addresses(found: job_artifacts.Artifacts) -> list[str]:
    return [str(file.address) for file in found.files]


def in_service(account: Account, job: TrainingJob) -> str:
    """An endpoint with the job's model; its name."""
    name = unique("uses")
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, WHEN)
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    return name


def test_the_files_of_a_job_are_those_in_its_own_folder(account: Account, job: TrainingJob) -> None:
    put(account, Address.parse(f"{folder(job)}0") / "output/model.tar.gz")  # of a job whose name goes on
    found = job_artifacts.find(account, job)
    assert job.model_uri in addresses(found)
    assert all(address.startswith(f"{folder(job)}/") for address in addresses(found))
    assert found.size == len(s3.read_bytes(account, Address.parse(job.model_uri or "")))
    assert (found.users, found.models, found.shared) == ((), (), None)


def test_what_was_agreed_to_is_deleted_and_the_job_itself_stays(account: Account, job: TrainingJob) -> None:
    left = job_artifacts.remove(account, job, job_artifacts.find(account, job))
    assert left.files == ()
    with pytest.raises(AwsError):
        s3.read_bytes(account, Address.parse(job.model_uri or ""))
    assert training_jobs.describe(account, job.name).model_uri == job.model_uri
    assert training_logs.log_lines(account, job.name, job.ended or WHEN)


def test_a_file_that_nobody_has_seen_listed_is_not_deleted(account: Account, job: TrainingJob) -> None:
    agreed = job_artifacts.find(account, job)
    late = put(account, folder(job) / "late.json")
    assert addresses(job_artifacts.remove(account, job, agreed)) == [str(late)]


def test_an_endpoint_holds_the_files_of_its_model_also_while_it_is_paused(account: Account, job: TrainingJob) -> None:
    name, agreed = in_service(account, job), job_artifacts.find(account, job)
    assert agreed.users == (f"endpoint {name} (model {job.name})",)
    paused_now(account, name)
    eventually(lambda: name not in {each.name for each in endpoint_details.summaries(account)})
    with pytest.raises(Problem, match=rf": still in use by paused endpoint {name} \(model {job.name}\)\."):
        job_artifacts.remove(account, job, agreed)
    assert s3.read_bytes(account, Address.parse(job.model_uri or ""))


@pytest.mark.parametrize("named", ["its file", "a folder that holds it"])
def test_a_registered_model_package_holds_the_files_it_names(
    account: Account, sagemaker: Any, job: TrainingJob, named: str
) -> None:
    group = unique("held")
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    archive = job.model_uri if named == "its file" else f"{folder(job)}/"
    sagemaker.create_model_package(
        ModelPackageGroupName=group, InferenceSpecification=specification(archive or "") | MACHINES
    )
    assert job_artifacts.find(account, job).users == (f"model package {group}/1",)


def test_a_model_that_nothing_serves_is_named_and_holds_nothing(
    account: Account, sagemaker: Any, job: TrainingJob
) -> None:
    name = unique("idle")
    sagemaker.create_model(
        ModelName=name,
        PrimaryContainer={"Image": job.image, "ModelDataUrl": job.model_uri},
        ExecutionRoleArn=account.role,
    )
    found = job_artifacts.find(account, job)
    assert (found.models, found.users) == ((name,), ())


def test_checkpoints_in_a_folder_of_the_job_are_its_own(account: Account, job: TrainingJob) -> None:
    place = Address(account.default_bucket(), f"checkpoints/{job.name}")
    kept = put(account, place / "model.1")
    found = job_artifacts.find(account, replace(job, checkpoints=str(place)))
    assert str(kept) in addresses(found)


def test_checkpoints_in_a_folder_that_others_may_share_stay(account: Account, job: TrainingJob) -> None:
    place = Address(account.default_bucket(), unique("shared"))
    put(account, place / "model.1")
    found = job_artifacts.find(account, replace(job, checkpoints=str(place)))
    assert found.shared == str(place)
    assert all(address.startswith(f"{folder(job)}/") for address in addresses(found))


def test_a_job_that_runs_keeps_its_files(account: Account, data: PreparedData) -> None:
    name = training_launch.launch(account, make_plan(data, num_round="100000"))
    with pytest.raises(Problem, match="the job is still running"):
        job_artifacts.find(account, training_jobs.describe(account, name))
    training_jobs.stop(account, name)
    ended(account, name)


def test_a_bucket_that_is_gone_holds_nothing(account: Account, job: TrainingJob) -> None:
    assert job_artifacts.find(account, replace(job, output_path="s3://no-such-bucket/models")).files == ()
