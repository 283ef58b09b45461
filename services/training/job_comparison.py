"""Several training jobs beside each other: where their settings differ, and what came of it. Pure."""

from collections.abc import Sequence

from services.algorithms import catalogue
from services.training.jobs import TrainingJob


def differing_settings(jobs: Sequence[TrainingJob]) -> dict[str, list[str]]:
    """Every setting that is not the same in all `jobs`, with its value in each; "" where a job does not set it."""
    every = [_settings(job) for job in jobs]
    names = dict.fromkeys(name for settings in every for name in settings)
    values = {name: [settings.get(name, "") for settings in every] for name in names}
    return {name: given for name, given in values.items() if len(set(given)) > 1}


def metrics(jobs: Sequence[TrainingJob]) -> dict[str, list[float | None]]:
    """Final metrics of each job that can be compared, validation's first; None where a job has not measured one."""
    names = dict.fromkeys(name for job in jobs for name in job.metrics if name.partition(":")[0] in SPLITS)
    compared = [name for name in names if name not in different_thresholds(jobs)]
    ordered = sorted(compared, key=lambda name: not name.startswith("validation:"))
    return {name: [job.metrics.get(name) for job in jobs] for name in ordered}


SPLITS = ("train", "validation")


def different_thresholds(jobs: Sequence[TrainingJob]) -> list[str]:
    """Final metrics that several jobs have, but not counted at one known threshold: no job is better by them."""

    def fixed(job: TrainingJob) -> bool:
        return job.algorithm is not None and not job.algorithm.chooses_threshold

    having = {name: [job for job in jobs if name in job.metrics] for job in jobs for name in job.metrics}
    return [
        name
        for name, measured in having.items()
        if name.partition(":")[0] in SPLITS and catalogue.needs_threshold(name)
        if len(measured) > 1 and not all(map(fixed, measured))
    ]


def _settings(job: TrainingJob) -> dict[str, str]:
    return {
        **dict(sorted(job.hyperparameters.items())),
        **{f"data: {channel}": uri for channel, uri in job.channels.items()},
        "instances": f"{job.instance_count} × {job.instance_type}",
        "time limit (minutes)": f"{job.max_runtime / 60:g}",
        "spot": "yes" if job.max_wait is not None else "no",
        "image": job.image.rpartition("/")[2],
    }
