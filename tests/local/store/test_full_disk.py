"""A full disk: said in a sentence, nothing half-written is seen, and all goes on when there is room again.

No test can fill a disk that others use. Instead the kernel is told that the service's processes may not write another
byte to any file (RLIMIT_FSIZE), and later that they may.
"""

import io
import os
import resource
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import ClientError, WaiterError

from services.local.protocol.identity import keys
from tests.local import factories
from tests.local_service import LocalService, eventually
from tests.processes import children, fork_server, is_running, tree

pytestmark = pytest.mark.slow
MB = 1 << 20
SENTENCE = "The disk of the data folder is full, so nothing was saved. Free some space and try again."


def allow(pid: int, size: int) -> None:
    """Let a process write files up to `size` bytes."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def full_disk(local: LocalService, *, room: int = 0) -> Iterator[None]:
    """A disk without room for a file of more than `room` bytes, for the service and all it starts."""
    assert local.process
    fork_server(local.process.pid)  # is there: what it forks inherits its limits
    for pid in tree(local.process.pid):
        allow(pid, room)
    yield
    for pid in tree(local.process.pid):
        allow(pid, resource.RLIM_INFINITY)


@pytest.fixture
def s3(own_local: LocalService) -> Any:
    """A client that asks once, and a bucket with an object."""
    own = keys(own_local.folder)
    client = boto3.client(
        "s3",
        endpoint_url=own_local.url,
        region_name="us-east-1",
        aws_access_key_id=own.access,
        aws_secret_access_key=own.secret,
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="key", Body=b"old")
    return client


def refusal(error: ClientError) -> tuple[str, str, int]:
    response = error.response["Error"]
    return response["Code"], response["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    "size", [3, 5 * MB], ids=["that the database has no room for", "that the disk has no room for"]
)
def test_an_upload_is_refused_and_the_old_object_stays(own_local: LocalService, s3: Any, size: int) -> None:
    with full_disk(own_local), pytest.raises(ClientError) as refused:
        s3.put_object(Bucket="bucket", Key="key", Body=os.urandom(size))
    assert refusal(refused.value) == ("InsufficientStorage", SENTENCE, 507)
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"old"
    files = [path for name in ("objects", "incoming") for path in (own_local.folder / name).rglob("*")]
    assert [path.stat().st_size for path in files if path.is_file()] == [3]


def test_what_is_stored_can_be_read_and_listed(own_local: LocalService, s3: Any) -> None:
    with full_disk(own_local):
        listed = [item["Key"] for item in s3.list_objects_v2(Bucket="bucket")["Contents"]]
        assert (listed, s3.get_object(Bucket="bucket", Key="key")["Body"].read()) == (["key"], b"old")


def test_a_part_is_refused_and_the_upload_goes_on_when_there_is_room(own_local: LocalService, s3: Any) -> None:
    upload = {"Bucket": "bucket", "Key": "large"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    with full_disk(own_local, room=MB), pytest.raises(ClientError) as refused:
        s3.upload_part(**upload, PartNumber=1, Body=bytes(6 * MB))
    assert refusal(refused.value) == ("InsufficientStorage", SENTENCE, 507)
    part = s3.upload_part(**upload, PartNumber=1, Body=bytes(6 * MB))
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.head_object(Bucket="bucket", Key="large")["ContentLength"] == 6 * MB


def test_a_job_that_cannot_be_stored_is_refused_and_is_not_there(own_local: LocalService) -> None:
    sagemaker = own_local.client("sagemaker")
    request = factories.training_request("refused", factories.put_data(own_local))
    with full_disk(own_local), pytest.raises(ClientError) as refused:
        sagemaker.create_training_job(**request)
    assert refusal(refused.value) == ("InsufficientStorage", SENTENCE, 507)
    assert sagemaker.list_training_jobs()["TrainingJobSummaries"] == []


def test_the_service_goes_on_when_there_is_room_again(own_local: LocalService, s3: Any) -> None:
    with full_disk(own_local), pytest.raises(ClientError):
        s3.put_object(Bucket="bucket", Key="key", Body=b"new")
    s3.put_object(Bucket="bucket", Key="key", Body=b"new")
    assert factories.train(own_local)["TrainingJobStatus"] == "Completed"
    own_local.kill()
    own_local.start()
    assert own_local.client("s3").get_object(Bucket="bucket", Key="key")["Body"].read() == b"new"


def test_a_job_that_runs_out_of_room_fails_and_says_so_once_there_is_room(own_local: LocalService) -> None:
    sagemaker, name = own_local.client("sagemaker"), factories.unique("job")
    sagemaker.create_training_job(**factories.training_request(name, factories.put_data(own_local), num_round="1500"))
    factories.first_round(own_local, name)
    with full_disk(own_local):
        assert own_local.process
        [container] = children(fork_server(own_local.process.pid))
        eventually(lambda: not is_running(container), within=240)
        assert sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "InProgress"
    job = factories.ended(own_local, name)
    assert (job["TrainingJobStatus"], "ModelArtifacts" in job) == ("Failed", False)
    assert job["FailureReason"].startswith("AlgorithmError: OSError: [Errno 27] File too large")


def test_a_model_that_has_no_room_to_be_unpacked_fails_the_endpoint(own_local: LocalService, s3: Any) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        model = tarfile.TarInfo("xgboost-model")
        model.size = 64 * MB
        tar.addfile(model, io.BytesIO(bytes(model.size)))
    s3.put_object(Bucket="bucket", Key="model.tar.gz", Body=archive.getvalue())
    # The database has room enough, the model has not.
    with full_disk(own_local, room=32 * MB), pytest.raises(WaiterError) as failed:
        factories.deploy(own_local, {"ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/model.tar.gz"}})
    assert failed.value.last_response["FailureReason"] == SENTENCE
