"""A service's folder with more in it than anybody would wait for: copies of jobs that have really run.

Written straight into the database while nobody serves the folder, as `seed-demo` does.
"""

from pathlib import Path
from typing import Any

import numpy as np

from services.local.jobs.tuning_run import progress
from services.local.service import Service, open_service
from services.local.store.resources import Document, ResourceType, arn


def multiply(folder: Path, original: str, names: list[str]) -> None:
    """Store copies of a training job under other `names`."""
    resources = open_service(folder).resources
    document = resources.get(ResourceType.TRAINING_JOB, original)
    del document["TrainingJobName"], document["TrainingJobArn"]
    for name in names:
        resources.create(ResourceType.TRAINING_JOB, name, dict(document))


def prolong(folder: Path, original: str, name: str, trials: int) -> None:
    """Store a copy of a tuning job under another name, with so many trials: copies of its own that tried and scored
    something else.
    """
    service = open_service(folder)
    job = service.resources.get(ResourceType.TUNING_JOB, original)
    known, random = service.resources.children(ResourceType.TRAINING_JOB, original), np.random.default_rng(trials)
    for number in range(trials):
        child = _another(known[number % len(known)], name, number, random)
        service.resources.create(ResourceType.TRAINING_JOB, child["TrainingJobName"], child, parent=name)
        _copy_log(service, known[number % len(known)]["TrainingJobName"], child["TrainingJobName"])
    del job["HyperParameterTuningJobName"], job["HyperParameterTuningJobArn"]
    children = service.resources.children(ResourceType.TRAINING_JOB, name)
    service.resources.create(ResourceType.TUNING_JOB, name, job | progress(children, maximise=True, inherited=None))


def _another(known: Document, job: str, number: int, random: np.random.Generator) -> Document:
    """The `number`th trial of `job`: one of a known trial's length, four at a time."""
    tuned = {
        key: f"{random.integers(1, 11)}" if value.isdigit() else f"{random.uniform():.6f}"
        for key, value in known["TunedHyperParameters"].items()
    }
    name, later = f"{job}-{number + 1:03d}-{number:08x}", 2.0 * (number // 4)
    scores = [{**each, "Value": each["Value"] - random.exponential(0.02)} for each in known["FinalMetricDataList"]]
    times = ("CreationTime", "TrainingStartTime", "TrainingEndTime", "LastModifiedTime")
    moved: dict[str, Any] = {each: known[each] + later for each in times}
    changed = {"FinalMetricDataList": scores, "TunedHyperParameters": tuned, "TrainingJobName": name, **moved}
    return {
        **known,
        **changed,
        "HyperParameters": known["HyperParameters"] | tuned,
        "TrainingJobArn": arn(ResourceType.TRAINING_JOB, name),
        "TuningJobArn": arn(ResourceType.TUNING_JOB, job),
    }


def _copy_log(service: Service, known: str, name: str) -> None:
    with service.database.writing(journaled=False) as connection:
        connection.execute(
            "INSERT INTO log_events (log_group, stream, timestamp, message) "
            "SELECT log_group, replace(stream, ?, ?), timestamp, message FROM log_events "
            "WHERE log_group = '/aws/sagemaker/TrainingJobs' AND stream >= ? AND stream < ?",
            (known, name, f"{known}/", f"{known}0"),
        )
