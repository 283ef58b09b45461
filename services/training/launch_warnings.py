"""What a job would be accepted with and fail of, or learn nothing by: said before its launch, at the field it concerns.

Pure: a plan in, sentences out. Facts of image 3.2-0 of XGBoost, which reports none of this before it bills: the source
of aws/sagemaker-xgboost-container (June 2026), read and run. What the algorithm refuses by itself is in `plan.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.algorithms.algorithm import HyperparameterError
from services.algorithms.xgboost import XGBOOST
from services.data.target_kind import TargetKind
from services.training import rare_class, target_warnings
from services.training.plan import TrainingPlan
from services.training.target_warnings import LaunchWarning

PROBABILITIES = ("binary:logistic", "reg:logistic")  # objectives whose scores are all above 0
WITHOUT_ENSEMBLE = ("binary:hinge", "multi:softmax")  # whose models answer with a class, which has no mean


_SOUND_METRICS = {TargetKind.TWO_CLASSES: "auc, error or logloss", TargetKind.CLASSES: "merror or mlogloss"}


def of_settings(plan: TrainingPlan) -> tuple[LaunchWarning, ...]:
    """What is to be said of the plan's hyperparameters; only of the target as long as the algorithm refuses one."""
    found = target_warnings.of_target(plan)
    if plan.algorithm != XGBOOST:
        return found
    try:
        values = plan.algorithm.checked(plan.hyperparameters)
    except HyperparameterError:
        return found
    return (*found, *(warning for rule in _RULES for warning in rule(plan, values)))


def miscounting(given: Mapping[str, str]) -> str:
    """What becomes of metrics of classes with the hyperparameters `given`; to be followed by their names."""
    objective = given.get("objective", "the default objective")
    outcome = "stay the same in every round" if objective in PROBABILITIES else "are wrong"
    return f"With {objective}, image 3.2-0 on AWS counts every score above 0 as class 1, so these {outcome}"


def _class_metrics(plan: TrainingPlan, values: Mapping[str, Any]) -> Iterable[LaunchWarning]:
    named: list[str] = values.get("eval_metric", [])
    miscounted = plan.algorithm.miscounted(plan.hyperparameters).intersection(named)
    wrong = {name for name in miscounted if target_warnings.metric_fits(name, plan.data.kind)}
    if wrong:
        names = ", ".join(sorted(wrong))
        sentence = f"{miscounting(plan.hyperparameters)}: {names}. Use {_SOUND_METRICS[plan.data.kind]}."
        yield LaunchWarning("eval_metric", sentence)
    if wrong.intersection(named[-1:]) and "early_stopping_rounds" in values:
        yield LaunchWarning(
            "early_stopping_rounds",
            f"It watches {named[-1]}, which is counted wrongly, so the job may stop at its first trees. Put a sound "
            f"metric last in eval_metric, such as {target_warnings.USUAL_METRIC[plan.data.kind]}.",
        )


def _early_stopping(plan: TrainingPlan, values: Mapping[str, Any]) -> Iterable[LaunchWarning]:
    if "early_stopping_rounds" not in values:
        return
    metrics: list[str] = values.get("eval_metric", [])
    usual = target_warnings.USUAL_METRIC[plan.data.kind]
    if not metrics:
        yield LaunchWarning(
            "early_stopping_rounds",
            f"Without eval_metric it has no effect on AWS: all {values['num_round']:,} rounds are trained. "
            "Choose what it watches.",
            {} if values.get("objective") == "binary:hinge" else {"eval_metric": usual},
        )
    elif values.get("booster") == "gblinear":
        yield LaunchWarning(
            "early_stopping_rounds",
            "With booster gblinear the job fails at its end on AWS: a linear model has no best round to go back to. "
            "Leave one of the two out.",
        )
    elif metrics[-1].startswith(("map@", "ndcg@")):
        best = metrics[-1].partition("@")[0]
        yield LaunchWarning(
            "early_stopping_rounds",
            f"On AWS it takes {metrics[-1]} for a loss and returns the worst round. Put {best} last in eval_metric.",
        )


def _tweedie(plan: TrainingPlan, values: Mapping[str, Any]) -> Iterable[LaunchWarning]:
    if "tweedie-nloglik" in values.get("eval_metric", []):
        yield LaunchWarning(
            "eval_metric",
            "tweedie-nloglik fails on AWS: XGBoost needs its power in the name, and the image refuses such a name. "
            "Leave eval_metric empty: objective reg:tweedie measures it by default.",
        )


def _objective(plan: TrainingPlan, values: Mapping[str, Any]) -> Iterable[LaunchWarning]:
    needing = [name for name in ("eval_metric", "_kfold") if name in values]
    if needing and "objective" not in values:
        yield LaunchWarning(
            "objective",
            f"A job with {' and '.join(needing)} and without an objective fails on AWS. Choose one.",
            {"objective": target_warnings.SOUND[plan.data.kind]} | _class_count(plan),
        )


def _class_count(plan: TrainingPlan) -> dict[str, str]:
    return {"num_class": str(len(plan.data.classes))} if plan.data.kind is TargetKind.CLASSES else {}


def _constraints(plan: TrainingPlan, values: Mapping[str, Any]) -> Iterable[LaunchWarning]:
    if "interaction_constraints" not in values:
        return
    yield LaunchWarning(
        "interaction_constraints",
        "The job fails on AWS: image 3.2-0 hands them to XGBoost 3 as a list, in which that looks for names of "
        "features. Leave them out.",
    )
    largest = max((number for group in values["interaction_constraints"] for number in group), default=0)
    features = len(plan.data.features) - (values.get("csv_weights") == 1)
    if largest >= features:
        yield LaunchWarning(
            "interaction_constraints",
            f"XGBoost ignores feature {largest}: they are numbered from 0 to {features - 1}.",
        )


def _folds(plan: TrainingPlan, values: Mapping[str, Any]) -> Iterable[LaunchWarning]:
    if "_kfold" not in values:
        return
    yield LaunchWarning(
        "_kfold",
        "On AWS the metrics are of all train and validation rows, which the models of the folds have learned from. "
        "Only predictions.csv in the job's output is of unseen rows.",
    )
    if (objective := values.get("objective")) in WITHOUT_ENSEMBLE:
        sound = "binary:logistic" if objective == "binary:hinge" else "multi:softprob"
        yield LaunchWarning(
            "_kfold",
            f"An endpoint cannot join the models of the folds with objective {objective}: its requests fail on AWS. "
            f"Use {sound}.",
            {"objective": sound},
        )


def _rare_class(plan: TrainingPlan, values: Mapping[str, Any]) -> Iterable[LaunchWarning]:
    if not rare_class.may_fail(plan.data, values):
        return
    eta, weight = values.get("eta", 0.3), values.get("min_child_weight", 1.0)
    together = rare_class.positive_weight(plan.data, values)
    yield LaunchWarning(
        "eta",
        f"XGBoost 3 starts from the share of positives, where all positive rows together weigh {together:.2g}. With "
        f"eta {eta:g} and min_child_weight {weight:.3g} models may learn nothing (AUC near 0.5).",
        rare_class.REMEDY,
    )


_RULES: tuple[Callable[[TrainingPlan, Mapping[str, Any]], Iterable[LaunchWarning]], ...] = (
    _objective,
    _class_metrics,
    _early_stopping,
    _tweedie,
    _constraints,
    _folds,
    _rare_class,
)
