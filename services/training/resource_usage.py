"""What a training job took of its instance, as CloudWatch has it. Reference: SageMaker job metrics, namespace
/aws/sagemaker/TrainingJobs, dimension Host.
"""

from datetime import timedelta

from services import instance_types
from services.aws.account import Account
from services.training.jobs import TrainingJob

MINUTE = timedelta(minutes=1)


def peak_memory(account: Account, job: TrainingJob) -> float | None:
    """GiB that an ended job's first instance held at most; None when nothing was measured. Raises AwsError."""
    room = instance_types.memory(job.instance_type)
    if room is None or job.started is None or job.ended is None:
        return None
    metric = {
        "Namespace": "/aws/sagemaker/TrainingJobs",
        "MetricName": "MemoryUtilization",
        "Dimensions": [{"Name": "Host", "Value": f"{job.name}/algo-1"}],
    }
    found = account.pages(
        "cloudwatch",
        "get_metric_data",
        "MetricDataResults",
        MetricDataQueries=[{"Id": "memory", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}],
        StartTime=job.started - MINUTE,
        EndTime=job.ended + MINUTE,
    )
    percents = [value for result in found for value in result["Values"]]
    return max(percents) / 100 * room if percents else None
