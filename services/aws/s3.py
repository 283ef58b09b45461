"""Objects in S3 as the rest of the project needs them: addresses, JSON documents, files with progress.

May not know what the objects mean; that is `data/prepared_data.py`'s and others' business.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.aws.account import Account
from services.aws.errors import AwsError
from services.errors import Problem

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True)
class Address:
    """An S3 address; `key` may be a whole key, a prefix, or empty."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> "Address":
        """From "s3://bucket/key". Raises Problem when it is not one."""
        scheme, _, rest = uri.strip().partition("://")
        bucket, _, key = rest.partition("/")
        if scheme != "s3" or not bucket:
            raise Problem(f"Address {uri!r}", "it is not an S3 address", "Write it as s3://bucket/folder/file.csv")
        return cls(bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def __truediv__(self, name: str) -> "Address":
        return Address(self.bucket, f"{self.key.rstrip('/')}/{name}" if self.key else name)


def ensure_bucket(account: Account, bucket: str) -> None:
    """Create `bucket` when it is not there, in the account's region. Raises AwsError."""
    try:
        account.call("s3", "head_bucket", Bucket=bucket)
    except AwsError as error:
        if not error.is_missing:
            raise
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
        account.call("s3", "create_bucket", Bucket=bucket, **({} if account.region == "us-east-1" else elsewhere))


def keys(account: Account, prefix: Address) -> Iterator[tuple[str, int]]:
    """(key, size in bytes) of every object under `prefix`, in key order. Raises AwsError."""
    return ((key, size) for key, size, _ in versions(account, prefix))


def versions(account: Account, prefix: Address) -> Iterator[tuple[str, int, str]]:
    """(key, size in bytes, ETag) of every object under `prefix`, in key order. Raises AwsError."""
    parameters: dict[str, Any] = {"Bucket": prefix.bucket, "Prefix": prefix.key}
    while True:
        answer = account.call("s3", "list_objects_v2", **parameters)
        for item in answer.get("Contents", []):
            yield item["Key"], item["Size"], item.get("ETag", "").strip('"')
        if not answer.get("IsTruncated"):
            return
        parameters["ContinuationToken"] = answer["NextContinuationToken"]


def folder_keys(account: Account, prefix: Address) -> list[str]:
    """The keys under `prefix`, in key order; none while the bucket does not exist. Raises AwsError."""
    try:
        return [key for key, _ in keys(account, prefix)]
    except AwsError as error:
        if error.is_missing:
            return []
        raise


@contextmanager
def _naming(address: Address) -> Iterator[None]:
    """Have the refusal of a request for an object that is not there say which: S3's own words do not."""
    try:
        yield
    except AwsError as error:
        if not error.is_missing:
            raise
        raise AwsError(error.where, f"there is no {address}", error.remedy, error.code, error.unsure) from error


def head(account: Account, address: Address) -> dict[str, Any]:
    """What S3 tells of an object without its content, in S3's own words. Raises AwsError."""
    with _naming(address):
        return account.call("s3", "head_object", Bucket=address.bucket, Key=address.key)


def read_bytes(account: Account, address: Address) -> bytes:
    """The whole object. Raises AwsError."""
    with _naming(address), account.speaking("s3", "get_object"):
        body: bytes = account.call("s3", "get_object", Bucket=address.bucket, Key=address.key)["Body"].read()
    return body


def read_beginning(account: Account, address: Address, count: int) -> bytes:
    """The first `count` bytes of an object that is not empty. Raises AwsError."""
    with _naming(address), account.speaking("s3", "get_object"):
        answer = account.call("s3", "get_object", Bucket=address.bucket, Key=address.key, Range=f"bytes=0-{count - 1}")
        body: bytes = answer["Body"].read()
    return body


def read_json(account: Account, address: Address) -> dict[str, Any]:
    """A JSON document. Raises AwsError."""
    document: dict[str, Any] = json.loads(read_bytes(account, address))
    return document


def sha256(account: Account, prefix: Address, progress: Progress | None = None) -> str | None:
    """Hex SHA-256 of the objects under `prefix`, in key order, one after another; of a single one, its own.

    None when there are none. Raises AwsError.
    """
    found = list(keys(account, prefix))
    report = _summed(progress, sum(size for _, size in found)) if progress else None
    digest = hashlib.sha256()
    for key, _ in found:
        with account.speaking("s3", "get_object"):
            for block in account.call("s3", "get_object", Bucket=prefix.bucket, Key=key)["Body"].iter_chunks(2**20):
                digest.update(block)
                if report:
                    report(len(block))
    return digest.hexdigest() if found else None


def exists(account: Account, address: Address) -> bool:
    """Whether there is such an object. Raises AwsError."""
    try:
        head(account, address)
    except AwsError as error:
        if error.is_missing:
            return False
        raise
    return True


def write_json(account: Account, address: Address, document: dict[str, Any]) -> None:
    """`document` as indented JSON, for people to read too. Raises AwsError."""
    body = json.dumps(document, indent=2).encode()
    account.call("s3", "put_object", Bucket=address.bucket, Key=address.key, Body=body, ContentType="application/json")


def write_line(account: Account, address: Address, document: dict[str, Any]) -> None:
    """`document` as one line of JSON. Raises AwsError."""
    body = json.dumps(document).encode() + b"\n"
    account.call("s3", "put_object", Bucket=address.bucket, Key=address.key, Body=body, ContentType="application/jsonl")


def upload(account: Account, path: Path, address: Address, progress: Progress | None = None) -> None:
    """A file, in parts when it is large. Raises AwsError."""
    total = path.stat().st_size
    with account.speaking("s3", "put_object"):
        account.client("s3").upload_file(
            str(path), address.bucket, address.key, Callback=_summed(progress, total) if progress else None
        )


def download(account: Account, address: Address, path: Path, progress: Progress | None = None) -> None:
    """An object into `path`, in parallel ranges when it is large. Raises AwsError."""
    total = head(account, address)["ContentLength"]
    with _naming(address), account.speaking("s3", "get_object"):
        account.client("s3").download_file(
            address.bucket, address.key, str(path), Callback=_summed(progress, total) if progress else None
        )


def copy(account: Account, source: Address, target: Address) -> None:
    """Copy an object inside S3, in parts when it is large; nothing passes through here. Raises AwsError."""
    with account.speaking("s3", "copy_object"):
        account.client("s3").copy({"Bucket": source.bucket, "Key": source.key}, target.bucket, target.key)


def _summed(progress: Progress, total: int) -> Callable[[int], None]:
    done = 0

    def add(more: int) -> None:
        nonlocal done
        done += more
        progress(done, total)

    return add
