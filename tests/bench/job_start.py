"""Starting: CreateTrainingJob to the first line that the training process prints, with the service warm."""

import time
from statistics import median
from typing import Any

from tests.local import factories
from tests.local_service import LocalService

JOBS = 7
POLL = 0.2  # seconds; seldom, so as not to be in the way of what is measured
GROUP = "/aws/sagemaker/TrainingJobs"


def seconds_to_first_line(local: LocalService) -> float:
    """Median over jobs on little data; the first job, which may still wait for the libraries, does not count."""
    data, sagemaker, logs = factories.put_data(local), local.client("sagemaker"), local.client("logs")
    return median([_once(sagemaker, logs, data) for _ in range(JOBS + 1)][1:])


def _once(sagemaker: Any, logs: Any, data: str) -> float:
    name = factories.unique("starting")
    began = time.time()
    sagemaker.create_training_job(**factories.training_request(name, data))
    while sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "InProgress":
        time.sleep(POLL)
    [stream] = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
    first: int = stream["firstEventTimestamp"]
    return first / 1000 - began
