"""The SageMaker SDK as launcher of training and tuning jobs, as an analyst's notebook would use it.

Importing it takes seconds, so that happens in the functions, or ahead of time by `warm`. Its telemetry is off.
"""

import importlib
import logging
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from services.algorithms.algorithm import Algorithm
from services.aws.account import Account
from services.errors import Problem

if TYPE_CHECKING:
    from services.training.plan import TrainingPlan

# The SDK would refuse roles that lack rights XGBoost never needs (lambda, ec2, mlflow): SageMaker itself is to judge.
os.environ.setdefault("SAGEMAKER_VALIDATE_ROLE", "false")
QUIET = {
    "SchemaVersion": "1.0",
    "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
}


def warm() -> None:
    """Import the SDK now, so that the first launch need not wait for it."""
    for name in ("sagemaker.core.image_uris", "sagemaker.train.model_trainer", "sagemaker.train.tuner"):
        importlib.import_module(name)
    for name in ("sagemaker", "sagemaker.core", "sagemaker.train"):
        logging.getLogger(name).setLevel(logging.WARNING)


def image(account: Account, algorithm: Algorithm) -> str:
    """The URI of the algorithm's image in the account's region."""
    from sagemaker.core import image_uris

    framework, version = algorithm.image
    uri: str = image_uris.retrieve(framework, account.region, version)
    return uri


def trainer(account: Account, plan: "TrainingPlan", hyperparameters: Mapping[str, str]) -> Any:
    """A ModelTrainer for `plan`. Raises Problem when the account has no execution role yet."""
    from sagemaker.core.training.configs import CheckpointConfig, Compute, OutputDataConfig, StoppingCondition, Tag
    from sagemaker.train import ModelTrainer

    if not account.role:
        raise Problem(
            f"Launch on {account.title}", "no execution role is set", "Enter the role's ARN on the Settings page"
        )
    return ModelTrainer(
        training_image=image(account, plan.algorithm),
        role=account.role,
        sagemaker_session=_session(account, account.session()),
        base_job_name=plan.name,
        hyperparameters=dict(hyperparameters),
        input_data_config=_channels(plan),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{account.default_bucket()}/sagedeck/models"),
        compute=Compute(
            instance_type=plan.instance_type,
            instance_count=plan.instance_count,
            volume_size_in_gb=plan.volume_gb,
            **({} if plan.max_wait is None else {"enable_managed_spot_training": True}),
        ),
        stopping_condition=StoppingCondition(
            max_runtime_in_seconds=plan.max_runtime,
            **({} if plan.max_wait is None else {"max_wait_time_in_seconds": plan.max_wait}),
        ),
        checkpoint_config=None if plan.checkpoints is None else CheckpointConfig(s3_uri=plan.checkpoints or None),
        tags=[Tag(key=key, value=value) for key, value in plan.tags.items()] or None,
    )


def _channels(plan: "TrainingPlan") -> list[Any]:
    from sagemaker.core.training.configs import InputData, S3DataSource

    shared = S3DataSource(
        s3_data_type="S3Prefix", s3_uri=plan.channels["train"], s3_data_distribution_type="ShardedByS3Key"
    )
    return [
        InputData(
            channel_name=name,
            data_source=shared if plan.sharded and name == "train" else source,
            content_type="text/csv",
        )
        for name, source in plan.channels.items()
    ]


@lru_cache(maxsize=16)
def _session(account: Account, reached_by: Any) -> Any:
    """The SDK's session over the boto3 session `reached_by`, which is another one once the account's keys change."""
    from sagemaker.core.helper.session_helper import Session

    return Session(
        boto_session=reached_by,
        sagemaker_client=account.client("sagemaker"),
        default_bucket=account.default_bucket(),
        sagemaker_config=QUIET,
    )
