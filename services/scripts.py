"""The same steps as short scripts that run as they stand: what an analyst would write in a notebook.

They run where AWS credentials are set; for this computer, `eval "$(python -m services.local env)"` sets them.
"""

from textwrap import indent

from services import shards
from services.aws import Account
from services.sdk import XGBOOST
from services.training import TrainingJob, TrainingPlan
from services.tuning import TuningPlan

CREDENTIALS = '# Needs AWS credentials in the environment; for this computer: eval "$(python -m services.local env)"\n'


def training(account: Account, plan: TrainingPlan) -> str:
    """A script that launches `plan` and waits for it."""
    return f"""{CREDENTIALS}from sagemaker.core import image_uris
{_trainer(account, plan)}
trainer.train(wait=True)
"""


def tuning(account: Account, plan: TuningPlan) -> str:
    """A script that launches the tuning job and waits for it."""
    ranges = "".join(
        f"    {each.name!r}: IntegerParameter({int(each.low)}, {int(each.high)}),\n"
        if each.integer
        else f"    {each.name!r}: ContinuousParameter({each.low!r}, {each.high!r}),\n"
        for each in plan.ranges
    )
    return f"""{CREDENTIALS}from sagemaker.core import image_uris
from sagemaker.core.parameter import ContinuousParameter, IntegerParameter
from sagemaker.train.tuner import HyperparameterTuner
{_trainer(account, plan.training)}
ranges = {{
{ranges}}}
tuner = HyperparameterTuner(
    model_trainer=trainer,
    objective_metric_name={plan.objective!r},
    objective_type={"Maximize" if plan.maximise else "Minimize"!r},
    hyperparameter_ranges=ranges,
    strategy={plan.strategy!r},
    max_jobs={plan.max_jobs},
    max_parallel_jobs={plan.parallel},
)
tuner.tune(inputs=trainer.input_data_config, job_name={plan.training.name!r}, wait=True)
"""


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


def _trainer(account: Account, plan: TrainingPlan) -> str:
    hyperparameters = "{\n" + indent(
        "".join(f"{name!r}: {value!r},\n" for name, value in plan.hyperparameters.items()), "        "
    )
    names = ["Compute", "InputData", "OutputDataConfig", "StoppingCondition", *_names(plan)]
    spot, wait = "", ""
    if plan.max_wait is not None:
        spot, wait = ", enable_managed_spot_training=True", f", max_wait_time_in_seconds={plan.max_wait}"
    return f"""from sagemaker.core.helper.session_helper import Session
from sagemaker.core.training.configs import {", ".join(sorted(names))}
from sagemaker.train import ModelTrainer
{_cutting(account, plan) if plan.sharded else ""}
trainer = ModelTrainer(
    training_image=image_uris.retrieve("xgboost", {account.region!r}, {XGBOOST!r}),
    role={account.role!r},
    sagemaker_session=Session(default_bucket={account.default_bucket()!r}),
    base_job_name={plan.name!r},
    hyperparameters={hyperparameters}    }},
    input_data_config=[
{_channels(plan)}    ],
    output_data_config=OutputDataConfig(s3_output_path="s3://{account.default_bucket()}/sagedeck/models"),
    compute=Compute(instance_type={plan.instance_type!r}, instance_count={plan.instance_count}{spot}),
    stopping_condition=StoppingCondition(max_runtime_in_seconds={plan.max_runtime}{wait}),
{_extras(plan)})
"""


def _cutting(account: Account, plan: TrainingPlan) -> str:
    """The training rows into a file an instance, every so many-th row into the same."""
    whole, parts, count = plan.data.file("train"), shards.address(plan.data, plan.instance_count), plan.instance_count
    return f"""
import boto3

s3 = boto3.client("s3", region_name={account.region!r})
rows = s3.get_object(Bucket={whole.bucket!r}, Key={whole.key!r})["Body"].read().splitlines(keepends=True)
for part in range({count}):
    body = b"".join(rows[part::{count}])
    s3.put_object(Bucket={parts.bucket!r}, Key=f"{parts.key}/part-{{part}}.csv", Body=body)
"""


def _names(plan: TrainingPlan) -> list[str]:
    """What the script imports beside the usual."""
    asked = {"CheckpointConfig": plan.checkpoints is not None, "S3DataSource": plan.sharded, "Tag": bool(plan.tags)}
    return [name for name, needed in asked.items() if needed]


def _channels(plan: TrainingPlan) -> str:
    sources = {name: repr(source) for name, source in plan.channels.items()}
    if plan.sharded:
        sources["train"] = (
            f'S3DataSource(s3_data_type="S3Prefix", s3_uri={sources["train"]}, '
            's3_data_distribution_type="ShardedByS3Key")'
        )
    return "".join(
        f'        InputData(channel_name={split!r}, data_source={source}, content_type="text/csv"),\n'
        for split, source in sources.items()
    )


def _extras(plan: TrainingPlan) -> str:
    """The arguments of ModelTrainer that most jobs do without."""
    text = ""
    if plan.checkpoints is not None:
        text += (
            f"    checkpoint_config=CheckpointConfig({f's3_uri={plan.checkpoints!r}' if plan.checkpoints else ''}),\n"
        )
    if plan.tags:
        tags = ", ".join(f"Tag(key={key!r}, value={value!r})" for key, value in plan.tags.items())
        text += f"    tags=[{tags}],\n"
    return text
