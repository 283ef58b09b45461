"""Launching a training job through the SageMaker SDK."""

from services.aws import s3
from services.aws.account import Account
from services.aws.s3 import Address
from services.data import shards
from services.errors import Problem
from services.training import sagemaker_sdk
from services.training.plan import TrainingPlan, validate


def launch(account: Account, plan: TrainingPlan) -> str:
    """Start the job and return its name: the plan's and the time of day. Raises Problem, AwsError."""
    validate(plan)
    _check_data(account, plan)
    if plan.sharded:
        shards.cut(account, plan.data, plan.instance_count)
    with account.speaking("sagemaker", "create_training_job"):
        trainer = sagemaker_sdk.trainer(account, plan, plan.hyperparameters)
        trainer.train(wait=False, logs=False)
    name: str = trainer.output_data.split("/")[-3]  # s3://BUCKET/.../JOB/output/output.tar.gz
    return name


def _check_data(account: Account, plan: TrainingPlan) -> None:
    """Raises Problem for data that is gone."""
    if not any(s3.keys(account, Address.parse(plan.data.channel("train")))):
        raise Problem(
            f"Data set {plan.data.name}", "its training files were deleted", "Prepare it again on the Data page"
        )
