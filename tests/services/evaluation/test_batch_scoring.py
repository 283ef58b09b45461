"""Scores by batch transform: the same as by other ways, found again, and refused in a sentence."""

from datetime import UTC, datetime

import numpy as np
import pytest

from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.errors import Problem
from services.evaluation import batch_scoring, scoring
from services.evaluation.batch_scoring import BatchJob
from services.training.jobs import TrainingJob
from tests.local.factories import unique
from tests.local_service import eventually
from tests.services.training_factory import completed, make_linear_plan, make_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def linear(account: Account, data: PreparedData) -> TrainingJob:
    return completed(account, make_linear_plan(data))


def scored(account: Account, job: TrainingJob, data: PreparedData) -> BatchJob:
    """The batch transform job over the test rows, once it has ended."""
    name = batch_scoring.launch(account, job, data, "test", "ml.m4.xlarge", datetime.now(UTC))

    def look() -> BatchJob | None:
        found = batch_scoring.describe(account, name)
        return None if found.status.active else found

    found: BatchJob = eventually(look)
    return found


def test_linear_learner_answers_a_batch_as_it_answers_an_endpoint(
    account: Account, linear: TrainingJob, data: PreparedData
) -> None:
    rows, name = scoring.read_split(account, data, "test"), unique("linear")
    endpoint_deployment.deploy(account, linear, name, "ml.m4.xlarge", 1, datetime.now(UTC))
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    answers = endpoint_details.describe(account, name).answers
    through = scoring.through_endpoint(account, name, rows.features, answers=answers)
    batch = batch_scoring.scores(account, scored(account, linear, data), linear, rows.rows)
    assert batch.tolist() == through.tolist()
    assert 0 < batch.min() < batch.max() < 1


def test_xgboost_answers_a_batch_as_its_model_file_scores(account: Account, data: PreparedData) -> None:
    job, rows = make_model(account, data), scoring.read_split(account, data, "test")
    batch = batch_scoring.scores(account, scored(account, job, data), job, rows.rows)
    from_file = scoring.from_artifact(account, job.model_uri or "", rows.features)
    np.testing.assert_allclose(batch, from_file, rtol=1e-5)


def test_the_newest_job_over_the_same_rows_is_found_again(
    account: Account, linear: TrainingJob, data: PreparedData
) -> None:
    assert batch_scoring.find(account, linear, data, "validation") is None
    found = scored(account, linear, data)
    assert batch_scoring.find(account, linear, data, "test") == found


def test_a_job_that_did_not_complete_has_no_scores(account: Account, data: PreparedData) -> None:
    job = completed(account, make_linear_plan(data))
    name = batch_scoring.launch(account, job, data, "train", "ml.m4.xlarge", datetime.now(UTC))
    with pytest.raises(Problem, match=f"^Batch transform job {name}: it is InProgress. Score the rows again.$"):
        batch_scoring.scores(account, batch_scoring.describe(account, name), job, 1)
    eventually(lambda: not batch_scoring.describe(account, name).status.active)
