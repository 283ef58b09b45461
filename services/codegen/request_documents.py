"""What SageMaker is asked for by a plan: the same requests that the SDK sends, as documents.

The tests hold them to what the dashboard's own launches ask for.
"""

from collections.abc import Iterable
from typing import Any

from services.aws.account import Account
from services.training.plan import TrainingPlan
from services.tuning import launch as tuning_launch
from services.tuning.plan import TuningPlan
from services.tuning.search_space import Choices, Range, SearchedParameter

Document = dict[str, Any]
# Where a request has the structures that the SDK's tuner takes as arguments.
MEMBERS = {"strategy_config": "StrategyConfig", "completion_criteria_config": "TuningJobCompletionCriteria"}


def training(account: Account, plan: TrainingPlan, image: str, checkpoints: str | None) -> Document:
    """CreateTrainingJob but for the job's name. `checkpoints` is where they are kept, in full."""
    definition = _definition(account, plan, image, checkpoints)
    for channel in definition["InputDataConfig"]:
        if not (plan.sharded and channel["ChannelName"] == "train"):
            channel["InputMode"] = "File"
    return {"HyperParameters": dict(plan.hyperparameters), **definition, **_tags(plan)}


def tuning(account: Account, plan: TuningPlan, image: str) -> Document:
    """CreateHyperParameterTuningJob but for the job's name."""
    structures = {key: _spelled(members) for key, (_, members) in tuning_launch.structures(plan).items()}
    warm_start = structures.pop("warm_start_config", None)
    limits = {"MaxNumberOfTrainingJobs": plan.max_jobs, "MaxParallelTrainingJobs": plan.parallel}
    if plan.stopping.max_runtime is not None:
        limits["MaxRuntimeInSeconds"] = plan.stopping.max_runtime
    kind = "Maximize" if plan.maximise else "Minimize"
    config = {
        "Strategy": plan.strategy,
        "HyperParameterTuningJobObjective": {"Type": kind, "MetricName": plan.objective},
        "ResourceLimits": limits,
        "ParameterRanges": _ranges(plan.ranges),
        "TrainingJobEarlyStoppingType": "Auto" if plan.stopping.early_stopping else "Off",
        **{MEMBERS[key]: members for key, members in structures.items()},
        **({} if plan.seed is None else {"RandomSeed": plan.seed}),
    }
    definition = _definition(account, plan.training, image, plan.training.checkpoints)
    return {
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": {"StaticHyperParameters": plan.fixed, **definition},
        **({"WarmStartConfig": warm_start} if warm_start else {}),
        **_tags(plan.training),
    }


def _definition(account: Account, plan: TrainingPlan, image: str, checkpoints: str | None) -> Document:
    """What a training job and the trials of a tuning job have in common."""
    condition = {"MaxRuntimeInSeconds": plan.max_runtime}
    found: Document = {
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "RoleArn": account.role,
        "InputDataConfig": [_channel(plan, name, address) for name, address in plan.channels.items()],
        "OutputDataConfig": {
            "S3OutputPath": f"s3://{account.default_bucket()}/sagedeck/models",
            "CompressionType": "GZIP",
        },
        "ResourceConfig": {
            "InstanceType": plan.instance_type,
            "InstanceCount": plan.instance_count,
            "VolumeSizeInGB": plan.volume_gb,
        },
        "StoppingCondition": condition,
    }
    if plan.max_wait is not None:
        condition["MaxWaitTimeInSeconds"] = plan.max_wait
        found["EnableManagedSpotTraining"] = True
    if checkpoints is not None:
        found["CheckpointConfig"] = {"S3Uri": checkpoints, "LocalPath": "/opt/ml/checkpoints"}
    return found


def _channel(plan: TrainingPlan, name: str, address: str) -> Document:
    distribution = "ShardedByS3Key" if plan.sharded and name == "train" else "FullyReplicated"
    source = {"S3DataType": "S3Prefix", "S3Uri": address, "S3DataDistributionType": distribution}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "ContentType": "text/csv"}


def _ranges(searched: Iterable[SearchedParameter]) -> Document:
    found: Document = {}
    for each in searched:
        if isinstance(each, Choices):
            member, document = "CategoricalParameterRanges", {"Name": each.name, "Values": list(each.values)}
        else:
            member = f"{'Integer' if each.integer else 'Continuous'}ParameterRanges"
            document = _range(each)
        found.setdefault(member, []).append(document)
    return found


def _range(searched: Range) -> Document:
    low, high = (str(int(end) if searched.integer else end) for end in (searched.low, searched.high))
    return {"Name": searched.name, "MinValue": low, "MaxValue": high, "ScalingType": searched.scaling}


def _tags(plan: TrainingPlan) -> Document:
    return {"Tags": [{"Key": key, "Value": value} for key, value in plan.tags.items()]} if plan.tags else {}


def _spelled(value: Any) -> Any:
    """A structure of the SDK's with its members as the requests spell them: min_resource is MinResource."""
    if isinstance(value, dict):
        return {"".join(map(str.capitalize, name.split("_"))): _spelled(member) for name, member in value.items()}
    return [_spelled(member) for member in value] if isinstance(value, list) else value
