"""Batch transform, by boto3: every object scored as the endpoint would, and what is told when one cannot be."""

import gzip
import json
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.factories import BUCKET, as_csv, rows, unique
from tests.local_service import IMAGE, ROLE, LocalService, eventually

pytestmark = pytest.mark.slow

ROWS = rows(50, seed=3)[:, 1:]
Transform = dict[str, Any]


@pytest.fixture(scope="module")
def model(local: LocalService) -> str:
    """A model of a finished job; its name."""
    job, name = factories.train(local), unique("model")
    local.client("sagemaker").create_model(
        ModelName=name,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]},
        ExecutionRoleArn=ROLE,
    )
    return name


@pytest.fixture(scope="module")
def scores(local: LocalService, model: str) -> np.ndarray:
    """What an endpoint answers to ROWS."""
    sagemaker = local.client("sagemaker")
    primary = sagemaker.describe_model(ModelName=model)["PrimaryContainer"]
    endpoint = factories.deploy(local, {"ModelArtifacts": {"S3ModelArtifacts": primary["ModelDataUrl"]}})
    return np.array(factories.invoke(local, endpoint, as_csv(ROWS)))


def put(local: LocalService, **objects: str | bytes) -> str:
    """Objects under a prefix of their own; its address."""
    prefix = unique("batch")
    for key, body in objects.items():
        local.client("s3").put_object(Bucket=BUCKET, Key=f"{prefix}/{key.replace('__', '/')}.csv", Body=body)
    return f"s3://{BUCKET}/{prefix}/"


def start(local: LocalService, model: str, data: str, **changes: Any) -> str:
    """A transform job; its name. `changes` to the request, those of input and output by their own names."""
    name = unique("transform")
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": data}}}
    local.client("sagemaker").create_transform_job(
        TransformJobName=name,
        ModelName=model,
        TransformInput={**source, "ContentType": "text/csv", "SplitType": "Line", **changes.pop("given", {})},
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/{name}", "AssembleWith": "Line", **changes.pop("output", {})},
        TransformResources={"InstanceType": "ml.m4.xlarge", "InstanceCount": 1},
        **changes,
    )
    return name


def ended(local: LocalService, name: str) -> Transform:
    def look() -> Transform | None:
        job: Transform = local.client("sagemaker").describe_transform_job(TransformJobName=name)
        return None if job["TransformJobStatus"] in ("InProgress", "Stopping") else job

    job: Transform = eventually(look)
    return job


def outputs(local: LocalService, name: str) -> dict[str, str]:
    """What the job wrote, by key."""
    s3 = local.client("s3")
    objects = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/").get("Contents", [])
    return {
        item["Key"].removeprefix(f"{name}/"): s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read().decode()
        for item in objects
    }


def numbers(text: str) -> np.ndarray:
    return np.array([float(line) for line in text.splitlines()])


def test_every_object_is_scored_as_the_endpoint_would(local: LocalService, model: str, scores: np.ndarray) -> None:
    data = put(local, first=as_csv(ROWS[:30]), deep__second=as_csv(ROWS[30:]))
    name = start(local, model, data)
    assert ended(local, name)["TransformJobStatus"] == "Completed"
    written = outputs(local, name)
    assert set(written) == {"first.csv.out", "deep/second.csv.out"}
    np.testing.assert_allclose(numbers(written["first.csv.out"]), scores[:30], rtol=1e-6)
    np.testing.assert_allclose(numbers(written["deep/second.csv.out"]), scores[30:], rtol=1e-6)


def test_a_manifest_at_https_names_the_objects_to_score(local: LocalService, model: str, scores: np.ndarray) -> None:
    data = put(local, first=as_csv(ROWS[:30]), deep__second=as_csv(ROWS[30:]), other="no,numbers,here\n")
    manifest = put(local, manifest=json.dumps([{"prefix": data}, "first.csv", "deep/second.csv"]))
    uri = manifest.replace(f"s3://{BUCKET}", f"https://{BUCKET}.s3.us-east-1.amazonaws.com") + "manifest.csv"
    source = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": uri}}
    name = start(local, model, data, given={"DataSource": source})
    assert ended(local, name)["TransformJobStatus"] == "Completed"
    written = outputs(local, name)
    assert set(written) == {"first.csv.out", "deep/second.csv.out"}
    np.testing.assert_allclose(numbers(written["deep/second.csv.out"]), scores[30:], rtol=1e-6)


def test_a_transform_job_refuses_what_it_cannot_read(local: LocalService, model: str) -> None:
    source = {"S3DataSource": {"S3DataType": "AugmentedManifestFile", "S3Uri": "s3://b/manifest"}}
    with pytest.raises(ClientError, match="TransformInput: S3DataType AugmentedManifestFile cannot be read here"):
        start(local, model, "s3://b/", given={"DataSource": source})


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("one record a request", {"BatchStrategy": "SingleRecord"}),
        ("whole files", {"given": {"SplitType": "None"}}),
    ],
)
def test_how_records_are_sent_does_not_change_their_scores(
    local: LocalService, model: str, scores: np.ndarray, name: str, changes: dict[str, Any]
) -> None:
    job = start(local, model, put(local, rows=as_csv(ROWS)), **changes)
    assert ended(local, job)["TransformJobStatus"] == "Completed"
    np.testing.assert_allclose(numbers(outputs(local, job)["rows.csv.out"]), scores, rtol=1e-6)


def test_compressed_objects_are_read(local: LocalService, model: str, scores: np.ndarray) -> None:
    data = put(local, rows=gzip.compress(as_csv(ROWS).encode()))
    job = start(local, model, data, given={"CompressionType": "Gzip"})
    assert ended(local, job)["TransformJobStatus"] == "Completed"
    np.testing.assert_allclose(numbers(outputs(local, job)["rows.csv.out"]), scores, rtol=1e-6)


def test_scores_are_joined_to_the_ids_the_model_never_saw(local: LocalService, model: str, scores: np.ndarray) -> None:
    named = "\n".join(f"id{number},{line}" for number, line in enumerate(as_csv(ROWS).splitlines()))
    steps = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    job = start(local, model, put(local, rows=named), DataProcessing=steps)
    assert ended(local, job)["TransformJobStatus"] == "Completed"
    pairs = [line.split(",") for line in outputs(local, job)["rows.csv.out"].splitlines()]
    assert [pair[0] for pair in pairs] == [f"id{number}" for number in range(50)]
    np.testing.assert_allclose([float(pair[1]) for pair in pairs], scores, rtol=1e-6)


def test_an_object_with_a_bad_record_fails_the_job_and_leaves_no_output(local: LocalService, model: str) -> None:
    name = start(local, model, put(local, bad="1,2,oops,4\n", good=as_csv(ROWS)))
    job = ended(local, name)
    assert (job["TransformJobStatus"], job["FailureReason"]) == (
        "Failed",
        "ClientError: See job logs for more information",
    )
    assert set(outputs(local, name)) == {"good.csv.out"}


def test_the_log_says_which_object_was_bad(local: LocalService, model: str) -> None:
    name = start(local, model, put(local, bad="1,2,oops,4\n"))
    ended(local, name)
    events = local.client("logs").get_log_events(
        logGroupName="/aws/sagemaker/TransformJobs", logStreamName=f"{name}/i-local/data-log"
    )["events"]
    assert "bad.csv: Bad HTTP status received from algorithm: 4" in events[0]["message"]


def test_no_data_is_told(local: LocalService, model: str) -> None:
    job = ended(local, start(local, model, f"s3://{BUCKET}/nothing-here/"))
    assert "No S3 objects found under S3 URL" in job["FailureReason"]


def test_a_bare_quote_in_a_joined_cell_fails_the_job(local: LocalService, model: str) -> None:
    steps = {"InputFilter": "$[1:]", "JoinSource": "Input"}
    data = put(local, quoted='5" pipe,' + as_csv(ROWS[:1]), plain="pipe," + as_csv(ROWS[:1]))
    name = start(local, model, data, DataProcessing=steps)
    assert ended(local, name)["TransformJobStatus"] == "Failed"
    assert set(outputs(local, name)) == {"plain.csv.out"}


def test_xgboost_answers_plain_lines_whatever_is_accepted(local: LocalService, model: str, scores: np.ndarray) -> None:
    job = start(local, model, put(local, rows=as_csv(ROWS)), output={"Accept": "application/json"})
    assert ended(local, job)["TransformJobStatus"] == "Completed"
    np.testing.assert_allclose(numbers(outputs(local, job)["rows.csv.out"]), scores, rtol=1e-6)


def test_a_stopped_job_leaves_nothing(local: LocalService, model: str) -> None:
    name = start(local, model, put(local, rows=as_csv(rows(3000)[:, 1:])), BatchStrategy="SingleRecord")
    local.client("sagemaker").stop_transform_job(TransformJobName=name)
    assert (ended(local, name)["TransformJobStatus"], outputs(local, name)) == ("Stopped", {})


def test_a_crash_fails_a_job_with_a_reason(own_local: LocalService) -> None:
    job = factories.train(own_local)
    sagemaker = own_local.client("sagemaker")
    sagemaker.create_model(
        ModelName="model",
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]},
        ExecutionRoleArn=ROLE,
    )
    data = put(own_local, rows=as_csv(rows(20_000)[:, 1:]))
    name = start(own_local, "model", data, BatchStrategy="SingleRecord")
    own_local.kill()
    own_local.start()
    assert "stopped while the job was running" in ended(own_local, name)["FailureReason"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"given": {"SplitType": "RecordIO"}}, "cannot be split on this computer"),
        ({"given": {"SplitType": "None"}, "BatchStrategy": "MultiRecord"}, "needs a SplitType"),
        ({"DataProcessing": {"InputFilter": "$..x"}}, "is not a supported JSONPath"),
        ({"ModelName": "never"}, "Could not find model"),
        ({"MaxPayloadInMB": 51, "MaxConcurrentTransforms": 2}, "51 times MaxConcurrentTransforms 2 exceeds 100"),
        ({"MaxPayloadInMB": 0}, "MaxPayloadInMB 0 is not supported"),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(
    local: LocalService, model: str, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ClientError, match=sentence):
        start(local, changes.pop("ModelName", model), f"s3://{BUCKET}/x/", **changes)


def test_jobs_are_listed_by_status(local: LocalService, model: str) -> None:
    name = start(local, model, put(local, rows=as_csv(ROWS)))
    ended(local, name)
    answer = local.client("sagemaker").list_transform_jobs(StatusEquals="Completed", NameContains=name)
    assert [item["TransformJobName"] for item in answer["TransformJobSummaries"]] == [name]


def test_boto3s_waiter_knows_the_end(local: LocalService, model: str) -> None:
    name = start(local, model, put(local, rows=as_csv(ROWS)))
    local.client("sagemaker").get_waiter("transform_job_completed_or_stopped").wait(
        TransformJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
