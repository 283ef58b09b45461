"""An account whose S3 is a dictionary, for tests that upload and read back."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.aws.account import Account
from services.aws.errors import AwsError


def etag_of(body: bytes | None) -> str:
    """The ETag of an object with this body; None is no object."""
    return f'"{hash(body):x}"'


@dataclass(frozen=True)
class FakeS3(Account):
    """`objects` by "s3://bucket/key", in the order they were written."""

    objects: dict[str, bytes] = field(default_factory=dict, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "get_caller_identity":
            return {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/fake"}
        if operation in ("head_bucket", "create_bucket"):
            return {}
        if operation == "list_objects_v2":
            start = f"s3://{parameters['Bucket']}/"
            keys = [address.removeprefix(start) for address in self.objects if address.startswith(start)]
            listed = sorted(key for key in keys if key.startswith(parameters["Prefix"]))
            bodies = {key: self.objects[start + key] for key in listed}
            return {
                "Contents": [{"Key": key, "Size": len(body), "ETag": etag_of(body)} for key, body in bodies.items()]
            }
        address = f"s3://{parameters['Bucket']}/{parameters['Key']}"
        present, expected = self.objects.get(address), parameters.get("IfMatch")
        if (expected and expected != etag_of(present)) or (parameters.get("IfNoneMatch") and present is not None):
            raise AwsError(f"Object {address}", "it is another one", "Read it again", "PreconditionFailed")
        if operation == "put_object":
            self.objects[address] = parameters["Body"]
        if operation == "delete_object":
            self.objects.pop(address, None)
            return {}
        if address not in self.objects:
            raise AwsError(f"Object {address}", "it is not there", "Write it first", "404")
        body = self.objects[address]
        if "Range" in parameters:
            first, last = parameters["Range"].removeprefix("bytes=").split("-")
            body = body[int(first) : int(last) + 1]
        return {"Body": io.BytesIO(body), "ContentLength": len(body), "ETag": etag_of(body)}

    def client(self, service: str) -> Any:
        return self

    def upload_file(self, path: str, bucket: str, key: str, Callback: Callable[[int], None] | None = None) -> None:
        self.objects[f"s3://{bucket}/{key}"] = Path(path).read_bytes()
        if Callback:
            Callback(Path(path).stat().st_size)

    def download_file(self, bucket: str, key: str, path: str, Callback: Callable[[int], None] | None = None) -> None:
        body = self.objects[f"s3://{bucket}/{key}"]
        Path(path).write_bytes(body)
        if Callback:
            Callback(len(body))
