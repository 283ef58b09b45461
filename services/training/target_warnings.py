"""What an algorithm or an objective cannot take of prepared data: said at the field, with its repair. Pure.

Unlike the other warnings these are told of settings that the algorithm refuses, too: the repair mends them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.algorithms.linear_learner import LOSSES
from services.algorithms.xgboost import CLASS_METRICS, XGBOOST
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import some
from services.training.plan import TrainingPlan

TWO, SEVERAL, NUMBER = TargetKind.TWO_CLASSES, TargetKind.CLASSES, TargetKind.NUMBER
SOUND = {TWO: "binary:logistic", SEVERAL: "multi:softprob", NUMBER: "reg:squarederror"}
USUAL_METRIC = {TWO: "logloss", SEVERAL: "mlogloss", NUMBER: "rmse"}
OF_SEVERAL = frozenset({"merror", "mlogloss"})
OF_BOTH_CLASSES = frozenset({"auc", "aucpr", "logloss", "error"})  # that need two classes
OF_TWO_BY_CLASS = frozenset({"f1_binary", "precision", "recall"})
# XGBoost's objectives whose scores the Evaluate page can measure: probabilities or classes, or the number itself.
EVALUATED = {
    TWO: ("binary:logistic", "binary:hinge", "reg:logistic", "multi:softprob", "multi:softmax"),
    SEVERAL: ("multi:softprob", "multi:softmax"),
    NUMBER: (
        *("reg:squarederror", "reg:linear", "reg:absoluteerror", "reg:squaredlogerror", "reg:pseudohubererror"),
        *("reg:gamma", "reg:tweedie", "count:poisson"),
    ),
}
PREDICTORS = {TWO: "binary_classifier", SEVERAL: "multiclass_classifier", NUMBER: "regressor"}


@dataclass(frozen=True)
class LaunchWarning:
    """Said at the field of a hyperparameter; `remedy` is what to set instead, "" to clear it, where that mends it."""

    hyperparameter: str
    sentence: str
    remedy: Mapping[str, str] = field(default_factory=dict)


def of_target(plan: TrainingPlan) -> tuple[LaunchWarning, ...]:
    """What the plan's hyperparameters do not fit of the target and the features."""
    of_algorithm = _xgboost if plan.algorithm == XGBOOST else _linear_learner
    return tuple(of_algorithm(plan.data, plan.hyperparameters))


def holds(data: PreparedData) -> str:
    """ "quality holds 7 classes", "rings is a number"."""
    return f"{data.target} is a number" if data.kind is NUMBER else f"{data.target} holds {len(data.classes)} classes"


def not_evaluated(objectives: Iterable[str], kind: TargetKind) -> list[str]:
    """Those of XGBoost's objectives that are not offered for such a target."""
    return [name for name in objectives if name not in EVALUATED[kind]]


def metric_fits(metric: str, kind: TargetKind) -> bool:
    """Whether XGBoost can measure it on such a target; "error@0.7" is an error."""
    name = metric.partition("@")[0]
    if kind is TWO:
        return name not in OF_SEVERAL
    if kind is SEVERAL:
        return name in OF_SEVERAL or name in CLASS_METRICS - OF_TWO_BY_CLASS
    return name not in OF_SEVERAL | OF_BOTH_CLASSES | CLASS_METRICS


def _xgboost(data: PreparedData, given: Mapping[str, str]) -> Iterable[LaunchWarning]:
    objective = given.get("objective", "")
    said = _objective(objective, data) if objective else ""
    if said:
        yield LaunchWarning("objective", f"{objective} {said}: {holds(data)}.", _repaired(data, given))
        return
    if objective.startswith("multi:") and given.get("num_class") != str(len(data.classes)):
        has = f"num_class is {given['num_class']}" if "num_class" in given else "num_class is not set"
        yield LaunchWarning("num_class", f"{has}, and {holds(data)}.", {"num_class": str(len(data.classes))})
    if objective and not objective.startswith("multi:") and "num_class" in given:
        yield LaunchWarning(
            "num_class", f"It is for the multi: objectives, and not for {objective}.", {"num_class": ""}
        )
    named = [name for name in given.get("eval_metric", "").split(",") if name]
    if wrong := [name for name in named if not metric_fits(name, data.kind)]:
        sentence = f"{some(wrong)} cannot be measured here: {holds(data)}."
        yield LaunchWarning("eval_metric", sentence, {"eval_metric": _fitting(named, data.kind)})
    if data.kind is not TWO and "scale_pos_weight" in given:
        sentence = f"It weighs the positive class of two: {holds(data)}."
        yield LaunchWarning("scale_pos_weight", sentence, {"scale_pos_weight": ""})


def _objective(objective: str, data: PreparedData) -> str:
    """What is wrong with an objective for the target; "" for nothing."""
    of = objective.partition(":")[0]
    if of in ("rank", "survival") or objective == "binary:logitraw":
        what = "margins" if objective == "binary:logitraw" else "ranks" if of == "rank" else "risks or times"
        return f"answers {what}, which cannot be evaluated here"
    if data.kind is NUMBER:
        if objective == "reg:logistic":
            return "takes numbers from 0 to 1 only"
        return "is for classes" if of in ("binary", "multi") else ""
    if of == "count" or (of == "reg" and objective != "reg:logistic"):
        return "predicts a number, and the labels are only places of names"
    if data.kind is SEVERAL and (of == "binary" or objective == "reg:logistic"):
        return "is for two classes, so the job fails"
    return ""


def _repaired(data: PreparedData, given: Mapping[str, str]) -> dict[str, str]:
    """The settings with which XGBoost takes the target."""
    remedy = {"objective": SOUND[data.kind]}
    if data.kind is SEVERAL:
        remedy["num_class"] = str(len(data.classes))
    elif "num_class" in given:
        remedy["num_class"] = ""
    named = [name for name in given.get("eval_metric", "").split(",") if name]
    if not all(metric_fits(name, data.kind) for name in named):
        remedy["eval_metric"] = _fitting(named, data.kind)
    return remedy


def _fitting(named: Iterable[str], kind: TargetKind) -> str:
    return ",".join(name for name in named if metric_fits(name, kind)) or USUAL_METRIC[kind]


def _linear_learner(data: PreparedData, given: Mapping[str, str]) -> Iterable[LaunchWarning]:
    predictor, sound, classes = given.get("predictor_type"), PREDICTORS[data.kind], str(len(data.classes))
    remedy = {"predictor_type": sound}
    if data.kind is SEVERAL and given.get("num_classes") != classes:
        remedy["num_classes"] = classes
    elif data.kind is not SEVERAL and "num_classes" in given:
        remedy["num_classes"] = ""
    if given.get("loss", "auto") not in ("auto", *LOSSES[sound]):
        remedy["loss"] = "auto"
    if predictor and predictor != sound:
        yield LaunchWarning("predictor_type", f"{predictor} does not fit: {holds(data)}.", remedy)
    elif "num_classes" in remedy and data.kind is SEVERAL:
        has = f"num_classes is {given['num_classes']}" if "num_classes" in given else "num_classes is not set"
        yield LaunchWarning("num_classes", f"{has}, and {holds(data)}.", {"num_classes": classes})
    if data.kind is SEVERAL:
        yield LaunchWarning(
            "predictor_type",
            "The service on this computer cannot train multiclass_classifier; AWS can. Here choose XGBoost.",
        )
    if data.missing_cells:
        cells, columns = sum(data.missing_cells.values()), list(data.missing_cells)
        yield LaunchWarning(
            "predictor_type",
            f"{cells:,} {'cell is' if cells == 1 else 'cells are'} empty in {some(columns)}, and Linear Learner fails "
            "on empty cells. Fill them on the Data page, or choose XGBoost, which takes them.",
        )
