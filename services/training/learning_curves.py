"""Learning curves of several training jobs at once, from their logs."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from services.aws.account import Account
from services.training import jobs as training_jobs
from services.training.jobs import LearningCurve

AT_ONCE = 5


def read(account: Account, names: Sequence[str], now: datetime) -> dict[str, LearningCurve]:
    """The curve of each job by its name, as logged until `now`. Raises AwsError."""

    def of(name: str) -> LearningCurve:
        return training_jobs.learning_curve(training_jobs.log_lines(account, name, now))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return dict(zip(names, threads.map(of, names), strict=True))
