"""Prepared data, plans and ended jobs on a running local service, for the tests of what launches and what asks."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from services.algorithms.linear_learner import LINEAR_LEARNER
from services.aws.account import Account
from services.data import prepare as data_preparation
from services.data.prepared_data import PreparedData
from services.training import jobs as training_jobs
from services.training import launch as training_launch
from services.training import plan as training_plan
from services.training import presets
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan
from tests.local.factories import unique
from tests.local_service import eventually

WHEN = datetime(2026, 11, 24, 12, tzinfo=UTC)


def make_data(account: Account, name: str | None = None, rows: int = 400, weighted: bool = False) -> PreparedData:
    """A prepared set whose first feature tells something about its classes, no and yes."""
    random = np.random.default_rng(rows)
    frame = pd.DataFrame(random.normal(size=(rows, 3)).round(6), columns=["size", "age", "weight"])
    frame["ill"] = np.where(frame["size"] + random.normal(size=rows) / 2 > 0.8, "yes", "no")
    return data_preparation.prepare(
        account,
        frame,
        name=name or unique("cells"),
        source="a test",
        target="ill",
        positive="yes",
        now=WHEN,
        progress=lambda done, total: None,
        weighted=weighted,
    )


def make_plan(data: PreparedData, **given: str) -> TrainingPlan:
    """The guide's settings on `data`, with `given` hyperparameters instead of its own; no two share a name."""
    return TrainingPlan(unique(data.name), data, {**training_plan.TUTORIAL_SETTINGS, **given}, "ml.m4.xlarge", 1, 600)


def make_linear_plan(data: PreparedData, **given: str) -> TrainingPlan:
    """Linear Learner's usual settings on `data`, with `given` hyperparameters instead of its own."""
    usual = presets.usual(LINEAR_LEARNER, data)
    return TrainingPlan(unique(data.name), data, {**usual, **given}, "ml.m4.xlarge", 1, 600, algorithm=LINEAR_LEARNER)


def ended(account: Account, name: str) -> TrainingJob:
    """The training job once it has ended."""

    def look() -> TrainingJob | None:
        job = training_jobs.describe(account, name)
        return None if job.status.active else job

    job: TrainingJob = eventually(look)
    return job


def make_model(account: Account, data: PreparedData | None = None, **given: str) -> TrainingJob:
    """A completed training job."""
    return completed(account, make_plan(data or make_data(account), **{"num_round": "5", **given}))


def completed(account: Account, plan: TrainingPlan) -> TrainingJob:
    """The training job of a plan, completed."""
    job = ended(account, training_launch.launch(account, plan))
    assert job.status == "Completed", job.failure
    return job
