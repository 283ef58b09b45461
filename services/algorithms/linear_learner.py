"""The built-in Linear Learner algorithm, image version 1: what its container refuses, and how it says so.

Facts: SageMaker developer guide, "Linear learner hyperparameters" and "Tune a linear learner model". The metrics of
multiclass_classifier are left out, since it cannot be trained on this computer.
"""

import json
import re
from pathlib import Path
from typing import Any

from services.algorithms.algorithm import Algorithm, Answers, HyperparameterError, Wording, logged_number

_REGRESSION = (
    *("squared_loss", "absolute_loss", "huber_loss", "quantile_loss"),
    *("eps_insensitive_squared_loss", "eps_insensitive_absolute_loss"),
)
# The losses of a predictor_type; "auto" is the first.
LOSSES = {
    "binary_classifier": ("logistic", "hinge_loss"),
    "multiclass_classifier": ("softmax_loss",),
    "regressor": _REGRESSION,
}
_EPOCH = re.compile(r"#quality_metric: host=\S+, epoch=(\d+), (train|validation) \S+_objective <loss>=(\S+)")
_INVALID = (
    "The value '{text}' is not valid for the '{name}' hyperparameter which accepts one of the following: "
    "{known.options} (caused by ValidationError)"
)


def _check_together(values: dict[str, Any]) -> None:
    kind, loss = values["predictor_type"], values.get("loss", "auto")
    if loss != "auto" and loss not in LOSSES[kind]:
        raise HyperparameterError(
            f"The loss '{loss}' is not valid for predictor_type '{kind}', which accepts one of the following: "
            f"{', '.join(map(repr, ('auto', *LOSSES[kind])))}",
            "loss",
            f"{loss} is not a loss of {kind}; choose {', '.join(('auto', *LOSSES[kind]))}",
        )
    if kind == "multiclass_classifier" and values.get("num_classes", 1) < 3:
        said = "predictor_type 'multiclass_classifier' needs num_classes, which is at least 3"
        raise HyperparameterError(said, "num_classes")


def _check_fitting(values: dict[str, Any], rows: int, features: int) -> None:
    """What the container says of the data only after it was downloaded, billed."""
    columns, batch = values.get("feature_dim", "auto"), values.get("mini_batch_size", 1000)
    if columns not in ("auto", features):
        raise HyperparameterError(f"feature_dim is {columns}, and the data has {features} features", "feature_dim")
    if batch > rows:
        said = (
            f"mini_batch_size is {batch:,}, but each instance has only {rows:,} training rows: it would learn nothing"
        )
        raise HyperparameterError(said, "mini_batch_size")


def _measured(line: str) -> tuple[int, dict[str, float]] | None:
    match = _EPOCH.search(line)
    return (int(match[1]), {f"{match[2]}:objective_loss": logged_number(match[3])}) if match else None


def _scores(body: bytes) -> list[Any]:
    """A score a line, or a list of them, one a class."""
    try:
        return [json.loads(line)["score"] for line in body.splitlines() if line.strip()]
    except (KeyError, TypeError) as error:
        raise ValueError("an answer has no score") from error


LINEAR_LEARNER = Algorithm(
    Path(__file__).with_suffix(".json"),
    Wording(
        missing="No value(s) were specified for '{name}' which are required hyperparameter(s) "
        "(caused by ValidationError)",
        extraneous="Additional hyperparameters are not allowed ('{name}' was unexpected) (caused by ValidationError)",
        unreadable=_INVALID,
        outside=_INVALID,
    ),
    _check_together,
    _measured,
    Answers(  # the guide describes its answers in JSON, and not those in CSV
        "application/jsonlines",
        _scores,
        '[json.loads(line)["score"] for line in text.splitlines()]',
    ),
    fitting=_check_fitting,
    chooses_threshold=True,
)
