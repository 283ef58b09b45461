"""What a job's hyperparameters mean to XGBoost: its parameters, the metrics in their order, when to stop early.

The container takes more than XGBoost 3 knows, and adds some of its own; here they part.
"""

import json
from collections.abc import Callable
from typing import Any

import xgboost as xgb

from services.algorithms.xgboost import XGBOOST
from services.local.algorithms.data_files import UserError
from services.local.algorithms.xgboost.metrics import CUSTOM, OF_CLASSES, OF_TWO_CLASSES

# The container's own, and what XGBoost 3 no longer knows.
_NOT_XGBOOSTS = {
    "num_round",
    "csv_weights",
    "early_stopping_rounds",
    "eval_metric",
    "_tuning_objective_metric",
    "_kfold",
    "_num_cv_round",
    "save_model_on_termination",
    "use_dask_gpu_training",
    "silent",
    "predictor",
    "sketch_eps",
    "dsplit",
    "deterministic_histogram",
    "prob_buffer_row",
}
_GPU = {"tree_method": "gpu_hist", "predictor": "gpu_predictor", "use_dask_gpu_training": "true"}


def check(values: dict[str, Any]) -> None:
    """Raises UserError for what the container would take and this computer, or XGBoost, cannot do."""
    for name, value in _GPU.items():
        if values.get(name) == value:
            raise UserError(f"{name}={value} needs a GPU, and this computer trains on its CPU. Leave {name} out.")
    if values.get("objective") == "survival:aft":
        raise UserError(
            "Objective survival:aft needs a lower and an upper bound for every label, and a channel carries one label "
            "only. Use survival:cox, or train in your own script."
        )
    objective: str = values.get("objective", "")
    for metric in metrics(values):
        if metric in OF_CLASSES and not objective.startswith(("binary:", "multi:", "reg:logistic")):
            raise UserError(f"Metric '{metric}' can only be applied for classification problems.")
        if metric in OF_TWO_CLASSES and objective.startswith("multi:"):
            raise UserError(f"Metric '{metric}' is for two classes only. Use its macro or micro average instead.")


def parameters(values: dict[str, Any]) -> dict[str, Any]:
    """The `params` of xgboost.train."""
    names = metrics(values)
    native = [_with_rho(name, values) for name in names if name not in CUSTOM]
    own: dict[str, Any] = {name: value for name, value in values.items() if name not in _NOT_XGBOOSTS}
    if native:
        own["eval_metric"] = native
    elif names:
        own["disable_default_eval_metric"] = True
    return own | _as_text(values)


def metrics(values: dict[str, Any]) -> list[str]:
    """The metrics to print, in order: the tuning job's comes last, since early stopping watches the last."""
    names = list(dict.fromkeys(values.get("eval_metric", [])))
    aim = values.get("_tuning_objective_metric", "").removeprefix("validation:")
    return [name for name in names if name != aim] + [aim] if aim else names


def _with_rho(metric: str, values: dict[str, Any]) -> str:
    return f"{metric}@{values.get('tweedie_variance_power', 1.5)}" if metric == "tweedie-nloglik" else metric


def _as_text(values: dict[str, Any]) -> dict[str, str]:
    """The parameters that XGBoost takes as text only."""
    texts: dict[str, Callable[[Any], str]] = {
        "updater": ",".join,
        "monotone_constraints": str,
        "interaction_constraints": json.dumps,
    }
    return {name: text(values[name]) for name, text in texts.items() if name in values}


def stops_early(values: dict[str, Any]) -> bool:
    """Whether a job with a validation channel stops early: without a metric of its own it trains all rounds."""
    return "early_stopping_rounds" in values and bool(metrics(values))


def early_stopping(values: dict[str, Any]) -> "xgb.callback.EarlyStopping":
    """Watches the last metric on the validation channel. Keeps the best round's model."""
    watched = _with_rho(metrics(values)[-1], values)
    maximised = {
        metric.name.removeprefix("validation:") for metric in XGBOOST.tuning_metrics if metric.direction == "Maximize"
    }
    return xgb.callback.EarlyStopping(
        rounds=values["early_stopping_rounds"],
        metric_name=watched,
        data_name="validation",
        maximize=watched.partition("@")[0] in maximised,
        save_best=values.get("booster") != "gblinear",  # a linear model has no rounds to cut off
    )
