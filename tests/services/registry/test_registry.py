"""The model registry, over a running local service: register, decide, compare, delete, and what can go wrong."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.registry import approval as model_approval
from services.registry import model_metrics
from services.registry import register as model_registration
from services.registry import versions as model_versions
from services.registry.versions import Approval, ModelVersion
from services.training import launch as training_launch
from services.training.jobs import TrainingJob
from tests.local.factories import unique
from tests.services.registry.version_factory import group_of, make_version, measured
from tests.services.training_factory import WHEN, ended, make_data, make_model, make_plan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def job(account: Account, data: PreparedData) -> TrainingJob:
    return make_model(account, data, eval_metric="auc")


@pytest.fixture
def group() -> str:
    return unique("Models")


def file_hash(account: Account, data: PreparedData, split: str) -> str:
    return hashlib.sha256(s3.read_bytes(account, data.file(split))).hexdigest()


def test_a_version_carries_model_data_hash_recipe_and_decision(
    account: Account, job: TrainingJob, data: PreparedData, group: str
) -> None:
    version = make_version(account, job, group, measured(account, job, data, 0.42), "a first\ntry")
    assert (version.number, version.approval, version.note) == (1, Approval.PENDING, "a first try")
    assert (version.image, version.model_uri) == (job.image, job.model_uri)
    told = {key: value for key, value in version.metadata.items() if not key.startswith(model_versions.METRIC)}
    assert told == {
        model_versions.JOB: job.name,
        model_versions.DATA: data.name,
        model_versions.DATA_SHA256: file_hash(account, data, "train"),
        model_versions.RECIPE: f"{data.address}/manifest.json",
        model_versions.DECISION: "0.42",
        model_versions.MEASURED_ON: f"test rows of {data.name}",
        model_versions.MEASURED_SHA256: file_hash(account, data, "test"),
    }


def test_its_metrics_are_kept_beside_the_model_file_with_their_intervals(
    account: Account, job: TrainingJob, data: PreparedData, group: str
) -> None:
    quality = measured(account, job, data)
    version = make_version(account, job, group, quality)
    assert version.metrics_uri.startswith((job.model_uri or "").replace("model.tar.gz", "metrics-"))
    assert s3.read_json(account, Address.parse(version.metrics_uri))["version"] == 1
    assert model_versions.quality(account, version) == model_metrics.with_row_hash(
        quality, file_hash(account, data, "test")
    )


def test_a_model_that_nobody_judged_has_what_its_job_measured(
    account: Account, job: TrainingJob, data: PreparedData, group: str
) -> None:
    version = make_version(account, job, group)
    assert version.measures == pytest.approx({"validation:auc": job.metrics["validation:auc"]}, rel=1e-5)
    assert version.metadata[model_versions.MEASURED_ON] == f"validation rows of {data.name}"
    assert model_versions.DECISION not in version.metadata


def test_a_job_whose_instances_shared_the_rows_learned_from_the_same_data(
    account: Account, job: TrainingJob, data: PreparedData, group: str
) -> None:
    plan = replace(make_plan(data, num_round="2"), sharded=True, instance_count=2)
    shared = ended(account, training_launch.launch(account, plan))
    assert model_versions.same_data(make_version(account, shared, group), make_version(account, job, group))


def test_other_rows_are_other_data_and_unknown_ones_are_unknown(account: Account, job: TrainingJob, group: str) -> None:
    version, other = make_version(account, job, group), make_model(account, make_data(account, rows=500))
    assert model_versions.same_data(version, make_version(account, other, group)) is False
    assert model_versions.same_data(version, replace(version, metadata={})) is None


def test_versions_are_turned_page_by_page_newest_first(
    account: Account, job: TrainingJob, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_versions, "ROWS", 2)
    for _ in range(3):
        make_version(account, job, group)
    first = model_versions.versions(account, group)
    assert first.following
    last = model_versions.versions(account, group, first.following)
    assert [[each.number for each in page.versions] for page in (first, last)] == [[3, 2], [1]]
    assert last.following is None


def test_the_newest_approved_version_counts(account: Account, job: TrainingJob, group: str) -> None:
    versions = [make_version(account, job, group) for _ in range(3)]
    assert model_versions.approved(account, group) is None
    for version in versions[1::-1]:
        model_approval.decide(account, version, Approval.APPROVED, "looks right")
    found = model_versions.approved(account, group)
    assert found
    assert (found.number, found.reason) == (2, "looks right")
    model_approval.decide(account, found, Approval.REJECTED, "drifts")
    assert str(model_versions.approved(account, group)) == "version 1"


@pytest.mark.parametrize(("reason", "said"), [(" \n", "it is missing"), ("x" * 1025, "it has 1,025 characters")])
def test_a_decision_needs_a_reason_that_sagemaker_can_keep(
    account: Account, job: TrainingJob, group: str, reason: str, said: str
) -> None:
    version = make_version(account, job, group)
    with pytest.raises(Problem, match=said):
        model_approval.decide(account, version, Approval.APPROVED, reason)
    assert model_versions.version(account, version.arn).approval is Approval.PENDING


def copied(account: Account, job: TrainingJob) -> TrainingJob:
    """The job with a model file of its own, that a test may delete."""
    source = Address.parse(job.model_uri or "")
    target = Address(source.bucket, f"{unique('copies')}/output/model.tar.gz")
    s3.copy(account, source, target)
    return replace(job, model_uri=str(target))


def delete(account: Account, uri: str | None) -> None:
    address = Address.parse(uri or "")
    account.call("s3", "delete_object", Bucket=address.bucket, Key=address.key)


def test_a_model_whose_file_is_gone_is_neither_registered_nor_approved(
    account: Account, job: TrainingJob, group: str
) -> None:
    lost = copied(account, job)
    version = make_version(account, lost, group)
    delete(account, lost.model_uri)
    with pytest.raises(Problem, match=f"model file {lost.model_uri} was deleted. Train it again"):
        make_version(account, lost, group)
    with pytest.raises(Problem, match=f"model file {lost.model_uri} was deleted. Reject the version"):
        model_approval.decide(account, version, Approval.APPROVED, "good")
    model_approval.decide(account, version, Approval.REJECTED, "its file is gone")


def test_metrics_that_are_gone_are_one_sentence(account: Account, job: TrainingJob, group: str) -> None:
    version = make_version(account, job, group)
    delete(account, version.metrics_uri)
    with pytest.raises(Problem, match=r"Metrics of version 1: s3://.+ was deleted. Register the model again"):
        model_versions.quality(account, version)


def test_training_rows_that_are_gone_leave_the_version_without_a_hash(account: Account, group: str) -> None:
    data = make_data(account)
    job = make_model(account, data)
    delete(account, str(data.file("train")))
    assert model_versions.DATA_SHA256 not in make_version(account, job, group).metadata


def test_data_prepared_elsewhere_has_a_hash_but_no_name(account: Account, job: TrainingJob, group: str) -> None:
    source = Address.parse(job.channels["train"])
    target = Address(source.bucket, f"{unique('elsewhere')}/rows.csv")
    s3.copy(account, source / "data.csv", target)
    version = make_version(account, replace(job, channels={"train": str(target)}), group)
    assert version.data == ""
    assert version.metadata[model_versions.DATA_SHA256] == file_hash(
        account, prepared_data.trained_on(account, job.channels["train"]), "train"
    )


def test_a_job_without_a_model_is_refused_in_a_sentence(account: Account, job: TrainingJob) -> None:
    with pytest.raises(Problem, match=r"it has no model\. Choose a completed job"):
        model_registration.candidate(account, replace(job, model_uri=None))


@pytest.mark.parametrize("name", ["", "two words", "-first", "last-", "ü", "x" * 64])
def test_a_name_that_sagemaker_would_refuse_is_not_sent(account: Account, job: TrainingJob, name: str) -> None:
    what = model_registration.candidate(account, job)
    with pytest.raises(Problem, match="letters, digits and single hyphens, at most 63"):
        model_registration.register(account, what, name, True, "", WHEN)


def test_a_group_that_somebody_made_meanwhile_is_not_added_to_unasked(
    account: Account, job: TrainingJob, group: str
) -> None:
    make_version(account, job, group)
    what = model_registration.candidate(account, job)
    with pytest.raises(
        Problem,
        match=r"somebody has created a group of that name in the meantime\. Register again to add a version to it",
    ):
        model_registration.register(account, what, group, True, "", WHEN)
    assert len(model_versions.versions(account, group).versions) == 1


def test_a_group_that_was_deleted_meanwhile_is_one_sentence(account: Account, job: TrainingJob, group: str) -> None:
    what = model_registration.candidate(account, job)
    with pytest.raises(Problem, match=f"Group {group}: it does not exist; it may have been deleted"):
        model_registration.register(account, what, group, False, "", WHEN)
    for asking in (model_versions.versions, model_versions.approved, model_approval.delete_group):
        with pytest.raises(Problem, match=f"Group {group}: it does not exist"):
            asking(account, group)


def test_a_group_is_taken_back_when_its_first_version_is_refused(
    account: Account, job: TrainingJob, group: str
) -> None:
    what = model_registration.candidate(account, replace(job, image="spaces are not allowed"))
    with pytest.raises(AwsError):
        model_registration.register(account, what, group, True, "", WHEN)
    assert group not in {each.name for each in model_versions.groups(account)}


def test_a_version_and_then_its_empty_group_are_deleted(account: Account, job: TrainingJob, group: str) -> None:
    version = make_version(account, job, group)
    with pytest.raises(AwsError, match="Delete those first"):
        model_approval.delete_group(account, group)
    model_approval.delete_version(account, version.arn)
    with pytest.raises(Problem, match=f"{group.lower()}/1: it does not exist"):
        model_versions.version(account, version.arn)
    model_approval.delete_group(account, group)
    assert group not in {each.name for each in model_versions.groups(account)}
    assert s3.exists(account, Address.parse(version.metrics_uri))


def test_a_version_of_a_pipeline_is_shown_as_far_as_it_tells(account: Account, job: TrainingJob, group: str) -> None:
    make_version(account, job, group)
    evaluation = Address.parse(job.model_uri or "").bucket
    s3.write_json(
        account,
        Address(evaluation, f"{group}/evaluation.json"),
        {"regression_metrics": {"mse": {"value": 4.5, "standard_deviation": 2.1}}},
    )
    account.call(
        "sagemaker",
        "create_model_package",
        ModelPackageGroupName=group,
        ModelMetrics={
            "ModelQuality": {
                "Statistics": {
                    "ContentType": "application/json",
                    "S3Uri": f"s3://{evaluation}/{group}/evaluation.json",
                }
            }
        },
    )
    version: ModelVersion = model_versions.versions(account, group).versions[0]
    assert (version.job, version.data, version.model_uri) == ("", "", "")
    assert model_versions.quality(account, version).measures["mse"].value == 4.5


def test_reading_the_rows_tells_how_far_it_is(account: Account, job: TrainingJob, group: str) -> None:
    seen: list[tuple[int, int]] = []
    what = model_registration.candidate(account, job)
    model_registration.register(account, what, group, True, "", datetime.now(UTC), lambda *at: seen.append(at))
    assert [done == total for done, total in seen] == [True, True]
    assert group_of(account, group).name == group
