"""What a search would be accepted with and find nothing by. Pure; the rules are those of a single job."""

from collections.abc import Mapping
from dataclasses import replace

from services.algorithms.algorithm import Algorithm, Metric
from services.algorithms.xgboost import XGBOOST
from services.data.target_kind import TargetKind
from services.training import launch_warnings, rare_class
from services.training.target_warnings import LaunchWarning
from services.tuning.plan import TuningPlan
from services.tuning.search_space import SearchedParameter

# Source: SageMaker developer guide, "Tune an XGBoost Model"; the image itself takes more.
DOCUMENTED = ("accuracy", "auc", "error", "f1", "logloss", "mae", "map", "merror", "mlogloss", "mse", "ndcg", "rmse")
BETTER_HIGH = ("max_delta_step", "scale_pos_weight")  # of which the low end is the riskier one


def of_search(plan: TuningPlan) -> tuple[LaunchWarning, ...]:
    """What is to be said of the trials in the riskiest corner of the search space."""
    corner = {each.name: _risky_end(each, plan) for each in plan.ranges if not each.fault()}
    training = replace(plan.training, hyperparameters={**plan.training.hyperparameters, **corner})
    return launch_warnings.of_settings(training)


def _risky_end(searched: SearchedParameter, plan: TuningPlan) -> str:
    try:
        low, high = (end(map(float, searched.tried())) for end in (min, max))
    except ValueError:  # words
        return searched.tried()[0]
    if searched.name == "min_child_weight":
        return f"{rare_class.riskiest_weight(plan.training.data, plan.fixed, low, high)!r}"
    return f"{low if searched.name in BETTER_HIGH else high:g}"


def objectives(algorithm: Algorithm, given: Mapping[str, str], kind: TargetKind) -> tuple[list[Metric], str]:
    """What a search with the fixed settings `given` can aim at where a target of that kind is predicted.

    And why it cannot at others; "" where it can at all.
    """
    wrong, known = algorithm.miscounted(given), algorithm.objectives(kind)
    offered = [metric for metric in known if metric.name.partition(":")[2] not in wrong]
    left_out = [metric.name.partition(":")[2] for metric in known if metric not in offered]
    if not left_out:
        return offered, ""
    return offered, f"{launch_warnings.miscounting(given)} and are not offered: {', '.join(left_out)}."


def undocumented(algorithm: Algorithm, objective: Metric) -> str:
    """What is to be said of an objective that AWS does not document; "" of one that it does."""
    name = objective.name.partition(":")[2]
    if algorithm != XGBOOST or name in DOCUMENTED:
        return ""
    return (
        f"The AWS page on tuning XGBoost does not list {objective.name}. Image 3.2-0 measures it, and this computer "
        "searches by it; whether a tuning job on AWS accepts it has not been tried."
    )
