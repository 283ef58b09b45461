"""Several training jobs beside each other: where their settings differ, and what came of it. Pure."""

from collections.abc import Sequence

from services.pricing.price_book import PriceBook
from services.training.jobs import TrainingJob


def differing_settings(jobs: Sequence[TrainingJob]) -> dict[str, list[str]]:
    """Every setting that is not the same in all `jobs`, with its value in each; "" where a job does not set it."""
    every = [_settings(job) for job in jobs]
    names = dict.fromkeys(name for settings in every for name in settings)
    values = {name: [settings.get(name, "") for settings in every] for name in names}
    return {name: given for name, given in values.items() if len(set(given)) > 1}


def metrics(jobs: Sequence[TrainingJob]) -> dict[str, list[float | None]]:
    """Final metrics of each job, validation's first; None where a job has not measured one."""
    names = dict.fromkeys(name for job in jobs for name in job.metrics if name.partition(":")[0] in SPLITS)
    ordered = sorted(names, key=lambda name: not name.startswith("validation:"))
    return {name: [job.metrics.get(name) for job in jobs] for name in ordered}


SPLITS = ("train", "validation")


def cost(job: TrainingJob, book: PriceBook) -> float | None:
    """What an ended job has cost by the prices of `book`; None while it runs, and for an unknown price."""
    rate = book.usd_per_hour(job.instance_type, "Training")
    if rate is None or job.billable_seconds is None:
        return None
    return rate * job.instance_count * job.billable_seconds / 3600


def _settings(job: TrainingJob) -> dict[str, str]:
    return {
        **dict(sorted(job.hyperparameters.items())),
        **{f"data: {channel}": uri for channel, uri in job.channels.items()},
        "instances": f"{job.instance_count} × {job.instance_type}",
        "time limit (minutes)": f"{job.max_runtime / 60:g}",
        "spot": "yes" if job.max_wait is not None else "no",
        "image": job.image.rpartition("/")[2],
    }
