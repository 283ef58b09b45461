"""Starting: CreateTrainingJob to the first line that the training process prints, with the service warm."""

import time
from statistics import median

from tests.local import making
from tests.running import LocalService

JOBS = 7
GROUP = "/aws/sagemaker/TrainingJobs"


def seconds_to_first_line(local: LocalService) -> float:
    """Median over jobs on little data; the first job, which may still wait for the libraries, does not count."""
    data = making.put_data(local)
    return median([_once(local, data) for _ in range(JOBS + 1)][1:])


def _once(local: LocalService, data: str) -> float:
    name, logs = making.unique("starting"), local.client("logs")
    began = time.time()
    local.client("sagemaker").create_training_job(**making.training_request(name, data))
    making.ended(local, name)
    [stream] = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
    first: int = stream["firstEventTimestamp"]
    return first / 1000 - began
