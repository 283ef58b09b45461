"""Registering a model as a script that asks S3 and SageMaker by boto3."""

from services.aws.account import Account
from services.aws.s3 import Address
from services.codegen.credentials import CREDENTIALS
from services.codegen.python_source import Code, literal
from services.registry import model_metrics
from services.registry import register as model_registration
from services.registry import versions as model_versions
from services.registry.register import Candidate

SCRIPT = '''\
import hashlib
import json
from datetime import datetime, timezone

import boto3

s3 = boto3.client("s3", region_name={region})
sagemaker = boto3.client("sagemaker", region_name={region})


def sha256(prefix):
    """SHA-256 of the files under an S3 prefix, concatenated in the order of their names."""
    bucket, _, prefix = prefix.removeprefix("s3://").partition("/")
    digest = hashlib.sha256()
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page["Contents"]:
            for block in s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].iter_chunks():
                digest.update(block)
    return digest.hexdigest()


metrics = {metrics}
metadata = {metadata}
metadata[{data_sha256}] = sha256({learned_from})
{measured}
key = {file} + f"{{datetime.now(timezone.utc):%Y%m%dT%H%M%S%fZ}}.json"
body = json.dumps(metrics, indent=2)
s3.put_object(Bucket={bucket}, Key=key, Body=body, ContentType="application/json")

{group}request = {request}
print(sagemaker.create_model_package(**request)["ModelPackageArn"])
'''


def script(account: Account, what: Candidate, group: str, new: bool, note: str) -> str:
    """A script that keeps the metrics of a model beside it and makes it the next version of a group."""
    request = model_registration.package(what, group, note, Address(what.model.bucket, ""), {})
    metadata = request["CustomerMetadataProperties"]
    request["CustomerMetadataProperties"] = Code("metadata")
    request["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"] = Code(
        f"{literal(f's3://{what.model.bucket}/')} + key"
    )
    rows, measured = what.quality.rows, ""
    if rows:
        hashed = f"sha256({literal(rows.address)})"
        measured = f'metrics["rows"]["sha256"] = metadata[{literal(model_versions.MEASURED_SHA256)}] = {hashed}\n'
    return CREDENTIALS + SCRIPT.format(
        region=literal(account.region),
        metrics=literal(model_metrics.document(what.quality, what.job.name)),
        metadata=literal(metadata),
        data_sha256=literal(model_versions.DATA_SHA256),
        learned_from=literal(str(what.learned_from)),
        measured=measured,
        file=literal(f"{what.model.key.rpartition('/')[0]}/metrics-"),
        bucket=literal(what.model.bucket),
        group=f"sagemaker.create_model_package_group(ModelPackageGroupName={literal(group)})\n" if new else "",
        request=literal(request),
    )
