"""Registering a model as a short script that runs as it stands; apart from `scripts.py`, which launches."""

import json

from services import model_quality, registry
from services.aws import Account
from services.registry import Candidate
from services.scripts import CREDENTIALS
from services.storage import Address

SCRIPT = '''\
import hashlib
import json
from datetime import datetime, timezone

import boto3

s3 = boto3.client("s3", region_name={region!r})
sagemaker = boto3.client("sagemaker", region_name={region!r})


def sha256(prefix):
    """Of the files under an S3 prefix, in the order of their names, one after another."""
    bucket, _, prefix = prefix.removeprefix("s3://").partition("/")
    digest = hashlib.sha256()
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page["Contents"]:
            for block in s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].iter_chunks():
                digest.update(block)
    return digest.hexdigest()


metrics = {metrics}
metadata = {metadata}
metadata[{data_sha256!r}] = sha256({learned_from!r})
{measured}
key = {folder!r} + f"/metrics-{{datetime.now(timezone.utc):%Y%m%dT%H%M%S%fZ}}.json"
body = json.dumps(metrics, indent=2)
s3.put_object(Bucket={bucket!r}, Key=key, Body=body, ContentType="application/json")

{group}request = {request}
request["CustomerMetadataProperties"] = metadata
request["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"] = f"s3://{bucket}/{{key}}"
print(sagemaker.create_model_package(**request)["ModelPackageArn"])
'''


def registering(account: Account, what: Candidate, group: str, new: bool, note: str) -> str:
    """A script that keeps the metrics of a model beside it and makes it the next version of a group."""
    request = registry.package(what, group, note, Address(what.model.bucket, ""), {})
    metadata = request.pop("CustomerMetadataProperties")
    rows, measured = what.quality.rows, ""
    if rows:
        measured = f'metrics["rows"]["sha256"] = metadata[{registry.MEASURED_SHA256!r}] = sha256({rows.address!r})\n'
    return CREDENTIALS + SCRIPT.format(
        region=account.region,
        metrics=_written(model_quality.document(what.quality, what.job.name)),
        metadata=_written(metadata),
        data_sha256=registry.DATA_SHA256,
        learned_from=str(what.learned_from),
        measured=measured,
        folder=what.model.key.rpartition("/")[0],
        bucket=what.model.bucket,
        group=f"sagemaker.create_model_package_group(ModelPackageGroupName={group!r})\n" if new else "",
        request=_written(request),
    )


def _written(value: object) -> str:
    """A JSON document is Python, too, as long as nothing in it is true, false or null."""
    return json.dumps(value, indent=4)
