"""The training split of prepared data cut into one file an instance, for jobs whose instances each learn from a share.

    s3://BUCKET/sagedeck/data/NAME/shards-COUNT/part-0.csv ...

Every COUNT-th row goes into the same part, so that each holds about as many of a class. Cut anew for every launch: the
split may have been prepared again since.
"""

from services.aws import s3
from services.aws.account import Account
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData


def address(data: PreparedData, count: int) -> Address:
    """The folder of the parts."""
    return data.address / f"shards-{count}"


def cut(account: Account, data: PreparedData, count: int) -> None:
    """Write the `count` parts. Raises AwsError."""
    lines = s3.read_bytes(account, data.file("train")).splitlines(keepends=True)
    for number in range(count):
        part = address(data, count) / f"part-{number}.csv"
        body = b"".join(lines[number::count])
        account.call("s3", "put_object", Bucket=part.bucket, Key=part.key, Body=body, ContentType="text/csv")
