"""The hyperparameters and metrics of the built-in XGBoost algorithm, and the check its container makes of them.

Read by both the dashboard (forms, tuning ranges) and the service on this computer (refusals), so: tables and text only,
nothing that takes long to import. Facts: aws/sagemaker-xgboost-container, June 2026.
"""

import ast
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FACTS = Path(__file__).with_name("xgboost.json")
TREE_GROWERS = ("grow_colmaker", "distcol", "grow_histmaker")
LINEAR_UPDATERS = ("shotgun", "coord_descent")
CUT_METRICS = ("error", "ndcg", "map")  # take a threshold or a rank after "@"


class HyperparameterError(ValueError):
    """A hyperparameter the container refuses, in the container's words."""


@dataclass(frozen=True)
class Interval:
    """Bounds of a number; None is unbounded. `scale` is set on recommended tuning ranges only."""

    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    open_maximum: bool = False
    scale: str | None = None

    def __contains__(self, value: float) -> bool:
        above = self.minimum is None or (value > self.minimum if self.open_minimum else value >= self.minimum)
        below = self.maximum is None or (value < self.maximum if self.open_maximum else value <= self.maximum)
        return above and below

    def __str__(self) -> str:
        low = "(-inf" if self.minimum is None else f"{'(' if self.open_minimum else '['}{self.minimum}"
        high = "+inf)" if self.maximum is None else f"{self.maximum}{')' if self.open_maximum else ']'}"
        return f"{low}, {high}"


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter.

    type:        "Integer", "Continuous", "Categorical", "CommaSeparatedList", "Tuple" or "NestedList".
    interval:    allowed numbers (also of the elements of a NestedList); None where `choices` holds them.
    choices:     allowed values (also of the elements of a CommaSeparatedList or Tuple); empty where `interval` does.
    recommended: the range to tune over; None when it cannot be tuned.
    """

    name: str
    type: str
    required: bool
    interval: Interval | None
    choices: tuple[Any, ...]
    tunable: bool
    recommended: Interval | None


@dataclass(frozen=True)
class TuningMetric:
    """A metric a tuning job can aim at: e.g. "validation:auc", "Maximize", and how it is read from the log."""

    name: str
    direction: str
    regex: str


@cache
def hyperparameters() -> dict[str, Hyperparameter]:
    """Every hyperparameter of image version 3.2-0, by name, in the container's order."""
    return {fact["name"]: _hyperparameter(fact) for fact in _facts()["hyperparameters"]}


@cache
def tuning_metrics() -> list[TuningMetric]:
    """The metrics of the validation channel; those to maximise come first."""
    return [TuningMetric(**fact) for fact in _facts()["tuning_metrics"]]


def checked(given: dict[str, str]) -> dict[str, Any]:
    """`given` under its proper names and as values: int, float, str, list[str], tuple[int, ...], list[list[int]].

    Raises HyperparameterError for the first thing the container would refuse.
    """
    table, aliases = hyperparameters(), _facts()["aliases"]
    named = {aliases.get(name, name): value for name, value in given.items()}
    for hyperparameter in table.values():
        if hyperparameter.required and hyperparameter.name not in named:
            raise HyperparameterError(f"Missing required hyperparameter: {hyperparameter.name}")
    values: dict[str, Any] = {}
    for name, text in named.items():
        if name not in table:
            raise HyperparameterError(f"Extraneous hyperparameter found: {name}")
        values[name] = _parsed(table[name], text)
    for name, value in values.items():
        _check_range(table[name], value)
    _check_together(values)
    return values


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(FACTS.read_text())
    return facts


def _hyperparameter(fact: dict[str, Any]) -> Hyperparameter:
    bounds, recommended = fact["range"], fact["recommended"]
    return Hyperparameter(
        fact["name"],
        fact["type"],
        fact["required"],
        _interval(bounds) if isinstance(bounds, dict) else None,
        tuple(bounds) if isinstance(bounds, list) else (),
        fact["tunable"],
        _interval(recommended) if recommended else None,
    )


def _interval(fact: dict[str, Any]) -> Interval:
    return Interval(
        fact.get("min_open", fact.get("min_closed")),
        fact.get("max_open", fact.get("max_closed")),
        "min_open" in fact,
        "max_open" in fact,
        fact.get("scale"),
    )


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def _tuple(text: str) -> tuple[int, ...]:
    value = ast.literal_eval(text)
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _nested(text: str) -> list[list[int]]:
    value = ast.literal_eval(text)
    if not isinstance(value, list) or not all(
        isinstance(group, list) and all(isinstance(item, int) for item in group) for group in value
    ):
        raise ValueError
    return value


_PARSERS: dict[str, Callable[[str], Any]] = {
    "Integer": int,
    "Continuous": _number,
    "Categorical": str,
    "CommaSeparatedList": lambda text: text.split(","),
    "Tuple": _tuple,
    "NestedList": _nested,
}


def _parsed(hyperparameter: Hyperparameter, text: str) -> Any:
    try:
        return _PARSERS[hyperparameter.type](text)
    except (ValueError, SyntaxError):
        raise HyperparameterError(f"Hyperparameter {hyperparameter.name}: could not parse value {text!r}") from None


def _check_range(hyperparameter: Hyperparameter, value: Any) -> None:
    allowed = hyperparameter.interval or list(hyperparameter.choices)
    if hyperparameter.type in ("Integer", "Continuous", "Categorical"):
        if value not in allowed:
            raise HyperparameterError(f"Hyperparameter {hyperparameter.name}: {value} is not in {allowed}")
        return
    elements = [item for group in value for item in group] if hyperparameter.type == "NestedList" else value
    if hyperparameter.name == "eval_metric":
        elements = [_uncut(metric) for metric in elements]
    if any(isinstance(item, str) != (hyperparameter.type == "CommaSeparatedList") for item in elements) or any(
        item not in allowed for item in elements
    ):
        raise HyperparameterError(f"Hyperparameter {hyperparameter.name}: value {value} not in range {allowed}")


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
        _number(cut.removesuffix("-"))
    except ValueError:
        raise HyperparameterError(f"Threshold value 't' in '{name}@t' expects float input.") from None
    return name


def _check_together(values: dict[str, Any]) -> None:
    objective: str = values.get("objective", "reg:squarederror")
    if objective.startswith("multi:") and "num_class" not in values:
        raise HyperparameterError("Require input for parameter 'num_class' for multi-classification")
    if not objective.startswith("multi:") and "num_class" in values:
        raise HyperparameterError(
            "Do not need to setup parameter 'num_class' for learning task other than multi-classification."
        )
    metrics = values.get("eval_metric", [])
    if "auc" in metrics and not objective.startswith(("binary:", "rank:")):
        raise HyperparameterError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in metrics and objective != "survival:aft":
        raise HyperparameterError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")
    for name, methods in (
        ("monotone_constraints", ("exact", "hist")),
        ("interaction_constraints", ("exact", "hist", "approx")),
    ):
        if name in values and values.get("tree_method") not in methods:
            said = " or ".join(f"'{method}'" for method in methods)
            raise HyperparameterError(
                f"{name} can be used only when the tree_method parameter is set to either {said}."
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
