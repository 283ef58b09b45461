"""The built-in XGBoost algorithm, image version 3.2-0: what its container refuses, and how it says so.

Facts: aws/sagemaker-xgboost-container, June 2026.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.algorithms.algorithm import Algorithm, Answers, HyperparameterError, Wording, logged_number, number

TREE_GROWERS = ("grow_colmaker", "distcol", "grow_histmaker")
LINEAR_UPDATERS = ("shotgun", "coord_descent")
CUT_METRICS = ("error", "ndcg", "map")  # take a threshold or a rank after "@"
CLASS_METRICS = frozenset(  # which the container adds to XGBoost's own, and computes of classes instead of scores
    {"accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro"}
    | {f"{name}{mean}" for name in ("precision", "recall") for mean in ("", "_macro", "_micro")}
)
_CLASSES_ABOVE_0 = ("binary:hinge", "binary:logitraw", "multi:softprob")  # objectives of whose scores classes are right
_ROUND = re.compile(r".*\[(\d+)\](?:#011|\t)(.+)")
_VALUE = re.compile(r"(train|validation)-([^:\s#]+):(\S+?)(?=#011|\t|$)")


def _element(name: str, item: Any) -> Any:
    return _uncut(item) if name == "eval_metric" else item


def _uncut(metric: str) -> str:
    """The metric's own name: "ndcg" of "ndcg@5"."""
    name, at, cut = metric.partition("@")
    if not at:
        return metric
    if name not in CUT_METRICS:
        raise HyperparameterError(
            f"Metric '{metric}' is not supported. Parameter 'eval_metric' with customized threshold should be one of "
            "these options: 'error', 'ndcg', 'map'."
        )
    try:
        number(cut.removesuffix("-"))
    except ValueError:
        raise HyperparameterError(f"Threshold value 't' in '{name}@t' expects float input.") from None
    return name


def _check_together(values: dict[str, Any]) -> None:
    objective: str = values.get("objective", "reg:squarederror")
    if objective.startswith("multi:") and "num_class" not in values:
        raise HyperparameterError("Require input for parameter 'num_class' for multi-classification", "num_class")
    if not objective.startswith("multi:") and "num_class" in values:
        raise HyperparameterError(
            "Do not need to setup parameter 'num_class' for learning task other than multi-classification.",
            "num_class",
        )
    metrics = values.get("eval_metric", [])
    if "auc" in metrics and not objective.startswith(("binary:", "rank:")):
        said = "Metric 'auc' can only be applied for classification and ranking problems."
        raise HyperparameterError(said, "eval_metric")
    if "aft-nloglik" in metrics and objective != "survival:aft":
        said = "Metric 'aft-nloglik' can only be applied for 'survival:aft' objective."
        raise HyperparameterError(said, "eval_metric")
    for name, methods in (
        ("monotone_constraints", ("exact", "hist")),
        ("interaction_constraints", ("exact", "hist", "approx")),
    ):
        if name in values and values.get("tree_method") not in methods:
            said = " or ".join(f"'{method}'" for method in methods)
            raise HyperparameterError(
                f"{name} can be used only when the tree_method parameter is set to either {said}.", name
            )
    if "updater" in values:
        _check_updater(values["updater"], values)


def _check_updater(updaters: list[str], values: dict[str, Any]) -> None:
    if values.get("booster") == "gblinear":
        if len(updaters) != 1 or updaters[0] not in LINEAR_UPDATERS:
            raise HyperparameterError("Linear updater should be one of these options: 'shotgun', 'coord_descent'.")
    elif values.get("process_type") == "update":
        if not set(updaters) <= {"refresh", "prune"}:
            raise HyperparameterError("process_type 'update' can only be used with updater 'refresh' and 'prune'")
    elif set(updaters) & set(LINEAR_UPDATERS):
        raise HyperparameterError(f"Updater {updaters} needs booster 'gblinear'.")
    elif sum(updater in TREE_GROWERS for updater in updaters) > 1:
        raise HyperparameterError(
            "Only one tree grow plugin can be selected. Choose one from the following: "
            "'grow_colmaker', 'distcol', 'grow_histmaker'."
        )


def _miscounted(given: Mapping[str, str]) -> frozenset[str]:
    """The container's metrics of classes take every score above 0 for class 1, unless there is a score for each class.

    XGBoost hands them probabilities, which are all above 0. Source: custom_metrics.py and train.py of the container.
    """
    objective = given.get("objective")
    right = objective in _CLASSES_ABOVE_0 or (objective == "multi:softmax" and given.get("num_class") == "2")
    return frozenset() if right else CLASS_METRICS


def _measured(line: str) -> tuple[int, dict[str, float]] | None:
    match = _ROUND.match(line)
    if not match:
        return None
    return int(match[1]), {
        f"{split}:{metric}": logged_number(value) for split, metric, value in _VALUE.findall(match[2])
    }


XGBOOST = Algorithm(
    Path(__file__).with_suffix(".json"),
    Wording(
        missing="Missing required hyperparameter: {name}",
        extraneous="Extraneous hyperparameter found: {name}",
        unreadable="Hyperparameter {name}: could not parse value {text!r}",
        outside="Hyperparameter {name}: {value} is not in {known.allowed}",
    ),
    _check_together,
    _measured,
    # Endpoints of images up to 1.2-1 join rows by commas, later ones end each by a line's end; of several classes a row
    # is a list of their probabilities.
    Answers(
        "text/csv",
        lambda body: json.loads(b"[" + body.strip().replace(b"\n", b",") + b"]"),
        'json.loads("[" + text.strip().replace("\\n", ",") + "]")',
    ),
    _element,
    miscounted=_miscounted,
)
