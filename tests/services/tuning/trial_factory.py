"""Trials that were never run, for the tests of what is worked out from them."""

from datetime import UTC, datetime, timedelta

from services.training.jobs import JobStatus
from services.tuning.jobs import Trial

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def make_trial(
    number: int,
    value: float | None = None,
    *,
    status: JobStatus = JobStatus.COMPLETED,
    at: float = 0,
    took: float | None = 60,
    **given: object,
) -> Trial:
    """Trial `number`, started `at` seconds after noon; `took` None is one that runs."""
    started = START + timedelta(seconds=at)
    ended = None if took is None else started + timedelta(seconds=took)
    hyperparameters = {name: str(value) for name, value in given.items()}
    return Trial(f"trial-{number}", status, value, hyperparameters, started, ended, None)
