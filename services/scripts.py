"""The same steps as short scripts that run as they stand: what an analyst would write in a notebook.

They run where AWS credentials are set; for this computer, `eval "$(python -m services.local env)"` sets them.
"""

from dataclasses import replace
from textwrap import indent

from services import shards, tuning_plan
from services.aws import Account
from services.prepared import TOGETHER
from services.search_space import Choices, Searched
from services.training import TrainingJob, TrainingPlan
from services.tuning import BASELINE
from services.tuning_plan import TuningPlan

CREDENTIALS = '# Needs AWS credentials in the environment; for this computer: eval "$(python -m services.local env)"\n'


def training(account: Account, plan: TrainingPlan) -> str:
    """A script that launches `plan` and waits for it."""
    return f"""{CREDENTIALS}from sagemaker.core import image_uris
{_trainer(account, plan)}
trainer.train(wait=True)
"""


def training_together(account: Account, plan: TrainingPlan) -> str:
    """A script that copies the train and validation rows together, launches `plan` on them and waits for it."""
    target, copies = plan.data.address / TOGETHER, ""
    for split in ("train", "validation"):
        source = {"Bucket": plan.data.address.bucket, "Key": plan.data.file(split).key}
        copies += f"s3.copy({source!r}, {target.bucket!r}, {f'{target.key}/{split}.csv'!r})\n"
    return f"""{CREDENTIALS}import boto3
from sagemaker.core import image_uris
{_trainer(account, plan)}
s3 = boto3.client("s3", region_name={account.region!r})
{copies}trainer.train(wait=True)
"""


def tuning(account: Account, plan: TuningPlan) -> str:
    """A script that launches the tuning job, its baseline beside it, and waits for it."""
    ending, structures = plan.ending, tuning_plan.structures(plan)
    optional = {
        "max_runtime_in_seconds": ending.max_runtime,
        "early_stopping_type": "Auto" if ending.early_stopping else None,
        "random_seed": plan.seed,
    }
    more = [f"    {name}={value!r},\n" for name, value in optional.items() if value is not None]
    more += [f"    {name}={kind}(**{members!r}),\n" for name, (kind, members) in structures.items()]
    shapes = sorted(kind for kind, _ in structures.values())
    imported = f"from sagemaker.core.shapes import {', '.join(shapes)}\n" if shapes else ""
    ranges = [_parameter(each) for each in plan.ranges]
    kinds = sorted({text.partition("(")[0] for text in ranges})
    written = "".join(f"    {each.name!r}: {text},\n" for each, text in zip(plan.ranges, ranges, strict=True))
    return f"""{CREDENTIALS}from sagemaker.core import image_uris
from sagemaker.core.parameter import {", ".join(kinds)}
{imported}from sagemaker.train.tuner import HyperparameterTuner
{_trainer(account, replace(plan.training, hyperparameters=plan.fixed))}
ranges = {{
{written}}}
tuner = HyperparameterTuner(
    model_trainer=trainer,
    objective_metric_name={plan.objective!r},
    objective_type={"Maximize" if plan.maximise else "Minimize"!r},
    hyperparameter_ranges=ranges,
    strategy={plan.strategy!r},
    max_jobs={plan.max_jobs},
    max_parallel_jobs={plan.parallel},
{"".join(more)})
tuner.tune(inputs=trainer.input_data_config, job_name={plan.training.name!r}, wait=False)
{_baseline(account, plan)}tuner.wait()
"""


def _parameter(searched: Searched) -> str:
    if isinstance(searched, Choices):
        return f"CategoricalParameter({list(searched.values)!r})"
    kind = "IntegerParameter" if searched.integer else "ContinuousParameter"
    low, high = (int(end) if searched.integer else end for end in (searched.low, searched.high))
    return f"{kind}({low!r}, {high!r}, {searched.scaling!r})"


def _baseline(account: Account, plan: TuningPlan) -> str:
    """The lines that launch what the search is measured against, and note it on the tuning job."""
    if not plan.baseline:
        return ""
    launched = not isinstance(plan.baseline, str)
    name = "baseline._latest_training_job.training_job_name" if launched else repr(plan.baseline)
    lines = (
        _trainer(account, plan.baseline, "baseline", imported=True) if isinstance(plan.baseline, TrainingPlan) else ""
    )
    train = "baseline.train(wait=False, logs=False)\n" if launched else ""
    return f"""{lines}{train}
import boto3

sagemaker = boto3.client("sagemaker", region_name={account.region!r})
job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName={plan.training.name!r})
tags = [{{"Key": {BASELINE!r}, "Value": {name}}}]
sagemaker.add_tags(ResourceArn=job["HyperParameterTuningJobArn"], Tags=tags)
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


def _trainer(account: Account, plan: TrainingPlan, variable: str = "trainer", imported: bool = False) -> str:
    hyperparameters = "{\n" + indent(
        "".join(f"{name!r}: {value!r},\n" for name, value in plan.hyperparameters.items()), "        "
    )
    framework, version = plan.algorithm.image
    names = ["Compute", "InputData", "OutputDataConfig", "StoppingCondition", *_names(plan)]
    spot, wait = "", ""
    if plan.max_wait is not None:
        spot, wait = ", enable_managed_spot_training=True", f", max_wait_time_in_seconds={plan.max_wait}"
    imports = f"""from sagemaker.core.helper.session_helper import Session
from sagemaker.core.training.configs import {", ".join(sorted(names))}
from sagemaker.train import ModelTrainer
"""
    return f"""{"" if imported else imports}{_cutting(account, plan) if plan.sharded else ""}
{variable} = ModelTrainer(
    training_image=image_uris.retrieve({framework!r}, {account.region!r}, {version!r}),
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
