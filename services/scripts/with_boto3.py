"""The same steps as scripts that ask SageMaker by boto3, request by request."""

from services.aws import Account
from services.scripts import CREDENTIALS
from services.training import TrainingJob


def deploying(account: Account, job: TrainingJob, endpoint: str, instance_type: str, instance_count: int) -> str:
    """A script that puts a job's model behind an endpoint, waits until it answers, and says how to delete it."""
    return f"""{CREDENTIALS}import boto3

sagemaker = boto3.client("sagemaker", region_name={account.region!r})
sagemaker.create_model(
    ModelName={job.name!r},
    PrimaryContainer={{"Image": {job.image!r}, "ModelDataUrl": {job.model_uri!r}}},
    ExecutionRoleArn={account.role!r},
)
sagemaker.create_endpoint_config(
    EndpointConfigName={endpoint!r},
    ProductionVariants=[{{
        "VariantName": "AllTraffic",
        "ModelName": {job.name!r},
        "InstanceType": {instance_type!r},
        "InitialInstanceCount": {instance_count},
    }}],
)
sagemaker.create_endpoint(EndpointName={endpoint!r}, EndpointConfigName={endpoint!r})
sagemaker.get_waiter("endpoint_in_service").wait(EndpointName={endpoint!r})
# It bills until: sagemaker.delete_endpoint(EndpointName={endpoint!r})
"""
