"""What is damaged in the data folder is found at the next start, said in a sentence, and never taken for sound."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from services.local.protocol.identity import keys
from services.local.store import journal
from services.local.store.database import Database, DatabaseLost
from tests.local import factories
from tests.local_service import IMAGE, ROLE, LocalService

pytestmark = pytest.mark.slow
MB = 1 << 20


def s3(local: LocalService) -> Any:
    """A client that asks once."""
    own = keys(local.folder)
    return boto3.client(
        "s3",
        endpoint_url=local.url,
        region_name="us-east-1",
        aws_access_key_id=own.access,
        aws_secret_access_key=own.secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def remove_log(database: Path) -> None:
    """Of a database that was closed: what is whole in its log would heal the damage."""
    for log in ("-wal", "-shm"):
        database.with_name(database.name + log).unlink(missing_ok=True)


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 20_000)


def not_a_database(path: Path) -> None:
    remove_log(path)
    path.write_bytes(b"what once was a database " * 1000)


def shortened(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


# ---- the database


@pytest.mark.parametrize("damage", [overwritten, not_a_database, shortened, emptied, Path.unlink])
def test_a_damaged_database_is_rebuilt_and_nothing_acknowledged_is_lost(
    own_local: LocalService, damage: Callable[[Path], None]
) -> None:
    client, sagemaker = s3(own_local), own_local.client("sagemaker")
    client.create_bucket(Bucket="before")
    client.put_object(Bucket="before", Key="old", Body=b"old")
    own_local.kill()
    own_local.start()  # from here on the copy has what was before, and the journal what comes
    client, sagemaker = s3(own_local), own_local.client("sagemaker")
    client.put_object(Bucket="before", Key="new", Body=b"new", Metadata={"run": "7"})
    client.delete_object(Bucket="before", Key="old")
    sagemaker.create_model(ModelName="model", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
    own_local.stop()
    database = own_local.folder / "service.sqlite"
    remove_log(database)
    damage(database)
    own_local.start()
    assert "the database was damaged and has been rebuilt" in own_local.said
    stored = s3(own_local).get_object(Bucket="before", Key="new")
    listed = [item["Key"] for item in s3(own_local).list_objects_v2(Bucket="before")["Contents"]]
    assert (stored["Body"].read(), stored["Metadata"], listed) == (b"new", {"run": "7"}, ["new"])
    assert own_local.client("sagemaker").describe_model(ModelName="model")["ModelName"] == "model"


def test_what_the_write_ahead_log_lost_is_made_good(own_local: LocalService) -> None:
    s3(own_local).create_bucket(Bucket="bucket")
    s3(own_local).put_object(Bucket="bucket", Key="key", Body=b"kept")
    own_local.kill()
    (own_local.folder / "service.sqlite-wal").unlink()
    own_local.start()
    assert "2 changes missing from the database restored from its journal" in own_local.said
    assert s3(own_local).get_object(Bucket="bucket", Key="key")["Body"].read() == b"kept"


def test_a_start_that_finds_nothing_says_nothing_of_it(own_local: LocalService) -> None:
    own_local.kill()
    own_local.start()
    assert "Found after the last run" not in own_local.said


def table_of(database: Database) -> list[str]:
    return [row["name"] for row in database.reading.execute("SELECT name FROM buckets ORDER BY name")]


def test_a_transaction_that_was_cut_off_in_the_journal_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "service.sqlite"
    with Database(path).writing() as connection:
        connection.execute("INSERT INTO buckets VALUES (?, ?)", ("whole", 1.0))
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'[2, [["INSERT INTO buckets VALUES (?, ?)", ["half", 2.0')
    not_a_database(path)
    assert table_of(Database(path)) == ["whole"]


def half_done(database: Database) -> None:
    with database.writing() as connection:
        connection.execute("INSERT INTO buckets VALUES (?, ?)", ("undone", 1.0))
        raise ZeroDivisionError


def test_a_transaction_that_was_rolled_back_does_not_come_back(tmp_path: Path) -> None:
    path = tmp_path / "service.sqlite"
    with pytest.raises(ZeroDivisionError):
        half_done(Database(path))
    not_a_database(path)
    assert table_of(Database(path)) == []


def test_the_journal_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LIMIT", 10_000)
    database = Database(tmp_path / "service.sqlite")
    for number in range(30):
        with database.writing() as connection:
            connection.execute("INSERT INTO buckets VALUES (?, ?)", (f"{number:02d}" + "x" * 1000, 1.0))
    assert (tmp_path / "journal.jsonl").stat().st_size <= 12_000
    not_a_database(tmp_path / "service.sqlite")
    assert len(table_of(Database(tmp_path / "service.sqlite"))) == 30


@pytest.mark.parametrize("damage", [Path.unlink, not_a_database])
def test_without_anything_to_rebuild_it_from_it_is_left_alone(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "service.sqlite"
    Database(path)
    damage(tmp_path / "service.copy")
    not_a_database(path)
    before = path.read_bytes()
    with pytest.raises(DatabaseLost):
        Database(path)
    assert path.read_bytes() == before


# ---- objects


def put(local: LocalService, body: bytes) -> Path:
    """Where the bytes of the object lie that is put."""
    client, objects = s3(local), local.folder / "objects"
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="key", Body=body)
    [path] = [path for path in objects.rglob("*") if path.is_file()]
    path.chmod(0o644)
    return path


def flipped(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize("damage", [shortened, emptied, Path.unlink, flipped])
def test_a_damaged_object_is_refused(own_local: LocalService, damage: Callable[[Path], None]) -> None:
    damage(put(own_local, os.urandom(1000)))
    with pytest.raises(ClientError) as refused:
        s3(own_local).get_object(Bucket="bucket", Key="key")
    error = refused.value.response["Error"]
    message = "The bytes of key on the disk are damaged or missing. Upload the object again."
    assert (error["Code"], error["Message"]) == ("InternalError", message)


def test_a_large_object_with_a_flipped_bit_never_arrives_whole(own_local: LocalService) -> None:
    flipped(put(own_local, os.urandom(5 * MB)))
    with pytest.raises(BotoCoreError):
        s3(own_local).get_object(Bucket="bucket", Key="key")["Body"].read()


@pytest.mark.parametrize("damage", [shortened, Path.unlink])
def test_a_damaged_object_is_named_at_the_next_start(own_local: LocalService, damage: Callable[[Path], None]) -> None:
    path = put(own_local, b"bytes")
    own_local.stop()
    damage(path)
    own_local.start()
    assert "the object s3://bucket/key is damaged: upload it again" in own_local.said


def test_a_job_does_not_learn_from_a_damaged_object(own_local: LocalService) -> None:
    data = factories.put_data(own_local)
    for path in (own_local.folder / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            shortened(path)
    job = factories.train(own_local, data)
    assert (job["TrainingJobStatus"], "damaged or missing" in job["FailureReason"]) == ("Failed", True)


def test_a_model_archive_with_a_flipped_bit_is_not_served(own_local: LocalService) -> None:
    job = factories.train(own_local)
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    archive = bytearray(s3(own_local).get_object(Bucket=bucket, Key=key)["Body"].read())
    archive[-6] ^= 1  # of gzip's checksum
    s3(own_local).put_object(Bucket=bucket, Key=key, Body=bytes(archive))
    with pytest.raises(WaiterError):
        factories.deploy(own_local, job)
    [endpoint] = own_local.client("sagemaker").list_endpoints()["Endpoints"]
    failed = own_local.client("sagemaker").describe_endpoint(EndpointName=endpoint["EndpointName"])
    assert "not a valid tar.gz archive" in failed["FailureReason"]


# ---- the files that tell clients


@pytest.mark.parametrize("content", [b"\xff\xfe\x00garbage", b"no section = here", b"", b"[sagedeck]\n"])
def test_unreadable_keys_are_replaced_and_it_says_so(own_local: LocalService, content: bytes) -> None:
    own_local.stop()
    (own_local.folder / "aws" / "credentials").write_bytes(content)
    own_local.start()
    assert "the keys in aws/credentials were unreadable and have been replaced" in own_local.said
    assert s3(own_local).list_buckets()["Buckets"] == []


def test_an_unreadable_profile_is_written_anew(own_local: LocalService) -> None:
    own_local.stop()
    (own_local.folder / "aws" / "config").write_bytes(b"\xff\xfe\x00garbage")
    own_local.start()
    assert s3(own_local).list_buckets()["Buckets"] == []
