"""Scores of a prepared split by a batch transform job: of any algorithm's model, and nothing bills when it has ended.

The scores of a job stay in S3 and are looked up by its name, so that no rows are scored twice.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.algorithms.catalogue import ALGORITHMS
from services.aws import s3
from services.aws.account import Account
from services.aws.s3 import Address
from services.data.prepared_data import FILE, PreparedData
from services.endpoints import deploy as endpoint_deployment
from services.errors import Problem
from services.evaluation import scoring
from services.evaluation.kept_scores import FOLDER as KEPT
from services.training.jobs import JobStatus, TrainingJob

LONGEST_NAME = 63  # characters of the name of a job


@dataclass(frozen=True)
class BatchJob:
    """A batch transform job; `output` is the S3 address its answers lie under, `failure` None unless it failed."""

    name: str
    status: JobStatus
    instance_type: str
    created: datetime
    started: datetime | None
    ended: datetime | None
    output: str
    failure: str | None


def request(account: Account, job: TrainingJob, data: PreparedData, split: str, instance_type: str) -> dict[str, Any]:
    """CreateTransformJob's parameters, but for the name: the split without its target column, to the job's model."""
    answers = (job.algorithm or ALGORITHMS[0]).answers
    return {
        "ModelName": job.name,
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": data.channel(split)}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "DataProcessing": {"InputFilter": "$[1:]"},
        "TransformOutput": {
            "S3OutputPath": f"{_home(account)}{job.name}/{data.name}/{split}",
            "Accept": answers.accept,
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": instance_type, "InstanceCount": 1},
    }


def launch(
    account: Account, job: TrainingJob, data: PreparedData, split: str, instance_type: str, now: datetime
) -> str:
    """Start the job, making the training job's model first if there is none; its name. Raises Problem, AwsError."""
    endpoint_deployment.ensure_model(account, job)
    end = f"-{_mark(job, data, split)}-{now:%y%m%d%H%M%S}"
    name = f"{job.name[: LONGEST_NAME - len(end)].rstrip('-')}{end}"
    parameters = request(account, job, data, split, instance_type)
    account.call("sagemaker", "create_transform_job", TransformJobName=name, **parameters)
    return name


def find(account: Account, job: TrainingJob, data: PreparedData, split: str) -> BatchJob | None:
    """The newest such job; None when there was none. Raises AwsError."""
    listed = account.call(
        "sagemaker",
        "list_transform_jobs",
        NameContains=_mark(job, data, split),
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=1,
    )["TransformJobSummaries"]
    return describe(account, listed[0]["TransformJobName"]) if listed else None


def describe(account: Account, name: str) -> BatchJob:
    """One job. Raises AwsError."""
    answer = account.call("sagemaker", "describe_transform_job", TransformJobName=name)
    return BatchJob(
        name=name,
        status=JobStatus(answer["TransformJobStatus"]),
        instance_type=answer["TransformResources"]["InstanceType"],
        created=answer["CreationTime"],
        started=answer.get("TransformStartTime"),
        ended=answer.get("TransformEndTime"),
        output=answer["TransformOutput"]["S3OutputPath"],
        failure=answer.get("FailureReason"),
    )


def stop(account: Account, name: str) -> None:
    """Ask a job to stop; it bills until it has, and leaves no scores. Raises AwsError."""
    account.call("sagemaker", "stop_transform_job", TransformJobName=name)


def scores(account: Account, batch_job: BatchJob, job: TrainingJob, rows: int) -> NDArray[np.float64]:
    """(rows,) scores that a completed job left. Raises Problem when they do not fit the rows, AwsError."""
    where = f"Batch transform job {batch_job.name}"
    if batch_job.status != JobStatus.COMPLETED:
        raise Problem(where, batch_job.failure or f"it is {batch_job.status}", "Score the rows again")
    body = s3.read_bytes(account, scores_address(batch_job.output))
    return scoring.read_answer(where, body, rows, (job.algorithm or ALGORITHMS[0]).answers)


def scored_on(account: Account, data: PreparedData) -> list[tuple[str, str]]:
    """(training job, split) of the scores of the set's rows that lie in S3, by name. Raises AwsError."""
    home = _home(account)
    places = [key.removeprefix(home.key).split("/") for key in s3.folder_keys(account, home) if KEPT not in key]
    return sorted({(place[0], place[2]) for place in places if len(place) > 3 and place[1] == data.name})


def _home(account: Account) -> Address:
    return Address(account.default_bucket(), "sagedeck/scores/")


def scores_address(output: str) -> Address:
    """The object that holds the scores, under the output address of a job."""
    return Address.parse(output) / f"{FILE}.out"


def _mark(job: TrainingJob, data: PreparedData, split: str) -> str:
    """The part of the name that all jobs over these rows with this model share, and no other job has."""
    identity = f"{job.arn} {data.address} {split}"
    return f"{split}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"
