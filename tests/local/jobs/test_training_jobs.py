"""Training jobs, from boto3."""

import io
import tarfile
from datetime import UTC, datetime, timedelta

import botocore.exceptions
import numpy as np
import pytest
import xgboost

from tests.local import factories
from tests.local_service import LocalService

pytestmark = pytest.mark.slow


def test_a_job_learns_what_xgboost_learns(local: LocalService) -> None:
    job = factories.train(local, num_round="5", max_depth="3")
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    archive = local.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile("xgboost-model")
        assert member
        learned = xgboost.Booster(model_file=bytearray(member.read()))
    table = np.loadtxt(io.StringIO(factories.as_csv(factories.rows(400, seed=0))), delimiter=",", dtype="float32")
    plain = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3}, xgboost.DMatrix(table[:, 1:], table[:, 0]), 5
    )
    new = xgboost.DMatrix(factories.rows(50, seed=9)[:, 1:])
    np.testing.assert_allclose(learned.predict(new), plain.predict(new), rtol=1e-4)


def test_a_job_tells_every_step_of_its_life(local: LocalService) -> None:
    job = factories.train(local)
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]


def test_the_log_has_a_line_a_round_as_the_container_writes_it(local: LocalService) -> None:
    name = factories.train(local, num_round="3")["TrainingJobName"]
    logs = local.client("logs")
    group = "/aws/sagemaker/TrainingJobs"
    stream = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"][0]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
    lines = [event["message"].split("#011") for event in events["events"]]
    assert [line[0] for line in lines if len(line) == 3] == ["[0]", "[1]", "[2]"]


def test_metrics_reach_cloudwatch(local: LocalService) -> None:
    name = factories.train(local, num_round="4")["TrainingJobName"]
    now = datetime.now(UTC)
    answer = local.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "loss",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "/aws/sagemaker/TrainingJobs",
                        "MetricName": "validation:logloss",
                        "Dimensions": [{"Name": "TrainingJobName", "Value": name}],
                    },
                    "Period": 3600,
                    "Stat": "SampleCount",
                },
            }
        ],
        StartTime=now - timedelta(hours=2),
        EndTime=now + timedelta(hours=1),
    )
    assert sum(answer["MetricDataResults"][0]["Values"]) == 4


def test_an_unknown_hyperparameter_fails_the_job_in_the_containers_words(local: LocalService) -> None:
    job = factories.train(local, silent="1")
    assert job["FailureReason"].startswith("ClientError: ")
    assert "Extraneous hyperparameter found: silent" in job["FailureReason"]


def test_data_that_is_not_there_fails_the_job(local: LocalService) -> None:
    factories.put_data(local)
    job = factories.train(local, data=f"s3://{factories.BUCKET}/nowhere")
    assert "No S3 objects found under S3 URL" in job["FailureReason"]


def test_a_name_is_used_once(local: LocalService) -> None:
    name = factories.train(local)["TrainingJobName"]
    request = factories.training_request(name, factories.put_data(local))
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        local.client("sagemaker").create_training_job(**request)
    assert refused.value.response["Error"]["Code"] == "ResourceInUse"


def test_a_deleted_job_is_gone_and_its_name_is_free(local: LocalService) -> None:
    sagemaker, data = local.client("sagemaker"), factories.put_data(local)
    job = factories.train(local, data)
    name = job["TrainingJobName"]
    sagemaker.delete_training_job(TrainingJobName=name)
    with pytest.raises(botocore.exceptions.ClientError, match="Requested resource not found"):
        sagemaker.describe_training_job(TrainingJobName=name)
    sagemaker.create_training_job(**factories.training_request(name, data))
    assert factories.ended(local, name)["CreationTime"] > job["CreationTime"]


def test_a_job_that_runs_cannot_be_deleted(local: LocalService) -> None:
    sagemaker, name = local.client("sagemaker"), factories.unique("job")
    sagemaker.create_training_job(**factories.training_request(name, factories.put_data(local), num_round="100000"))
    with pytest.raises(botocore.exceptions.ClientError, match=r"ResourceInUse.*is in status InProgress"):
        sagemaker.delete_training_job(TrainingJobName=name)
    sagemaker.stop_training_job(TrainingJobName=name)
    factories.ended(local, name)


def test_deleting_a_job_that_is_not_there_is_refused(local: LocalService) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        local.client("sagemaker").delete_training_job(TrainingJobName="nobody")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"


def test_an_unknown_job_is_not_found_in_sagemakers_words(local: LocalService) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        local.client("sagemaker").describe_training_job(TrainingJobName="nobody")
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", "Requested resource not found.")


def test_a_stopped_job_ends_and_keeps_what_it_was_told_to_save(local: LocalService) -> None:
    sagemaker, name = local.client("sagemaker"), factories.unique("job")
    data = factories.put_data(local)
    sagemaker.create_training_job(
        **factories.training_request(name, data, num_round="100000", save_model_on_termination="true")
    )
    factories.first_round(local, name)
    sagemaker.stop_training_job(TrainingJobName=name)
    job = factories.ended(local, name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["ModelArtifacts"]["S3ModelArtifacts"].endswith(f"{name}/output/model.tar.gz")


def test_lists_come_in_pages_newest_first(local: LocalService) -> None:
    data = factories.put_data(local)
    made = [factories.train(local, data)["TrainingJobName"] for _ in range(3)]
    pages = local.client("sagemaker").get_paginator("list_training_jobs").paginate(PaginationConfig={"PageSize": 2})
    names = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
    assert [name for name in names if name in made] == made[::-1]


@pytest.mark.parametrize(
    ("tag", "given", "status"),
    [
        ("latest", {"silent": "0"}, "Completed"),
        ("1", {"silent": "1"}, "Completed"),
        ("1.0-1-cpu-py3", {"silent": "0"}, "Completed"),
        ("1", {"verbosity": "1"}, "Failed"),
        ("1.7-1", {"silent": "0"}, "Failed"),
    ],
)
def test_an_image_takes_the_hyperparameters_of_its_own_version(
    local: LocalService, tag: str, given: dict[str, str], status: str
) -> None:
    name = factories.unique("job")
    request = factories.training_request(name, factories.put_data(local), **given)
    request["AlgorithmSpecification"]["TrainingImage"] = f"811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:{tag}"
    local.client("sagemaker").create_training_job(**request)
    job = factories.ended(local, name)
    assert job["TrainingJobStatus"] == status
    assert status == "Completed" or "Extraneous hyperparameter found" in job["FailureReason"]


def test_what_a_container_writes_beside_the_model_is_kept(local: LocalService) -> None:
    job = factories.train(local, _kfold="2")
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    key = key.replace("model.tar.gz", "output.tar.gz")
    archive = local.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.getnames() == ["predictions.csv"]


def test_a_checkpoint_is_kept_at_the_address_the_job_gave(local: LocalService) -> None:
    name, prefix = factories.unique("job"), factories.unique("checkpoints")
    request = factories.training_request(name, factories.put_data(local))
    request["CheckpointConfig"] = {"S3Uri": f"s3://{factories.BUCKET}/{prefix}"}
    local.client("sagemaker").create_training_job(**request)
    assert factories.ended(local, name)["TrainingJobStatus"] == "Completed"
    listed = local.client("s3").list_objects_v2(Bucket=factories.BUCKET, Prefix=f"{prefix}/")
    assert [item["Key"] for item in listed["Contents"]] == [f"{prefix}/xgboost-checkpoint_0.ubj"]
