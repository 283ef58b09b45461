"""Training and tuning as scripts that launch through the SageMaker SDK, as the dashboard itself does."""

from dataclasses import replace

from services.aws.account import Account
from services.codegen import training_rows
from services.codegen.credentials import CREDENTIALS
from services.codegen.python_source import literal
from services.training.plan import TrainingPlan
from services.tuning import launch as tuning_launch
from services.tuning import search_presets
from services.tuning.jobs import BASELINE
from services.tuning.plan import TuningPlan
from services.tuning.search_space import Choices, SearchedParameter


def training(account: Account, plan: TrainingPlan) -> str:
    """A script that launches `plan` and waits for it."""
    before = training_rows.before(account, plan)
    boto3 = "import boto3\n" if before else ""
    return f"""{CREDENTIALS}{boto3}{trainer(account, plan)}{before}
trainer.train(wait=True)
"""


def tuning(account: Account, plan: TuningPlan) -> str:
    """A script that launches the tuning job, its baseline beside it, and waits for it."""
    boto3 = "import boto3\n" if plan.baseline else ""
    return f"{CREDENTIALS}{boto3}{search(account, plan)}{_baseline(account, plan)}tuner.wait()\n"


def search(account: Account, plan: TuningPlan, imported: bool = False) -> str:
    """The lines that launch the tuning job, which is then `tuner`; `imported` if a trainer stands above them."""
    ending, structures = plan.stopping, tuning_launch.structures(plan)
    optional = {
        "max_runtime_in_seconds": ending.max_runtime,
        "early_stopping_type": "Auto" if ending.early_stopping else "Off",
        "random_seed": plan.seed,
    }
    more = [f"    {name}={literal(value)},\n" for name, value in optional.items() if value is not None]
    more += [f"    {name}=shapes.{kind}(**{literal(members, 1)}),\n" for name, (kind, members) in structures.items()]
    shapes = "from sagemaker.core import shapes\n" if structures else ""
    ranges = [_parameter(each) for each in plan.ranges]
    kinds = sorted({text.partition("(")[0] for text in ranges})
    written = "".join(f"    {literal(each.name)}: {text},\n" for each, text in zip(plan.ranges, ranges, strict=True))
    job = replace(plan.training, hyperparameters=plan.fixed)
    named = search_presets.name_of(plan.training.algorithm, plan.ranges)
    parameters = f"from sagemaker.core.parameter import {', '.join(kinds)}\n" if kinds else ""
    return f"""{shapes}{parameters}from sagemaker.train.tuner import HyperparameterTuner
{trainer(account, job, imported=imported)}
ranges = {{{f"  # {named}" if named else ""}
{written}}}
tuner = HyperparameterTuner(
    model_trainer=trainer,
    objective_metric_name={literal(plan.objective)},
    objective_type={literal("Maximize" if plan.maximise else "Minimize")},
    hyperparameter_ranges=ranges,
    strategy={literal(plan.strategy)},
    max_jobs={plan.max_jobs},
    max_parallel_jobs={plan.parallel},
{"".join(more)})
tuner.tune(inputs=trainer.input_data_config, job_name={literal(plan.training.name)}, wait=False)
"""


def _parameter(searched: SearchedParameter) -> str:
    if isinstance(searched, Choices):
        return f"CategoricalParameter({literal(list(searched.values))})"
    kind = "IntegerParameter" if searched.integer else "ContinuousParameter"
    low, high = (int(end) if searched.integer else end for end in (searched.low, searched.high))
    return f"{kind}({low!r}, {high!r}, {literal(searched.scaling)})"


def _baseline(account: Account, plan: TuningPlan) -> str:
    """The lines that launch what the search is measured against, and note it on the tuning job."""
    if not plan.baseline:
        return ""
    name, lines = literal(plan.baseline), ""
    if isinstance(plan.baseline, TrainingPlan):
        name = 'baseline.output_data.split("/")[-3]'  # s3://.../JOB/output/output.tar.gz
        launch = trainer(account, plan.baseline, "baseline", imported=True)
        lines = f"""{launch}{training_rows.before(account, plan.baseline)}
baseline.train(wait=False, logs=False)
"""
    return f"""{lines}
sagemaker = boto3.client("sagemaker", region_name={literal(account.region)})
job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName={literal(plan.training.name)})
tags = [{{"Key": {literal(BASELINE)}, "Value": {name}}}]
sagemaker.add_tags(ResourceArn=job["HyperParameterTuningJobArn"], Tags=tags)

"""


def trainer(account: Account, plan: TrainingPlan, variable: str = "trainer", imported: bool = False) -> str:
    """The lines that say what a training job is, as a ModelTrainer in `variable`; with imports unless `imported`."""
    framework, version = plan.algorithm.image
    names = ["Compute", "InputData", "OutputDataConfig", "StoppingCondition", *_names(plan)]
    spot, wait, models = "", "", f"s3://{account.default_bucket()}/sagedeck/models"
    if plan.max_wait is not None:
        spot, wait = ",\n        enable_managed_spot_training=True", f", max_wait_time_in_seconds={plan.max_wait}"
    imports = f"""from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.training.configs import {", ".join(sorted(names))}
from sagemaker.train import ModelTrainer
"""
    return f"""{"" if imported else imports}
{variable} = ModelTrainer(
    training_image=image_uris.retrieve({literal(framework)}, {literal(account.region)}, {literal(version)}),
    role={literal(account.role)},
    sagemaker_session=Session(default_bucket={literal(account.default_bucket())}),
    base_job_name={literal(plan.name)},
    hyperparameters={literal(dict(plan.hyperparameters), 1)},
    input_data_config=[
{_channels(plan)}    ],
    output_data_config=OutputDataConfig(s3_output_path={literal(models)}),
    compute=Compute(
        instance_type={literal(plan.instance_type)},
        instance_count={plan.instance_count},
        volume_size_in_gb={plan.volume_gb}{spot},
    ),
    stopping_condition=StoppingCondition(max_runtime_in_seconds={plan.max_runtime}{wait}),
{_extras(plan)})
"""


def _names(plan: TrainingPlan) -> list[str]:
    """What the script imports beside the usual."""
    asked = {"CheckpointConfig": plan.checkpoints is not None, "S3DataSource": plan.sharded, "Tag": bool(plan.tags)}
    return [name for name, needed in asked.items() if needed]


def _channels(plan: TrainingPlan) -> str:
    sources = {name: literal(source) for name, source in plan.channels.items()}
    if plan.sharded:
        sources["train"] = f"""S3DataSource(
                s3_data_type="S3Prefix",
                s3_uri={sources["train"]},
                s3_data_distribution_type="ShardedByS3Key",
            )"""
    return "".join(
        f"""\
        InputData(
            channel_name={literal(split)},
            data_source={source},
            content_type="text/csv",
        ),
"""
        for split, source in sources.items()
    )


def _extras(plan: TrainingPlan) -> str:
    """The arguments of ModelTrainer that most jobs do without."""
    text = ""
    if plan.checkpoints is not None:
        address = f"s3_uri={literal(plan.checkpoints)}" if plan.checkpoints else ""
        text += f"    checkpoint_config=CheckpointConfig({address}),\n"
    if plan.tags:
        tags = ", ".join(f"Tag(key={literal(key)}, value={literal(value)})" for key, value in plan.tags.items())
        text += f"    tags=[{tags}],\n"
    return text
