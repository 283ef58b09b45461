"""What is said before the launch of a search that would find nothing."""

import pytest

from services.algorithms.algorithm import Algorithm
from services.algorithms.linear_learner import LINEAR_LEARNER
from services.algorithms.xgboost import XGBOOST
from services.data.target_kind import TargetKind
from services.tuning import launch_warnings
from services.tuning.plan import TuningPlan
from services.tuning.search_space import Choices, Range, SearchedParameter
from tests.services.training.test_launch_warnings import BINARY, make_plan

CLASSES = ["accuracy", "balanced_accuracy", "f1", "f1_binary", "precision", "recall"]


def make_search(*ranges: SearchedParameter, **given: str) -> TuningPlan:
    """A search on a rare class."""
    job = make_plan({**BINARY, "eval_metric": "auc", **given}, positives=340, rows=200_000)
    return TuningPlan(job, ranges, "validation:auc", True, "Random", 4, 2)


@pytest.mark.parametrize(
    ("ranges", "riskiest"),
    [
        ((Range("eta", 0.01, 0.5), Range("min_child_weight", 0, 10)), "1.16"),
        ((Range("eta", 0.01, 0.5), Range("min_child_weight", 3, 10)), "3"),
        ((Choices("eta", ("0.5", "0.1")), Choices("min_child_weight", ("10", "2"))), "2"),
    ],
)
def test_the_far_corner_of_a_search_is_warned_of(ranges: tuple[SearchedParameter, ...], riskiest: str) -> None:
    (warning,) = launch_warnings.of_search(make_search(*ranges))
    assert f"With eta 0.5 and min_child_weight {riskiest} models may learn nothing" in warning.sentence


def test_a_search_that_also_tries_no_limit_of_a_step_is_warned_of() -> None:
    ranges = (Range("eta", 0.1, 0.5), Range("min_child_weight", 0, 10), Range("max_delta_step", 0, 10))
    assert [warning.hyperparameter for warning in launch_warnings.of_search(make_search(*ranges))] == ["eta"]


def test_settings_that_all_trials_share_are_warned_of() -> None:
    warnings = launch_warnings.of_search(make_search(Range("alpha", 0, 2), _kfold="3"))
    assert [warning.hyperparameter for warning in warnings] == ["_kfold"]


@pytest.mark.parametrize("wrong", [Range("eta", 0.5, 0.1), Choices("eta", ())])
def test_a_range_that_cannot_be_searched_is_left_to_its_own_error(wrong: SearchedParameter) -> None:
    assert launch_warnings.of_search(make_search(wrong)) == ()


def test_metrics_that_the_image_counts_wrongly_are_not_offered_and_it_is_said_why() -> None:
    offered, said = launch_warnings.objectives(XGBOOST, BINARY, TargetKind.TWO_CLASSES)
    assert not {f"validation:{name}" for name in CLASSES} & {metric.name for metric in offered}
    assert said.startswith("With binary:logistic, image 3.2-0 on AWS counts every score above 0 as class 1")
    assert said.endswith(f"and are not offered: {', '.join(CLASSES)}.")


@pytest.mark.parametrize("algorithm", [XGBOOST, LINEAR_LEARNER])
def test_where_classes_are_counted_rightly_every_objective_is_offered(algorithm: Algorithm) -> None:
    offered = launch_warnings.objectives(algorithm, {"objective": "binary:hinge"}, TargetKind.TWO_CLASSES)
    assert offered == (algorithm.objectives(), "")


@pytest.mark.parametrize(
    ("kind", "objective", "direction"),
    [
        (TargetKind.TWO_CLASSES, "validation:auc", "Maximize"),
        (TargetKind.CLASSES, "validation:mlogloss", "Minimize"),
        (TargetKind.NUMBER, "validation:rmse", "Minimize"),
    ],
)
def test_a_search_aims_at_what_suits_the_target(kind: TargetKind, objective: str, direction: str) -> None:
    usual = launch_warnings.objectives(XGBOOST, {"objective": "multi:softprob"}, kind)[0][0]
    assert (usual.name, usual.direction) == (objective, direction)


@pytest.mark.parametrize(("name", "untried"), [("validation:auc", False), ("validation:aucpr", True)])
def test_an_objective_that_the_aws_page_does_not_list_is_offered_and_said_to_be_untried(
    name: str, untried: bool
) -> None:
    (objective,) = (metric for metric in XGBOOST.objectives() if metric.name == name)
    assert ("does not list validation:aucpr" in launch_warnings.undocumented(XGBOOST, objective)) == untried
