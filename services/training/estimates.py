"""What a training job will probably take, told from jobs like it that have run. Pure: values in, values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from services.training.jobs import JobStatus, TrainingJob


@dataclass(frozen=True)
class Estimate:
    """The billed seconds one job will probably take: the median of `jobs` earlier ones.

    scaled: whether those had other numbers of rounds, and each was scaled to as many as are asked for.
    """

    seconds: float
    jobs: int
    scaled: bool = False


def expected_cost(
    past: Iterable[TrainingJob], data: str, machines: tuple[str, int] | None, rounds: int | None
) -> Estimate | None:
    """The estimate for a job on the data set at the address `data`; None when nothing like it has run.

    machines: instance type and count; None for jobs on any.

    Of completed jobs on the same data and instances, all with as many rounds count, or else all, scaled by rounds:
    reading the data and starting take a part that does not grow with them, so that more rounds take rather less than
    this, and fewer rather more. The median, so that one odd job does not move it.
    """
    alike = [
        (job.billable_seconds, job.rounds)
        for job in past
        if job.status is JobStatus.COMPLETED
        and job.channels.get("train", "").startswith(f"{data}/")
        and machines in (None, (job.instance_type, job.instance_count))
        and job.billable_seconds
    ]
    exact = [float(seconds) for seconds, of_job in alike if rounds is None or of_job == rounds]
    if exact:
        return Estimate(median(exact), len(exact))
    scaled = [seconds * rounds / of_job for seconds, of_job in alike if of_job and rounds]
    return Estimate(median(scaled), len(scaled), scaled=True) if scaled else None


def spot_saving(past: Iterable[TrainingJob]) -> float | None:
    """The share of their time that completed spot jobs were not billed for; None when there was none."""
    spot = [job for job in past if job.max_wait is not None and job.status is JobStatus.COMPLETED]
    ran = sum(job.training_seconds or 0 for job in spot)
    billed = sum(job.billable_seconds or 0 for job in spot if job.training_seconds)
    return 1 - billed / ran if ran else None
