"""When trees overshoot on a rare class: the rule, and XGBoost itself."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.data.prepared_data import PreparedData
from services.training import rare_class
from tests.services.training.test_launch_warnings import make_plan

LOGISTIC: dict[str, object] = {"objective": "binary:logistic"}


def fraud(positives: int = 348, rows: int = 199_364) -> PreparedData:
    """Data of that many train rows."""
    return make_plan({}, positives, rows).data


@pytest.mark.parametrize(
    ("weight", "eta", "learns"),
    [
        *((2, 0.1, True), (2, 0.2, False), (2, 0.8, False)),
        *((4, 0.2, True), (4, 0.3, False), (6, 0.3, True), (6, 0.5, False)),
        *((10, 0.3, True), (10, 0.8, False), (1, 0.3, True), (1, 0.5, False)),
    ],
)
def test_the_models_of_card_fraud_that_learned_nothing_are_foretold(weight: float, eta: float, learns: bool) -> None:
    given = {**LOGISTIC, "eta": eta, "min_child_weight": weight}
    assert rare_class.may_fail(fraud(), given) is not learns


@pytest.mark.parametrize(
    "mend",
    [
        {"max_delta_step": "1"},
        {"base_score": "0.5"},
        {"scale_pos_weight": "577"},
        {"booster": "gblinear"},
        {"objective": "binary:hinge"},
        {"lambda": "100"},
        {"min_child_weight": "0.5"},
    ],
)
def test_what_keeps_steps_small_explains_no_failure(mend: dict[str, str]) -> None:
    given = {**LOGISTIC, "eta": "0.5", "min_child_weight": "4"}
    assert rare_class.overshoots(fraud(), given)
    assert not rare_class.overshoots(fraud(), {**given, **mend})


@pytest.mark.parametrize("data", [fraud(positives=0), fraud(positives=60_000)], ids=["none", "frequent"])
def test_a_class_that_is_not_rare_is_not_overshot(data: PreparedData) -> None:
    assert rare_class.first_step(data, {**LOGISTIC, "eta": "1", "min_child_weight": "10"}) == 0


@pytest.mark.parametrize(
    ("image", "starts"),
    [
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0", True),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5", True),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", False),
        ("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest", False),
        ("382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1", False),
        ("", False),
    ],
)
def test_only_images_of_xgboost_2_and_later_start_from_the_share_of_positives(image: str, starts: bool) -> None:
    assert rare_class.starts_from_share(image) is starts


def auc(labels: NDArray[np.float64], scores: NDArray[np.float32]) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores))


@pytest.mark.slow
def test_xgboost_learns_with_the_remedy_what_it_does_not_learn_without() -> None:
    import xgboost as xgb

    random = np.random.default_rng(7)
    labels = (np.arange(60_000) < 150).astype(np.float64)
    features = random.normal(size=(60_000, 4)) + np.outer(labels, (2.2, 1.5, 0, 0))
    rows = xgb.QuantileDMatrix(features, labels)
    given = {**LOGISTIC, "eta": 1.0, "min_child_weight": 3.0, "max_depth": 5, "gamma": 4, "seed": 1}
    assert rare_class.may_fail(fraud(150, 60_000), given)
    without, mended = (
        auc(labels, xgb.train({**given, **more}, rows, 8).predict(rows)) for more in ({}, rare_class.REMEDY)
    )
    assert without < 0.6
    assert mended > 0.95
