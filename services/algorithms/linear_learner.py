"""The built-in Linear Learner algorithm, image version 1: what its container refuses, and how it says so.

Facts: SageMaker developer guide, "Linear learner hyperparameters" and "Tune a linear learner model". The metrics of
multiclass_classifier are left out, since it cannot be trained on this computer.
"""

from pathlib import Path
from typing import Any

from services.algorithms.algorithm import Algorithm, HyperparameterError, Words

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
_INVALID = (
    "The value '{text}' is not valid for the '{name}' hyperparameter which accepts one of the following: "
    "{known.options} (caused by ValidationError)"
)


def _check_together(values: dict[str, Any]) -> None:
    kind, loss = values["predictor_type"], values.get("loss", "auto")
    if loss != "auto" and loss not in LOSSES[kind]:
        raise HyperparameterError(
            f"The loss '{loss}' is not valid for predictor_type '{kind}', which accepts one of the following: "
            f"{', '.join(map(repr, ('auto', *LOSSES[kind])))}"
        )
    if kind == "multiclass_classifier" and values.get("num_classes", 1) < 3:
        raise HyperparameterError("predictor_type 'multiclass_classifier' needs num_classes, which is at least 3")


LINEAR_LEARNER = Algorithm(
    Path(__file__).with_suffix(".json"),
    Words(
        missing="No value(s) were specified for '{name}' which are required hyperparameter(s) "
        "(caused by ValidationError)",
        extraneous="Additional hyperparameters are not allowed ('{name}' was unexpected) (caused by ValidationError)",
        unreadable=_INVALID,
        outside=_INVALID,
    ),
    _check_together,
)
