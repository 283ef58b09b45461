"""Factories of what the tests of the local service need: data in S3, training and tuning jobs, endpoints."""

import itertools
from typing import Any

import numpy as np

from tests.local_service import IMAGE, ROLE, LocalService, eventually

BUCKET = "sagemaker-us-east-1-000000000000"
_numbers = itertools.count(1)
ENDED = ("Completed", "Failed", "Stopped")


def unique(stem: str) -> str:
    """A name that no other test has."""
    return f"{stem}-{next(_numbers)}"


def rows(count: int, seed: int = 1, columns: int = 4) -> np.ndarray:
    """(count, 1 + columns) of a label and features that tell something about it."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, columns))
    label = (features[:, 0] + 0.5 * random.normal(size=count) > 1).astype(float)
    return np.column_stack([label, features])


def as_csv(table: np.ndarray) -> str:
    """Rows as CSV without header."""
    return "\n".join(",".join(f"{cell:.6g}" for cell in row) for row in table) + "\n"


def put_data(local: LocalService, count: int = 400) -> str:
    """Train and validation splits in S3; their prefix's address."""
    s3, prefix = local.client("s3"), unique("data")
    s3.create_bucket(Bucket=BUCKET)
    for seed, split in enumerate(("train", "validation")):
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}/{split}/data.csv", Body=as_csv(rows(count, seed)))
    return f"s3://{BUCKET}/{prefix}"


def channels(data: str, content_type: str = "text/csv") -> list[dict[str, Any]]:
    """InputDataConfig of the two splits under `data`."""
    return [
        {
            "ChannelName": split,
            "ContentType": content_type,
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{data}/{split}/"}},
        }
        for split in ("train", "validation")
    ]


def training_request(name: str, data: str, **hyperparameters: str) -> dict[str, Any]:
    """A CreateTrainingJob request."""
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "InputDataConfig": channels(data),
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "HyperParameters": {"objective": "binary:logistic", "num_round": "5", **hyperparameters},
    }


def train(local: LocalService, data: str | None = None, **hyperparameters: str) -> dict[str, Any]:
    """A training job that has ended, as DescribeTrainingJob answers it."""
    name = unique("job")
    request = training_request(name, data or put_data(local), **hyperparameters)
    local.client("sagemaker").create_training_job(**request)
    return ended(local, name)


def tuning_request(name: str, data: str, jobs: int, **hyperparameters: str) -> dict[str, Any]:
    """A CreateHyperParameterTuningJob request: a random search over eta, judged by validation:auc."""
    training = training_request("unused", data, **hyperparameters)
    copied = ("AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig")
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0", "MaxValue": "1"}]},
        },
        "TrainingJobDefinition": {
            **{member: training[member] for member in copied},
            "StoppingCondition": training["StoppingCondition"],
            "StaticHyperParameters": {**training["HyperParameters"], "eval_metric": "auc"},
        },
    }


def first_round(local: LocalService, name: str) -> None:
    """Returns once a training job whose name begins so has learned for a round."""
    logs, group = local.client("logs"), "/aws/sagemaker/TrainingJobs"

    def look() -> bool:
        try:
            answer = logs.filter_log_events(logGroupName=group, logStreamNamePrefix=name, filterPattern='"#011"')
        except logs.exceptions.ResourceNotFoundException:
            return False
        return bool(answer["events"])

    eventually(look)


def ended(local: LocalService, name: str) -> dict[str, Any]:
    """The job once it has ended."""
    sagemaker = local.client("sagemaker")

    def look() -> dict[str, Any] | None:
        job: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        return job if job["TrainingJobStatus"] in ENDED else None

    job: dict[str, Any] = eventually(look)
    return job


def deploy(local: LocalService, job: dict[str, Any], image: str = IMAGE) -> str:
    """An endpoint in service with the job's model; its name."""
    sagemaker, name = local.client("sagemaker"), unique("endpoint")
    sagemaker.create_model(
        ModelName=name,
        PrimaryContainer={"Image": image, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]},
        ExecutionRoleArn=ROLE,
    )
    return serve(local, name)


def serve(local: LocalService, model: str) -> str:
    """An endpoint in service with a model that is there; its name."""
    sagemaker, name = local.client("sagemaker"), model
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": model,
                "InstanceType": "ml.m4.xlarge",
                "InitialInstanceCount": 1,
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    return name


def invoke(local: LocalService, endpoint: str, body: str) -> list[float]:
    """The endpoint's scores of CSV rows."""
    answer = local.client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=body)
    return [float(line) for line in answer["Body"].read().decode().replace(",", "\n").split()]
