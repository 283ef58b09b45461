"""What `kill -9` leaves: of the service, of a job, of a model server, of the process that forks them all."""

import os
import random
import signal
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from services.local.protocol.identity import keys
from tests.local import factories
from tests.local_service import IMAGE, ROLE, LocalService, eventually
from tests.processes import children, fork_server, is_running, tree

pytestmark = pytest.mark.slow
MB = 1 << 20
ENDLESS = {"num_round": "1000000"}


def pid(local: LocalService) -> int:
    assert local.process
    return local.process.pid


def start_job(local: LocalService) -> str:
    """A training job that is learning, and would for ever."""
    name = factories.unique("job")
    local.client("sagemaker").create_training_job(
        **factories.training_request(name, factories.put_data(local), **ENDLESS)
    )
    factories.first_round(local, name)
    return name


# ---- a process of the service's


def test_a_job_that_is_killed_fails_and_says_what_probably_did_it(own_local: LocalService) -> None:
    name = start_job(own_local)
    os.kill(children(fork_server(pid(own_local)))[-1], signal.SIGKILL)
    job = factories.ended(own_local, name)
    message = "AlgorithmError: The training process was killed (SIGKILL), which the system does when memory runs out."
    assert (job["TrainingJobStatus"], job["FailureReason"].startswith(message)) == ("Failed", True)


def test_a_model_server_that_is_killed_answers_the_next_invocation(own_local: LocalService) -> None:
    endpoint, body = factories.deploy(own_local, factories.train(own_local)), factories.as_csv(factories.rows(5)[:, 1:])
    before = factories.invoke(own_local, endpoint, body)
    os.kill(children(fork_server(pid(own_local)))[-1], signal.SIGKILL)
    assert factories.invoke(own_local, endpoint, body) == before


def test_without_the_fork_server_running_jobs_fail_and_the_next_one_starts(own_local: LocalService) -> None:
    name = start_job(own_local)
    server = fork_server(pid(own_local))
    [container] = children(server)
    os.kill(server, signal.SIGKILL)
    assert factories.ended(own_local, name)["FailureReason"].startswith(
        "AlgorithmError: The training process was killed"
    )
    assert (is_running(container), factories.train(own_local)["TrainingJobStatus"]) == (False, "Completed")


def test_a_transform_whose_model_server_is_killed_fails_and_says_so(own_local: LocalService) -> None:
    sagemaker, s3, name = own_local.client("sagemaker"), own_local.client("s3"), factories.unique("transform")
    factories.deploy(own_local, factories.train(own_local))
    model = sagemaker.list_models()["Models"][0]["ModelName"]
    s3.put_object(Bucket=factories.BUCKET, Key=f"{name}/rows.csv", Body=factories.as_csv(factories.rows(3000)[:, 1:]))
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=model,
        BatchStrategy="SingleRecord",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{factories.BUCKET}/{name}/"}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": f"s3://{factories.BUCKET}/scored"},
        TransformResources={"InstanceType": "ml.m4.xlarge", "InstanceCount": 1},
    )
    eventually(lambda: any(path.stat().st_size for path in own_local.folder.glob("transforms/*/*")), every=0.01)
    os.kill(children(fork_server(pid(own_local)))[-1], signal.SIGKILL)
    job = eventually(lambda: ended_transform(sagemaker, name))
    assert job["FailureReason"].startswith("AlgorithmError: The model server was killed while scoring")


def ended_transform(sagemaker: Any, name: str) -> dict[str, Any] | None:
    job: dict[str, Any] = sagemaker.describe_transform_job(TransformJobName=name)
    return job if job["TransformJobStatus"] != "InProgress" else None


# ---- the service itself


def test_no_process_outlives_the_service(own_local: LocalService) -> None:
    factories.deploy(own_local, factories.train(own_local))
    start_job(own_local)
    started = tree(pid(own_local))
    own_local.kill()
    assert len(started) >= 5
    eventually(lambda: not any(is_running(process_id) for process_id in started))


def test_what_was_cut_off_is_said_at_the_next_start_and_cleared_away(own_local: LocalService) -> None:
    start_job(own_local)
    (own_local.folder / "incoming" / "half").write_bytes(b"half")
    own_local.kill()
    own_local.start()
    message = "Found after the last run: 1 job that was cut off (now Failed); 1 unfinished upload removed."
    left = [*(own_local.folder / "incoming").iterdir(), *own_local.folder.glob("jobs/*")]
    assert (message in own_local.said, left) == (True, [])


def test_a_tuning_job_that_is_cut_off_fails_with_its_training_jobs(own_local: LocalService) -> None:
    sagemaker, data = own_local.client("sagemaker"), factories.put_data(own_local)
    sagemaker.create_hyper_parameter_tuning_job(**factories.tuning_request("cut-off", data, jobs=4, **ENDLESS))
    factories.first_round(own_local, "cut-off-001")
    own_local.kill()
    own_local.start()
    sagemaker = own_local.client("sagemaker")
    job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="cut-off")
    assert (job["HyperParameterTuningJobStatus"], "stopped while" in job["FailureReason"]) == ("Failed", True)
    trials = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName="cut-off")
    statuses = {trial["TrainingJobStatus"] for trial in trials["TrainingJobSummaries"]}
    assert (statuses, job["TrainingJobStatusCounters"]["InProgress"]) == ({"Failed"}, 0)


def test_an_endpoint_that_was_being_created_gets_there(own_local: LocalService) -> None:
    name, sagemaker = factories.deploy(own_local, factories.train(own_local)), own_local.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="interrupted", EndpointConfigName=name)
    own_local.kill()
    own_local.start()
    in_service(own_local, "interrupted")
    assert len(factories.invoke(own_local, "interrupted", factories.as_csv(factories.rows(5)[:, 1:]))) == 5


def test_an_update_that_was_acknowledged_is_carried_out(own_local: LocalService) -> None:
    sagemaker, body = own_local.client("sagemaker"), factories.as_csv(factories.rows(5)[:, 1:])
    old, new = (factories.deploy(own_local, factories.train(own_local, num_round=rounds)) for rounds in ("1", "30"))
    expected = factories.invoke(own_local, new, body)
    sagemaker.update_endpoint(EndpointName=old, EndpointConfigName=new)
    own_local.kill()
    own_local.start()
    in_service(own_local, old)
    described = own_local.client("sagemaker").describe_endpoint(EndpointName=old)
    assert (described["EndpointConfigName"], factories.invoke(own_local, old, body)) == (new, expected)


def test_an_endpoint_whose_config_is_gone_does_not_keep_the_service_from_starting(own_local: LocalService) -> None:
    name, sagemaker = factories.deploy(own_local, factories.train(own_local)), own_local.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="orphan", EndpointConfigName=name)
    sagemaker.delete_endpoint_config(EndpointConfigName=name)
    own_local.kill()
    own_local.start()
    sagemaker = own_local.client("sagemaker")
    status = eventually(lambda: ready(sagemaker, "orphan"))
    assert status in ("InService", "Failed")


def in_service(local: LocalService, name: str) -> None:
    sagemaker = local.client("sagemaker")
    assert eventually(lambda: ready(sagemaker, name)) == "InService"


def ready(sagemaker: Any, name: str) -> str | None:
    status: str = sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"]
    return status if status not in ("Creating", "Updating") else None


# ---- at any moment


class Client(threading.Thread):
    """Writes and deletes without pause, and remembers what was acknowledged and what may or may not have been done."""

    def __init__(self, local: LocalService, seed: int) -> None:
        super().__init__(daemon=True)
        own, once = keys(local.folder), Config(retries={"total_max_attempts": 1}, read_timeout=20)
        settings = {
            "endpoint_url": local.url,
            "region_name": "us-east-1",
            "aws_access_key_id": own.access,
            "aws_secret_access_key": own.secret,
            "config": once,
        }
        self._s3, self._sagemaker = boto3.client("s3", **settings), boto3.client("sagemaker", **settings)
        self._random, self._stem = random.Random(seed), f"c{seed}"
        self.objects: dict[str, set[bytes | None]] = {}  # by key: what a reader may find
        self.models: dict[str, set[bool]] = {}  # by name: whether it may be there
        self.jobs: list[str] = []

    def run(self) -> None:
        steps: list[Callable[[], None]] = [self._put, self._put, self._upload, self._remove, self._model, self._job]
        try:
            while True:
                self._random.choice(steps)()
        except (ClientError, BotoCoreError):
            return  # the service is gone

    def _key(self) -> str:
        return f"{self._stem}/{self._random.randrange(12)}"

    def _change(self, key: str, after: bytes | None, change: Callable[[], Any]) -> None:
        before = self.objects.get(key, {None})
        self.objects[key] = before | {after}
        change()
        self.objects[key] = {after}

    def _put(self) -> None:
        key, body = self._key(), self._random.randbytes(self._random.choice([10, 10_000, 2 * MB]))
        self._change(key, body, lambda: self._s3.put_object(Bucket="bucket", Key=key, Body=body))

    def _upload(self) -> None:
        key, parts = self._key(), [self._random.randbytes(5 * MB), self._random.randbytes(1000)]
        place = {"Bucket": "bucket", "Key": key}
        place["UploadId"] = self._s3.create_multipart_upload(**place)["UploadId"]
        sent = [
            {"PartNumber": number, "ETag": self._s3.upload_part(**place, PartNumber=number, Body=part)["ETag"]}
            for number, part in enumerate(parts, start=1)
        ]
        finish = {**place, "MultipartUpload": {"Parts": sent}}
        self._change(key, b"".join(parts), lambda: self._s3.complete_multipart_upload(**finish))

    def _remove(self) -> None:
        key = self._key()
        self._change(key, None, lambda: self._s3.delete_object(Bucket="bucket", Key=key))

    def _model(self) -> None:
        name = f"{self._stem}-{self._random.randrange(10**9)}"
        self.models[name] = {True, False}
        self._sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
        self.models[name] = {True}
        if self._random.random() < 0.3:
            self.models[name] = {True, False}
            self._sagemaker.delete_model(ModelName=name)
            self.models[name] = {False}

    def _job(self) -> None:
        name = f"{self._stem}-{self._random.randrange(10**9)}"
        request = factories.training_request(name, "s3://bucket/data", num_round="50")
        request["OutputDataConfig"] = {"S3OutputPath": "s3://bucket/models"}
        self._sagemaker.create_training_job(**request)
        self.jobs.append(name)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_killed_at_any_moment_what_was_acknowledged_is_there(own_local: LocalService, seed: int) -> None:
    moments = random.Random(seed)
    s3 = own_local.client("s3")
    s3.create_bucket(Bucket="bucket")
    for split in ("train", "validation"):
        s3.put_object(Bucket="bucket", Key=f"data/{split}/data.csv", Body=factories.as_csv(factories.rows(400)))
    clients = [Client(own_local, 10 * seed + number) for number in range(3)]
    for client in clients:
        client.start()
    threading.Event().wait(moments.uniform(0.3, 2.0))  # the moment is the point: there is nothing to await
    own_local.kill()
    for client in clients:
        client.join()
    own_local.start()
    s3, sagemaker = own_local.client("s3"), own_local.client("sagemaker")
    files = [path for path in (own_local.folder / "objects").rglob("*") if path.is_file()]
    stored = {item["Key"]: item["Size"] for item in s3.list_objects_v2(Bucket="bucket").get("Contents", [])}
    models = {model["ModelName"] for page in pages(sagemaker, "list_models", "Models") for model in page}
    assert sum(len(client.objects) for client in clients) > 0
    for client in clients:
        for key, allowed in client.objects.items():
            content = s3.get_object(Bucket="bucket", Key=key)["Body"].read() if key in stored else None
            assert content in allowed, key
        assert {name for name, there in client.models.items() if (name in models) not in there} == set()
        for name in client.jobs:
            job = sagemaker.describe_training_job(TrainingJobName=name)
            assert job["TrainingJobStatus"] == "Completed" or "stopped while" in job["FailureReason"], job
    uploads = s3.list_multipart_uploads(Bucket="bucket").get("Uploads", [])
    parts = [
        part
        for upload in uploads
        for part in s3.list_parts(Bucket="bucket", Key=upload["Key"], UploadId=upload["UploadId"]).get("Parts", [])
    ]
    assert (len(files), list((own_local.folder / "incoming").iterdir())) == (len(stored) + len(parts), [])


def pages(client: Any, operation: str, member: str) -> Any:
    return (page[member] for page in client.get_paginator(operation).paginate())
