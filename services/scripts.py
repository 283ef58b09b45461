"""The same steps as short scripts that run as they stand: what an analyst would write in a notebook.

They run where AWS credentials are set; for this computer, `eval "$(python -m services.local env)"` sets them.
"""

from dataclasses import replace
from textwrap import indent

from services import tuning_plan
from services.aws import Account
from services.prepared import TOGETHER
from services.sdk import XGBOOST
from services.search_space import Choices, Searched
from services.training import TrainingJob, TrainingPlan
from services.tuning import BASELINE
from services.tuning_plan import TuningPlan

CREDENTIALS = '# Needs AWS credentials in the environment; for this computer: eval "$(python -m services.local env)"\n'
TRAINER = """\
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig, StoppingCondition
from sagemaker.train import ModelTrainer
"""


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
    lines = _trainer(account, plan.baseline, "baseline", imports="") if isinstance(plan.baseline, TrainingPlan) else ""
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


def _trainer(account: Account, plan: TrainingPlan, variable: str = "trainer", imports: str = TRAINER) -> str:
    hyperparameters = "{\n" + indent(
        "".join(f"{name!r}: {value!r},\n" for name, value in plan.hyperparameters.items()), "        "
    )
    channels = "".join(
        f'        InputData(channel_name={name!r}, data_source={address!r}, content_type="text/csv"),\n'
        for name, address in plan.channels.items()
    )
    return f"""{imports}
{variable} = ModelTrainer(
    training_image=image_uris.retrieve("xgboost", {account.region!r}, {XGBOOST!r}),
    role={account.role!r},
    sagemaker_session=Session(default_bucket={account.default_bucket()!r}),
    base_job_name={plan.name!r},
    hyperparameters={hyperparameters}    }},
    input_data_config=[
{channels}    ],
    output_data_config=OutputDataConfig(s3_output_path="s3://{account.default_bucket()}/sagedeck/models"),
    compute=Compute(instance_type={plan.instance_type!r}, instance_count={plan.instance_count}),
    stopping_condition=StoppingCondition(max_runtime_in_seconds={plan.max_runtime}),
)
"""
