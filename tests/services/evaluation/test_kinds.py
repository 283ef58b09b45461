"""Several classes and numbers on a running service: file, endpoint and batch transform answer the same."""

from datetime import UTC, datetime

import numpy as np
import pytest

from services.algorithms.linear_learner import LINEAR_LEARNER
from services.aws.account import Account
from services.data.target_kind import TargetKind
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.evaluation import batch_scoring, scoring
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.number_metrics import ScoredNumbers
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan
from tests.local.factories import unique
from tests.local_service import eventually
from tests.services.evaluation.kinds_factory import SETTINGS, make_kind
from tests.services.evaluation.test_batch_scoring import scored
from tests.services.training_factory import completed

pytestmark = pytest.mark.slow


def through_endpoint(account: Account, job: TrainingJob, features: object) -> np.ndarray:
    name = unique("kinds")
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, datetime.now(UTC))
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    answers = endpoint_details.describe(account, name).answers
    return scoring.through_endpoint(account, name, features, answers=answers)


@pytest.mark.parametrize("kind", [TargetKind.CLASSES, TargetKind.NUMBER])
def test_file_endpoint_and_batch_transform_answer_the_same(account: Account, kind: TargetKind) -> None:
    data = make_kind(account, kind)
    job = completed(account, TrainingPlan(unique("kinds"), data, SETTINGS[kind], "ml.m4.xlarge", 1, 600))
    rows = scoring.read_split(account, data, "test")
    by_file = scoring.of_kind(scoring.from_artifact(account, job.model_uri or "", rows.features), data, "Model")
    np.testing.assert_allclose(through_endpoint(account, job, rows.features), by_file, rtol=1e-5)
    batch = batch_scoring.scores(account, scored(account, job, data), job, rows.rows)
    np.testing.assert_allclose(batch, by_file, rtol=1e-5)
    if kind is TargetKind.CLASSES:
        found = ScoredClasses.of(rows.labels, by_file, 3)
        assert found.accuracy > found.most_frequent_share
    else:
        constants = scoring.training_constants(account, data)
        assert constants
        assert ScoredNumbers.of(rows.labels, by_file, constants).is_better_than_mean


def test_a_regressor_of_linear_learner_answers_numbers(account: Account) -> None:
    data = make_kind(account, TargetKind.NUMBER)
    settings = {"predictor_type": "regressor", "mini_batch_size": "50", "epochs": "5"}
    plan = TrainingPlan(unique("kinds"), data, settings, "ml.m4.xlarge", 1, 600, algorithm=LINEAR_LEARNER)
    job, rows = completed(account, plan), scoring.read_split(account, data, "test")
    batch = batch_scoring.scores(account, scored(account, job, data), job, rows.rows)
    assert np.corrcoef(batch, rows.labels)[0, 1] > 0.8
