"""What a training job reads its channels from, and how it writes its model, by boto3."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local.factories import BUCKET, as_csv, rows, unique
from tests.local_service import LocalService

CSV = as_csv(rows(200))
Channel = dict[str, Any]


def put(local: LocalService, **objects: str | bytes) -> str:
    """Objects under a prefix of their own, which it returns."""
    s3, prefix = local.client("s3"), unique("channel")
    s3.create_bucket(Bucket=BUCKET)
    for key, body in objects.items():
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}/{key}", Body=body)
    return prefix


def channel(uri: str, kind: str = "S3Prefix", **members: Any) -> Channel:
    source = {"S3DataSource": {"S3DataType": kind, "S3Uri": uri}}
    return {"ChannelName": "train", "ContentType": "text/csv", "DataSource": source, **members}


def train(local: LocalService, given: Channel, output: dict[str, str] | None = None) -> dict[str, Any]:
    """The job that has learned from that one channel."""
    name = unique("job")
    request = factories.training_request(name, "s3://unused")
    request |= {"InputDataConfig": [given], "OutputDataConfig": output or request["OutputDataConfig"]}
    local.client("sagemaker").create_training_job(**request)
    return factories.ended(local, name)


def reason(job: dict[str, Any]) -> str:
    return f"{job['TrainingJobStatus']}: {job.get('FailureReason', '')}"


def refusal(local: LocalService, given: Channel) -> str:
    with pytest.raises(ClientError) as refused:
        train(local, given)
    return str(refused.value)


@pytest.mark.parametrize("host", [f"{BUCKET}.s3.us-east-1.amazonaws.com", f"s3.us-east-1.amazonaws.com/{BUCKET}"])
def test_a_job_reads_and_writes_at_https_addresses(local: LocalService, host: str) -> None:
    prefix = put(local, data=CSV)
    job = train(local, channel(f"https://{host}/{prefix}/"), {"S3OutputPath": f"https://{host}/{prefix}-models"})
    expected = f"s3://{BUCKET}/{prefix}-models/{job['TrainingJobName']}/output/model.tar.gz"
    assert (reason(job), job["ModelArtifacts"]["S3ModelArtifacts"]) == ("Completed: ", expected)


def test_an_https_address_of_another_host_is_refused_at_creation(local: LocalService) -> None:
    said = refusal(local, channel("https://example.com/bucket/train/"))
    assert "'https://example.com/bucket/train/' at 'inputDataConfig.1.member.dataSource.s3DataSource.s3Uri'" in said


def manifest(local: LocalService, document: Callable[[str], Any]) -> tuple[str, Channel]:
    """A channel by manifest, and the address of the manifest; `document` makes it of the address of the data."""
    prefix = put(local, first=CSV, second=CSV, words="no,numbers,here\n" * 9)
    content = document(f"s3://{BUCKET}/{prefix}/")
    written = content if isinstance(content, str) else json.dumps(content)
    uri = f"s3://{BUCKET}/{put(local, manifest=written)}/manifest"
    return uri, channel(uri, "ManifestFile")


def test_of_a_manifest_only_what_it_names_is_read(local: LocalService) -> None:
    _, given = manifest(local, lambda data: [{"prefix": data}, "first", "second"])
    assert reason(train(local, given)) == "Completed: "


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (lambda data: "not JSON", "is not a JSON list of a prefix and names below it. Write it as"),
        (lambda data: [{"prefix": data}], "is not a JSON list of a prefix and names below it. Write it as"),
        (lambda data: [{"prefix": data}, 1], "is not a JSON list of a prefix and names below it. Write it as"),
        (lambda data: [{"prefix": data}, "third"], "third does not exist."),
        (lambda data: [{"prefix": "bucket/"}, "first"], "The address bucket/ must be an address in S3"),
        (lambda data: [{"prefix": data}, "first", "first"], "would be the same file"),
    ],
    ids=["not JSON", "no names", "a number", "a name that is not there", "no address", "a name twice"],
)
def test_a_manifest_with_a_fault_fails_the_job_in_a_sentence(
    local: LocalService, document: Callable[[str], Any], sentence: str
) -> None:
    _, given = manifest(local, document)
    failure = reason(train(local, given))
    assert (failure.startswith("Failed: ClientError: Data download failed: "), sentence in failure) == (True, True)


def test_the_sentence_about_a_manifest_names_it(local: LocalService) -> None:
    uri, given = manifest(local, lambda data: "{}")
    assert f"the manifest {uri} " in reason(train(local, given))


def test_a_gzip_channel_is_unpacked(local: LocalService) -> None:
    prefix = put(local, **{"data.csv.gz": gzip.compress(CSV.encode())})
    given = channel(f"s3://{BUCKET}/{prefix}/", CompressionType="Gzip", InputMode="Pipe")
    assert reason(train(local, given)) == "Completed: "


@pytest.mark.parametrize("body", [CSV.encode(), gzip.compress(CSV.encode())[:-9]], ids=["plain", "cut short"])
def test_a_gzip_channel_that_is_not_gzip_fails_the_job_in_a_sentence(local: LocalService, body: bytes) -> None:
    given = channel(f"s3://{BUCKET}/{put(local, data=body)}/", CompressionType="Gzip", InputMode="Pipe")
    assert "/data is not whole gzip data, which CompressionType says it is." in reason(train(local, given))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (channel("s3://b/", CompressionType="Gzip"), "CompressionType Gzip goes with InputMode Pipe only."),
        (channel("s3://b/", "AugmentedManifestFile"), "S3DataType AugmentedManifestFile cannot be read here."),
        (
            channel("s3://b/")
            | {
                "DataSource": {
                    "FileSystemDataSource": {
                        "FileSystemId": "fs-00000000001",
                        "FileSystemAccessMode": "ro",
                        "FileSystemType": "EFS",
                        "DirectoryPath": "/data",
                    }
                }
            },
            "only an S3DataSource can be read here.",
        ),
    ],
    ids=["gzip files", "augmented manifest", "file system"],
)
def test_a_channel_that_cannot_be_read_is_refused_at_creation(
    local: LocalService, given: Channel, sentence: str
) -> None:
    assert f"InputDataConfig.train: {sentence}" in refusal(local, given)


def test_an_uncompressed_model_is_written_as_plain_objects(local: LocalService) -> None:
    output = {"S3OutputPath": f"s3://{BUCKET}/plain", "CompressionType": "NONE"}
    job = train(local, channel(f"s3://{BUCKET}/{put(local, data=CSV)}/"), output)
    listed = local.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"plain/{job['TrainingJobName']}/")["Contents"]
    folder = f"plain/{job['TrainingJobName']}/output/model"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/{folder}"
    assert [item["Key"] for item in listed] == [f"{folder}/xgboost-model"]
