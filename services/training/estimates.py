"""What a training job will probably take, judged by jobs like it that have run. Pure: values in, values out."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.training.jobs import JobStatus, TrainingJob


@dataclass(frozen=True)
class Estimate:
    """The billed seconds one job will probably take, and the earlier job that says so.

    took:   billed seconds of that job.
    rounds: rounds of that job, where `seconds` is scaled because another number is asked for; otherwise None.
    """

    seconds: float
    job: str
    took: float
    rounds: int | None = None


def expected_cost(
    past: Iterable[TrainingJob], data: str, machines: tuple[str, int] | None, rounds: int | None
) -> Estimate | None:
    """The estimate for a job on the data set at the address `data`; None when nothing like it has run.

    machines: instance type and count; None for jobs on any.

    Of completed jobs on the same data and instances, in the order of `past`, the first with as many rounds counts, or
    else the first at all, scaled by rounds: reading the data and starting take a part that does not grow with them,
    so that more rounds take rather less than this, and fewer rather more.
    """
    alike = [
        job
        for job in past
        if job.status is JobStatus.COMPLETED
        and job.channels.get("train", "").startswith(f"{data}/")
        and machines in (None, (job.instance_type, job.instance_count))
        and job.billable_seconds
    ]
    exact = [job for job in alike if rounds is None or job.rounds == rounds]
    if exact:
        took = float(exact[0].billable_seconds or 0)
        return Estimate(took, exact[0].name, took)
    for job in alike:
        if job.rounds and rounds:
            took = float(job.billable_seconds or 0)
            return Estimate(took * rounds / job.rounds, job.name, took, job.rounds)
    return None


def spot_saving(past: Iterable[TrainingJob]) -> float | None:
    """The share of their time that completed spot jobs were not billed for; None when there was none."""
    spot = [job for job in past if job.max_wait is not None and job.status is JobStatus.COMPLETED]
    ran = sum(job.training_seconds or 0 for job in spot)
    billed = sum(job.billable_seconds or 0 for job in spot if job.training_seconds)
    return 1 - billed / ran if ran else None
