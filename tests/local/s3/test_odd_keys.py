"""Keys of S3 that would be no file, or another file: they stay in their bucket, and a job's data in its folder."""

import os
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.local import factories
from tests.local_service import LocalService

pytestmark = pytest.mark.slow
CSV = factories.as_csv(factories.rows(200)).encode()
ODD = [
    "../../x",
    "a/../../../x",
    "/etc/x",
    "./x",
    "a//b",
    "nul\0nul",
    "Größe/数据",
    "UPPER",
    "upper",
    "trailing/",
    "c:\\x",
]


def files_outside(folder: Path) -> set[Path]:
    """What lies beside the data folder."""
    found = set[Path]()
    for place, folders, files in os.walk(folder.parent):
        found |= {Path(place, name) for name in (*folders, *files)}
        folders[:] = [name for name in folders if Path(place, name) != folder]  # where files come and go
    return found - {folder}


@pytest.mark.parametrize("key", ODD)
def test_an_odd_key_is_an_object_like_any_other_and_nothing_is_written_beside_the_folder(
    own_local: LocalService, key: str
) -> None:
    s3, before = own_local.client("s3"), files_outside(own_local.folder)
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key=key, Body=key.encode())
    assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == key.encode()
    assert files_outside(own_local.folder) == before


def test_keys_that_differ_by_case_are_two_objects(local: LocalService) -> None:
    s3, prefix = local.client("s3"), factories.unique("case")
    s3.create_bucket(Bucket=factories.BUCKET)
    for name in ("Data", "data"):
        s3.put_object(Bucket=factories.BUCKET, Key=f"{prefix}/{name}", Body=name.encode())
    contents = [
        s3.get_object(Bucket=factories.BUCKET, Key=f"{prefix}/{name}")["Body"].read() for name in ("Data", "data")
    ]
    assert contents == [b"Data", b"data"]


def test_a_key_has_at_most_1024_bytes(local: LocalService) -> None:
    s3 = local.client("s3")
    s3.create_bucket(Bucket=factories.BUCKET)
    s3.put_object(Bucket=factories.BUCKET, Key="k" * 1024, Body=b"")
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=factories.BUCKET, Key="ü" * 513, Body=b"")
    assert refused.value.response["Error"]["Code"] == "KeyTooLongError"


def train_on(local: LocalService, *keys: str) -> tuple[str, str]:
    """Status and reason of a job whose channels both hold objects of these keys below one prefix."""
    s3, prefix = local.client("s3"), factories.unique("odd")
    s3.create_bucket(Bucket=factories.BUCKET)
    for split in ("train", "validation"):
        for key in keys:
            s3.put_object(Bucket=factories.BUCKET, Key=f"{prefix}/{split}/{key}", Body=CSV)
    job = factories.train(local, f"s3://{factories.BUCKET}/{prefix}")
    return job["TrainingJobStatus"], job.get("FailureReason", "")


def test_a_job_learns_from_a_key_that_points_outside_and_leaves_nothing_there(own_local: LocalService) -> None:
    before = files_outside(own_local.folder)
    assert train_on(own_local, "../../../../../outside.csv", "/absolute.csv") == ("Completed", "")
    assert files_outside(own_local.folder) == before
    assert not list(own_local.folder.rglob("*.csv"))


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (("same.csv", "../same.csv"), "would be the same file"),
        (("part", "part/of.csv"), "a file and a folder of one name"),
        (("nul\0.csv",), "cannot be a file"),
        (("long" * 80,), "too long for a file name"),
    ],
    ids=["same file", "file and folder", "NUL", "too long"],
)
def test_keys_that_cannot_be_files_fail_the_job_in_a_sentence(
    local: LocalService, keys: tuple[str, ...], sentence: str
) -> None:
    status, reason = train_on(local, *keys)
    assert (status, reason.startswith("ClientError: Data download failed: "), sentence in reason) == (
        "Failed",
        True,
        True,
    )


def test_a_channel_cannot_be_named_out_of_the_jobs_folder(local: LocalService) -> None:
    name, sagemaker = factories.unique("job"), local.client("sagemaker")
    request = factories.training_request(name, factories.put_data(local))
    request["InputDataConfig"][1]["ChannelName"] = ".."
    sagemaker.create_training_job(**request)
    job = factories.ended(local, name)
    assert (job["TrainingJobStatus"], "Extraneous channel found: .." in job["FailureReason"]) == ("Failed", True)
