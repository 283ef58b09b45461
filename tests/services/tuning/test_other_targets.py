"""Several classes and a number, from the table to a trained and a tuned model, by real jobs."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST
from services.aws.account import Account
from services.data import prepare as data_preparation
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.training import presets
from services.training.plan import TrainingPlan
from services.tuning import jobs as tuning_jobs
from services.tuning import launch as tuning_launch
from services.tuning import launch_warnings
from services.tuning.plan import TuningPlan
from services.tuning.search_space import Range
from tests.local.factories import unique
from tests.services.training_factory import WHEN, completed
from tests.services.tuning.test_tuning import ended as search_ended

pytestmark = pytest.mark.slow
RANDOM = np.random.default_rng(2)
ROWS = 500
SHORT = {"num_round": "20", "nthread": "1"}  # threads that wait for each other take minutes on a busy machine


@pytest.fixture(scope="module", params=[TargetKind.CLASSES, TargetKind.NUMBER])
def prepared(request: pytest.FixtureRequest, account: Account) -> PreparedData:
    """A set of three classes, and one of numbers."""
    frame = pd.DataFrame(RANDOM.normal(size=(ROWS, 3)).round(6), columns=["size", "age", "weight"])
    value = frame["size"] * 3 + RANDOM.normal(size=ROWS)
    frame["y"] = value if request.param is TargetKind.NUMBER else np.digitize(value, [-2, 2])
    if request.param is TargetKind.CLASSES:
        frame["y"] = frame["y"].map({0: "poor", 1: "fair", 2: "good"})
    when: datetime = WHEN
    return data_preparation.prepare(
        account,
        frame,
        name=unique("wine"),
        source="a test",
        target="y",
        positive=None,
        now=when,
        progress=lambda done, total: None,
    )


def make_plan(data: PreparedData, given: Any, **more: Any) -> TrainingPlan:
    return TrainingPlan(unique(data.name), data, dict(given), "ml.m4.xlarge", 1, 600, **more)


def test_what_was_prepared_comes_back_whole(account: Account, prepared: PreparedData) -> None:
    assert prepared_data.load(account, prepared.name) == prepared
    assert prepared.classes == (() if prepared.kind is TargetKind.NUMBER else ("fair", "good", "poor"))


def test_every_preset_of_xgboost_trains_and_beats_guessing(account: Account, prepared: PreparedData) -> None:
    for preset in presets.presets(XGBOOST, prepared):
        job = completed(account, make_plan(prepared, {**preset.hyperparameters, **SHORT}))
        metric, guessing = (
            ("validation:rmse", 3.2) if prepared.kind is TargetKind.NUMBER else ("validation:mlogloss", np.log(3))
        )
        assert job.metrics[metric] < 0.7 * guessing


def test_a_search_minimises_its_usual_objective(account: Account, prepared: PreparedData) -> None:
    usual = presets.usual(XGBOOST, prepared)
    objective = launch_warnings.objectives(XGBOOST, usual, prepared.kind)[0][0]
    given = {**usual, **SHORT, **XGBOOST.measuring(objective.name)}
    plan = TuningPlan(
        make_plan(prepared, given),
        (Range("eta", 0.05, 0.5),),
        objective.name,
        objective.direction == "Maximize",
        "Random",
        3,
        3,
    )
    job = search_ended(account, tuning_launch.launch(account, plan))
    values = [trial.value for trial in tuning_jobs.trials(account, job.name)]
    assert (job.status, job.maximise, len(values)) == ("Completed", False, 3)
    assert job.best_value == min(value for value in values if value is not None)


def test_linear_learner_learns_a_number(account: Account, prepared: PreparedData) -> None:
    if prepared.kind is not TargetKind.NUMBER:
        pytest.skip("several classes of Linear Learner are for AWS only")
    usual = presets.usual(LINEAR_LEARNER, prepared)
    job = completed(account, make_plan(prepared, usual, algorithm=LINEAR_LEARNER))
    for metric in LINEAR_LEARNER.objectives(prepared.kind):
        assert metric.name in job.metrics
    assert job.metrics["validation:mse"] < 3.2**2 / 4
