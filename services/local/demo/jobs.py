"""Training, tuning, transform and processing jobs: most done, some failed, some that someone forgot about."""

from typing import Any

from services.local.demo.account import PROJECTS, DemoAccount, tags
from services.local.demo.data import SEED, s3_uri
from services.local.jobs import training_jobs as training_api
from services.local.protocol.identity import REGION, ROLE
from services.local.store.resources import ResourceType

IMAGE = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-xgboost:3.2-0"
PROCESSING_IMAGE = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
LONG_RUN = "credit-long-run"
# Slow on purpose: on one core a round of this takes about a second, and nobody wants it to end within the allowed time.
SLOW = {
    "num_round": "100000",
    "nthread": "1",
    "num_parallel_tree": "8",
    "max_depth": "8",
    "tree_method": "exact",
    "eta": "0.01",
    "eval_metric": "auc",
}
# Name, owner, instance type, days ago, hyperparameters.
TRAINED: tuple[tuple[str, str, str, float, dict[str, str]], ...] = (
    ("fraud-baseline", "ada", "ml.m5.xlarge", 20, {}),
    ("fraud-weighted", "katherine", "ml.m5.xlarge", 13, {"scale_pos_weight": "20", "max_depth": "4"}),
    ("churn-baseline", "grace", "ml.m5.large", 11.5, {"eta": "0.1"}),
    ("churn-typo", "grace", "ml.m5.large", 11.4, {"max_deph": "5"}),
    ("credit-baseline", "linus", "ml.c5.2xlarge", 6, {"subsample": "0.8"}),
)


def training_jobs(account: DemoAccount) -> None:
    """Those that ended, one for want of its data, and one that waits to begin when the service starts."""
    for name, owner, instance, days, hyperparameters in TRAINED:
        account.ago(days=days)
        account.call("CreateTrainingJob", **_training(name, owner, instance, hyperparameters))
    account.ago(days=14)
    account.call(
        "CreateTrainingJob", **_training("fraud-moved-data", "katherine", "ml.m5.xlarge", {}, "fraud-last-year")
    )
    account.ago(hours=0.4)
    long_run = _training(LONG_RUN, "linus", "ml.m5.2xlarge", SLOW, "credit-history")
    training_api.store(account.service, LONG_RUN, account.validated_request("CreateTrainingJob", **long_run))


def tuning_job(account: DemoAccount) -> None:
    """A tuning job that has found what it looked for."""
    account.ago(days=12)
    training = _training("fraud-tuning", "ada", "ml.m5.xlarge", {})
    definition = {
        member: training[member]
        for member in ("RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "StoppingCondition")
    }
    account.call(
        "CreateHyperParameterTuningJob",
        HyperParameterTuningJobName="fraud-tuning",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "RandomSeed": SEED,
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {
                "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.05", "MaxValue": "0.5"}],
                "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "8"}],
            },
        },
        TrainingJobDefinition={
            **definition,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "StaticHyperParameters": training["HyperParameters"],
        },
        Tags=training["Tags"],
    )


def transform_jobs(account: DemoAccount) -> None:
    """One that scored its table, and one whose table has the label still in it."""
    for name, owner, model, what, days in (
        ("fraud-backfill", "ada", "fraud-champion", "batch", 9),
        ("churn-backfill", "grace", "churn-weekly", "validation", 8),
    ):
        account.ago(days=days)
        account.call(
            "CreateTransformJob",
            TransformJobName=name,
            ModelName=model,
            TransformInput={
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": s3_uri(PROJECTS[owner], f"{what}/")}
                },
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            TransformOutput={"S3OutputPath": s3_uri(PROJECTS[owner], "scores")},
            TransformResources={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
            Tags=tags(owner),
        )


def processing_jobs(account: DemoAccount) -> None:
    """Documents of jobs that nothing here runs: one done, one failed, one that has been running for hours."""
    failure = "AlgorithmError: See job logs for more information"
    _processing(account, "fraud-feature-engineering", "ada", ("ml.m5.xlarge", 1), "Completed", hours=13.2 * 24)
    _processing(account, "churn-explanations", "grace", ("ml.m5.2xlarge", 1), "Failed", 8 * 24, failure)
    _processing(account, "credit-bias-report", "linus", ("ml.m5.4xlarge", 2), "InProgress", hours=7)


def _processing(
    account: DemoAccount,
    name: str,
    owner: str,
    machines: tuple[str, int],
    status: str,
    hours: float,
    reason: str | None = None,
) -> None:
    cluster = {"InstanceType": machines[0], "InstanceCount": machines[1], "VolumeSizeInGB": 30}
    request = account.validated_request(
        "CreateProcessingJob",
        ProcessingJobName=name,
        ProcessingResources={"ClusterConfig": cluster},
        StoppingCondition={"MaxRuntimeInSeconds": 86_400},
        AppSpecification={"ImageUri": PROCESSING_IMAGE},
        RoleArn=ROLE,
        Tags=tags(owner),
    )
    account.ago(hours=hours)
    started = account.calendar() + 180
    document = {**request, "ProcessingJobStatus": "InProgress", "ProcessingStartTime": started}
    account.service.resources.create(ResourceType.PROCESSING_JOB, name, document)
    if status != "InProgress":
        account.calendar.set(started + 1_500)
        with account.service.resources.changing(ResourceType.PROCESSING_JOB, name) as job:
            job |= {"ProcessingJobStatus": status, "ProcessingEndTime": started + 1_500, "FailureReason": reason}


def _training(name: str, owner: str, instance: str, hyperparameters: dict[str, str], data: str = "") -> dict[str, Any]:
    """A CreateTrainingJob request, on the data of the owner's project unless told otherwise."""
    project = PROJECTS[owner]
    data = data or project
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "InputDataConfig": [
            {
                "ChannelName": channel,
                "ContentType": "text/csv",
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": s3_uri(data, f"{channel}/")},
                },
            }
            for channel in ("train", "validation")
        ],
        "OutputDataConfig": {"S3OutputPath": s3_uri(project, "models")},
        "ResourceConfig": {"InstanceType": instance, "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 7_200},
        "HyperParameters": {
            "objective": "binary:logistic",
            "num_round": "150",
            "eval_metric": "auc",
            **hyperparameters,
        },
        "Tags": tags(owner),
    }
