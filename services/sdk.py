"""The SageMaker SDK as launcher of training and tuning jobs, as an analyst's notebook would use it.

Importing it takes seconds, so that happens in the functions, or ahead of time by `warm`. Its telemetry is off.
"""

import importlib
import logging
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from services.aws import Account
from services.problems import Problem

if TYPE_CHECKING:
    from services.training import TrainingPlan

XGBOOST = "3.2-0"  # image version: runs the XGBoost release that this project installs
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


def image(account: Account) -> str:
    """The URI of the built-in XGBoost image in the account's region."""
    from sagemaker.core import image_uris

    uri: str = image_uris.retrieve("xgboost", account.region, XGBOOST)
    return uri


def trainer(account: Account, plan: "TrainingPlan", hyperparameters: Mapping[str, str]) -> Any:
    """A ModelTrainer for `plan`. Raises Problem when the account has no execution role yet."""
    from sagemaker.core.training.configs import Compute, OutputDataConfig, StoppingCondition
    from sagemaker.train import ModelTrainer

    if not account.role:
        raise Problem(
            f"Launch on {account.title}", "no execution role is set", "Enter the role's ARN on the Settings page"
        )
    return ModelTrainer(
        training_image=image(account),
        role=account.role,
        sagemaker_session=_session(account, account.session()),
        base_job_name=plan.name,
        hyperparameters=dict(hyperparameters),
        input_data_config=_channels(plan),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{account.default_bucket()}/sagedeck/models"),
        compute=Compute(
            instance_type=plan.instance_type, instance_count=plan.instance_count, volume_size_in_gb=plan.volume_gb
        ),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=plan.max_runtime),
    )


def _channels(plan: "TrainingPlan") -> list[Any]:
    from sagemaker.core.training.configs import InputData

    return [
        InputData(channel_name=name, data_source=address, content_type="text/csv")
        for name, address in plan.channels.items()
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
