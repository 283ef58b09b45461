"""Deploying the model of a training job: model, endpoint configuration, endpoint.

An endpoint bills for as long as it exists; there is no stopping it but deleting it, see `shutdown/plan.py`.
"""

import re
from contextlib import ExitStack, suppress
from datetime import datetime

from services.aws.account import Account
from services.aws.errors import AwsError
from services.endpoints.describe import summaries
from services.errors import Problem
from services.training.jobs import TrainingJob

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,47}")


def deploy(
    account: Account, job: TrainingJob, name: str, instance_type: str, instance_count: int, now: datetime
) -> None:
    """Put a job's model behind a new endpoint `name`; what was made on the way is taken back when that fails.

    The model is named after the job, the endpoint config after the endpoint and the time. Raises Problem, AwsError.
    """
    if not NAME.fullmatch(name):
        raise Problem(
            f"Endpoint name {name!r}",
            "it may hold letters, digits and single hyphens, at most 48 characters",
            "Change the name",
        )
    if not job.model_uri:
        raise Problem(f"Training job {job.name}", "it has no model", "Choose a completed job")
    if not account.role:
        raise Problem(
            f"Deploy on {account.title}", "no execution role is set", "Enter the role's ARN on the Settings page"
        )
    if name in {endpoint.name for endpoint in summaries(account)}:
        raise Problem(f"Endpoint {name}", "it exists already", "Choose another name, or delete the existing one first")
    config = f"{name}-{now:%y%m%d%H%M%S}"
    with ExitStack() as undo:
        if ensure_model(account, job):
            undo.callback(_take_back, account, "delete_model", ModelName=job.name)
        account.call(
            "sagemaker",
            "create_endpoint_config",
            EndpointConfigName=config,
            ProductionVariants=[
                {
                    "VariantName": "AllTraffic",
                    "ModelName": job.name,
                    "InstanceType": instance_type,
                    "InitialInstanceCount": instance_count,
                    "InitialVariantWeight": 1.0,
                }
            ],
        )
        undo.callback(_take_back, account, "delete_endpoint_config", EndpointConfigName=config)
        account.call("sagemaker", "create_endpoint", EndpointName=name, EndpointConfigName=config)
        undo.pop_all()


def _take_back(account: Account, operation: str, **name: str) -> None:
    with suppress(AwsError):  # what stays bills nothing, and the first refusal is the one to tell
        account.call("sagemaker", operation, **name)


def ensure_model(account: Account, job: TrainingJob) -> bool:
    """Make the model of a job, which bills nothing; whether it had to be made. Raises Problem, AwsError."""
    container = {"Image": job.image, "ModelDataUrl": job.model_uri}
    try:
        model = account.call("sagemaker", "describe_model", ModelName=job.name)
    except AwsError as error:
        if not error.is_missing:
            raise
        account.call(
            "sagemaker", "create_model", ModelName=job.name, PrimaryContainer=container, ExecutionRoleArn=account.role
        )
        return True
    if model.get("PrimaryContainer", {}).get("ModelDataUrl") != job.model_uri:
        raise Problem(f"Model {job.name}", "a different model of this name exists", "Delete that model first")
    return False
